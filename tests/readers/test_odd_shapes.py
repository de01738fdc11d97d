"""A field in another shape than FHIR gives it: the same fact, or one that is named as not read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from altered import changed

from cds.api import assess, load, read_chart
from cds.chart.identity import by_own_name
from cds.dosage.read import read_dosage
from cds.fhir.record.patient_record import gather
from cds.fhir.record.shapes import in_shape
from cds.history.model.history import History
from cds.orders.model import Order
from cds.wire import encode
from tests.charts.fhir import concept
from tests.charts.reading import history_of, order_of

DAY = date(2026, 10, 22)
Json = dict[str, Any]
Path = tuple[str | int, ...]
SUBJECT = {"subject": {"reference": "Patient/p"}}
PATIENT: Json = {
    "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1985-02-01",
    "deceasedBoolean": False,
}  # fmt: skip
RXNORM, CM, SNOMED, LOINC = (
    "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/icd-10-cm",
    "http://snomed.info/sct", "http://loinc.org",
)  # fmt: skip


def amount(value: object, unit: str) -> Json:
    return {"value": value, "unit": unit}


DRAFT: Json = {
    "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order",
    **SUBJECT,
    "contained": [
        {"resourceType": "Medication", "id": "mix", "code": {"text": "Ketamine 500 mg in saline"},
         "ingredient": [
             {"itemCodeableConcept": concept(RXNORM, "6130", text="ketamine"), "isActive": True,
              "strength": {"numerator": amount(500, "mg"), "denominator": amount(250, "mL")}},
             {"itemCodeableConcept": {"text": "sodium chloride 0.9 %"}, "isActive": False},
         ]},
    ],
    "medicationReference": {"reference": "#mix"},
    "reasonCode": [concept(CM, "F33.2")],
    "category": [{"text": "inpatient"}],
    "priorPrescription": {"reference": "MedicationRequest/earlier"},
    "note": [{"text": "bring a companion"}],
    "doNotPerform": False,
    "dosageInstruction": [
        {"route": concept(SNOMED, "47625008"), "asNeededBoolean": False,
         "method": {"text": "infusion"},
         "additionalInstruction": [{"text": "monitor"}],
         "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "wk", "count": 6,
                               "duration": 40, "durationUnit": "min"}},
         "doseAndRate": [{"doseQuantity": amount(Decimal("0.5"), "mg/kg")}],
         "maxDosePerAdministration": amount(50, "mg")},
    ],
    "dispenseRequest": {"quantity": amount(10, "mL"),
                        "validityPeriod": {"start": "2026-10-01", "end": "2026-12-01"}},
}  # fmt: skip
SERVICE: Json = {
    "resourceType": "ServiceRequest", "id": "service", "status": "draft", "intent": "order",
    **SUBJECT,
    "code": {"text": "Ketamine infusion"}, "orderDetail": [{"text": "IV over 40 min"}],
    "quantityQuantity": amount(35, "mg"), "doNotPerform": False,
    "occurrenceTiming": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "wk", "count": 6}},
    "reasonCode": [concept(CM, "F33.2")],
}  # fmt: skip
TABLETS: Json = {
    "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
    **SUBJECT, "authoredOn": "2026-09-01", "doNotPerform": False, "reportedBoolean": False,
    "medicationCodeableConcept": concept(RXNORM, "1049621", text="oxycodone 10 MG Oral Tablet"),
    "priorPrescription": {"reference": "MedicationRequest/earlier"},
    "statusReason": {"text": "ineffective"},
    "dosageInstruction": [
        {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d",
                               "boundsPeriod": {"start": "2026-09-01"}}},
         "asNeededBoolean": True, "route": {"text": "oral"},
         "doseAndRate": [{"doseQuantity": amount(1, "tablet")}]},
    ],
    "dispenseRequest": {"quantity": amount(60, "tablet"),
                        "expectedSupplyDuration": amount(30, "d")},
}  # fmt: skip
RECORD: list[Json] = [
    TABLETS,
    {"resourceType": "MedicationStatement", "id": "told", "status": "active", **SUBJECT,
     "medicationCodeableConcept": {"text": "sertraline 100 MG Oral Tablet"},
     "effectivePeriod": {"start": "2026-01-01"}, "derivedFrom": [{"reference": "Encounter/e"}],
     "dosage": [{"text": "1 tablet daily"}]},
    {"resourceType": "MedicationAdministration", "id": "given", "status": "completed", **SUBJECT,
     "medicationCodeableConcept": {"text": "ketamine 50 MG/ML Injectable Solution"},
     "effectiveDateTime": "2026-10-10", "request": {"reference": "MedicationRequest/k"},
     "dosage": {"route": concept(SNOMED, "47625008"), "dose": amount(35, "mg")}},
    {"resourceType": "MedicationDispense", "id": "handed", "status": "completed", **SUBJECT,
     "medicationCodeableConcept": {"text": "lorazepam 1 MG Oral Tablet"},
     "authorizingPrescription": [{"reference": "MedicationRequest/l"}],
     "whenHandedOver": "2026-10-01", "daysSupply": amount(30, "d"),
     "quantity": amount(60, "tablet"), "dosageInstruction": [{"text": "1 tablet twice daily"}]},
    {"resourceType": "Condition", "id": "c", **SUBJECT, "code": concept(CM, "I71.4", text="AAA"),
     "clinicalStatus": concept("", "active"), "verificationStatus": concept("", "confirmed"),
     "category": [concept("", "problem-list-item")], "severity": {"text": "severe"},
     "onsetAge": amount(40, "a"), "recordedDate": "2026-03-01"},
    {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p"},
     "clinicalStatus": concept("", "active"), "code": concept(RXNORM, "6130", text="ketamine"),
     "reaction": [{"manifestation": [{"text": "anaphylaxis"}]}], "recordedDate": "2020-03-01"},
    {"resourceType": "Observation", "id": "w", "status": "final", **SUBJECT,
     "code": concept(LOINC, "29463-7"), "effectiveDateTime": "2026-10-10",
     "valueQuantity": amount(70, "kg")},
    {"resourceType": "Observation", "id": "bp", "status": "final", **SUBJECT,
     "code": concept(LOINC, "85354-9"), "effectivePeriod": {"start": "2026-10-10"},
     "component": [{"code": concept(LOINC, "8480-6"), "valueQuantity": amount(150, "mmHg")},
                   {"code": concept(LOINC, "8462-4"), "valueQuantity": amount(90, "mmHg")}]},
    {"resourceType": "Observation", "id": "hcg", "status": "final", **SUBJECT,
     "code": concept(LOINC, "2106-3"), "effectiveDateTime": "2026-10-10",
     "valueCodeableConcept": {"text": "negative"}, "interpretation": [{"text": "NEG"}]},
    {"resourceType": "Procedure", "id": "p1", "status": "completed", **SUBJECT,
     "code": {"text": "Ketamine infusion"}, "performedPeriod": {"start": "2026-10-05"}},
    {"resourceType": "Encounter", "id": "e", "status": "in-progress", **SUBJECT,
     "class": {"code": "IMP"}, "period": {"start": "2026-10-20"}, "type": [{"text": "ward"}],
     "location": [{"location": {"display": "Intensive care unit"}}]},
]  # fmt: skip


def odd_shapes(node: object, path: Path = ()) -> Iterator[tuple[str, Path, object]]:
    """Every field of a resource in the other shapes that say the same."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):  # type: ignore[arg-type]
        here = (*path, key)
        if isinstance(key, str) and not isinstance(value, list) and key not in _IDENTITY:
            yield "in a list", here, [value]
        if isinstance(value, bool):
            yield "in quotes", here, str(value).lower()
        if isinstance(value, list) and len(value) == 1:
            yield "without its list", here, value[0]
        if isinstance(value, dict) and value.keys() in ({"text"}, {"reference"}):
            yield "as a string", here, next(iter(value.values()))
        if isinstance(value, dict) and value.keys() == {"value", "unit"}:
            yield "as a string", here, f"{value['value']} {value['unit']}"
        if path[-1:] == ("repeat",) and isinstance(value, int):
            yield "in quotes", here, str(value)
        if isinstance(value, dict | list):
            yield from odd_shapes(value, here)


