"""A test that is drafted in the same session is not asked for again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.assessment.case import Case
from cds.assessment.workup import workup
from cds.chart.entries import Person
from cds.history.model.history import History
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from cds.terminology.lookup import load_terminology
from tests.charts.reading import order_of

MEASUREMENTS = [item for item in load_knowledge().monitoring.values() if item.order_code]
KETAMINE = Order("MedicationRequest/k", "MedicationRequest", drug="ketamine", route="intravenous")


def drafted(code: dict[str, Any]) -> Order:
    resource = {"resourceType": "ServiceRequest", "id": "t", "status": "draft", "intent": "order"}
    return order_of(resource | {"code": code}, load_terminology())


def missing(*drafts: Order) -> set[str]:
    patient = History(as_of=date(2026, 11, 22), person=Person("p", ages=(70, 70), sex="female"))
    findings = workup(Case(patient, KETAMINE, drafts, load_knowledge(), SiteProtocol()))
    return {finding.id for finding in findings if finding.kind == "missing"}


@pytest.mark.parametrize("item", MEASUREMENTS, ids=lambda item: item.id)
def test_what_is_offered_is_recognised_once_it_is_drafted(item: Any) -> None:
    draft = drafted({"coding": [{"system": item.order_system, "code": item.order_code}]})
    assert f"missing-{item.id}" not in missing(draft)


def test_only_the_test_that_was_drafted_is_taken_off() -> None:
    weight = drafted({"text": "Body weight"})
    assert weight.test_sets == {"body_weight"}
    assert missing() - missing(weight) == {"missing-weight"}
    assert "workup-pending" in missing(weight)
    chest_film = drafted({"text": "Chest x-ray"})
    assert missing(chest_film) == missing()
