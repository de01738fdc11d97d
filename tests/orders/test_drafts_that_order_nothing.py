"""A draft by its status: an order that may be placed, or nothing at all."""

from __future__ import annotations

from typing import Any

import pytest
from test_read_order import plain_draft

from cds.assessment.relevance import is_relevant
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.terminology.lookup import Terminology
from tests.charts.fhir import on_the_wire
from tests.charts.reading import order_of

KETAMINE_SERVICE = {
    "resourceType": "ServiceRequest", "id": "d1", "code": {"text": "Ketamine infusion 35 mg IV"},
}  # fmt: skip
THEOPHYLLINE = plain_draft() | {"medicationCodeableConcept": {"text": "theophylline 300 mg tablet"}}

STANDING = [
    ({"status": "draft"}, True), ({"status": "active"}, True), ({"status": "on-hold"}, True),
    ({"status": "unknown"}, True), ({"status": None}, True), ({"doNotPerform": False}, True),
    ({"status": "cancelled"}, False), ({"status": "stopped"}, False),
    ({"status": "completed"}, False), ({"status": "entered-in-error"}, False),
    ({"status": "revoked"}, False), ({"doNotPerform": True}, False),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "orders_something"), STANDING, ids=str)
@pytest.mark.parametrize("draft", [plain_draft(), THEOPHYLLINE, KETAMINE_SERVICE], ids=range(3))
def test_only_an_order_that_may_be_given_names_a_drug(
    draft: dict[str, Any], fields: dict[str, Any], orders_something: bool, terminology: Terminology
) -> None:
    order = order_of(on_the_wire(draft | fields), terminology)
    assert bool(order.ingredients) is orders_something
    assert bool(order.drug) is (orders_something and draft is not THEOPHYLLINE)
    assert order.ref == f"{draft['resourceType']}/d1"


@pytest.mark.parametrize(
    ("fields", "relevant"),
    [({}, True), ({"status": "cancelled"}, False), ({"doNotPerform": True}, False),
     ({"medicationCodeableConcept": {"text": "Midazolam and ketamine sedation"}}, True)],
)  # fmt: skip
def test_a_draft_that_orders_nothing_is_answered_with_no_card(
    fields: dict[str, Any], relevant: bool, terminology: Terminology
) -> None:
    order = order_of(on_the_wire(plain_draft() | fields), terminology)
    assert is_relevant(order, load_knowledge(), SiteProtocol()) is relevant


def test_a_void_draft_keeps_its_names(terminology: Terminology) -> None:
    """So that it is still known as the same order, and as the one that another follows."""
    fields = {"status": "cancelled", "priorPrescription": {"reference": "MedicationRequest/old"}}
    order = order_of(on_the_wire(plain_draft() | fields), terminology)
    assert order.own == {"MedicationRequest/d1"}
    assert order.linked == {"MedicationRequest/old"}
