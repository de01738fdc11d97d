"""Stop, keep on, or review: what the response says about the next session."""

from __future__ import annotations

from collections.abc import Iterator

from cds.assessment.case import Case
from cds.assessment.course.progress import Progress, depression
from cds.assessment.course.sessions import Course, number, session_day
from cds.assessment.course.spoken import spoken
from cds.assessment.course.state import shown
from cds.assessment.grounds import grounds
from cds.assessment.model import Finding, Severity
from cds.assessment.purpose import purposes
from cds.knowledge.model.response import ResponseRule


def stopping(case: Case, course: Course, found: tuple[Progress, ...]) -> Iterator[Finding]:
    """Rules R19 to R21 (E1 to E3), loss of response, and repeats without a response in pain."""
    yield from _lost(case, course, found)
    if "psychiatric" in purposes(case):
        scored = depression(case, found)
        yield from _after_four(case, course, scored)
        if course.drug == "esketamine" and course.under_way:
            yield from _esketamine(case, course, scored)
    if "psychiatric" not in purposes(case):
        yield from _repeat(case, course, found)


def _after_four(case: Case, course: Course, scored: Progress | None) -> Iterator[Finding]:
    """Racemic infusions only: with esketamine, late responders are common."""
    rule = case.knowledge.response["stop-after-four"]
    if course.drug != rule.drug or scored is None:
        return
    before = course.infusions_before(scored.score_when)
    if before < (rule.after_sessions or 0):
        if course.under_way and course.infusions_before(session_day(case)) >= (
            rule.after_sessions or 0
        ):
            yield _finding(case, course, "course-score-due", rule, "info", scored)
    elif rule.fall_percent is not None and scored.fall < rule.fall_percent:
        yield _finding(case, course, "course-stop", rule, "warning", scored, sessions=before)


def _esketamine(case: Case, course: Course, scored: Progress | None) -> Iterator[Finding]:
    day = (case.as_of - course.first).days
    early = case.knowledge.response["esketamine-early"]
    review = case.knowledge.response["esketamine-week-4"]
    if day >= (review.from_day or 0):
        if scored is None:
            yield _finding(case, course, "course-esketamine-no-evidence", review, "warning", None)
        elif review.fall_percent is not None and scored.fall < review.fall_percent:
            yield _finding(case, course, "course-esketamine-no-benefit", review, "warning", scored)
    elif day >= (early.from_day or 0) and scored is not None and not scored.responded:
        yield _finding(case, course, "course-esketamine-early", early, "info", scored, day=day)


def _lost(case: Case, course: Course, found: tuple[Progress, ...]) -> Iterator[Finding]:
    """There was a response in this course, and the last score is no longer one."""
    main = found[0] if found else None
    if main is None or main.responded or not main.had_responded:
        return
    rules = [
        rule
        for rule in case.knowledge.response.values()
        if rule.kind in ("relapse", "maintenance")
        and rule.drug == course.drug
        and "psychiatric" in main.rule.purposes
    ] or [main.rule]
    yield Finding(
        id="course-response-lost",
        kind="course",
        severity="warning",
        params=shown(main) | {"drug": course.drug, "last": course.last,
                              "texts": tuple(rule.text for rule in rules if rule is not main.rule)},
        source=(*course.source, *main.source),
        grade=rules[0].grade,
        **grounds(rules),
    )  # fmt: skip


def _repeat(case: Case, course: Course, found: tuple[Progress, ...]) -> Iterator[Finding]:
    """In pain, treatment is repeated after a documented response only."""
    if case.drug != "ketamine":
        return
    if (session_day(case) - course.last).days < number(case, "pain-repeat-after"):
        return
    rule = case.knowledge.response["repeat-after-response"]
    if not found:
        yield _finding(case, course, "course-repeat-unknown", rule, "warning", None)
    elif rule.fall_percent is not None and max(p.best_fall for p in found) < rule.fall_percent:
        yield _finding(case, course, "course-repeat-without-response", rule, "warning", found[0])


def _finding(
    case: Case,
    course: Course,
    ident: str,
    rule: ResponseRule,
    severity: Severity,
    scored: Progress | None,
    **more: object,
) -> Finding:
    if scored is None:
        return spoken(case, course, ident, rule, severity, more)
    return spoken(case, course, ident, rule, severity, shown(scored) | more, scored.source)
