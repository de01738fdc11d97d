"""An encounter as it stands in the chart: no JSON, and it does not know the day."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from cds.chart.places import Unit

_LONGEST_OPEN = 366
"""days; "in progress" for longer with no end is an encounter that nobody closed"""


class Encounter(Struct, frozen=True):
    """An encounter that took place or may still."""

    encounter_class: str | None
    """HL7 ActCode: AMB, IMP, EMER, ACUTE, HH …; ICU cues are in `icu`"""
    icu: bool | None = None
    source: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    open: bool = False
    """its status lets it go on: not finished"""
    start: date | None = None
    """the first day that the written start may mean"""
    end: date | None = None
    """the last day that the written end may mean"""
    operating_room: bool = False
    """it is in a theatre or a procedure suite"""
    units: frozenset[Unit] = frozenset()
    """those that it is in, by the names of its places and types"""
    planned: bool = False
    """by its status it has not begun"""

    def is_over(self, as_of: date) -> bool:
        """By its status, by its end, or because it would have lasted too long to be believed."""
        if not self.open or (self.end is not None and self.end < as_of):
            return True
        unclosed = self.start is not None and self.end is None
        return unclosed and (as_of - (self.start or as_of)).days > _LONGEST_OPEN
