"""Encounters: their class, and whether they are intensive care or a theatre."""

from __future__ import annotations

from collections.abc import Iterator

from cds.chart.encounter_entry import Encounter
from cds.chart.entries import Unread
from cds.chart.places import place_named, units_in
from cds.chart.unread import unread
from cds.dates import parse_when
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_objects, as_text, child, display, status_code, wordings
from cds.terminology.codes.concept import codings
from cds.terminology.codes.systems import CPT, HCPCS
from cds.wire import Json

_VOID = frozenset({"cancelled", "entered-in-error", "discontinued"})
_OPEN = frozenset(
    {"arrived", "triaged", "in-progress", "onleave", "on-hold", "planned", "unknown", None}
)
"""None: without a status it is as good as `unknown`"""
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
ACT_CODES = frozenset({
    "AMB", "IMP", "ACUTE", "NONAC", "EMER", "FLD", "HH", "OBSENC", "PRENC", "SS", "VR",
})  # fmt: skip
_AMBULATORY = frozenset({"AMB", "HH", "VR", "FLD"})
_NOT_THERE_YET = frozenset({"planned", "reserved"})


def read_encounter(resource: Json) -> Encounter | Unread:
    """An encounter, finished or not."""
    status = status_code(resource.get("status"))
    start, end = (parse_when(child(resource, "period", field)) for field in ("start", "end"))
    if status in _VOID:
        return unread(resource, f"status {status}", dated=start)
    encounter_class = _class(resource)
    cues = tuple(_cues(resource, planned=status == "planned"))
    places = {place_named(cue) for cue in cues}
    icu: bool | None = "icu" in places
    if not icu and encounter_class not in _AMBULATORY and not as_objects(resource.get("location")):
        icu = None
    return Encounter(
        encounter_class=encounter_class,
        icu=icu,
        source=(reference_of(resource),),
        types=tuple(name for t in as_objects(resource.get("type")) if (name := display(t))),
        open=status in _OPEN,
        start=start.earliest if start else None,
        end=end.latest if end else None,
        operating_room="operating_room" in places,
        units=frozenset().union(*map(units_in, cues)),
        planned=status == "planned",
    )


def _class(resource: Json) -> str | None:
    stated = resource.get("class")
    if isinstance(stated, str):
        word = stated.strip()
        return _CLASSES.get(word.lower(), word.upper() if word.upper() in ACT_CODES else None)
    for concept in as_objects(stated):
        for system, code in codings(concept):
            if system in (CPT, HCPCS):  # a visit code that landed in the wrong field
                continue
            return _CLASSES.get(code.lower(), code.upper())
    return None


def _cues(resource: Json, *, planned: bool) -> Iterator[str]:
    """Words that say where the patient is: unit names, types of encounter and service.

    In one that is `planned`, where the patient will be.
    """
    for field in ("type", "serviceType"):
        for concept in as_objects(resource.get(field)):
            yield wordings(concept)
    for place in as_objects(resource.get("location")):
        status = status_code(place.get("status"))
        if status == "completed" or (status in _NOT_THERE_YET and not planned):
            continue  # was there, and left, or is not there yet
        yield as_text(child(place, "location", "display"))
        yield wordings(place.get("physicalType"))
