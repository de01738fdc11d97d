"""Results of a known kind whose value can't be read: named, unless a later one can be."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import load, read_chart
from cds.history.build import build_history

ENGINE = load()
TODAY = date(2026, 11, 28)


def named(*results: tuple[str, str, dict[str, Any]]) -> list[tuple[str, str]]:
    """Kind and text of each, of Observations by day, name and value."""
    resources = [
        {
            "resourceType": "Observation", "id": f"o{n}", "status": "final",
            "code": {"text": name}, "effectiveDateTime": when, **value,
        }
        for n, (when, name, value) in enumerate(results)
    ]  # fmt: skip
    history = build_history(read_chart(ENGINE, resources), ENGINE.knowledge, TODAY)
    return [(entry.code, entry.name) for entry in history.unread_entries if entry.kind == "result"]


def text(written: str) -> dict[str, Any]:
    return {"valueString": written}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("BP", text("190-115"), [("blood_pressure_systolic", "190-115")]),
        ("BP", text("190/115 yesterday"), [("blood_pressure_systolic", "190/115 yesterday")]),
        ("Ethanol", {"valueQuantity": {"value": 0.18}}, [("blood_ethanol", "0.18")]),
        ("Bilirubin total", text("4.8"), [("bilirubin_total", "4.8")]),
        ("CMP", text("ALT 1200 AST 1100"), [("alt", "1200"), ("ast", "1100")]),
        ("UDS", text("Positive: see comment"), [("uds_panel", "Positive: see comment")]),
        ("EtG urine", text("1200 ng/mL"), [("uds_etg", "1200 ng/mL")]),
        # it can be read, tells of no result, or is of no kind that a rule asks about
        ("BP", text("190/115"), []),
        ("INR", text(">8.0"), []),
        ("BP", text("refused"), []),
        ("UDS", text("Specimen adulterated"), []),
        ("UPT", text("see note"), []),
        ("UPT", {"dataAbsentReason": {"text": "not performed"}}, []),
        ("Zinc", text("12 to 14"), []),
    ],
)
def test_what_is_named(name: str, value: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert named(("2026-11-27", name, value)) == expected


@pytest.mark.parametrize(
    ("unread", "other", "is_named"),
    [
        ("2026-11-27", "2026-11-26", True),
        ("2026-11-27", "2026-11-27", False),
        ("2026-11-27", "2026-11-28", False),
        ("2026-11-27T09:00:00Z", "2026-11-27T08:00:00Z", True),
        ("2026-11-27T09:00:00Z", "2026-11-27T10:00:00Z", False),
        ("2026-11-29", "2026-11-26", False),
        ("2025-01-01", None, False),
    ],
)
def test_a_later_one_of_the_kind_answers_it(unread: str, other: str | None, is_named: bool) -> None:
    results = [(unread, "BP", text("190-115"))]
    results += [(other, "BP", text("128/76"))] if other else []
    assert bool(named(*results)) is is_named
