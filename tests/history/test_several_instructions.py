"""Several dosage instructions of one order: which add up, which follow, and what can't be told.

A row: the instructions as (tablets a day or None, what else is written), and the phases that they
make as (mg/d, first day, length), with a 50 mg tablet. Days: the first instruction's own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds.dosage.read import read_dosages
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.phase import Phase
from cds.history.medications.strength import Product
from cds.units import Quantity
from cds.wire import decode, encode

Json = dict[str, Any]
TABLET = Product(Quantity(Decimal(50), "mg"), form="Oral Tablet")


def take(tablets: float, *, days: int | None = None, start: str | None = None,
         end: str | None = None, when: list[str] | None = None, sequence: int | None = None,
         as_needed: bool = False) -> Json:  # fmt: skip
    repeat: Json = {"frequency": 1, "period": 1, "periodUnit": "d"}
    if days:
        repeat["boundsDuration"] = {"value": days, "unit": "d"}
    if start or end:
        repeat["boundsPeriod"] = {k: v for k, v in (("start", start), ("end", end)) if v}
    if when:
        repeat = {"when": when}
    dosage: Json = {
        "timing": {"repeat": repeat},
        "doseAndRate": [{"doseQuantity": {"value": tablets, "unit": "tablet"}}],
    }
    if sequence:
        dosage["sequence"] = sequence
    if as_needed:
        dosage["asNeededBoolean"] = True
    return dosage


def read(*dosages: Json) -> tuple[Phase, ...]:
    return phases_of(read_dosages(decode(encode(list(dosages)))), TABLET)


def told(phase: Phase) -> tuple[object, ...]:
    dose = None if phase.low is None else int(phase.low.value)
    return (dose, str(phase.start) if phase.start else None, phase.days)


TWO_WEEKS = {"start": "2026-06-01", "end": "2026-06-14"}
AFTER = {"start": "2026-06-15", "end": "2026-08-31"}
JUNE = {"start": "2026-06-01", "end": "2026-07-01"}

ROWS: dict[str, tuple[list[Json], list[tuple[object, ...]]]] = {
    "dates, one after the other": (
        [take(1, **TWO_WEEKS), take(2, **AFTER)],
        [(50, "2026-06-01", None), (100, "2026-06-15", None)],
    ),
    "written in another order, the same": (
        [take(2, **AFTER), take(1, **TWO_WEEKS)],
        [(50, "2026-06-01", None), (100, "2026-06-15", None)],
    ),
    "the last one goes on": (
        [take(1, **TWO_WEEKS), take(2, start="2026-06-15")],
        [(50, "2026-06-01", None), (100, "2026-06-15", None)],
    ),
    "dates that overlap add up while they do": (
        [take(1, **JUNE), take(2, start="2026-06-15", end="2026-08-01")],
        [(50, "2026-06-01", None), (150, "2026-06-15", None), (100, "2026-07-01", None)],
    ),
    "one number for both, dates decide": (
        [take(1, **TWO_WEEKS, sequence=1),
         take(2, **AFTER, sequence=1)],
        [(50, "2026-06-01", None), (100, "2026-06-15", None)],
    ),
    "numbers decide": (
        [take(2, sequence=2), take(1, days=7, sequence=1)], [(50, None, 7), (100, None, None)],
    ),
    "a length before one without": (
        [take(1, days=7), take(2)], [(50, None, 7), (100, None, None)],
    ),
    "one without a length first: beside or before, nobody knows": (
        [take(2), take(1, days=7)], [(None, None, None)],
    ),
    "equal lengths run beside each other": (
        [take(1, days=10), take(2, days=10)], [(150, None, 10)],
    ),
    "different lengths: nobody knows": (
        [take(1, days=10), take(2, days=5)], [(None, None, None)],
    ),
    "two times of a day": (
        [take(1, when=["MORN"]), take(2, when=["HS"])], [(150, None, None)],
    ),
    "nothing tells that they follow": ([take(1), take(2)], [(150, None, None)]),
    "as needed beside a course is no step": (
        [take(1, days=7), take(1, as_needed=True)], [(50, None, 7)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_instructions(name: str) -> None:
    dosages, phases = ROWS[name]
    assert [told(phase) for phase in read(*dosages)] == phases


def test_as_needed_beside_regular_is_apart() -> None:
    (phase,) = read(take(1), take(2, as_needed=True))
    assert (str(phase.low), str(phase.up_to)) == ("50 mg/d", "100 mg/d")


def test_steps_within_one_of_several_are_unknown() -> None:
    words = {"text": "1 tablet daily for 7 days, then 2 tablets daily"}
    (phase,) = read(words, take(1))
    assert phase.low is None
    assert phase.unread
