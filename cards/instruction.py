"""What a suggestion orders: one instruction, whole, in words and as an order would be read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from cds.assessment.model import DoseProposal
from cds.orders.model import Order
from cds.units import Quantity, UnitError, plain

ROUTE_NAMES = {
    "intravenous": "IV",
    "intraosseous": "IO",
    "intramuscular": "IM",
    "subcutaneous": "SC",
    "intranasal": "intranasally",
}
_BY_VEIN = ("intravenous", "intraosseous")
_SAME = Decimal("0.01")
"""A rate rounded for the pump is the rate that was meant, to within 1 %."""


class Instruction(Struct, frozen=True):
    """Dose or rate, route, time and course; None: the suggestion does not say."""

    route: str | None
    dose: Quantity | None = None
    rate: Quantity | None = None
    duration_min: Decimal | None = None
    sessions_per_week: Decimal | None = None
    sessions: int | None = None
    devices: int | None = None
    """of 28 mg"""

    @classmethod
    def proposed(cls, dose: DoseProposal) -> Instruction:
        """A computed dose. Nothing else is ever suggested."""
        assert dose.order_mg is not None
        timed = not dose.devices
        rate = dose.order_rate_mg_per_h
        return cls(
            route=dose.route,
            dose=Quantity(dose.order_mg, "mg"),
            rate=Quantity(round(rate, 2), "mg/h") if timed and rate is not None else None,
            duration_min=dose.duration_min if timed else None,
            sessions_per_week=dose.sessions_per_week,
            sessions=dose.sessions,
            devices=dose.devices,
        )

    @classmethod
    def of(cls, order: Order) -> Instruction | None:
        """All that an order says; None for one that says more than an instruction holds."""
        if order.as_needed or order.pca or order.test_dose or order.dose_high or order.rate_high:
            return None
        return cls(
            route=order.route,
            dose=order.dose,
            rate=order.rate,
            duration_min=order.duration_min,
            sessions_per_week=order.sessions_per_week,
            sessions=order.sessions,
        )

    @property
    def timed(self) -> bool:
        """A dose by vein says over what time: without it, it reads as a push."""
        return self.route not in _BY_VEIN or self.duration_min is not None or self.dose is None

    def __str__(self) -> str:
        """`35 mg IV over 40 min, 2 per week, 6 sessions`."""
        return "".join(self._parts())

    def _parts(self) -> Iterator[str]:
        amount = self.dose or self.rate
        if amount is not None:
            # `ug` is misread as mg in handwriting and print
            yield f"{plain(amount.value)} {amount.unit.replace('ug', 'mcg')}"
        if self.route is not None:
            yield f" {ROUTE_NAMES.get(self.route, self.route)}"
        if self.devices:
            plural = "s" if self.devices > 1 else ""
            yield f" ({self.devices} device{plural} of 28 mg, 5 min apart)"
        if self.duration_min is not None:
            yield f" over {plain(self.duration_min)} min"
        if self.sessions_per_week is not None:
            yield f", {_often(self.sessions_per_week)}"
        if self.sessions is not None:
            yield f", {self.sessions} session{'s' if self.sessions > 1 else ''}"

    def is_read_in(self, order: Order) -> bool:
        """Whether an order says exactly this, and nothing beside it."""
        return (
            self._course_is_read_in(order)
            and _same(order.dose, self.dose)
            and _same(order.rate, self.rate)
            and order.duration_told is None
            and (order.route, order.duration_min) == (self.route, self.duration_min)
            and not any(_more_than_asked(order))
            and not self._of_another_pack(order)
        )

    def _course_is_read_in(self, order: Order) -> bool:
        weekly, sessions = self.sessions_per_week, self.sessions
        return (weekly is None or order.single or order.sessions_per_week == weekly) and (
            sessions is None or order.sessions == sessions
        )

    def _of_another_pack(self, order: Order) -> bool:
        """A kit of three devices is not what a dose of two is given from."""
        return None not in (self.devices, order.pack_quantity) and (
            order.pack_quantity != self.devices
        )


def _more_than_asked(order: Order) -> Iterator[object]:
    yield from (order.other_dosages, order.dose_high, order.dose_per_kg, order.contradictory)
    yield from (order.max_dose_per_administration, order.max_dose_per_period)
    yield from (order.max_dose_per_lifetime, order.as_needed, order.pca, order.test_dose)
    yield order.method in ("push", "bolus")
    yield [problem for problem in order.problems if not problem.startswith("reason")]


def _same(read: Quantity | None, meant: Quantity | None) -> bool:
    if read is None or meant is None:
        return read is meant
    try:
        value = read.to(meant.unit).value
    except UnitError:
        return False
    return abs(value - meant.value) <= meant.value * _SAME


def _often(per_week: Decimal) -> str:
    """`2 per week`, and of a session every other week `1 per 2 weeks`."""
    if per_week >= 1 or 1 % per_week:
        return f"{plain(per_week)} per week"
    return f"1 per {plain(1 / per_week)} weeks"
