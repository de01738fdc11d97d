"""Reading draft orders: every way of writing a dose, and what is not clear."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.fhir.record.patient_record import gather
from cds.orders.model import Order
from cds.terminology.lookup import Terminology, load_terminology
from cds.units import Quantity
from tests.charts.fhir import on_the_wire
from tests.charts.reading import chart_of, order_of
from tests.rows import read_table

TABLE = read_table(Path(__file__).parent / "orders.yaml")


def plain_draft() -> dict[str, Any]:
    code = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "238084"}
    return {
        "resourceType": "MedicationRequest",
        "id": "d1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [code]},
    }


def written(value: object) -> object:
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [written(part) for part in value]
    return value


@pytest.mark.parametrize("row", TABLE, ids=[row["name"] for row in TABLE])
def test_an_order_reads_as(row: dict[str, Any], terminology: Terminology) -> None:
    resource = {k: v for k, v in (plain_draft() | row["fhir"]).items() if v is not None}
    order = order_of(on_the_wire(resource), terminology)
    for name, expected in row["reads"].items():
        doses = [other.dose for other in order.other_dosages]
        found = written(doses if name == "others" else getattr(order, name))
        if isinstance(found, Decimal):
            assert found == Decimal(str(expected)), name
        elif isinstance(expected, list):
            assert list(found or []) == expected, name
        else:
            assert found == expected, name
    for problem in row.get("problems", []):
        assert problem in order.problems
    if "problems" not in row:
        assert order.problems == ()


def test_further_dosages_are_kept_in_the_order_of_their_sequence(terminology: Terminology) -> None:
    dosages = [{"sequence": 2, "text": "20 mg/h IV"}, {"sequence": 1, "text": "10 mg IV push"}]
    order = order_of(plain_draft() | {"dosageInstruction": dosages}, terminology)
    assert str(order.dose) == "10 mg"
    assert [str(other.rate) for other in order.other_dosages] == ["20 mg/h"]
    assert order.other_dosages[0].drug == "ketamine"


def test_references_are_resolved_in_the_record(terminology: Terminology) -> None:
    icd = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2"}
    record = gather(
        [
            {"resourceType": "Patient", "id": "p"},
            {"resourceType": "Medication", "id": "m", "code": {"text": "ketamine 10 mg/mL"}},
            {
                "resourceType": "Condition",
                "id": "c",
                "subject": {"reference": "Patient/p"},
                "code": {"coding": [icd]},
            },
            {
                "resourceType": "Encounter",
                "id": "e",
                "subject": {"reference": "Patient/p"},
                "class": {"code": "AMB"},
            },
        ]
    )
    resource = {
        "resourceType": "MedicationRequest",
        "id": "d1",
        "medicationReference": {"reference": "Medication/m"},
        "reasonReference": [{"reference": "Condition/c"}],
        "encounter": {"reference": "Encounter/e"},
    }
    order = order_of(resource, terminology, chart_of(record, terminology))
    assert order.drug == "ketamine"
    assert str(order.product_concentration) == "10 mg/mL"
    assert "mdd_any" in order.reason_sets
    assert order.setting == "outpatient"


def test_another_resource_is_named_as_a_problem(terminology: Terminology) -> None:
    order = order_of({"resourceType": "Task", "id": "t"}, terminology)
    assert order.drug is None
    assert order.problems


_FIELDS = ("medicationCodeableConcept", "dosageInstruction", "reasonCode", "category", "encounter",
           "requester", "contained", "dispenseRequest", "note", "code", "orderDetail",
           "occurrenceTiming", "quantityQuantity", "priorPrescription", "locationCode")  # fmt: skip
_KEYS = ("text", "coding", "code", "value", "unit", "doseAndRate", "doseQuantity", "rateRatio",
         "numerator", "denominator", "timing", "repeat", "frequency", "period", "periodUnit",
         "route", "reference", "display", "low", "high", "doseRange", "boundsPeriod", "start",
         "end", "count", "dayOfWeek", "sequence")  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.text(max_size=8) | st.just("35 mg IV"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(
    kind=st.sampled_from(["MedicationRequest", "ServiceRequest"]),
    fields=st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=6),
)
def test_odd_content_never_raises(kind: str, fields: dict[str, Any]) -> None:
    order = order_of(plain_draft() | {"resourceType": kind} | fields, load_terminology())
    assert isinstance(order, Order)
    assert order.course_start is None or isinstance(order.course_start, date)


@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
def test_a_bolus_and_then_an_infusion_are_read_as_two_dosages(
    kind: str, terminology: Terminology
) -> None:
    text = "0.3 mg/kg IV bolus over 10 minutes, then 0.2 mg/kg/h"
    resource: dict[str, Any] = {"resourceType": kind, "id": "d1", "status": "draft"}
    if kind == "MedicationRequest":
        resource = plain_draft() | {"dosageInstruction": [{"text": text}]}
    else:
        resource |= {"code": {"text": "Ketamine infusion"}, "orderDetail": [{"text": text}]}
    order = order_of(resource, terminology)
    (later,) = order.other_dosages
    assert (written(order.dose), order.rate, order.duration_min) == ("0.3 mg/kg", None, 10)
    assert (later.dose, written(later.rate), later.duration_min) == (None, "0.2 mg/kg/h", None)
    assert order.route == later.route == "intravenous"
    assert order.problems == ()
