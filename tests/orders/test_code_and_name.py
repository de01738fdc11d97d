"""A draft whose code and name disagree: it is for ketamine if either says so, and it is unclear."""

from __future__ import annotations

from typing import Any

import pytest

from cds.terminology.lookup import load_terminology
from tests.charts.fhir import RXNORM, concept
from tests.charts.reading import order_of

TERMINOLOGY = load_terminology()
KETAMINE_10 = "238082"
ROWS = {
    # the medication; the drug; its concentration; what is said
    "they agree": (
        concept(RXNORM, KETAMINE_10, "ketamine 10 mg/mL"), "ketamine", "10 mg/mL", None,
    ),
    "no strength in the name": (
        concept(RXNORM, KETAMINE_10, "Ketalar"), "ketamine", "10 mg/mL", None,
    ),
    "another strength": (
        concept(RXNORM, KETAMINE_10, "ketamine 100 mg/mL"), "ketamine", None, "another strength",
    ),
    "another strength in the text": (
        concept(RXNORM, KETAMINE_10, text="ketamine 50 mg/mL"), "ketamine", None, "(50 mg/mL)",
    ),
    "the other form": (
        concept(RXNORM, KETAMINE_10, "esketamine 25 mg/mL"), "ketamine", None, "means esketamine",
    ),
    "the code means another drug": (
        concept(RXNORM, "312938", "ketamine 50 mg/mL"), "ketamine", None, "means ketamine",
    ),
    "the name means another drug": (
        concept(RXNORM, KETAMINE_10, "sertraline 50 mg"), "ketamine", None, "means sertraline",
    ),
    "the name is of a drug no rule asks about": (
        concept(RXNORM, KETAMINE_10, "ursodiol 300 mg"), "ketamine", None, "means ursodiol",
    ),
    "the code is of no drug that is known": (
        concept(RXNORM, "6809", text="ketamine 50 mg/mL"), "ketamine", None, "no code of ketamine",
    ),
    "another substance's ATC code": (
        concept("http://www.whocc.no/atc", "M01AB15", text="ketamine"), "ketamine", None,
        "ketamine",
    ),
    "a house's own code": (
        concept("urn:house", "K-7", text="ketamine 50 mg/mL"), "ketamine", "50 mg/mL", None,
    ),
    "neither is ketamine": (concept(RXNORM, "312938", "morphine 15 mg"), None, None, None),
}  # fmt: skip


@pytest.mark.parametrize(("drug", "ours", "strength", "said"), ROWS.values(), ids=ROWS)
def test_code_and_name(
    drug: dict[str, Any], ours: str | None, strength: str | None, said: str | None
) -> None:
    draft = {
        "resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
        "medicationCodeableConcept": drug,
        "dosageInstruction": [{
            "route": {"text": "IV"}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "mL"}}],
        }],
    }  # fmt: skip
    order = order_of(draft, TERMINOLOGY)
    assert order.drug == ours
    held = order.product_concentration
    assert (str(held) if held else None) == strength
    doubts = order.drug_doubts.disagree
    assert any(said in line for line in doubts) if said else not doubts
