"""One medication entry on one day: which drug, when, how much, and what it proves.

An Intake is what one MedicationRequest, Statement, Dispense or Administration says about one
ingredient, up to the day. How several of them make up a course is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from msgspec import Struct

from cds.chart.medication.entry import Kind, Substance
from cds.chart.medication.stop_reason import Stop
from cds.dates import after
from cds.history.medications.phase import Phase
from cds.history.model.course import EndBasis, Evidence, UnreadInstruction


class Stretch(Struct, frozen=True):
    """Days at one dose. An end at its start: begun, and for how long is not known."""

    start: date
    end: date
    phase: Phase


@dataclass(slots=True)
class Intake:
    """What one resource says about one ingredient."""

    kind: Kind
    ref: str
    status: str
    substance: Substance
    evidence: Evidence
    phases: tuple[Phase, ...]
    start: date | None
    """None: no date at all could be read"""
    stated_end: date | None = None
    """first day no longer covered, as written"""
    end_open: bool = False
    """it is written in part, and may lie much later"""
    valid_until: date | None = None
    """end of the time in which the prescription may be filled"""
    asserted: date | None = None
    """when a statement was made"""
    supply_days: int | None = None
    quantity: Fraction | None = None
    """handed out, in product units: tablets, patches, mL"""
    refills: int = 0
    replaces: frozenset[str] = frozenset()
    """orders that this one follows"""
    part_of: frozenset[str] = frozenset()
    """orders that this one carries out"""
    stopped: Stop | None = None
    """why it was stopped"""
    reason_sets: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    fills: list[tuple[date, date]] = field(default_factory=list)
    """days covered by the dispenses of an order"""
    sources: tuple[str, ...] = ()
    unread: tuple[UnreadInstruction, ...] = ()
    # settled once all resources are known:
    end: date | None = None
    end_basis: EndBasis = "unknown"
    current: bool | None = False

    @property
    def over(self) -> bool:
        """Ended, by its status."""
        return self.status in ("stopped", "completed")

    @property
    def as_needed(self) -> bool | None:
        """Only as needed; None when nothing says how it is taken."""
        if len(self.phases) == 1:
            return self.phases[0].as_needed
        told = {phase.as_needed for phase in self.phases}
        return next(iter(told)) if len(told) == 1 else False

    @property
    def first(self) -> Phase:
        return self.phases[0]

    def stretches(self) -> Iterator[Stretch]:
        """The phases laid out from start to end; the last one lasts until the end."""
        if self.start is None or self.end is None:
            return
        begin = self.start
        for number, phase in enumerate(self.phases, start=1):
            if phase.start is not None and number > 1:
                begin = max(begin, phase.start.latest)
            finish = self.end
            if number < len(self.phases):
                finish = phase.end.earliest if phase.end else after(begin, phase.days or 0)
            finish = max(begin, min(finish, self.end))
            if finish > begin or len(self.phases) == 1:
                yield Stretch(begin, finish, phase)
            begin = finish
