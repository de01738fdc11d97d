"""Seeded order-select bodies of 12 to 20,000 prefetched resources: of one seed, always the same."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from cds.wire import decode, encode

Json = dict[str, Any]
SIZES = {"small": (4, 3, 4), "medium": (40, 40, 70), "large": (533, 533, 933)}
"""MedicationRequests, Conditions, Observations; and one Patient"""
GROWN = {"5,000": (1333, 1333, 2333), "10,000": (2666, 2666, 4667), "20,000": (5333, 5333, 9333)}
"""the same of charts that few patients have"""

INSTANCE, PATIENT = b"6c1c1d9e-6cd8-4d6d-a0ab-4e3c8f4f6c11", b"pt-1"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
DRUGS = [
    ("312941", "sertraline 50 MG Oral Tablet"),
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("197361", "amlodipine 5 MG Oral Tablet"),
    ("310385", "fluoxetine 20 MG Oral Capsule"),
    ("313585", "24 HR venlafaxine 75 MG Extended Release Oral Capsule"),
    ("197591", "diazepam 5 MG Oral Tablet"),
    ("310431", "gabapentin 300 MG Oral Capsule"),
]
LISINOPRIL = ("314076", "lisinopril 10 MG Oral Tablet")
KETAMINE = ("238084", "ketamine 50 MG/ML Injectable Solution")
PROBLEMS = [
    ("I10", "Essential hypertension"),
    ("F33.2", "Major depressive disorder, recurrent"),
    ("E11.9", "Type 2 diabetes mellitus"),
    ("J45.909", "Asthma"),
    ("F41.1", "Anxiety"),
    ("E78.5", "Hyperlipidaemia"),
    ("M54.50", "Low back pain"),
]
MEASURES = [
    ("29463-7", "Body weight", 55, 110, "kg"),
    ("8302-2", "Body height", 150, 195, "cm"),
    ("8867-4", "Heart rate", 55, 110, "/min"),
    ("1742-6", "ALT", 8, 80, "U/L"),
    ("44261-6", "PHQ-9 total", 3, 27, "{score}"),
    ("85354-9", "Blood pressure", 0, 0, ""),
]


def order_select(size: str, *, drug: tuple[str, str], now: datetime, seed: int = 7) -> bytes:
    """An order-select body with a full prefetch; `drug` is what the clinician picked."""
    rng = random.Random(f"{seed}-{size}")
    medications, problems, measures = _parts(size)
    draft = _medication(rng, "draft-1", drug, now) | {"status": "draft"}
    draft["dosageInstruction"] = [{"text": "35 mg IV over 40 minutes"}]
    picks = [0, 5, *(rng.randrange(len(MEASURES)) for _ in range(measures - 2))]
    return encode(
        {
            "hook": "order-select",
            "hookInstance": INSTANCE.decode(),
            "context": {
                "userId": "Practitioner/1",
                "patientId": "pt-1",
                "selections": ["MedicationRequest/draft-1"],
                "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft}]},
            },
            "prefetch": {
                "patient": {
                    "resourceType": "Patient", "id": "pt-1", "gender": "female",
                    "birthDate": "1979-04-12", "name": [{"family": "Example", "given": ["Alex"]}],
                },
                "conditions": _searchset(
                    _condition(rng, f"co-{i}", now) for i in range(problems)
                ),
                "medicationRequests": _searchset(
                    _medication(rng, f"mr-{i}", rng.choice(DRUGS), now) for i in range(medications)
                ),
                "observations": _searchset(
                    _observation(rng, f"ob-{i}", pick, now) for i, pick in enumerate(picks)
                ),
                **{
                    key: _searchset([])
                    for key in ("medicationStatements", "medicationDispenses", "procedures",
                                "medicationAdministrations", "allergies")
                },
            },
        }
    )  # fmt: skip


def unrelated(now: datetime, size: str = "medium", seed: int = 7) -> bytes:
    """The usual call: a drug that has nothing to do with ketamine."""
    return order_select(size, drug=LISINOPRIL, now=now, seed=seed)


def ketamine(now: datetime, size: str, seed: int = 7) -> bytes:
    """The call that the service exists for."""
    return order_select(size, drug=KETAMINE, now=now, seed=seed)


def resources(size: str) -> int:
    """How many a body of a size has."""
    return 1 + sum(_parts(size))


def signed(select: bytes) -> bytes:
    """The order-sign of the session that an order-select began: the prefetch is the same."""
    body = decode(select)
    context = {name: value for name, value in body["context"].items() if name != "selections"}
    return encode(body | {"hook": "order-sign", "context": context})


def other(body: bytes, number: int) -> bytes:
    """The body for another patient in another call: no two numbers give the same bytes."""
    told = body.replace(INSTANCE, INSTANCE[:-12] + b"%012d" % number)
    return told.replace(PATIENT, b"pt-%d" % (number + 2))


def today() -> datetime:
    return datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)


def _parts(size: str) -> tuple[int, int, int]:
    return SIZES[size] if size in SIZES else GROWN[size]


def _when(rng: random.Random, now: datetime, days: int = 900) -> str:
    return (now - timedelta(minutes=rng.randrange(60, days * 1440))).isoformat()


def _concept(system: str, code: str, text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def _medication(rng: random.Random, ident: str, drug: tuple[str, str], now: datetime) -> Json:
    dose = {"value": 1, "unit": "tablet", "system": UCUM, "code": "{tablet}"}
    return {
        "resourceType": "MedicationRequest", "id": ident, "intent": "order",
        "status": rng.choice(["active", "active", "stopped", "completed"]),
        "medicationCodeableConcept": _concept(RXNORM, *drug),
        "subject": {"reference": "Patient/pt-1"}, "authoredOn": _when(rng, now),
        "encounter": {"reference": f"Encounter/{rng.randrange(50)}"},
        "dosageInstruction": [{
            "text": "1 tablet daily",
            "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": dose}],
        }],
        "dispenseRequest": {"quantity": {"value": 30, "unit": "tablet"},
                            "expectedSupplyDuration": {"value": 30, "unit": "d", "system": UCUM,
                                                       "code": "d"}},
    }  # fmt: skip


def _condition(rng: random.Random, ident: str, now: datetime) -> Json:
    status = rng.choice(["active", "active", "active", "resolved"])
    return {
        "resourceType": "Condition", "id": ident,
        "clinicalStatus": _concept(HL7 + "condition-clinical", status, status),
        "verificationStatus": _concept(HL7 + "condition-ver-status", "confirmed", "Confirmed"),
        "category": [_concept(HL7 + "condition-category", "problem-list-item", "Problem")],
        "code": _concept(ICD10CM, *rng.choice(PROBLEMS)),
        "subject": {"reference": "Patient/pt-1"}, "recordedDate": _when(rng, now)[:10],
    }  # fmt: skip


def _observation(rng: random.Random, ident: str, pick: int, now: datetime) -> Json:
    code, text, low, high, unit = MEASURES[pick]
    # the first two are recent, so that every body draws the same cards
    when = _when(rng, now, 1 if ident in ("ob-0", "ob-1") else 900)
    base: Json = {
        "resourceType": "Observation", "id": ident, "status": "final",
        "code": _concept(LOINC, code, text), "subject": {"reference": "Patient/pt-1"},
        "effectiveDateTime": when,
    }  # fmt: skip
    if code == "85354-9":
        parts = [("8480-6", rng.randrange(105, 135)), ("8462-4", rng.randrange(60, 85))]
        base["component"] = [
            {"code": _concept(LOINC, part, part), "valueQuantity": _quantity(value, "mm[Hg]")}
            for part, value in parts
        ]
    else:
        base["valueQuantity"] = _quantity(round(rng.uniform(low, high), 1), unit)
    return base


def _quantity(value: float, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _searchset(resources: Iterable[Json]) -> Json:
    listed = list(resources)
    return {
        "resourceType": "Bundle", "type": "searchset", "total": len(listed),
        "entry": [
            {"fullUrl": f"https://ehr.example.org/{r['resourceType']}/{r['id']}", "resource": r,
             "search": {"mode": "match"}}
            for r in listed
        ],
    }  # fmt: skip
