"""Diagnoses, problems and "history of" entries."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Literal, get_args

from cds.chart.naming import name_of
from cds.dates import When, is_later, parse_when
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir.record.skipped import DATED_LATER, skip
from cds.fhir_json import (
    NAMELESS,
    as_number,
    as_objects,
    as_text,
    child,
    choice,
    display,
    first_when,
    nameless,
    safe_code,
    status_code,
    when,
)
from cds.history.model import ClinicalStatus, ConditionFact
from cds.history.verification import NOT_SO, verification
from cds.terminology.codes.concept import codings
from cds.terminology.codes.diagnosis_marks import marked
from cds.terminology.lookup import Terminology
from cds.terminology.model import Said
from cds.terminology.text.condition_names import HISTORY_OF, SUSPECTED
from cds.wire import Json

Verification = Literal["confirmed", "provisional", "differential", "unconfirmed", "unknown"]
Category = Literal["problem-list-item", "encounter-diagnosis", "other"]

_ENDED = frozenset({"inactive", "remission", "resolved"})
_AGE_UNITS = {"a": 12, "year": 12, "years": 12, "yr": 12, "mo": 1, "month": 1, "months": 1}
_EPISODE_SETS = frozenset({"depression_any", "mdd_any", "treatment_resistant_depression"})
_DEPRESSION_ENDED = frozenset({"mdd_remission"})


def read_conditions(
    record: PatientRecord, terminology: Terminology, as_of: date, skipped: list[Skipped]
) -> tuple[ConditionFact, ...]:
    """Every condition that stands on `as_of`, known to the code sets or not; oldest first."""
    born = parse_when(child(record.patient, "birthDate"))
    facts = []
    for resource in record.of("Condition"):
        fact = _condition(resource, terminology, as_of, born, skipped)
        if fact is not None:
            facts.append(fact)
    return tuple(sorted(facts, key=lambda f: (f.when is None, f.when or as_of, f.source)))


def episode_start(conditions: tuple[ConditionFact, ...], as_of: date) -> date | None:
    """Onset of the depressive episode that is current on `as_of`; None when no entry tells it.

    Several current entries of depression describe one episode: the latest onset is its start.
    An encounter diagnosis repeats what is known, so a dated problem-list entry goes first.
    """
    current = [
        fact
        for fact in conditions
        if fact.sets & _EPISODE_SETS
        and not fact.sets & _DEPRESSION_ENDED
        and fact.active is True
        and fact.onset is not None
    ]
    problems = [fact for fact in current if fact.category == "problem-list-item"]
    return max((f.onset for f in problems or current if f.onset), default=None)


def _condition(
    resource: Json,
    terminology: Terminology,
    as_of: date,
    born: When | None,
    skipped: list[Skipped],
) -> ConditionFact | None:
    stated = verification(resource.get("verificationStatus"))
    if stated in NOT_SO:
        skip(skipped, resource, safe_code(stated))
        return None
    onset = _time(resource, "onset", born)
    recorded = first_when(resource, "recordedDate", "assertedDate", "dateRecorded")
    if is_later(onset, as_of) or (onset is None and is_later(recorded, as_of)):
        skip(skipped, resource, DATED_LATER)
        return None
    concept = resource.get("code")
    if nameless(concept):
        skip(skipped, resource, NAMELESS)
        return None
    mark = marked(concept)
    if mark is Said.DENIED:
        skip(skipped, resource, "excluded")
        return None
    match = terminology.condition(concept)
    doubted = SUSPECTED in match.sets or mark is Said.DOUBTFUL
    abatement = _time(resource, "abatement", born)
    return ConditionFact(
        sets=match.sets,
        display=name_of(concept, lambda one: terminology.condition(one).sets & match.sets),
        clinical=_clinical(resource, abatement, as_of),
        verification=_verification(stated, doubted=doubted),
        category=_category(resource),
        source=(reference_of(resource),),
        codes=tuple(codings(concept)),
        onset=onset.day if onset else None,
        onset_latest=min(onset.latest, as_of) if onset else None,
        abatement=None if abatement is None or is_later(abatement, as_of) else abatement.day,
        recorded=recorded.day if recorded and not is_later(recorded, as_of) else None,
        history_of=mark is Said.PAST or any(map(_is_history, match.sets)),
        unsaid=match.unsaid,
        certainty=match.certainty,
        severity=_severity(resource),
    )


def _is_history(name: str) -> bool:
    return name == HISTORY_OF or name.endswith("_history")


def _clinical(resource: Json, abatement: When | None, as_of: date) -> ClinicalStatus:
    """The status, corrected by the abatement: over before the day, or not over yet on the day."""
    stated = status_code(resource.get("clinicalStatus"))
    known = stated if stated in get_args(ClinicalStatus) else None
    if abatement is not None:
        if is_later(abatement, as_of):
            return "active" if known is None or known in _ENDED else _status(known)
        if abatement.latest <= as_of and known not in _ENDED:
            return "resolved" if known in (None, "unknown") else "inactive"
    elif _abated_without_date(resource) and known is None:
        return "resolved"
    return _status(known)


def _status(known: str | None) -> ClinicalStatus:
    for status in get_args(ClinicalStatus):
        if status == known:
            return status  # type: ignore[no-any-return]
    return "unknown"


def _abated_without_date(resource: Json) -> bool:
    """`abatementBoolean` of older versions, or an abatement in words."""
    return resource.get("abatementBoolean") is True or bool(
        as_text(resource.get("abatementString"))
    )


def _verification(stated: str | None, *, doubted: bool) -> Verification:
    """As stated; a text that doubts ("?TIA") confirms nothing."""
    if doubted and stated not in ("provisional", "differential"):
        return "unconfirmed"
    for status in get_args(Verification):
        if status == stated:
            return status  # type: ignore[no-any-return]
    return "unknown"


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
