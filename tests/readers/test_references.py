"""An order is never its own duplicate, whatever form a reference to it has."""

from __future__ import annotations

from typing import Any

import pytest
from ketamine_orders import PLACER, entry, findings, ketamine, second_orders

from cds.chart.identity import by_own_name
from cds.fhir.record.patient_record import gather
from cds.hooks.errors import InvalidRequest
from cds.hooks.read import read_request
from cds.hooks.services import SERVICES
from tests.charts.reading import order_of

TWICE = {"order-duplicate", "second-ketamine-order"}
OLD = ketamine("rx1")
URN = "urn:uuid:0b7f1e9c-5f0e-4d3a-9d1c-2f4f5a6b7c8d"

RENEWALS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # how the order on record is named: (its entry, the reference to it)
    "relative": (entry(OLD), {"reference": "MedicationRequest/rx1"}),
    "absolute": (entry(OLD), {"reference": "https://ehr.example.org/fhir/MedicationRequest/rx1"}),
    "versioned": (entry(OLD), {"reference": "MedicationRequest/rx1/_history/3"}),
    "absolute and versioned": (
        entry(OLD), {"reference": "https://a.example/r4/MedicationRequest/rx1/_history/3"},
    ),
    "with its format": (entry(OLD), {"reference": "MedicationRequest/rx1?_format=json"}),
    "its history": (entry(OLD), {"reference": "https://a.example/MedicationRequest/rx1/_history"}),
    "a part of it": (entry(OLD), {"reference": "MedicationRequest/rx1#dosage"}),
    "with its version": (entry(OLD), {"reference": "MedicationRequest/rx1|2"}),
    "urn with a fragment": (entry(OLD, URN), {"reference": f"{URN}#dosage"}),
    "urn of its entry": (entry(OLD, URN), {"reference": URN}),
    "urn in capitals": (entry(OLD, URN), {"reference": URN.upper()}),
    "identifier in a reference": (
        entry(OLD | {"identifier": [PLACER]}),
        {"reference": "MedicationRequest?identifier=urn:placer|77"},
    ),
    "logical identifier": (
        entry(OLD | {"identifier": [PLACER]}), {"identifier": PLACER, "type": "MedicationRequest"},
    ),
    "logical identifier without a type": (
        entry(OLD | {"identifier": [PLACER]}), {"identifier": PLACER},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RENEWALS)
@pytest.mark.parametrize("field", ["priorPrescription", "basedOn", "replaces"])
def test_an_order_that_follows_another_is_no_duplicate_of_it(name: str, field: str) -> None:
    on_record, reference = RENEWALS[name]
    value = reference if field == "priorPrescription" else [reference]
    draft = ketamine("rx2", "draft", **{field: value})
    assert second_orders([on_record], draft) == set()
    assert second_orders([on_record], ketamine("rx2", "draft")) == TWICE


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "MedicationRequest/rx9"},
        {"reference": "ServiceRequest/rx1"},
        {"reference": "urn:uuid:1"},
        {"reference": "#rx1"},
        {"identifier": PLACER | {"value": "78"}},
        {"identifier": {"value": "77"}},
        {"identifier": PLACER, "type": "ServiceRequest"},
        {"display": "rx1"},
        {"reference": "MedicationRequest?rx1"},
        {"reference": "https://a.example/orders?id=MedicationRequest/rx1"},
    ],
)
def test_a_reference_to_something_else_excuses_nothing(reference: dict[str, Any]) -> None:
    on_record = entry(OLD | {"identifier": [PLACER]})
    draft = ketamine("rx2", "draft", priorPrescription=reference)
    assert second_orders([on_record], draft) == TWICE


def test_an_order_on_record_that_follows_the_draft_is_no_duplicate() -> None:
    child = ketamine("rx2", basedOn=[{"reference": "https://a.example/MedicationRequest/rx1"}])
    assert second_orders([entry(child)], ketamine("rx1", "draft")) == set()


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (ketamine("rx1", "active"), set()),  # signed again under its own id
        (ketamine("new", "draft", identifier=[PLACER]), set()),
        (ketamine("new", "draft", identifier=[PLACER | {"value": "78"}]), TWICE),
        (ketamine("new", "draft", identifier=[{"value": "77"}]), TWICE),
        (ketamine(None, "draft"), TWICE),
    ],
)
def test_the_order_itself_on_record(draft: dict[str, Any], said: set[str]) -> None:
    assert second_orders([entry(OLD | {"identifier": [PLACER]})], draft) == said


@pytest.mark.parametrize(
    ("on_record", "full_url", "said"),
    [
        (OLD, URN, set()),
        (ketamine(None), URN, set()),
        (OLD, URN.replace("0b7f", "0b7e"), TWICE),
        (OLD, None, TWICE),
    ],
)
def test_a_draft_that_only_its_full_url_names(
    on_record: dict[str, Any], full_url: str | None, said: set[str]
) -> None:
    draft = entry(ketamine(None, "draft"), URN.upper())
    assert second_orders([entry(on_record, full_url)], draft) == said


