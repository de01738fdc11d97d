"""A number that nothing can be: never a failure, never a dose, and said where it stands."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from altered import changed

from cds.api import assess, load, read_chart
from cds.dosage.quantity import Problems, read_dose
from cds.dosage.timing import read_timing
from cds.wire import encode
from tests.charts.reading import order_of

DAY = date(2026, 10, 22)
Json = dict[str, Any]
SUBJECT = {"subject": {"reference": "Patient/p"}}
EXTREMES = [
    *(Decimal(f"1e{power}") for power in (50, 25, 10, -10, -30)),
    Decimal(0), Decimal("-1e30"), 10**40, 1e300, Decimal("0." + "3" * 60),
]  # fmt: skip


def amount(value: object, unit: str) -> Json:
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def repeat() -> Json:
    return {
        "frequency": 2, "frequencyMax": 3, "period": 1, "periodMax": 2, "periodUnit": "wk",
        "count": 6, "countMax": 8, "duration": 40, "durationUnit": "min",
        "boundsDuration": amount(4, "wk"),
    }  # fmt: skip


def ketamine() -> Json:
    """A Medication of the house: 500 mg in 500 mL."""
    return {
        "resourceType": "Medication",
        "id": "mix",
        "code": {"text": "Ketamine infusion"},
        "ingredient": [
            {
                "itemCodeableConcept": {"text": "ketamine"},
                "strength": {"numerator": amount(500, "mg"), "denominator": amount(500, "mL")},
            }
        ],
    }


DRAFT: Json = {
    "resourceType": "MedicationRequest",
    "id": "draft",
    "status": "draft",
    "intent": "order",
    **SUBJECT,
    "contained": [ketamine()],
    "medicationReference": {"reference": "#mix"},
    "reasonCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2"}]}],
    "dosageInstruction": [
        {
            "sequence": 1,
            "route": {"text": "IV"},
            "timing": {"repeat": repeat()},
            "doseAndRate": [
                {"doseQuantity": amount(Decimal("0.5"), "mg/kg")},
                {"rateQuantity": amount(1, "mg/kg/h")},
                {"rateRatio": {"numerator": amount(35, "mg"), "denominator": amount(40, "min")}},
                {"doseRange": {"low": amount(30, "mg"), "high": amount(40, "mg")}},
            ],
            "maxDosePerAdministration": amount(40, "mg"),
            "maxDosePerLifetime": amount(400, "mg"),
            "maxDosePerPeriod": {"numerator": amount(80, "mg"), "denominator": amount(1, "wk")},
        }
    ],
    "dispenseRequest": {
        "quantity": amount(10, "mL"),
        "numberOfRepeatsAllowed": 2,
        "expectedSupplyDuration": amount(30, "d"),
    },
}
SERVICE: Json = {
    "resourceType": "ServiceRequest",
    "id": "service",
    "status": "draft",
    "intent": "order",
    **SUBJECT,
    "code": {"text": "Ketamine infusion"},
    "quantityQuantity": amount(35, "mg"),
    "occurrenceTiming": {"repeat": repeat()},
}
PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p",
    "gender": "female",
    "birthDate": "1985-02-01",
}


def tablets(kind: str, field: str, **more: object) -> Json:
    dosage = {
        "timing": {"repeat": repeat() | {"periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": amount(1, "{tablet}")}],
    }
    return {"resourceType": kind, "id": kind, "status": "active", "intent": "order", **SUBJECT,
            "medicationCodeableConcept": {"text": "oxycodone 10 MG Oral Tablet"},
            field: [dosage], **more}  # fmt: skip


def measured(loinc: str, value: object, unit: str) -> Json:
    code = {"coding": [{"system": "http://loinc.org", "code": loinc}]}
    return {"resourceType": "Observation", "id": f"o{loinc}", "status": "final", **SUBJECT,
            "code": code, "effectiveDateTime": "2026-10-20",
            "valueQuantity": amount(value, unit)}  # fmt: skip


RECORD: list[Json] = [
    tablets("MedicationRequest", "dosageInstruction", authoredOn="2026-10-01",
            dispenseRequest=copy.deepcopy(DRAFT["dispenseRequest"])),
    tablets("MedicationStatement", "dosage", effectivePeriod={"start": "2026-10-01"}),
    tablets("MedicationDispense", "dosageInstruction", whenHandedOver="2026-10-01",
            daysSupply=amount(30, "d"), quantity=amount(30, "{tablet}")),
    {"resourceType": "MedicationAdministration", "id": "given", "status": "completed", **SUBJECT,
     "medicationCodeableConcept": {"text": "ketamine 50 MG/ML Injectable Solution"},
     "effectiveDateTime": "2026-10-20",
     "dosage": {"dose": amount(35, "mg"), "rateQuantity": amount(1, "mg/min")}},
    {"resourceType": "Condition", "id": "c", **SUBJECT, "code": {"text": "Asthma"},
     "onsetAge": amount(20, "a")},
    measured("29463-7", 70, "kg"), measured("8302-2", 170, "cm"), measured("8480-6", 120, "mm[Hg]"),
    measured("44261-6", 18, "{score}"), measured("1742-6", 30, "U/L"),
    {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", **SUBJECT,
     "authored": "2026-10-20",
     "item": [{"linkId": "/44260-8", "answer": [{"valueDecimal": 1}]}]},
]  # fmt: skip


def numbers(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the numbers of a resource stand."""
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from numbers(value, (*path, key))
    elif isinstance(node, int | Decimal):
        yield path


