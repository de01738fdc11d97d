"""Medication courses and scores for the tests of trials, written as a pharmacist would say them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cds.chart.entries import Allergy, Result
from cds.history.model.course import MedicationCourse, Segment
from cds.units import Quantity

AS_OF = date(2026, 11, 1)
START = date(2025, 1, 1)


def day(offset: int) -> date:
    """The day `offset` days after the usual start of the tests' courses."""
    return START + timedelta(days=offset)


def quantity(text: str | None) -> Quantity | None:
    """`50 mg/d`, `75 ug/h`; None stays unknown."""
    if text is None:
        return None
    value, unit = text.split(" ", 1)
    return Quantity(Decimal(value), unit)


def course(
    ingredient: str, *stretches: tuple[int, int, str | None], **fields: Any
) -> MedicationCourse:
    """A course of stretches (first day, first day after, dose), days counted from START.

    `high` is the upper end of a dose range, `up_to` the most that is allowed as needed.
    """
    given: dict[str, Any] = {
        "classes": frozenset(),
        "route": "oral",
        "current": False,
        "source": (f"MedicationRequest/{ingredient}-{stretches[0][0] if stretches else 'x'}",),
        "end_basis": "stated",
        "evidence": "ordered",
        "product_ingredients": frozenset({ingredient}),
        **fields,
    }
    end_basis, evidence = given.pop("end_basis"), given.pop("evidence")
    for name in ("classes", "forms", "flags", "reason_sets", "product_ingredients"):
        given[name] = frozenset(given.get(name, ()))
    high, needed = quantity(given.pop("high", None)), quantity(given.pop("up_to", None))
    last = len(stretches) - 1
    segments = tuple(
        Segment(
            day(first),
            day(after),
            quantity(dose),
            end_basis if n == last else "stated",
            evidence,
            given["source"],
            high,
            needed,
        )
        for n, (first, after, dose) in enumerate(stretches)
    )
    return MedicationCourse(ingredient=ingredient, segments=segments, **given)


def score(kind: str, offset: int, value: str) -> Result:
    return Result(kind, day(offset), (f"Observation/{kind}-{offset}",), Decimal(value), "{score}")


def scores(facts: Iterable[Result]) -> dict[str, tuple[Result, ...]]:
    """As the history holds them: by kind, newest first."""
    found: dict[str, tuple[Result, ...]] = {}
    for fact in sorted(facts, key=lambda f: f.when or date.min, reverse=True):
        found[fact.kind] = (*found.get(fact.kind, ()), fact)
    return found


def allergy(ingredient: str, **fields: Any) -> Allergy:
    given: dict[str, Any] = {
        "classes": frozenset(),
        "display": f"{ingredient} intolerance",
        "active": True,
        "source": (f"AllergyIntolerance/{ingredient}",),
        "kind": "intolerance",
        **fields,
    }
    return Allergy(ingredients=frozenset({ingredient}), **given)