def test_what_was_dispensed_of_the_order_is_no_second_one() -> None:
    """What the patient reports may be another source, so it is asked about."""
    filled = {
        "resourceType": "MedicationDispense", "id": "d", "status": "completed",
        "medicationCodeableConcept": OLD["medicationCodeableConcept"],
        "whenHandedOver": "2026-11-20", "subject": {"reference": "Patient/p"},
        "authorizingPrescription": [{"reference": "https://a.example/MedicationRequest/rx1"}],
        "daysSupply": {"value": 30, "unit": "d"},
    }  # fmt: skip
    told = {
        "resourceType": "MedicationStatement", "id": "s", "status": "active",
        "medicationCodeableConcept": OLD["medicationCodeableConcept"],
        "effectivePeriod": {"start": "2026-11-01"}, "subject": {"reference": "Patient/p"},
    }  # fmt: skip
    again = ketamine("rx1", "active")
    assert second_orders([entry(OLD), entry(filled)], again) == set()
    assert second_orders([entry(OLD), entry(told)], again) == {"second-ketamine-order"}


@pytest.mark.parametrize(
    ("first", "reference"),
    [
        (entry(ketamine("a", "draft")), "MedicationRequest/a"),
        (entry(ketamine("a", "draft"), URN), URN),
        (entry(ketamine(None, "draft"), URN), URN),
        (entry(ketamine("a", "draft"), "https://a.example/MedicationRequest/a"),
         "https://b.example/MedicationRequest/a/_history/1"),
    ],
)  # fmt: skip
def test_drafts_of_one_session_that_follow_each_other(
    first: dict[str, Any], reference: str
) -> None:
    second = ketamine("b", "draft", priorPrescription={"reference": reference})
    assert second_orders([], first, entry(second)) == set()
    assert second_orders([], first, entry(ketamine("b", "draft"))) == TWICE


def test_two_drafts_without_an_id_are_two_orders() -> None:
    assert second_orders([], ketamine(None, "draft"), ketamine(None, "draft")) == TWICE
    assert second_orders([], ketamine(None, "draft")) == set()


def test_another_drug_ordered_along_with_it_stays_a_partner() -> None:
    """`basedOn` says that two orders belong together, and not that they are one."""
    first = ketamine("a", "draft")
    sedative = ketamine("b", "draft", medicationCodeableConcept={"text": "Lorazepam 1 MG Tablet"})
    linked = sedative | {"basedOn": [{"reference": "MedicationRequest/a"}]}
    for drafts in ((first, sedative), (first, linked)):
        said = findings([], *drafts).values()
        mine = [f for f in said if f.order == "MedicationRequest/a" and f.kind == "interaction"]
        assert any("MedicationRequest/b" in finding.source for finding in mine)


# ---- references to what an order needs -----------------------------------------------------------

MEDICATION = {
    "resourceType": "Medication", "id": "m", "identifier": [PLACER],
    "code": {"text": "ketamine 50 MG/ML Injectable Solution"},
}  # fmt: skip


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Medication/m"},
        {"reference": "https://a.example/Medication/m/_history/2"},
        {"reference": URN},
        {"identifier": PLACER},
        {"reference": "#m"},
        {"reference": "m"},
    ],
)
def test_a_medication_is_found_by_any_reference(terminology, reference) -> None:
    inside = reference.get("reference") in ("#m", "m")
    draft = ketamine("a", "draft", medicationCodeableConcept=None, medicationReference=reference)
    draft |= {"contained": [MEDICATION]} if inside else {}
    session = gather([] if inside else [entry(MEDICATION, URN)])
    order = order_of(draft, terminology, session=session.index)
    assert order.drug == "ketamine"
    assert order.problems == ()


# ---- selections ----------------------------------------------------------------------------------


def selected(selection: str, *entries: dict[str, Any]) -> list[dict[str, Any]]:
    body = {
        "hook": "order-select",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/u", "patientId": "p", "selections": [selection],
            "draftOrders": {"resourceType": "Bundle", "entry": list(entries)},
        },
    }  # fmt: skip
    request = read_request(SERVICES["ketamine-order-select"], body)
    return list(request.selected_orders)


@pytest.mark.parametrize(
    "selection",
    [
        "MedicationRequest/a",
        "a",
        "https://ehr.example.org/fhir/MedicationRequest/a",
        "MedicationRequest/a/_history/2",
        URN,
        URN.upper(),
        "urn:uuid:a",
        "MedicationRequest?identifier=urn:placer%7C77",
    ],
)
def test_a_selection_names_its_draft(selection: str) -> None:
    meant, other = ketamine("a", "draft", identifier=[PLACER]), ketamine("b", "draft")
    assert selected(selection, entry(other), entry(meant, URN)) == [meant]


def test_drafts_that_share_a_name_are_not_changed_by_a_suggestion() -> None:
    one, other = {"resourceType": "MedicationRequest"}, {"resourceType": "MedicationRequest"}
    named = {"resourceType": "MedicationRequest", "id": "d1"}
    assert by_own_name([one, other, named]) == {"MedicationRequest/d1": named}
    assert by_own_name([one, named]) == {"MedicationRequest": one, "MedicationRequest/d1": named}
    assert by_own_name([named, dict(named)]) == {}


def test_a_selection_of_a_draft_without_an_id() -> None:
    meant, other = ketamine(None, "draft"), ketamine("b", "draft")
    assert selected(URN, entry(other), entry(meant, URN)) == [meant]
    assert selected("MedicationRequest/undefined", entry(other), entry(meant)) == [meant]


@pytest.mark.parametrize("selection", ["MedicationRequest/c", "ServiceRequest/a", "urn:uuid:9"])
def test_a_selection_that_names_no_draft_is_refused(selection: str) -> None:
    with pytest.raises(InvalidRequest):
        selected(selection, entry(ketamine("a", "draft"), URN))
