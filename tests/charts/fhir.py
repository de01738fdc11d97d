"""Small ways to write a patient as FHIR."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds.fhir.record.patient_record import PatientRecord, gather
from cds.fhir.record.skipped import Skipped
from cds.history.model.history import History
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import Terminology
from cds.wire import decode, encode
from tests.charts.reading import history_of

AS_OF = date(2026, 11, 22)
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
PATIENT = {"resourceType": "Patient", "id": "p"}


def record(*resources: dict[str, Any], patient: dict[str, Any] | None = None, **rest: Any):
    """A patient's record that holds exactly these resources."""
    chart = PatientRecord(patient=patient, **rest)
    for resource in resources:
        chart.resources.setdefault(resource["resourceType"], []).append(resource)
        chart.index[f"{resource['resourceType']}/{resource.get('id')}"] = resource
    return chart


def on_day(
    chart: PatientRecord,
    terminology: Terminology,
    skipped: list[Skipped] | None = None,
    as_of: date = AS_OF,
) -> History:
    """The history of a record; what it did not use is added to `skipped`."""
    found = history_of(chart, terminology, load_knowledge(), as_of)
    if skipped is not None:
        skipped += found.skipped
    return found


def on_the_wire(value: Any) -> Any:
    """As it arrives: decimals, never floats."""
    return decode(encode(value))


def one_patient(*resources: dict[str, Any], patient: dict[str, Any] | None = None) -> PatientRecord:
    """What a call gathers of these resources, as they arrive; `patient` p is known by id only."""
    return gather(on_the_wire([patient or PATIENT, *resources]))


def concept(
    system: str | None, code: str, display: str | None = None, text: str = ""
) -> dict[str, Any]:
    """A CodeableConcept of one coding; what is not said is not there."""
    coding = {"system": system, "code": code, "display": display}
    coded = {"coding": [{key: value for key, value in coding.items() if value is not None}]}
    return coded | ({"text": text} if text else {})


def quantity(value: Any, unit: str | None, code: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"value": value}
    if unit is not None:
        found["unit"] = unit
    if code is not None:
        found |= {"system": UCUM, "code": code}
    return found


def observation(loinc: str, ident: str = "o1", when: str | None = "2026-11-10", **fields: Any):
    found = {"resourceType": "Observation", "id": ident, "status": "final",
             "code": concept(LOINC, loinc)} | fields  # fmt: skip
    if when is not None:
        found["effectiveDateTime"] = when
    return found


def condition(code: dict[str, Any], ident: str = "c1", status: Any = "active", **fields: Any):
    found: dict[str, Any] = {"resourceType": "Condition", "id": ident, "code": code} | fields
    if status is not None:
        found["clinicalStatus"] = (
            concept("http://terminology.hl7.org/CodeSystem/condition-clinical", status)
            if isinstance(status, str)
            else status.get("raw")
        )
    return found
