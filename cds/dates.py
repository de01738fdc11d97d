"""FHIR dates: partial, zoned or not, and never more exact than they were written."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Literal

_LONGEST = 64
"""characters; the longest instant has 35"""

Precision = Literal["year", "month", "day", "instant"]

_PATTERN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?P<time>[T ]\d{2}:\d{2}.*)?)?)?\Z"
)


@dataclass(frozen=True, slots=True)
class When:
    """A point in time as exact as its source: `2024` spans a year, an instant one moment."""

    earliest: date
    latest: date
    precision: Precision
    instant: datetime | None = None

    @property
    def day(self) -> date:
        """The first day that it may mean; for day and instant precision, the day itself."""
        return self.earliest

    def __str__(self) -> str:
        width = {"year": 4, "month": 7}.get(self.precision, 10)
        return self.earliest.isoformat()[:width]


def parse_when(text: object) -> When | None:
    """Read a FHIR date, dateTime or instant; None when it is none of them.

    A time without a zone, which real servers send, is read as UTC: only the order within a day
    can differ, never the day that was written.
    """
    return _read(text) if isinstance(text, str) and len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)  # every reader of a resource asks for its dates
def _read(text: str) -> When | None:
    match = _PATTERN.match(text.strip())
    if match is None:
        return None
    year, month, day = (match[name] for name in ("year", "month", "day"))
    try:
        if month is None:
            return When(date(int(year), 1, 1), date(int(year), 12, 31), "year")
        if day is None:
            last = calendar.monthrange(int(year), int(month))[1]
            return When(date(int(year), int(month), 1), date(int(year), int(month), last), "month")
        written = date(int(year), int(month), int(day))
        if match["time"] is None:
            return When(written, written, "day")
        instant = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return When(written, written, "instant", instant)


def is_later(found: When | None, as_of: date) -> bool:
    """Certainly after the day: for `2026`, only when the whole year is."""
    return found is not None and found.earliest > as_of


def after(start: date, days: Fraction | int) -> date:
    """The first day no longer covered by so many days; part of a day counts as none."""
    try:
        return start + timedelta(days=int(days))
    except OverflowError:
        return date.max
