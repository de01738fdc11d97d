"""Where the drug is to be given, and by whom it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from cds.fhir.record.patient_record import PatientRecord
from cds.fhir_json import as_object, as_objects, as_text, concept_codes, concept_texts
from cds.orders.model import Setting
from cds.wire import Json

Specialty = Literal["anaesthesiology", "emergency", "critical_care"]

_CATEGORIES: dict[str, Setting] = {"inpatient": "inpatient", "outpatient": "outpatient"}
_CLASSES: dict[str, Setting] = {
    "AMB": "outpatient", "IMP": "inpatient", "ACUTE": "inpatient", "NONAC": "inpatient",
    "OBSENC": "inpatient", "SS": "outpatient", "EMER": "emergency", "FLD": "emergency",
    "HH": "home", "VR": "home", "outpatient": "outpatient", "ambulatory": "outpatient",
    "inpatient": "inpatient", "emergency": "emergency", "home": "home",
}  # fmt: skip
_PLACES: tuple[tuple[Setting, re.Pattern[str]], ...] = (
    ("icu", re.compile(r"\b(M|S|P|N|C|CV|T)?ICU\b|(?i:\b(intensive|critical) care\b)")),
    (
        "operating_room",
        re.compile(r"(?i)\b((operating )?theat(re|er)|operating room|procedur(e|al) suite)\b"),
    ),
    ("emergency", re.compile(r"(?i)\b(emergency|ambulance|prehospital)\b|\bED\b")),
    ("home", re.compile(r"(?i)\b(patient'?s home|private residence)\b")),
    (
        "outpatient",
        re.compile(r"(?i)\b(outpatient|ambulatory|clinic|infusion (suite|cent(er|re)))\b"),
    ),
    ("inpatient", re.compile(r"(?i)\b(inpatient|ward)\b")),
)  # fmt: skip
_SPECIALTIES: tuple[tuple[Specialty, re.Pattern[str]], ...] = (
    ("anaesthesiology", re.compile(r"(?i)\bana?esthe(siolog|sia|tic|tist)")),
    ("critical_care", re.compile(r"(?i)\b(critical care|intensiv(e care|ist))")),
    ("emergency", re.compile(r"(?i)\bemergency (medicine|physician|doctor|department)")),
)
_REQUESTERS = ("Practitioner", "PractitionerRole")
_PAIN_SPECIALTY = re.compile(r"(?i)\bpain\b")


def setting_of(resource: Json, record: PatientRecord | None) -> Setting | None:
    """The most specific statement wins: a named place, the encounter, then the category."""
    named = place_in(" ; ".join(_locations(resource, record)))
    return named or _encounter_setting(resource, record) or _category_setting(resource)


def place_in(text: str) -> Setting | None:
    for setting, pattern in _PLACES:
        if pattern.search(text):
            return setting
    return None


def community_of(resource: Json) -> bool | None:
    """Whether the drug is to be taken away by the patient; None when nothing says it."""
    codes = {code.lower() for code in _category_codes(resource)}
    if codes & {"community", "discharge"}:
        return True
    return False if codes & {"inpatient", "outpatient"} else None


def specialty_of(resource: Json, record: PatientRecord | None) -> Specialty | None:
    """The requester's specialty. A pain specialist who is an anaesthetist is a pain specialist."""
    text = " ; ".join(_requester_texts(resource, record))
    if _PAIN_SPECIALTY.search(text):
        return None
    return next((name for name, pattern in _SPECIALTIES if pattern.search(text)), None)


def _category_codes(resource: Json) -> Iterator[str]:
    for concept in as_objects(resource.get("category")):
        yield from concept_codes(concept)
        yield from concept_texts(concept)


def _category_setting(resource: Json) -> Setting | None:
    named = (_CATEGORIES.get(code.lower()) for code in _category_codes(resource))
    return next((setting for setting in named if setting), None)


def _encounter_setting(resource: Json, record: PatientRecord | None) -> Setting | None:
    reference = resource.get("encounter") or resource.get("context")
    encounter = (record or PatientRecord()).resolve(reference, resource, ("Encounter",))
    if not encounter or encounter.get("resourceType") != "Encounter":
        return None
    places = [
        as_text(as_object(entry.get("location")).get("display"))
        for entry in as_objects(encounter.get("location"))
    ]
    types = [t for concept in as_objects(encounter.get("type")) for t in concept_texts(concept)]
    services = list(concept_texts(encounter.get("serviceType")))
    if (place := place_in(" ; ".join([*places, *types, *services]))) in ("icu", "operating_room"):
        return place
    for node in as_objects(encounter.get("class")):
        for code in (as_text(node.get("code")), *concept_codes(node)):
            if code in _CLASSES:
                return _CLASSES[code]
    return _CLASSES.get(as_text(encounter.get("class")))


def _locations(resource: Json, record: PatientRecord | None) -> Iterator[str]:
    for concept in as_objects(resource.get("locationCode")):
        yield from concept_texts(concept)
    for reference in as_objects(resource.get("locationReference")):
        if as_text(reference.get("display")):
            yield as_text(reference["display"])
        found = (record or PatientRecord()).resolve(reference, resource, ("Location",))
        if found:
            yield as_text(found.get("name"))
    for kind in ("performerType", "performer"):
        for node in as_objects(resource.get(kind)):
            yield from concept_texts(node)
            yield as_text(node.get("display"))


def _requester_texts(resource: Json, record: PatientRecord | None) -> Iterator[str]:
    requester = as_object(resource.get("requester"))
    yield as_text(requester.get("display"))
    found = (record or PatientRecord()).resolve(requester, resource, _REQUESTERS)
    for concept in as_objects(as_object(found).get("specialty")):
        yield from concept_texts(concept)
    for concept in as_objects(as_object(found).get("code")):
        yield from concept_texts(concept)
