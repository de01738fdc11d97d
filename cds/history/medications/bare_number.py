"""A number without a unit: tablets or milligrams, by what the product allows.

One is one, and a number in words or in parts counts things (`two at night`, `½ bd`). Of figures
(`2 bd`, `10 bd`) the product decides, and of all that stand in one instruction together: with
5 mg tablets, `6 daily, then 5 daily` counts, as nobody takes 6 mg of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from msgspec.structs import replace

from cds.dosage.model import Amount, Span, Step, Take
from cds.history.medications.strength import NotReadable, Product, hourly_rate, mg_per_unit

MAX_BARE_COUNT = 4
"""tablets at once that need no noun; a larger number may be a dose"""
_MOST_COUNTED = 8
"""in words, or stepped down: as prednisolone is"""


def must_count(steps: Sequence[Step], product: Product, coded: Amount | None) -> None:
    """Raises NotReadable where a number of the instruction may be milligrams, and the coded dose
    does not tell what it is."""
    takes = [take for step in steps for take in step.takes if _is_bare(take)]
    takes = [take for take in takes if not _is(take, coded)]
    unit = None if product.combination else _held(product)
    if not takes or unit == 1:  # so many tablets are so many milligrams
        return
    spans = [take.amount.span for take in takes if take.amount is not None]
    massive = unit is not None and all(_fits(span, unit) for span in spans)
    most = max(span.high for span in spans)
    many = most > MAX_BARE_COUNT
    spelled = all(take.spelled for take in takes)
    if massive and (many or not spelled):
        raise NotReadable("a number that may be tablets or milligrams")
    if many and not (most <= _MOST_COUNTED and (spelled or _step_down(spans))):
        raise NotReadable("a number without a unit")


def _step_down(spans: Sequence[Span]) -> bool:
    """`6 daily for a week, then 5 daily for a week, then 4 daily`."""
    numbers = [span.low for span in spans]
    whole = all(span.low == span.high and span.low.denominator == 1 for span in spans)
    return whole and numbers == sorted(numbers, reverse=True) and numbers[-1] <= MAX_BARE_COUNT


def as_coded(take: Take, coded: Amount | None) -> Take:
    """`10 bd` beside a coded 10 mg: those milligrams."""
    settled = _is_bare(take) and _is(take, coded)
    return replace(take, amount=coded) if settled else take


def _is(take: Take, coded: Amount | None) -> bool:
    return coded is not None and take.amount is not None and coded.span == take.amount.span


def _is_bare(take: Take) -> bool:
    amount = take.amount
    return (
        amount is not None
        and amount.unit == "1"
        and take.mass is None
        and amount.span.high > 0
        and amount.span != Span(Fraction(1), Fraction(1))
    )


def _held(product: Product) -> Fraction | None:
    rate = hourly_rate(product.strength)
    if rate is not None:
        return rate
    try:
        return mg_per_unit("1", product.strength)
    except NotReadable:
        return None


def _fits(number: Span, unit: Fraction) -> bool:
    """Whether so many milligrams are a few halves of the product."""
    tablets = (number.low / unit, number.high / unit)
    return all((n * 2).denominator == 1 and n <= MAX_BARE_COUNT for n in tablets)
