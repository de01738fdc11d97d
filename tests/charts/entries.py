"""Small ways to write a patient as entries of the chart, for all that stands above it."""

from __future__ import annotations

from typing import Any

from cds.chart.entries import Condition


def ages(told: int | tuple[int, int] | None) -> tuple[int, int] | None:
    """`Person.ages` of an age, of two that are possible, or of none."""
    return (told, told) if isinstance(told, int) else told


def condition(*sets: str, **fields: Any) -> Condition:
    """A confirmed problem that is there, in some condition sets; `fields` say otherwise."""
    usual: dict[str, Any] = {
        "sets": frozenset(sets),
        "display": sets[0] if sets else "",
        "clinical": "active",
        "verification": "confirmed",
        "category": "problem-list-item",
        "source": (f"Condition/{'-'.join(sets)}",),
    }
    return Condition(**usual | fields)
