"""FHIR dates: partial, zoned or not, and never more exact than they were written.

The day of an instant is the patient's local day. A site that has said where it is has all instants
read in its zone; else an instant has the day that it was written with, and one that is written in
UTC, which tells no place, that of the chart's other instants if they tell one. The zone is set for
the length of one reading (`local_days`), so that no reader of a field need know it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

_LONGEST = 64
"""characters; the longest instant has 35"""

Precision = Literal["year", "month", "day", "instant"]

_PATTERN = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?P<time>[T ]\d{2}:\d{2}.*)?)?)?\Z"
)


class When(Struct, frozen=True):
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


class LocalTime(NamedTuple):
    """Where the days of a chart begin. A tuple: it is part of the key of every date that is kept,
    and hashed for each."""

    zone: tzinfo
    set_by_site: bool = True
    """False: as the chart's own instants have it, so that those which tell a zone are left alone"""


_LOCAL: ContextVar[LocalTime | None] = ContextVar("local", default=None)


@contextmanager
def local_days(local: LocalTime | None) -> Iterator[None]:
    """Instants that are read meanwhile, in this thread, have the days of that place."""
    token = _LOCAL.set(local)
    try:
        yield
    finally:
        _LOCAL.reset(token)


def local_time() -> LocalTime | None:
    """What `local_days` has set: to be part of the key wherever dates that were read are kept."""
    return _LOCAL.get()


def zone_named(name: str) -> ZoneInfo:
    """A zone of the IANA database. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        raise ValueError("must name a zone of the IANA database, such as Europe/Zurich") from None


def parse_when(text: object) -> When | None:
    """Read a FHIR date, dateTime or instant; None when it is none of them.

    A time without a zone, which real servers send, is local; where no place is known it is read as
    UTC: only the order within a day can differ, never the day that was written.
    """
    return _read(text, _LOCAL.get()) if isinstance(text, str) and len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)  # every reader of a resource asks for its dates
def _read(text: str, local: LocalTime | None) -> When | None:
    written = text.strip()
    match = _PATTERN.match(written)
    if match is None:
        return None
    year, month, day, time = match.group("year", "month", "day", "time")
    try:
        if month is None:
            return When(date(int(year), 1, 1), date(int(year), 12, 31), "year")
        if day is None:
            last = calendar.monthrange(int(year), int(month))[1]
            return When(date(int(year), int(month), 1), date(int(year), int(month), last), "month")
        if time is None:
            on = date(int(year), int(month), int(day))
            return When(on, on, "day")
        moment = datetime.fromisoformat(written.replace("Z", "+00:00").replace("z", "+00:00"))
        moment = _in_place(moment, local, in_utc=written[-1] in "Zz")
    except (ValueError, OverflowError):
        return None
    return When(moment.date(), moment.date(), "instant", moment)


def _in_place(moment: datetime, local: LocalTime | None, *, in_utc: bool) -> datetime:
    """The instant with the zone whose day it has."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=local.zone if local else UTC)
    if local is not None and (in_utc or local.set_by_site):
        return moment.astimezone(local.zone)
    return moment


def is_later(found: When | None, as_of: date) -> bool:
    """Certainly after the day: for `2026`, only when the whole year is."""
    return found is not None and found.earliest > as_of


def after(start: date, days: Fraction | int) -> date:
    """The first day no longer covered by so many days; part of a day counts as none."""
    try:
        return start + timedelta(days=int(days))
    except OverflowError:
        return date.max