def answered(record: list[Json], draft: Json) -> bytes:
    """The whole answer, as it would be sent."""
    weighed = measured("29463-7", 70, "kg")
    engine = load()
    chart = read_chart(engine, [PATIENT, weighed, *record])
    return encode(assess(engine, chart, DAY, [draft]).report())


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        pytest.param(draft, path, id=f"{draft['id']}-{'.'.join(map(str, path))}")
        for draft in (DRAFT, SERVICE)
        for path in numbers(draft)
    ],
)
def test_no_number_of_a_draft_fails(draft: Json, path: tuple[str | int, ...]) -> None:
    for extreme in EXTREMES:
        assert answered([], changed(draft, path, extreme))


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        pytest.param(resource, path, id=f"{resource['id']}-{'.'.join(map(str, path))}")
        for resource in RECORD
        for path in numbers(resource)
    ],
)
def test_no_number_of_a_record_fails(resource: Json, path: tuple[str | int, ...]) -> None:
    for extreme in EXTREMES:
        assert answered([changed(resource, path, extreme)], DRAFT)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("9999999999", True), ("1e10", False), ("1e30", False),
        ("0.000000001", True), ("0.0000000009", False), ("1e-30", False),
    ],
)  # fmt: skip
def test_the_size_of_a_dose(value: str, read: bool) -> None:
    problems = Problems()
    found = read_dose(amount(Decimal(value), "mg"), "dose", problems)
    assert (found is not None) is read
    assert problems.told() == (() if read else ("dose: makes no sense",))


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("frequency", 1440, None),
        ("frequency", 1441, "timing.repeat: frequency makes no sense"),
        ("frequency", Decimal("1e30"), "timing.repeat: frequency makes no sense"),
        ("period", 3653, None),
        ("period", 3654, "timing.repeat: frequency makes no sense"),
        ("period", Decimal("1e-30"), "timing.repeat: frequency makes no sense"),
        ("count", 10_000, None),
        ("count", 10_001, "timing.repeat.count: makes no sense"),
        ("count", 0, "timing.repeat.count: makes no sense"),
        ("countMax", Decimal("2.5"), "timing.repeat.countMax: makes no sense"),
        ("duration", 366 * 24, None),
        ("duration", 366 * 24 + 1, "timing.repeat.duration: makes no sense"),
        ("duration", 0, "timing.repeat.duration: not above zero"),
    ],
)
def test_the_size_of_a_timing(field: str, value: object, problem: str | None) -> None:
    problems = Problems()
    plain = {"frequency": 1, "period": 1, "periodUnit": "d", "durationUnit": "h"}
    read_timing({"repeat": plain | {field: value}}, "timing", problems)
    assert problems.told() == (() if problem is None else (problem,))


@pytest.mark.parametrize(("value", "read"), [("9999999999", True), ("1e10", False)])
def test_the_size_of_a_strength(terminology, value: str, read: bool) -> None:
    path = ("contained", 0, "ingredient", 0, "strength", "numerator", "value")
    order = order_of(changed(DRAFT, path, Decimal(value)), terminology)
    said = "Medication.ingredient.strength: the strength could not be read" in order.problems
    assert said is not read
