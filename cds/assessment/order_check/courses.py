"""How often and how long: courses of infusions, and too little to matter."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds.assessment.course.sessions import last_course, session_day
from cds.assessment.model import Finding
from cds.assessment.order_check.past import (
    days_of,
    given,
    in_last_days,
    is_one_more,
    sources_of,
    was_given,
)
from cds.assessment.order_check.situation import PARENTERAL, Situation, shown, speak
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.model.order_checks import FrequentSessions, LowTotal, OpenCourse

_HOSPITAL = frozenset({"inpatient", "emergency", "icu", "operating_room"})


def check_courses(s: Situation) -> Iterator[Finding]:
    if s.order.drug == "esketamine":
        return
    yield from _open_ended(s)
    yield from _crowded(s)
    yield from _after_long_infusion(s)
    yield from _frequent(s)
    yield from _low_total(s)


def _planned(s: Situation, weeks: Decimal) -> Decimal | None:
    """Sessions within the first weeks of the course; None when nothing bounds or spaces them."""
    order = s.order
    if order.sessions_per_week is None:
        short = order.course_weeks is not None and order.course_weeks <= weeks
        return Decimal(order.sessions) if order.sessions is not None and short else None
    span = min(weeks, order.course_weeks) if order.course_weeks is not None else weeks
    planned = order.sessions_per_week * span
    return min(planned, Decimal(order.sessions)) if order.sessions is not None else planned


def _open_ended(s: Situation) -> Iterator[Finding]:
    """E15: recurring or continuous, and nothing says until when."""
    order = s.order
    if not s.elective or s.setting == "icu" or order.pca or order.single:
        return
    if order.as_needed and s.setting in _HOSPITAL:
        return  # rescue doses end with the stay
    recurring = order.sessions_per_week is not None
    endless = order.sessions is None and order.course_end is None and order.course_weeks is None
    continuous = bool(order.continuous) and order.duration_min is None
    if endless and (recurring or continuous):
        params = {"per_week": order.sessions_per_week, "continuous": continuous}
        check = s.check(OpenCourse)
        yield speak(s, "order-open-ended", [check], check.severity, params)


def _crowded(s: Situation) -> Iterator[Finding]:
    """E15: more sessions in two weeks than any course had."""
    check = s.check(OpenCourse)
    most = check.max_sessions_two_weeks
    planned = _planned(s, Decimal(2))
    every_few_hours = s.order.interval_days is not None and s.order.interval_days < 1
    if every_few_hours and s.setting in _HOSPITAL:
        return  # repeated doses of one stay, and no course of sessions
    if s.elective and s.order.route in PARENTERAL and planned is not None and planned > most:
        params = {"planned": shown(planned, 0), "bound": most}
        yield speak(s, "order-crowded-course", [check], check.severity, params)


def _after_long_infusion(s: Situation) -> Iterator[Finding]:
    """E15: the liver was injured when long infusions followed each other closely."""
    check = s.check(OpenCourse)
    for past in s.case.history.ketamine_sessions:
        ended = past.end or past.when
        if not was_given(past) or ended is None or past.duration_min is None:
            continue
        days = (s.case.as_of - ended).days
        if past.duration_min >= check.long_infusion * 60 and 0 <= days < check.pause:
            params = {"days": days, "pause": check.pause, "when": ended}
            yield speak(
                s,
                "order-after-long-infusion",
                [check],
                check.severity,
                params,
                source=past.source,
            )
            return


def _frequent(s: Situation) -> Iterator[Finding]:
    """O4: outside the schedules that were tested."""
    if not (s.psychiatric and s.by_vein):
        return
    check = s.check(FrequentSessions)
    weekly, month = s.order.sessions_per_week, _planned(s, Decimal(4))
    before: list[KetamineSession] = []
    if is_one_more(s):
        before = _in_first_weeks(s)
        weekly = Decimal(1 + len(days_of(in_last_days(s, 7))))
        month = Decimal(1 + len(days_of(before))) if before else month
    too_often = weekly is not None and weekly > check.max_per_week
    too_many = month is not None and month > check.max_in_four_weeks
    if too_often or too_many:
        params = {
            "per_week": shown(weekly, 1),
            "planned": shown(month, 0),
            "max_per_week": check.max_per_week,
            "max_planned": check.max_in_four_weeks,
            "with_past": is_one_more(s),
        }
        yield speak(s, "order-frequent", [check], check.severity, params, source=sources_of(before))


def _in_first_weeks(s: Situation) -> list[KetamineSession]:
    """Of the course, while the session that is ordered still falls in its first four weeks."""
    course = last_course(s.case)
    if course is None or not course.under_way:
        return []
    if (session_day(s.case) - course.first).days >= _number(s, "first-weeks-days"):
        return []
    return [past for past in given(s) if past.when is not None and past.when >= course.first]


def _number(s: Situation, parameter: str) -> Decimal:
    return s.case.knowledge.parameters[parameter].value


def _low_total(s: Situation) -> Iterator[Finding]:
    """E21: for information, below the amount and time of the chronic-pain guideline."""
    if not s.therapy or s.indicated.families != {"chronic_pain"} or not s.by_vein:
        return
    check = s.check(LowTotal)
    if s.amounts.given != "infusion":
        return
    total, minutes = s.amounts.total_mg, s.within
    low = total is not None and total < check.below
    short = minutes is not None and minutes < check.shorter_than
    if low or short:
        params = {
            "dose": shown(total, 2),
            "minutes": shown(minutes, 1),
            "below_mg": check.below,
            "below_min": check.shorter_than,
        }
        yield speak(s, "order-low-total", [check], check.severity, params)
