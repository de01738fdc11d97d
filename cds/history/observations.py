"""Measurements, scores and test results, each in the canonical unit of its kind.

A number without a unit that is needed, in a unit that does not measure its kind, or outside what is
physically possible is a fact with a `problem` and without a value: it is seen, and never used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from cds.dates import When, is_later
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir.record.skipped import DATED_LATER, skip
from cds.fhir_json import (
    NAMELESS,
    as_objects,
    choice,
    first_when,
    nameless,
    safe_code,
    status_code,
    when,
)
from cds.history.measured import (
    Result,
    in_canonical_unit,
    is_score,
    presence,
    reference_limits,
)
from cds.history.model import ObservationFact
from cds.history.questionnaires import questionnaire_facts
from cds.knowledge.load import Facts, Knowledge
from cds.knowledge.measurements import Measurement
from cds.terminology.answers import answer, interpretation, interpreted
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty
from cds.wire import Json

_NOT_A_RESULT = frozenset({"entered-in-error", "cancelled", "registered"})
_NOT_FINAL = frozenset({"preliminary", "unknown"})
_VALUES = ("Quantity", "CodeableConcept", "String", "Boolean", "Integer", "Decimal")

Found = dict[str, dict[tuple[object, ...], ObservationFact]]


def read_observations(
    record: PatientRecord,
    terminology: Terminology,
    knowledge: Knowledge,
    as_of: date,
    skipped: list[Skipped],
) -> dict[str, tuple[ObservationFact, ...]]:
    """Observations by kind, newest first and those without a date last; each result once."""
    found: Found = {}
    for resource in record.of("Observation"):
        for fact in _facts(resource, terminology, knowledge.measurements, as_of, skipped):
            _keep(found, fact)
    for fact in questionnaire_facts(record, as_of, skipped):
        _keep(found, fact)
    return {kind: tuple(sorted(facts.values(), key=_newest_first)) for kind, facts in found.items()}


def _keep(found: Found, fact: ObservationFact) -> None:
    """The same result from two resources is one fact that rests on both."""
    same = (fact.when, fact.instant, fact.value, fact.concept, fact.problem)
    of_kind = found.setdefault(fact.kind, {})
    known = of_kind.get(same)
    if known is None:
        of_kind[same] = fact
        return
    final = known if not known.preliminary else fact
    of_kind[same] = replace(final, source=tuple(sorted({*known.source, *fact.source})))


def _newest_first(fact: ObservationFact) -> tuple[object, ...]:
    if fact.when is None:
        return (1, 0, 0.0, fact.source)
    moment = fact.instant.timestamp() if fact.instant else float("-inf")
    return (0, -fact.when.toordinal(), -moment, fact.source)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a resource says once for its own value and all its components."""

    when: date | None
    instant: datetime | None
    preliminary: bool
    source: tuple[str, ...]


def _facts(
    resource: Json,
    terminology: Terminology,
    measurements: Facts[Measurement],
    as_of: date,
    skipped: list[Skipped],
) -> Iterator[ObservationFact]:
    status = status_code(resource.get("status"))
    if status in _NOT_A_RESULT:
        skip(skipped, resource, safe_code(status))
        return
    parts = (resource, *as_objects(resource.get("component")))
    matches = [
        (part, match) for part in parts if (match := terminology.observation(part.get("code")))
    ]
    if not matches:
        if all(nameless(part.get("code")) for part in parts):
            skip(skipped, resource, NAMELESS)
        return  # an observation of something that no rule asks about
    moment: When | None = when(resource, "effective") or first_when(resource, "issued")
    if is_later(moment, as_of):
        skip(skipped, resource, DATED_LATER)
        return
    frame = _Frame(
        moment.day if moment else None,
        moment.instant if moment else None,
        status in _NOT_FINAL,
        (reference_of(resource),),
    )
    for part, match in matches:
        for kind in sorted(match.sets):
            fact = _fact(part, kind, measurements, frame, match.certainty)
            if fact is not None:
                yield fact


def _fact(
    part: Json,
    kind: str,
    measurements: Facts[Measurement],
    frame: _Frame,
    certainty: Certainty,
) -> ObservationFact | None:
    """The result of one kind; None for a panel whose results stand in its components."""
    value = choice(part, "value", _VALUES)
    judged = interpretation(as_objects(part.get("interpretation")))
    measurement = measurements.get(kind)
    if measurement is not None and measurement.total_of and is_score(value):
        kind, measurement = measurement.total_of, measurements[measurement.total_of]
    if measurement is None or measurement.result == "report":
        grouped = "component" in part or "hasMember" in part or "related" in part
        if value is None and kind.endswith("_panel") and grouped:
            return None
        result = Result()
    elif measurement.result == "coded":
        result = _coded(value, judged, measurement)
    else:
        result = in_canonical_unit(value, measurement)
    if result.value is None and not result.concept and (absent := _absent(part)):
        result = Result(problem=absent)
    low, high = reference_limits(part, measurement)
    return ObservationFact(
        kind=kind,
        when=frame.when,
        instant=frame.instant,
        source=frame.source,
        value=result.value,
        unit=result.unit,
        concept=result.concept or presence(result.value, measurement),
        interpretation=judged,
        upper_limit=high,
        lower_limit=low,
        problem=result.problem,
        certainty=certainty,
        preliminary=frame.preliminary,
    )


def _coded(value: object, code: str | None, measurement: Measurement) -> Result:
    said, judged = answer(value), interpreted(code)
    if said and judged and said.isdisjoint(judged) and said <= {"positive", "negative"}:
        return Result(problem="value and interpretation contradict each other")
    concept = said or judged
    if not concept and value is not None and measurement.unit is not None:
        return in_canonical_unit(value, measurement)
    if not concept:
        return Result(problem="no result that can be read")
    return Result(concept=concept)


def _absent(part: Json) -> str | None:
    reason = part.get("dataAbsentReason")
    return f"data absent: {safe_code(reason)}" if reason is not None else None
