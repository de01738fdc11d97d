"""The sessions before the ordered one, as the checks of a course count them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from cds.assessment.course.sessions import session_day
from cds.assessment.order_check.situation import Situation
from cds.history.model.patient_state import KetamineSession

_BY_VEIN = frozenset({"intravenous", "injectable", "unknown"})


def was_given(past: KetamineSession) -> bool:
    return past.kind in ("administration", "procedure")


def is_one_more(s: Situation) -> bool:
    """The order is for one session, and not for a course with its own frequency."""
    order = s.order
    once = order.single or order.sessions == 1
    return once or (order.sessions_per_week is None and order.sessions is None)


def given(s: Situation) -> list[KetamineSession]:
    """Sessions of the drug that took place by the ordered kind of route, with their day."""
    day = session_day(s.case)
    return [
        past
        for past in s.case.history.ketamine_sessions
        if past.drug == s.order.drug
        and was_given(past)
        and past.when is not None
        and past.when <= day
        and (past.drug == "esketamine" or past.route in _BY_VEIN)
    ]


def in_last_days(s: Situation, days: int) -> list[KetamineSession]:
    """Of the days that end with the session that is ordered."""
    first = session_day(s.case) - timedelta(days=days - 1)
    return [past for past in given(s) if past.when is not None and past.when >= first]


def days_of(sessions: Iterable[KetamineSession]) -> set[date | None]:
    """A session is on record once, or as administration and procedure of one day."""
    return {past.when for past in sessions}


def sources_of(sessions: Iterable[KetamineSession]) -> tuple[str, ...]:
    return tuple(ref for past in sessions for ref in past.source)
