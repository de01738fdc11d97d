"""A kind of card that the site switched off is shown by no hook."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import fhir_fixtures
from cds.api import SiteProtocol, assess, load, read_chart
from cds.wire import Json, decode

DAY = date(2026, 11, 22)


KETAMINE = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
MIRTAZAPINE = {
    "resourceType": "MedicationRequest", "id": "m", "status": "draft", "intent": "order",
    "subject": {"reference": "Patient/ash"},
    "medicationCodeableConcept": {"text": "mirtazapine 15 mg tablet"},
}  # fmt: skip


def kinds(hook: Any, order: Json | None, off: tuple[str, ...]) -> list[str]:
    """Kinds of the cards for the fixture who meets the criteria."""
    engine = load(site=SiteProtocol(cards_off=off))
    chart = read_chart(engine, fhir_fixtures.load("ash", DAY))
    answer = assess(engine, chart, DAY, [order] if order else [], hook)
    return [card.kind for card in answer.cards]


@pytest.mark.parametrize(
    ("hook", "order", "kind"),
    [
        ("patient-view", None, "candidacy"),
        ("order-select", MIRTAZAPINE, "candidacy"),
        ("order-select", KETAMINE, "candidacy"),
        ("order-select", KETAMINE, "dose"),
        ("order-select", KETAMINE, "safety"),
    ],
)
def test_a_card_is_off(hook: Any, order: Json | None, kind: str) -> None:
    assert kind in kinds(hook, order, ())
    assert kind not in kinds(hook, order, (kind,))