_IDENTITY = ("resourceType", "id")


def rows(resources: list[Json]) -> list[Any]:
    return [
        pytest.param(resource, path, value, id=f"{resource['id']}.{'.'.join(map(str, path))} {odd}")
        for resource in resources
        for odd, path, value in odd_shapes(resource)
    ]


@pytest.fixture
def ordered(terminology):
    def reader(draft: Json) -> Order:
        return order_of(draft, terminology)

    return reader


@pytest.fixture
def history(terminology, knowledge):
    def reader(*resources: Json) -> History:
        return history_of(gather([PATIENT, *resources]), terminology, knowledge, DAY)

    return reader


@pytest.mark.parametrize(("draft", "path", "value"), rows([DRAFT, SERVICE]))
def test_a_draft_orders_the_same(ordered, draft: Json, path: Path, value: object) -> None:
    odd, plain = ordered(changed(draft, path, value)), ordered(draft)
    assert plain.drug == "ketamine"
    assert plain.dose is not None
    assert odd == plain


@pytest.mark.parametrize(("resource", "path", "value"), rows(RECORD))
def test_a_record_tells_the_same(history, resource: Json, path: Path, value: object) -> None:
    assert history(changed(resource, path, value)) == history(resource)


@pytest.mark.parametrize("resource", RECORD, ids=lambda resource: resource["id"])
def test_every_resource_above_tells_something(history, resource: Json) -> None:
    assert history(resource) != history()
    assert not history(resource).skipped


