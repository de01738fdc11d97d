"""Amounts that are written together come into the steps: `1-0-1`, `100/125 mcg alternate days`."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.model import Amount
from cds.dosage.words.facts import MASSES, Dose, span_of
from cds.dosage.words.steps.adding import add
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.takes import Draft, Problem

_OF_A_DAY = 3
"""amounts: morning, noon, evening"""


def pattern(b: Builder, value: tuple[tuple[Fraction, ...], str]) -> None:
    sizes, unit = value
    ranked = tuple(sorted(set(sizes)))
    ordered = len(sizes) >= _OF_A_DAY and sizes in (ranked, ranked[::-1])
    if ordered and ranked[0] > 0 and not _one_by_one(b):
        raise Problem("a day, or one day after the other")  # "4-3-2-1"
    if b.take.amount is not None and b.take.amount.unit in MASSES and not b.take.has_times:
        b.unit_mass, b.take.amount = b.take.amount, None  # "50 mg 1-0-0"
    if b.take.amount is not None or b.take.has_times:
        if not b.step.closed:
            raise Problem("two amounts")
        b.next_step()
    count: dict[Fraction, int] = {}
    for size in sizes:
        if size:
            count[size] = count.get(size, 0) + 1
    mass = b.unit_mass if unit in ("1", "{tablet}", "{capsule}") else None
    b.step.takes[-1:] = [
        Draft(Amount(span_of(size), unit), mass, False if mass else None, spelled=True,
              times=span_of(n), join="pattern")
        for size, n in count.items()
    ]  # fmt: skip
    b.join = ""


def _one_by_one(b: Builder) -> bool:
    return any(fact.kind == "each_length" for fact in b.facts)


def in_turn(b: Builder, value: tuple[Fraction, Fraction, str]) -> None:
    """`100/125 mcg alternate days`."""
    one, other, unit = value
    add(b, Dose(span_of(one), unit))
    b.alternating = True
    add(b, Dose(span_of(other), unit))
