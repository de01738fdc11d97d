"""When an order, statement or dispense ended, and whether it is current.

A written end is believed. Without one, the supply tells; without a supply, a running order counts
for a year and then is unknown, and an ended one has an unknown end and no days.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain

from msgspec import Struct

from cds.allowance import check
from cds.dates import after
from cds.history.medications.intake import Intake
from cds.history.medications.supplied import with_fill
from cds.history.model.course import EndBasis
from cds.knowledge.load import Knowledge

_NO_END = "when it ended is not recorded"
_OPEN = "no end and no supply on record: counted for {days} days from its date"
_REFILLS = "allowed refills are taken as used"
_VALIDITY = "the validity of the prescription is taken as its end"
_NO_SUPPLY = "for how many days the dispense was meant is not recorded"

_Dated = tuple[date, str, int, Intake]


class Windows(Struct, frozen=True):
    """The numbers of the knowledge that decide, in days."""

    gap: int
    adds_up: int
    open_order: int
    joins: int
    refills: bool

    @classmethod
    def of(cls, knowledge: Knowledge) -> Windows:
        numbers = knowledge.parameters
        return cls(
            gap=int(numbers["course-gap-days"].value),
            adds_up=int(numbers["orders-add-up-after-days"].value),
            open_order=int(numbers["open-order-days"].value),
            joins=int(numbers["dispense-joins-order-days"].value),
            refills=numbers["refills-while-active"].value > 0,
        )


def settle(intakes: Sequence[Intake], windows: Windows, as_of: date) -> list[Intake]:
    """Give every intake of one drug its end; dispenses go into the orders that they fill."""
    orders = _Orders(intakes)
    apart = []
    for intake in intakes:
        check()
        order = orders.filled_by(intake, windows) if intake.kind == "dispense" else None
        if order is None:
            apart.append(intake)
        else:
            orders.fill(order, intake)
    for intake in apart:
        if intake.start is not None:
            _end(intake, windows, as_of)
        else:
            intake.current = False if intake.over or intake.kind == "administration" else None
        if intake.substance.doubt is not None:
            _leave_open(intake)
    return apart


def _leave_open(intake: Intake) -> None:
    """What its words doubt is no proof: perhaps taken, and for how long is not known."""
    intake.current = None if intake.current else intake.current
    intake.end, intake.end_basis = intake.start, "unknown"


class _Orders:
    """The orders of one drug that have a date, by that date: there may be thousands."""

    def __init__(self, intakes: Iterable[Intake]) -> None:
        orders = [i for i in intakes if i.kind == "request" and i.start is not None]
        self._named: dict[str, Intake] = {}
        self._places = {id(order): place for place, order in enumerate(orders)}
        for order in orders:
            self._named.setdefault(order.ref, order)
        self._by_date = sorted(map(self._dated, orders))

    def _dated(self, order: Intake) -> _Dated:
        """By its date; of those of one date and name, the first is the last."""
        assert order.start is not None
        place = self._places[id(order)]
        return order.start, order.ref, -place, order

    def filled_by(self, dispense: Intake, windows: Windows) -> Intake | None:
        """The order that a dispense fills: the one it names, else the latest that fits."""
        named = [self._named[ref] for ref in dispense.part_of if ref in self._named]
        if named:
            return min(named, key=lambda order: self._places[id(order)])
        if dispense.start is None:
            return None
        earliest = date.fromordinal(max(1, dispense.start.toordinal() - windows.open_order))
        begun = bisect_right(self._by_date, dispense.start, key=_day)
        first = bisect_left(self._by_date, earliest, hi=begun, key=_day)
        latest = after(dispense.start, windows.joins)
        last = bisect_right(self._by_date, latest, lo=begun, key=_day)
        nearest = chain(range(begun - 1, first - 1, -1), range(last - 1, begun - 1, -1))
        orders = (self._by_date[place][-1] for place in nearest)
        return next((order for order in orders if _may_fill(dispense, order)), None)

    def fill(self, order: Intake, dispense: Intake) -> None:
        """Put a dispense to an order, which may begin later by it."""
        before = self._dated(order)
        _fill(order, dispense)
        if order.start != before[0]:
            del self._by_date[bisect_left(self._by_date, before)]
            insort(self._by_date, self._dated(order))


def _day(dated: _Dated) -> date:
    return dated[0]


def _may_fill(dispense: Intake, order: Intake) -> bool:
    assert dispense.start is not None
    open_then = order.stated_end is None or order.stated_end >= dispense.start
    return open_then and _same_strength(order, dispense)


def _same_strength(order: Intake, dispense: Intake) -> bool:
    strengths = {order.substance.strength, dispense.substance.strength}
    return len(strengths) == 1 or None in strengths


def _fill(order: Intake, dispense: Intake) -> None:
    order.sources = tuple(dict.fromkeys((*order.sources, *dispense.sources)))
    order.unread += dispense.unread
    order.notes += tuple(n for n in dispense.notes if n.startswith("codings"))
    if dispense.start is None or order.start is None:
        return
    if order.first.start is None and not order.fills:
        order.start = max(order.start, dispense.start)
    days = dispense.supply_days or _days_of_quantity(dispense, order) or order.supply_days
    if days is None:
        order.notes += (_NO_SUPPLY,)
        days = 0
    order.fills.append((dispense.start, after(dispense.start, days)))
    order.evidence = "dispensed"
    with_fill(order, dispense)


def _days_of_quantity(intake: Intake, order: Intake) -> int | None:
    used = intake.first.units_per_day or order.first.units_per_day
    return int(intake.quantity / used) if intake.quantity and used else None


def _end(intake: Intake, windows: Windows, as_of: date) -> None:
    assert intake.start is not None
    end, basis, note = _likely_end(intake, windows)
    end = max(end, intake.start)
    covers = intake.start <= as_of < end
    intake.current = _current(intake, basis, covers, end, windows, as_of)
    intake.end = min(end, as_of)
    intake.end_basis = "ongoing" if intake.current and covers else basis
    if note:
        intake.notes += (note,)


def _likely_end(intake: Intake, windows: Windows) -> tuple[date, EndBasis, str | None]:
    assert intake.start is not None
    if intake.stated_end is not None:
        return intake.stated_end, "unknown" if intake.end_open else "stated", None
    if intake.kind == "dispense":
        days = intake.supply_days or _days_of_quantity(intake, intake)
        if days is None:
            return intake.start, "unknown", _NO_SUPPLY
        return after(intake.start, days), "supply", None
    if intake.fills:
        return max(end for _, end in intake.fills), "supply", None
    days = intake.supply_days or _days_of_quantity(intake, intake)
    if days is not None:
        refills = intake.refills if windows.refills and intake.status != "stopped" else 0
        note = _REFILLS if refills else None
        return after(intake.start, days * (1 + refills)), "supply", note
    if intake.valid_until is not None and intake.status != "stopped":
        return intake.valid_until, "assumed", _VALIDITY
    if intake.over:
        return intake.start, "unknown", _NO_END
    counted_from = max(filter(None, (intake.start, intake.asserted)))
    note = _OPEN.format(days=windows.open_order)
    return after(counted_from, windows.open_order), "assumed", note


def _current(
    intake: Intake, basis: EndBasis, covers: bool, end: date, windows: Windows, as_of: date
) -> bool | None:
    """True while it runs; None where its status and its dates leave it open."""
    if intake.kind == "administration":
        return True if covers else (None if end == as_of else False)
    if intake.kind == "dispense" and basis == "unknown":  # for how long is not known
        return None if (as_of - end).days <= windows.open_order else False
    if intake.kind == "dispense":
        return True if covers else (None if (as_of - end).days <= windows.gap else False)
    if intake.status == "stopped":
        return False
    if intake.status == "completed":
        return None if covers else False
    if covers:
        return True if intake.status == "active" else None
    return False if basis == "stated" else None
