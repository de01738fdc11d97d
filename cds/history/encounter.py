"""The encounter in context: its class, and whether it is intensive care."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from cds.dates import parse_when
from cds.fhir.record.patient_record import PatientRecord, reference_of
from cds.fhir_json import as_objects, as_text, child, display, status_code, wordings
from cds.history.model import EncounterFact
from cds.terminology.codes.concept import codings
from cds.terminology.codes.systems import CPT, HCPCS
from cds.wire import Json

_VOID = frozenset({"cancelled", "entered-in-error", "discontinued"})
_OPEN = frozenset({"arrived", "triaged", "in-progress", "onleave", "planned", "unknown"})
_CLASSES = {
    "inpatient": "IMP",
    "outpatient": "AMB",
    "ambulatory": "AMB",
    "emergency": "EMER",
    "home": "HH",
    "field": "FLD",
    "daytime": "SS",
    "virtual": "VR",
}
"""class words of DSTU2 and of loose senders → HL7 ActCode"""
_AMBULATORY = frozenset({"AMB", "HH", "VR", "FLD"})
_ICU = re.compile(
    r"\b(?:[smpn]?icu|ccu|cvicu|intensive[- ]care|critical[- ]care|intensive therapy unit)\b"
)


def read_encounter(record: PatientRecord, as_of: date) -> EncounterFact | None:
    """The encounter that the patient is in on `as_of`; None when none can be told.

    An Encounter that was given in answer to the hook's own `encounter` query is the one in context.
    Otherwise it must cover the day and not be finished; of several, the one that began last.
    """
    known = [r for r in record.of("Encounter") if status_code(r.get("status")) not in _VOID]
    if "encounter" in record.answered and len(known) == 1:
        return _fact(known[0])
    open_now = [resource for resource in known if _covers(resource, as_of)]
    latest = max(open_now, key=lambda r: (_start(r) or date.min, reference_of(r)), default=None)
    return _fact(latest) if latest is not None else None


def _start(resource: Json) -> date | None:
    start = parse_when(child(resource, "period", "start"))
    return start.earliest if start else None


def _covers(resource: Json, as_of: date) -> bool:
    start, end = _start(resource), parse_when(child(resource, "period", "end"))
    if start is None or start > as_of or (end is not None and end.latest < as_of):
        return False
    status = status_code(resource.get("status"))
    # "in progress" for years with no end is an encounter that nobody closed
    return status in _OPEN and (end is not None or (as_of - start).days <= 366)


def _fact(resource: Json) -> EncounterFact:
    encounter_class = _class(resource)
    cues = list(_cues(resource))
    icu: bool | None = any(_ICU.search(cue) for cue in cues)
    if not icu and encounter_class not in _AMBULATORY and not as_objects(resource.get("location")):
        icu = None
    return EncounterFact(
        encounter_class=encounter_class,
        icu=icu,
        source=(reference_of(resource),),
        types=tuple(name for t in as_objects(resource.get("type")) if (name := display(t))),
    )


def _class(resource: Json) -> str | None:
    stated = resource.get("class")
    if isinstance(stated, str):
        return _CLASSES.get(stated.strip().lower(), stated.strip().upper() or None)
    for concept in as_objects(stated):
        for system, code in codings(concept):
            if system in (CPT, HCPCS):  # a visit code that landed in the wrong field
                continue
            return _CLASSES.get(code.lower(), code.upper())
    return None


def _cues(resource: Json) -> Iterator[str]:
    """Words that say where the patient is: unit names, types of encounter and service."""
    for field in ("type", "serviceType"):
        for concept in as_objects(resource.get(field)):
            yield wordings(concept)
    for place in as_objects(resource.get("location")):
        if status_code(place.get("status")) == "completed":
            continue  # was there, and left
        yield as_text(child(place, "location", "display")).lower()
        yield wordings(place.get("physicalType"))