def test_the_patient(history) -> None:
    for _, path, value in odd_shapes(PATIENT):
        record = gather([changed(PATIENT, path, value), *RECORD])
        assert record.patient == PATIENT
        assert len(record.resources) > 5


def test_sound_resources_stay_the_same_objects() -> None:
    for resource in (DRAFT, SERVICE, PATIENT, *RECORD):
        assert in_shape(resource) is resource


def test_a_bundle_whose_entry_is_no_list() -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": {"resource": PATIENT}}
    assert gather([bundle]).patient == PATIENT


def test_several_in_a_list_of_one_are_all_of_them(history) -> None:
    both = [concept(CM, "Z00.00"), concept(SNOMED, "73425007"), {"text": "abdominal aneurysm"}]
    condition = {"resourceType": "Condition", "id": "c", **SUBJECT, "code": both}
    (fact,) = history(condition).conditions
    assert fact.display == "abdominal aneurysm"
    assert {code for _, code in fact.codes} == {"Z00.00", "73425007"}


# ---- what can't be read is named -----------------------------------------------------------------

GARBAGE: list[object] = [["a", "b"], [[], []], 7.5, "whatever"]


@pytest.mark.parametrize("garbage", [*GARBAGE, True], ids=repr)
@pytest.mark.parametrize(
    "path",
    [
        ("dosageInstruction", 0, "timing"),
        ("dosageInstruction", 0, "timing", "repeat", "duration"),
        ("dosageInstruction", 0, "timing", "repeat", "frequency"),
        ("dosageInstruction", 0, "timing", "repeat", "count"),
        ("dosageInstruction", 0, "route"),
        ("dosageInstruction", 0, "doseAndRate", 0, "doseQuantity"),
        ("dosageInstruction", 0, "maxDosePerAdministration"),
        ("medicationReference",),
    ],
    ids=lambda path: str(path[-1]),
)
def test_a_field_of_a_draft(ordered, path: Path, garbage: object) -> None:
    found = ordered(changed(DRAFT, path, garbage))
    if path[-1] in ("duration", "frequency", "count", "timing") and found == ordered(DRAFT):
        return
    plain = "timing" in path and isinstance(garbage, str | float)  # a name; a number of minutes
    assert found.problems or plain


