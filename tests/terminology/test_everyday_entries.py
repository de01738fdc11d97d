"""Whole medication lists: what no rule asks about is silent, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from cds.history.model.history import History
from cds.terminology.lookup import load_terminology
from tests.charts.fhir import on_day, one_patient

LISTS = Path(__file__).parent / "lists"
PRODUCTS = Path(__file__).parents[2] / "cds/terminology/text/other_products.txt"
TERMINOLOGY = load_terminology()


def lines(name: str) -> list[str]:
    text = (LISTS / f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def history(entries: Iterable[str]) -> History:
    """Of one patient who takes them all, each under the number of its line."""
    orders: list[dict[str, Any]] = [
        {
            "resourceType": "MedicationRequest", "id": f"m{number}", "status": "active",
            "intent": "order", "authoredOn": "2026-08-01",
            "medicationCodeableConcept": {"text": entry},
        }
        for number, entry in enumerate(entries)
    ]  # fmt: skip
    return on_day(one_patient(*orders), TERMINOLOGY)


def named(entries: list[str]) -> list[str]:
    """The entries that are unknown, or hold something unknown."""
    sources = {ref for drug in history(entries).unread_drugs for ref in drug.source}
    return [e for number, e in enumerate(entries) if f"MedicationRequest/m{number}" in sources]


KNOWN_TO_BE_NAMED = {
    "pyridoxine, vitamin B6, (B-6) 50 mg tablet",
    "hydrocortisone-pramoxine rectal cream",  # no product of both is in the tables
    "insulin lispro protamine-lispro (HUMALOG MIX 75-25) 100 unit/mL",
}


def test_what_no_rule_asks_about_is_silent() -> None:
    entries = lines("other_entries")
    assert len(entries) > 1000
    assert set(named(entries)) == KNOWN_TO_BE_NAMED
    found = history(entries)
    assert {course.ingredient for course in found.medications}.isdisjoint(
        {"alcohol", "ketamine", "esketamine"}
    )
    assert found.opioids.items == ()
    assert found.sedatives.items == ()


def test_of_entries_that_nobody_has_looked_at_few_are_named() -> None:
    entries = lines("other_entries_fresh")
    assert len(entries) >= 200
    assert len(named(entries)) / len(entries) <= 0.03


def test_what_may_be_a_drug_of_the_rules_is_read_or_named() -> None:
    entries = lines("must_be_read_or_named")
    assert len(entries) > 200
    found = history(entries)
    seen = {ref for drug in found.unread_drugs for ref in drug.source}
    seen |= {ref for course in found.medications for ref in course.source}
    silent = [e for number, e in enumerate(entries) if f"MedicationRequest/m{number}" not in seen]
    assert silent == []


@pytest.mark.parametrize("group", PRODUCTS.read_text("utf-8").split("\n\n")[1:])
def test_other_products_stand_in_order_by_kind(group: str) -> None:
    title, *rest = group.strip("\n").split("\n")
    names = " ".join(rest).split(", ")
    assert title.startswith("# ")
    assert names == sorted(set(names))
