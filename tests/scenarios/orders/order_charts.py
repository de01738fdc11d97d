"""Charts and orders of the order scenarios, written to files as an EHR would export them.

A chart in brief: `age`, `sex`, `kg` (twelve days old unless `weighed` counts other days back),
`cm`, `problems` by ICD-10 code (since `ill_for` days, or each its own), `takes` (RxNorm code,
daily dose in tablets, days back from and to), `phq9` and `pain` scores of three days ago, `given`
(past sessions), `encounter` (class and place), `stay` (diagnoses of the encounter).
An order is FHIR as it would be sent; `id`, `status`, `intent` and `subject` are filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]
AS_OF = date(2026, 11, 22)
HL7 = "http://terminology.hl7.org/CodeSystem/"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
PATIENT = {"reference": "Patient/p"}


def bundle(chart: Mapping[str, Any]) -> Json:
    """The chart as a collection Bundle."""
    born = date(AS_OF.year - int(chart.get("age", 45)), 1, 15)
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "gender": chart.get("sex", "female"),
        "birthDate": born.isoformat(),
    }
    resources = [patient, *_problems(chart), *_measured(chart), *_drugs(chart), *_given(chart)]
    resources += [*_stay(chart), *_encounter(chart)]
    entry = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entry}


def draft(order: Mapping[str, Any], position: int) -> Json:
    """A draft order of the patient."""
    filled = {
        "resourceType": "MedicationRequest",
        "id": f"draft-{position}",
        "status": "draft",
        "intent": "order",
        "subject": PATIENT,
    }
    return filled | dict(order)


def _back(days: object) -> str:
    return (AS_OF - timedelta(days=int(str(days)))).isoformat()


def _problems(chart: Mapping[str, Any]) -> Iterator[Json]:
    for number, problem in enumerate(chart.get("problems", ())):
        code, days = problem if isinstance(problem, list) else (problem, chart.get("ill_for", 300))
        yield {
            "resourceType": "Condition",
            "id": f"c{number}",
            "subject": PATIENT,
            "clinicalStatus": {
                "coding": [{"system": HL7 + "condition-clinical", "code": "active"}]
            },
            "verificationStatus": {
                "coding": [{"system": HL7 + "condition-ver-status", "code": "confirmed"}]
            },
            "category": [
                {"coding": [{"system": HL7 + "condition-category", "code": "problem-list-item"}]}
            ],
            "code": {"coding": [{"system": ICD, "code": code}]},
            "onsetDateTime": _back(days),
        }


def _stay(chart: Mapping[str, Any]) -> Iterator[Json]:
    for number, problem in enumerate(_problems({"problems": chart.get("stay", ()), "ill_for": 0})):
        category = {"system": HL7 + "condition-category", "code": "encounter-diagnosis"}
        yield problem | {"id": f"s{number}", "category": [{"coding": [category]}]}


def _measured(chart: Mapping[str, Any]) -> Iterator[Json]:
    lines = [
        ("29463-7", chart.get("kg"), "kg", chart.get("weighed", 12)),
        ("8302-2", chart.get("cm"), "cm", 200),
        ("44261-6", chart.get("phq9"), "{score}", 3),
        ("44260-8", chart.get("item9"), "{score}", 0),
        ("72514-3", chart.get("pain"), "{score}", 3),
        *(("29463-7", kg, "kg", ago) for kg, ago in chart.get("earlier_kg", ())),
    ]
    for number, (code, value, unit, days) in enumerate(lines):
        if value is not None:
            yield {
                "resourceType": "Observation",
                "id": f"o{number}",
                "status": "final",
                "subject": PATIENT,
                "code": {"coding": [{"system": LOINC, "code": code}]},
                "effectiveDateTime": _back(days),
                "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
            }


def _drugs(chart: Mapping[str, Any]) -> Iterator[Json]:
    for number, (code, tablets, start, end) in enumerate(chart.get("takes", ())):
        yield {
            "resourceType": "MedicationRequest",
            "id": f"m{number}",
            "status": "stopped" if end else "active",
            "intent": "order",
            "subject": PATIENT,
            "authoredOn": _back(start),
            "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": str(code)}]},
            "dosageInstruction": [
                {
                    "timing": {
                        "repeat": {
                            "frequency": 1,
                            "period": 1,
                            "periodUnit": "d",
                            "boundsPeriod": {"start": _back(start), "end": _back(end)},
                        }
                    },
                    "doseAndRate": [{"doseQuantity": {"value": tablets, "unit": "tablet"}}],
                }
            ],
        }


def _given(chart: Mapping[str, Any]) -> Iterator[Json]:
    for number, (code, milligrams, route, days) in enumerate(chart.get("given", ())):
        yield {
            "resourceType": "MedicationAdministration",
            "id": f"a{number}",
            "status": "completed",
            "subject": PATIENT,
            "effectiveDateTime": _back(days),
            "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": str(code)}]},
            "dosage": {
                "route": {"text": route},
                "dose": {"value": milligrams, "unit": "mg", "system": UCUM, "code": "mg"},
            },
        }


def _encounter(chart: Mapping[str, Any]) -> Iterator[Json]:
    if "encounter" in chart:
        kind, place = chart["encounter"]
        yield {
            "resourceType": "Encounter",
            "id": "e",
            "status": "in-progress",
            "class": {"system": HL7 + "v3-ActCode", "code": kind},
            "subject": PATIENT,
            "period": {"start": _back(0)},
            "location": [{"location": {"display": place}}],
        }