@pytest.mark.parametrize("garbage", [*GARBAGE, 7], ids=repr)
def test_whether_as_needed(history, garbage: object) -> None:
    path = ("dosageInstruction", 0, "asNeededBoolean")
    opioids = history(changed(TABLETS, path, garbage)).opioids
    assert opioids.mme_per_day is None
    assert opioids.tolerant is not True


@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance", "Procedure", "Observation"])
@pytest.mark.parametrize("garbage", [[], "", 7, True, [7, 8], {"coding": "?"}], ids=repr)
def test_a_name_that_is_none(history, kind: str, garbage: object) -> None:
    resource = {"resourceType": kind, "id": "x", "status": "final", **SUBJECT, "code": garbage}
    assert [s.resource for s in history(resource).skipped] == [f"{kind}/x"]


@pytest.mark.parametrize("field", ["medicationCodeableConcept", "medicationReference"])
@pytest.mark.parametrize("garbage", [7, True, [7, 8], [], ""], ids=repr)
def test_a_drug_that_is_none(history, field: str, garbage: object) -> None:
    resource = {k: v for k, v in TABLETS.items() if not k.startswith("medication")}
    assert [s.resource for s in history(resource | {field: garbage}).skipped] == [
        "MedicationRequest/m"
    ]


@pytest.mark.parametrize("instruction", ["take as directed by the green nurse", 350, [350]])
def test_an_instruction_that_is_none(history, instruction: object) -> None:
    told = history(TABLETS | {"dosageInstruction": instruction})
    assert told.opioids.mme_per_day is None


def test_a_string_in_place_of_a_dosage_is_its_text(ordered) -> None:
    order = ordered(DRAFT | {"dosageInstruction": "350 mg IV over 40 minutes"})
    assert (str(order.dose), order.route, order.duration_min) == ("350 mg", "intravenous", 40)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("350 mg", "350 mg"), ("350mg", "350 mg"), ("0.5 mg/kg", "0.5 mg/kg"), ("350", None),
        ("1,000 mg", None), ("1.000 mg", None), ("05 mg", None), ("35-40 mg", None), ("mg", None),
        ("350 mg IV", None), (350, None),
    ],
)  # fmt: skip
def test_a_string_in_place_of_a_quantity(written: object, read: str | None) -> None:
    dosage = in_shape(DRAFT | {"dosageInstruction": [{"doseQuantity": written}]})
    fields = read_dosage(dosage["dosageInstruction"][0]).fields
    told = [str(dose.low) for dose in fields.doses if dose.low is not None and dose.low.unit]
    assert told == ([read] if read else [])
    assert bool(fields.problems) or bool(fields.doses)


# ---- suggestions on such drafts ------------------------------------------------------------------


@pytest.mark.parametrize("garbage", [*GARBAGE, True, {}, [], {"text": 7}], ids=repr)
@pytest.mark.parametrize(
    "path",
    [
        ("dosageInstruction",), ("dosageInstruction", 0), ("dosageInstruction", 0, "timing"),
        ("dosageInstruction", 0, "timing", "repeat"), ("dosageInstruction", 0, "doseAndRate"),
        ("dosageInstruction", 0, "route"), ("dispenseRequest",), ("contained",), ("note",),
    ],
    ids=lambda path: str(path[-1]),
)  # fmt: skip
def test_no_shape_of_a_draft_fails(path: Path, garbage: object) -> None:
    draft = changed(DRAFT, path, garbage)
    weight = next(r for r in RECORD if r["id"] == "w")
    engine = load()
    chart = read_chart(engine, [PATIENT, weight])
    assert encode(assess(engine, chart, DAY, [draft]).report())


def test_a_suggestion_changes_the_draft_in_its_right_shape() -> None:
    draft = changed(DRAFT, ("dosageInstruction",), DRAFT["dosageInstruction"][0])
    assert by_own_name([draft])["MedicationRequest/draft"] == DRAFT
