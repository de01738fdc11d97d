"""The clock, for the service and the commands: below them, a day is an argument."""

from __future__ import annotations

from datetime import date, datetime, tzinfo


def today_in(zone: tzinfo) -> date:
    """The day that it is there."""
    return datetime.now(zone).date()
