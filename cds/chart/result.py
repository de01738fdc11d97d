"""Measurements, scores and test results, each in the canonical unit of its kind.

A number without a unit that is needed, in a unit that does not measure its kind, or outside what is
physically possible is a result with a `problem` and without a value: it is seen, and never used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.entries import NO_RESULT, Result, Unread
from cds.chart.measured import (
    Measured,
    in_canonical_unit,
    is_score,
    presence,
    reference_limits,
)
from cds.chart.panel_text import not_understood, spelled_out, within_screen
from cds.chart.unread import unread
from cds.dates import When, parse_when
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import (
    NAMELESS,
    as_objects,
    as_text,
    choice,
    concept_texts,
    display,
    first_when,
    nameless,
    safe_code,
    status_code,
    unit_texts,
    when,
)
from cds.knowledge.model.measurements import Measurement
from cds.terminology.answers import (
    PREGNANCY_ANSWERS,
    answer,
    coded_answer,
    interpretation,
    interpreted,
    remarked_answer,
)
from cds.terminology.codes.code_sets import NO_MATCH, by_name
from cds.terminology.lookup import Terminology
from cds.terminology.model import SetMatch
from cds.wire import Json

_NOT_A_RESULT = frozenset({"entered-in-error", "cancelled", "registered"})
_NOT_FINAL = frozenset({"preliminary", "unknown"})
_CORRECTED = frozenset({"corrected", "amended", "appended"})
_SAID_OF_ALL = frozenset({"positive", "negative"})
_DARK = "its text says no result that can be read"
_SCREEN = "uds_panel"
_PREGNANCY, _DELIVERY = "pregnancy_status", "pregnancy_edd"
_ANOTHERS = re.compile(
    r"partner|spouse|wife|mother|sister|daughter|family|fetus|fetal|plan|intend", re.I
)
"""names of what a pregnancy may be told of beside the patient's own"""
_MAY_TELL = re.compile(
    r"\d|\+|\b(?:pos|positive|detected|reactive|present|elevated|raised|high)\b", re.IGNORECASE
)
_SHOWN = 40
_VALUES = ("Quantity", "CodeableConcept", "String", "Boolean", "Integer", "Decimal")


class _Frame(Struct, frozen=True):
    """What a resource says once for its own value and all its components."""

    when: date | None
    instant: datetime | None
    preliminary: bool
    corrected: bool
    source: tuple[str, ...]


def read_results(
    resource: Json, terminology: Terminology, measurements: Mapping[str, Measurement]
) -> list[Result] | Unread | None:
    """The results of an Observation and of its components, of each kind that rules ask about.

    None: it measures something that no rule asks about.
    """
    status = status_code(resource.get("status"))
    if status in _NOT_A_RESULT:
        return unread(resource, safe_code(status), resource.get("code"), _moment(resource))
    components = as_objects(resource.get("component"))
    if components and _SCREEN in terminology.observation(resource.get("code")).sets:
        components = [within_screen(part, terminology) for part in components]
    parts = [resource, *components]
    parts += chain.from_iterable([spelled_out(part, terminology) for part in parts])
    named = [(part, terminology.once(_named, part.get("code"))) for part in parts]
    matches = [
        (part, match, name.texts)
        for part, name in named
        if (match := name.match or _by_its_value(part, name.texts))
    ]
    if not matches:
        known = any(not name.nameless for _, name in named)
        return None if known else unread(resource, NAMELESS, dated=_moment(resource))
    moment = _moment(resource)
    frame = _Frame(
        moment.day if moment else None,
        moment.instant if moment else None,
        status in _NOT_FINAL,
        status in _CORRECTED,
        (reference_of(resource),),
    )
    found = [
        _legible(result, part, terminology) if kind == _SCREEN else result
        for part, match, texts in matches
        for kind in sorted(match.sets)
        if (result := _result(part, kind, measurements, frame, match, texts)) is not None
    ]
    return found or [_grouped(matches[0][1], frame)]


def _moment(resource: Json) -> When | None:
    return when(resource, "effective") or first_when(resource, "issued")


class _Named(NamedTuple):
    """What is measured, by the code of an Observation or of a component."""

    match: SetMatch
    texts: tuple[str, ...]
    nameless: bool


