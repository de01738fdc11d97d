"""Diagnoses, problems and "history of" entries."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import get_args

from msgspec.structs import replace

from cds.chart.diagnosis import Beside, Diagnosis
from cds.chart.entries import ACTIVE, Category, ClinicalStatus, Condition, Unread, Verification
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
    safe_code,
    status_code,
    when,
)
from cds.terminology.codes.concept import codings
from cds.terminology.model import Certainty, Said
from cds.terminology.text.condition_names import HISTORY_OF, SUSPECTED
from cds.usual import once
from cds.wire import Json

_CLINICAL: dict[str | None, ClinicalStatus] = {code: code for code in get_args(ClinicalStatus)}
_VERIFIED: dict[str | None, Verification] = {code: code for code in get_args(Verification)}
_CATEGORIES: dict[Category, frozenset[str]] = {
    "problem-list-item": frozenset({"problem-list-item", "problem"}),
    "encounter-diagnosis": frozenset({"encounter-diagnosis", "diagnosis"}),
}
"""by the codes of FHIR's versions; of an entry that is both, the first"""
_AGE_UNITS = {"a": 12, "year": 12, "years": 12, "yr": 12, "mo": 1, "month": 1, "months": 1}


def read_conditions(resource: Json, said: Diagnosis, born: When | None) -> list[Condition] | Unread:
    """A condition, known to the code sets or not, and what its words name beside its code.

    `said`: by its code and words. `born`: for an onset that is given as an age.
    """
    found = read_condition(resource, said, born)
    if isinstance(found, Unread) or said.beside is None:
        return found if isinstance(found, Unread) else [found]
    return [found, _worded(found, resource, said.beside, said)]


def _worded(found: Condition, resource: Json, beside: Beside, said: Diagnosis) -> Condition:
    """The same entry, of what only its words say."""
    stated = verification(resource.get("verificationStatus"))
    sets = beside.match.sets
    return replace(
        found,
        sets=sets,
        display=beside.display or found.display,
        verification=_verification(stated, doubted=SUSPECTED in sets),
        codes=(),
        history_of=any(map(_is_history, sets)),
        unsaid=False,
        taken_back="",
        coded=said.coded if beside.match.elsewhere else "",
        not_understood=False,
        certainty=Certainty.TEXT,
    )


def read_condition(resource: Json, said: Diagnosis, born: When | None) -> Condition | Unread:
    """The condition itself, as its code says, without what its words name beside it."""
    stated = verification(resource.get("verificationStatus"))
    concept, match = resource.get("code"), said.match
    onset = _time(resource, "onset", born)
    recorded = first_when(resource, "recordedDate", "assertedDate", "dateRecorded")
    if stated in NOT_SO:
        refused = unread(resource, safe_code(stated), concept, onset or recorded)
        return replace(refused, refuted=match.sets) if stated == "refuted" else refused
    if said.nameless or said.mark is Said.DENIED:
        why = NAMELESS if said.nameless else "excluded"
        return unread(resource, why, concept, onset or recorded)
    if onset is None:
        onset = _written_onset(said.year, recorded)
    doubted = SUSPECTED in match.sets or said.mark is Said.DOUBTFUL
    abatement = _time(resource, "abatement", born)
    status = _CLINICAL.get(status_code(resource.get("clinicalStatus")))
    over = abatement is None and _abated_without_date(resource)
    category = _category(resource)
    odd_end = _ends_too_soon(onset, abatement, category, status)
    if odd_end:
        abatement = None
    return Condition(
        sets=match.sets,
        display=said.display,
        clinical=status or ("resolved" if over else "unknown"),
        verification=_verification(stated, doubted=doubted),
        category=category,
        source=(reference_of(resource),),
        codes=said.codes,
        titled=said.titled,
        onset=onset.day if onset else None,
        onset_latest=onset.latest if onset else None,
        abatement=abatement.day if abatement else None,
        abatement_latest=abatement.latest if abatement else None,
        recorded=recorded.day if recorded else None,
        history_of=said.mark is Said.PAST or any(map(_is_history, match.sets)),
        unsaid=match.unsaid,
        taken_back=match.taken_back,
        coded=said.coded if match.unsaid or match.elsewhere else "",
        odd_end=odd_end,
        certainty=match.certainty,
        severity=_severity(resource),
        stated=status,
        not_understood=not said.understood and said.harm is None,
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
    found = {_of_category(entry) for entry in as_objects(resource.get("category"))}
    return next((known for known in _CATEGORIES if known in found), "other")


@once(256)
def _of_category(concept: object) -> Category:
    found = {code for _, code in codings(concept)}
    return next((known for known, codes in _CATEGORIES.items() if codes & found), "other")


def _severity(resource: Json) -> str | None:
    stated = resource.get("severity")
    return None if stated is None else display(stated).lower() or None


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
