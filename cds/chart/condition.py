"""Diagnoses, problems and "history of" entries."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date
from typing import get_args

from cds.chart.entries import ACTIVE, Category, ClinicalStatus, Condition, Unread, Verification
from cds.chart.naming import name_of
from cds.chart.unread import unread
from cds.chart.verification import NOT_SO, verification
from cds.dates import When, parse_when
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import (
    NAMELESS,
    as_number,
    as_objects,
    as_text,
    choice,
    display,
    first_when,
    nameless,
    safe_code,
    status_code,
    when,
)
from cds.terminology.codes.concept import codings, read_concept
from cds.terminology.codes.diagnosis_marks import marked
from cds.terminology.codes.named_codes import best_known
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty, Said, SetMatch
from cds.terminology.text.condition_names import HISTORY_OF, SUSPECTED
from cds.wire import Json

_CLINICAL: dict[str | None, ClinicalStatus] = {code: code for code in get_args(ClinicalStatus)}
_VERIFIED: dict[str | None, Verification] = {code: code for code in get_args(Verification)}
_AGE_UNITS = {"a": 12, "year": 12, "years": 12, "yr": 12, "mo": 1, "month": 1, "months": 1}


def read_conditions(
    resource: Json, terminology: Terminology, born: When | None
) -> list[Condition] | Unread:
    """A condition, known to the code sets or not, and what its words name beside its code.

    `born`: for an onset that is given as an age.
    """
    found = read_condition(resource, terminology, born)
    if isinstance(found, Unread):
        return found
    beside = terminology.condition_beside(resource.get("code"))
    return [found, _worded(found, resource, beside, terminology)] if beside else [found]


def _worded(found: Condition, resource: Json, beside: SetMatch, terms: Terminology) -> Condition:
    """The same entry, of what only its words say."""
    names = read_concept(resource.get("code")).names
    stated = verification(resource.get("verificationStatus"))
    return replace(
        found,
        sets=beside.sets,
        display=next((n for n in names if terms.named(n) & beside.sets), found.display),
        verification=_verification(stated, doubted=SUSPECTED in beside.sets),
        codes=(),
        history_of=any(map(_is_history, beside.sets)),
        unsaid=False,
        taken_back="",
        coded=best_known(found.codes) if beside.elsewhere else "",
        not_understood=False,
        certainty=Certainty.TEXT,
    )


def read_condition(
    resource: Json, terminology: Terminology, born: When | None
) -> Condition | Unread:
    """The condition itself, as its code says, without what its words name beside it."""
    stated = verification(resource.get("verificationStatus"))
    concept = resource.get("code")
    onset = _time(resource, "onset", born)
    recorded = first_when(resource, "recordedDate", "assertedDate", "dateRecorded")
    if stated in NOT_SO:
        refused = unread(resource, safe_code(stated), concept, onset or recorded)
        if stated != "refuted":
            return refused
        return replace(refused, refuted=terminology.condition(concept).sets)
    mark = marked(concept)
    if nameless(concept) or mark is Said.DENIED:
        why = NAMELESS if nameless(concept) else "excluded"
        return unread(resource, why, concept, onset or recorded)
    if onset is None:
        onset = _written_onset(terminology.year_of(concept), recorded)
    match = terminology.condition(concept)
    doubted = SUSPECTED in match.sets or mark is Said.DOUBTFUL
    abatement = _time(resource, "abatement", born)
    status = _CLINICAL.get(status_code(resource.get("clinicalStatus")))
    over = abatement is None and _abated_without_date(resource)
    odd_end = _ends_too_soon(onset, abatement, _category(resource), status)
    if odd_end:
        abatement = None
    codes = tuple(codings(concept))
    return Condition(
        sets=match.sets,
        display=name_of(concept, lambda one: terminology.condition(one).sets & match.sets),
        clinical=status or ("resolved" if over else "unknown"),
        verification=_verification(stated, doubted=doubted),
        category=_category(resource),
        source=(reference_of(resource),),
        codes=codes,
        titled=() if match.code is not None else terminology.titled(concept),
        onset=onset.day if onset else None,
        onset_latest=onset.latest if onset else None,
        abatement=abatement.day if abatement else None,
        abatement_latest=abatement.latest if abatement else None,
        recorded=recorded.day if recorded else None,
        history_of=mark is Said.PAST or any(map(_is_history, match.sets)),
        unsaid=match.unsaid,
        taken_back=match.taken_back,
        coded=best_known(codes) if match.unsaid or match.elsewhere else "",
        odd_end=odd_end,
        certainty=match.certainty,
        severity=_severity(resource),
        stated=status,
        not_understood=not terminology.understands_condition(concept)
        and terminology.harmful(concept) is None,
    )


def _written_onset(year: int | None, recorded: When | None) -> When | None:
    """ "CVA 2012" was then, whenever it was recorded; a year after the record is a slip."""
    if year is None or (recorded is not None and year > recorded.latest.year):
        return None
    return parse_when(str(year))


def _ends_too_soon(
    onset: When | None, abatement: When | None, category: Category, status: ClinicalStatus | None
) -> bool:
    """An end that lies before the beginning is none, whichever of the two is wrong.

    Nor is the day of the visit for what the visit found and calls active.
    """
    if onset is None or abatement is None:
        return False
    visit = category == "encounter-diagnosis" and status in ACTIVE
    if visit and onset.earliest == onset.latest == abatement.earliest == abatement.latest:
        return True
    return abatement.latest < onset.earliest


def _is_history(name: str) -> bool:
    return name == HISTORY_OF or name.endswith("_history")


def _abated_without_date(resource: Json) -> bool:
    """`abatementBoolean` of older versions, or an abatement in words."""
    return resource.get("abatementBoolean") is True or bool(
        as_text(resource.get("abatementString"))
    )


def _verification(stated: str | None, *, doubted: bool) -> Verification:
    """As stated; a text that doubts ("?TIA") confirms nothing."""
    if doubted and stated not in ("provisional", "differential"):
        return "unconfirmed"
    return _VERIFIED.get(stated, "unknown")


def _category(resource: Json) -> Category:
    found = {code for entry in as_objects(resource.get("category")) for _, code in codings(entry)}
    if found & {"problem-list-item", "problem"}:
        return "problem-list-item"
    if found & {"encounter-diagnosis", "diagnosis"}:
        return "encounter-diagnosis"
    return "other"


def _severity(resource: Json) -> str | None:
    return display(resource.get("severity")).lower() or None


def _time(resource: Json, stem: str, born: When | None) -> When | None:
    """`onset[x]` or `abatement[x]`: a date, the start of a period, or an age of the patient."""
    if stem == "abatement":
        period = resource.get("abatementPeriod")
        if isinstance(period, dict):
            return parse_when(period.get("end"))
    found = when(resource, stem)
    if found is not None:
        return found
    age = choice(resource, stem, ("Age", "Quantity"))
    return _at_age(age, born) if isinstance(age, dict) and born is not None else None


def _at_age(age: Json, born: When) -> When | None:
    value = as_number(age.get("value"))
    months = _AGE_UNITS.get(as_text(age.get("code")) or as_text(age.get("unit")).lower())
    if value is None or months is None or not 0 <= value * months <= 1500:
        return None
    first = _after(born.earliest, int(value * months))
    return When(first, _after(born.latest, int(value * months) + months), "year")


def _after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