def _named(terminology: Terminology, concept: object) -> _Named:
    match = terminology.observation(concept)
    return _Named(match, tuple(concept_texts(concept)), nameless(concept))


def _by_its_value(part: Json, names: tuple[str, ...]) -> SetMatch:
    """What a coded value says under whatever code: "pregnant" is a pregnancy's status."""
    value = part.get("valueCodeableConcept")
    told = isinstance(value, dict) and coded_answer(value) & PREGNANCY_ANSWERS
    if not told or _ANOTHERS.search(" ".join(names)):
        return NO_MATCH
    return by_name((_PREGNANCY,))


def _grouped(match: SetMatch, frame: _Frame) -> Result:
    """A panel that says nothing itself."""
    return Result(min(match.sets), frame.when, frame.source, problem=NO_RESULT, code=match.code)


def _result(
    part: Json,
    kind: str,
    measurements: Mapping[str, Measurement],
    frame: _Frame,
    match: SetMatch,
    names: tuple[str, ...],
) -> Result | None:
    """The result of one kind; None for a panel whose results stand in its components."""
    value = choice(part, "value", _VALUES)
    stated = part.get("interpretation")
    judged = interpretation(as_objects(stated)) if stated else None
    measurement = measurements.get(kind)
    if measurement is not None and measurement.total_of and is_score(value):
        kind, measurement = measurement.total_of, measurements[measurement.total_of]
    if measurement is None or measurement.result == "report":
        grouped = "component" in part or "hasMember" in part or "related" in part
        if value is None and kind.endswith("_panel") and grouped:
            return None
        read = Measured(concept=answer(value) & _SAID_OF_ALL if value is not None else frozenset())
    elif measurement.result == "coded":
        read = _coded(value, judged, measurement)
    else:
        read = in_canonical_unit(value, measurement, names)
    if read.value is None and not read.concept and (absent := _absent(part)):
        read = Measured(problem=absent)
    low, high = reference_limits(part, measurement)
    return Result(
        kind=kind,
        when=frame.when,
        instant=frame.instant,
        source=frame.source,
        value=read.value,
        unit=read.unit,
        concept=read.concept or presence(read.value, measurement),
        interpretation=judged,
        upper_limit=high,
        lower_limit=low,
        at_least=read.at_least,
        at_most=read.at_most,
        written=_written(value) if read.problem else "",
        day=_day(part) if kind == _DELIVERY else None,
        problem=read.problem,
        certainty=match.certainty,
        code=match.code,
        preliminary=frame.preliminary,
        corrected=frame.corrected,
    )


def _written(value: object) -> str:
    """What was not read, as it is written; nothing of what tells of no result: "see note"."""
    if isinstance(value, dict) and "value" in value:
        unit = next(iter(unit_texts(value)), "")
        text = f"{as_text(value.get('comparator'))}{value['value']} {unit}"
    elif isinstance(value, dict | str):
        text = display(value)
    else:
        text = "" if value is None else str(value)
    return text.strip()[:_SHOWN] if _MAY_TELL.search(text) else ""


def _day(part: Json) -> date | None:
    told = parse_when(choice(part, "value", ("DateTime", "Date", "String")))
    return told.latest if told else None


def _legible(result: Result, part: Json, terminology: Terminology) -> Result:
    """A drug screen whose text is not understood is no result, unless its interpretation is one."""
    if interpreted(result.interpretation) or not not_understood(part, terminology):
        return result
    value = choice(part, "value", _VALUES)
    return replace(result, problem=_DARK, written=_written(value))


def _coded(value: object, code: str | None, measurement: Measurement) -> Measured:
    said, judged = remarked_answer(value), interpreted(code)
    if said and judged and said.isdisjoint(judged) and said <= {"positive", "negative"}:
        return Measured(problem="value and interpretation contradict each other")
    concept = said or judged
    if not concept and value is not None and measurement.unit is not None:
        return in_canonical_unit(value, measurement)
    if not concept:
        return Measured(problem="no result that can be read")
    return Measured(concept=concept)


def _absent(part: Json) -> str | None:
    reason = part.get("dataAbsentReason")
    return f"data absent: {safe_code(reason)}" if reason is not None else None
