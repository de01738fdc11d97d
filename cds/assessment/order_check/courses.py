"""How often and how long: courses, weekly maxima, and too little to matter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from cds.assessment.course.sessions import last_course, session_day
from cds.assessment.indicated import SUICIDALITY_SETS
from cds.assessment.model import Finding
from cds.assessment.order_check.situation import PARENTERAL, Situation, shown, speak
from cds.history.model import KetamineSession

_HOSPITAL = frozenset({"inpatient", "emergency", "icu", "operating_room"})
_BY_VEIN = frozenset({"intravenous", "injectable", "unknown"})


def check_courses(s: Situation) -> Iterator[Finding]:
    if s.order.drug == "esketamine":
        yield from _esketamine_dose(s)
        yield from _esketamine_week(s)
        yield from _esketamine_long(s)
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
    if not s.therapy or s.setting == "icu" or order.pca or order.single:
        return
    if order.as_needed and s.setting in _HOSPITAL:
        return  # rescue doses end with the stay
    recurring = order.sessions_per_week is not None
    endless = order.sessions is None and order.course_end is None and order.course_weeks is None
    continuous = bool(order.continuous) and order.duration_min is None
    if endless and (recurring or continuous):
        params = {"per_week": order.sessions_per_week, "continuous": continuous}
        yield speak(s, "order-open-ended", [s.check("open-course")], "warning", params)


def _crowded(s: Situation) -> Iterator[Finding]:
    """E15: more sessions in two weeks than any course had."""
    most = s.number("open-course", "max_sessions_two_weeks")
    planned = _planned(s, Decimal(2))
    every_few_hours = s.order.interval_days is not None and s.order.interval_days < 1
    if every_few_hours and s.setting in _HOSPITAL:
        return  # repeated doses of one stay, and no course of sessions
    if s.therapy and s.order.route in PARENTERAL and planned is not None and planned > most:
        params = {"planned": shown(planned, 0), "bound": most}
        yield speak(s, "order-crowded-course", [s.check("open-course")], "warning", params)


def _after_long_infusion(s: Situation) -> Iterator[Finding]:
    """E15: the liver was injured when long infusions followed each other closely."""
    n = s.check("open-course").numbers
    for past in s.case.history.ketamine_sessions:
        ended = past.end or past.when
        if not _was_given(past) or ended is None or past.duration_min is None:
            continue
        days = (s.case.as_of - ended).days
        if past.duration_min >= n["long_infusion_h"] * 60 and 0 <= days < n["pause_days"]:
            params = {"days": days, "pause": n["pause_days"], "when": ended}
            yield speak(
                s,
                "order-after-long-infusion",
                [s.check("open-course")],
                "warning",
                params,
                source=past.source,
            )
            return


def _was_given(past: KetamineSession) -> bool:
    return past.kind in ("administration", "procedure")


def _frequent(s: Situation) -> Iterator[Finding]:
    """O4: outside the schedules that were tested."""
    if not (s.psychiatric and s.by_vein):
        return
    n = s.check("frequent-sessions").numbers
    weekly, month = s.order.sessions_per_week, _planned(s, Decimal(4))
    before: list[KetamineSession] = []
    if _is_one_more(s):
        before = _in_first_weeks(s)
        weekly = Decimal(1 + len(_days(_in_last_week(s))))
        month = Decimal(1 + len(_days(before))) if before else month
    too_often = weekly is not None and weekly > n["max_per_week"]
    too_many = month is not None and month > n["max_in_four_weeks"]
    if too_often or too_many:
        params = {
            "per_week": shown(weekly, 1),
            "planned": shown(month, 0),
            "max_per_week": n["max_per_week"],
            "max_planned": n["max_in_four_weeks"],
            "with_past": _is_one_more(s),
        }
        facts = [s.check("frequent-sessions")]
        yield speak(s, "order-frequent", facts, "warning", params, source=_sources(before))


def _is_one_more(s: Situation) -> bool:
    """The order is for one session, and not for a course with its own frequency."""
    order = s.order
    once = order.single or order.sessions == 1
    return once or (order.sessions_per_week is None and order.sessions is None)


def _given(s: Situation) -> list[KetamineSession]:
    """Sessions of the drug that took place by the ordered kind of route, with their day."""
    day = session_day(s.case)
    return [
        past
        for past in s.case.history.ketamine_sessions
        if past.drug == s.order.drug
        and _was_given(past)
        and past.when is not None
        and past.when <= day
        and (past.drug == "esketamine" or past.route in _BY_VEIN)
    ]


def _in_last_week(s: Situation) -> list[KetamineSession]:
    """Of the seven days that end with the session that is ordered."""
    first = session_day(s.case) - timedelta(days=6)
    return [past for past in _given(s) if past.when is not None and past.when >= first]


def _in_first_weeks(s: Situation) -> list[KetamineSession]:
    """Of the course, while the session that is ordered still falls in its first four weeks."""
    course = last_course(s.case)
    if course is None or not course.under_way:
        return []
    if (session_day(s.case) - course.first).days >= _number(s, "first-weeks-days"):
        return []
    return [past for past in _given(s) if past.when is not None and past.when >= course.first]


def _number(s: Situation, parameter: str) -> Decimal:
    return s.case.knowledge.parameters[parameter].value


def _sources(sessions: list[KetamineSession]) -> tuple[str, ...]:
    return tuple(ref for past in sessions for ref in past.source)


def _days(sessions: list[KetamineSession]) -> set[date | None]:
    """A session is on record once, or as administration and procedure of one day."""
    return {past.when for past in sessions}


def _low_total(s: Situation) -> Iterator[Finding]:
    """E21: for information, below the amount and time of the chronic-pain guideline."""
    if not s.therapy or s.indicated.families != {"chronic_pain"} or not s.by_vein:
        return
    n = s.check("low-total").numbers
    if s.amounts.given != "infusion":
        return
    total, minutes = s.amounts.total_mg, s.within
    low = total is not None and total < n["below_mg"]
    short = minutes is not None and minutes < n["below_min"]
    if low or short:
        params = {
            "dose": shown(total, 2),
            "minutes": shown(minutes, 1),
            "below_mg": n["below_mg"],
            "below_min": n["below_min"],
        }
        yield speak(s, "order-low-total", [s.check("low-total")], "info", params)


def _esketamine_dose(s: Situation) -> Iterator[Finding]:
    """O6: there are devices of 28 mg, and labelled doses of two or three."""
    if s.order.route not in (None, "intranasal") or s.per_kg:
        return
    n = s.check("esketamine-dose").numbers
    ordered = [d for d in (s.amounts.dose_mg_low, s.amounts.dose_mg) if d is not None]
    labelled = {n["mid_mg"], n["high_mg"]}
    if _low_dose_allowed(s, n["low_from_age"], n["mid_mg"]):
        labelled.add(n["low_mg"])
    wrong = [d for d in ordered if d not in labelled]
    if wrong:
        params = {"dose": shown(wrong[0], 2), "labelled": sorted(labelled)}
        yield speak(s, "order-esketamine-dose", [s.check("esketamine-dose")], "critical", params)


def _low_dose_allowed(s: Situation, from_age: Decimal, mid: Decimal) -> bool:
    """28 mg: the EU label from 65 on, or a step down from a larger dose."""
    person = s.case.history.person
    if s.case.site.jurisdiction == "eu" and person.aged_at_least(from_age):
        return True
    return any(
        past.drug == "esketamine"
        and _was_given(past)
        and past.dose is not None
        and past.dose.unit == "mg"
        and past.dose.value >= mid
        for past in s.case.history.ketamine_sessions
    )


def _esketamine_week(s: Situation) -> Iterator[Finding]:
    """O7"""
    n = s.check("esketamine-week").numbers
    weekly, dose = s.order.sessions_per_week, s.amounts.dose_mg
    before: list[KetamineSession] = []
    if _is_one_more(s):
        before = _in_last_week(s)
        weekly = Decimal(1 + len(_days(before)))
    if weekly is None:
        return
    amount = weekly * dose if dose is not None else None
    if before and dose is not None:
        amount = dose + sum((_milligrams(past) for past in before), Decimal(0))
    if weekly > n["max_per_week"] or (amount is not None and amount > n["max_mg_per_week"]):
        params = {
            "per_week": shown(weekly, 1),
            "amount": shown(amount, 0),
            "max_per_week": n["max_per_week"],
            "max_mg": n["max_mg_per_week"],
            "with_past": bool(before),
        }
        facts = [s.check("esketamine-week")]
        yield speak(s, "order-esketamine-week", facts, "critical", params, source=_sources(before))


def _milligrams(past: KetamineSession) -> Decimal:
    """0 where the record does not say: never more than what is known to be given."""
    return past.dose.value if past.dose is not None and past.dose.unit == "mg" else Decimal(0)


def _esketamine_long(s: Situation) -> Iterator[Finding]:
    """O8: for acute suicidality the label ends at four weeks."""
    if not s.order.reason_sets & SUICIDALITY_SETS:
        return
    n = s.check("esketamine-long").numbers
    order = s.order
    weeks = order.course_weeks
    if weeks is None and order.course_end is not None:
        start = order.course_start or s.case.as_of
        weeks = Decimal((order.course_end - start).days) / 7
    too_long = weeks is not None and weeks > n["max_weeks"]
    too_many = order.sessions is not None and order.sessions > n["max_sessions"]
    if too_long or too_many:
        params = {
            "weeks": shown(weeks, 1),
            "sessions": order.sessions,
            "max_weeks": n["max_weeks"],
        }
        yield speak(s, "order-esketamine-long", [s.check("esketamine-long")], "warning", params)
