"""Encounters: their class, and whether they are intensive care."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds.chart.entries import Encounter, Unread
from cds.chart.unread import unread
from cds.dates import parse_when
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_objects, as_text, child, display, status_code, wordings
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


def read_encounter(resource: Json) -> Encounter | Unread:
    """An encounter, finished or not."""
    status = status_code(resource.get("status"))
    if status in _VOID:
        return unread(resource, f"status {status}")
    encounter_class = _class(resource)
    cues = list(_cues(resource))
    icu: bool | None = any(_ICU.search(cue) for cue in cues)
    if not icu and encounter_class not in _AMBULATORY and not as_objects(resource.get("location")):
        icu = None
    start, end = (parse_when(child(resource, "period", field)) for field in ("start", "end"))
    return Encounter(
        encounter_class=encounter_class,
        icu=icu,
        source=(reference_of(resource),),
        types=tuple(name for t in as_objects(resource.get("type")) if (name := display(t))),
        open=status in _OPEN,
        start=start.earliest if start else None,
        end=end.latest if end else None,
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
