"""When the next session may come, is late, or is needed again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.course.progress import Progress
from cds.assessment.course.sessions import Course, number, session_day
from cds.assessment.course.spoken import spoken
from cds.assessment.model import Finding
from cds.assessment.purpose import purposes
from cds.knowledge.model.response import ResponseRule

_WEEK = timedelta(days=7)


def timing(case: Case, course: Course, found: tuple[Progress, ...]) -> Iterator[Finding]:
    """Spacing, maintenance and the fading of the effect: psychiatric treatment only.

    In pain, the checks of the order judge open-ended and too frequent courses.
    """
    if "psychiatric" not in purposes(case):
        return
    lapse = _lapse(case, course)
    if course.under_way:
        yield from _too_early(case, course)
        yield from () if lapse else _late(case, course)
        yield from _maintenance(case, course)
    yield from lapse
    yield from _fading(case, course, found)


def _lapse(case: Case, course: Course) -> tuple[Finding, ...]:
    """An order after so long a pause that it may begin anew: whether it does has to be asked.

    No dose stands beside the question: anew it is the first one, else the one that was reached.
    """
    pause = (session_day(case) - course.last).days
    rule = _lapse_rule(case, course)
    if case.drug != course.drug or rule is None or pause <= (rule.late_after_days or 0):
        return ()
    asked = spoken(case, course, "course-lapse", rule, "info", {"pause": pause})
    return (replace(asked, stops_dose=True),)


def _lapse_rule(case: Case, course: Course) -> ResponseRule | None:
    rules = case.knowledge.response.values()
    return next((rule for rule in rules if rule.kind == "lapse" and rule.drug == course.drug), None)


def _phase(case: Case, course: Course, day: int) -> ResponseRule | None:
    """The spacing rule of a day of the course, counted from its first session."""
    for rule in case.knowledge.response.values():
        if (
            rule.kind == "spacing" and rule.drug == course.drug
            and (rule.from_day or 0) <= day and (rule.to_day is None or day < rule.to_day)
        ):  # fmt: skip
            return rule
    return None


def _too_early(case: Case, course: Course) -> Iterator[Finding]:
    """An order for a day on which the week already has its sessions."""
    if case.drug != course.drug:
        return
    day = session_day(case)
    rule = _phase(case, course, (day - _begun_anew(case, course)).days)
    if rule is None or rule.per_week is None:
        return
    week = [when for when in course.days if day - _WEEK < when <= day]
    full = len(week) >= rule.per_week
    if full or course.days[-1] == day:
        free = week[-rule.per_week] + _WEEK if full else day + timedelta(days=1)
        yield spoken(
            case, course, "course-too-early", rule, "warning",
            {"day": day, "in_week": len(week), "per_week": rule.per_week, "free": free,
             "same_day": course.days[-1] == day},
        )  # fmt: skip


def _begun_anew(case: Case, course: Course) -> date:
    """The first session, or the one after the last lapse: twice a week is no excess then."""
    rule, begun = _lapse_rule(case, course), course.first
    if rule is not None and rule.late_after_days is not None:
        for before, day in pairwise(course.days):
            begun = day if (day - before).days > rule.late_after_days else begun
    return begun


def _late(case: Case, course: Course) -> Iterator[Finding]:
    rule = _phase(case, course, (case.as_of - course.first).days)
    pause = (case.as_of - course.last).days
    if rule is None or rule.late_after_days is None or pause <= rule.late_after_days:
        return
    if course.drug == "ketamine" and len(course.sessions) >= _full_series(case):
        return  # the series is complete
    params = {"pause": pause, "when_late": rule.when_late}
    yield spoken(case, course, "course-late", rule, "info", params)


def _full_series(case: Case) -> int:
    return case.knowledge.response["offset-series"].after_sessions or 0


def _maintenance(case: Case, course: Course) -> Iterator[Finding]:
    for rule in case.knowledge.response.values():
        if rule.kind != "maintenance" or rule.drug != course.drug:
            continue
        by_day = rule.from_day is not None and ((case.as_of - course.first).days >= rule.from_day)
        by_count = rule.after_sessions is not None and len(course.sessions) >= rule.after_sessions
        if by_day or by_count:
            yield spoken(case, course, "course-maintenance", rule, "info", {})


def _fading(case: Case, course: Course, found: tuple[Progress, ...]) -> Iterator[Finding]:
    """The time at which a racemic effect is usually gone; not for one that never came."""
    pause = (case.as_of - course.last).days
    if pause > number(case, "follow-up-window") or (found and not found[0].had_responded):
        return
    ill_with = {name for fact in case.history.conditions_in(*_sets(case), active=True)
                for name in fact.sets}  # fmt: skip
    for rule in case.knowledge.response.values():
        if rule.kind != "offset" or rule.drug != course.drug or rule.fades_after_days is None:
            continue
        if rule.condition_sets and not ill_with & set(rule.condition_sets):
            continue
        single = rule.after_sessions == 1
        fits = (
            len(course.sessions) == 1
            if single
            else (len(course.sessions) >= (rule.after_sessions or 0))
        )
        if fits and pause >= rule.fades_after_days:
            yield spoken(case, course, "course-fading", rule, "info", {"pause": pause})
            return


def _sets(case: Case) -> tuple[str, ...]:
    return tuple(name for rule in case.knowledge.response.values() for name in rule.condition_sets)
