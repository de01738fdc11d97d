"""Where the course stands: how many sessions, and how well it works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from cds.assessment.case import Case
from cds.assessment.course.progress import Progress
from cds.assessment.course.sessions import Course, session_day
from cds.assessment.grounds import grounds
from cds.assessment.model import Finding, Severity
from cds.assessment.purpose import purposes
from cds.knowledge.model.base import Fact
from cds.knowledge.model.response import ResponseRule

_TENTH = Decimal("0.1")
_COUNTED = {
    "medicationAdministrations": "administrations",
    "procedures": "procedures",
    "medicationDispenses": "dispenses",
}
"""what sessions are counted from: without one of them the count may be too low"""
_BACKGROUND: dict[str, tuple[str, ...]] = {
    "course-partial-response": ("expected",),
    "course-no-response": ("expected", "predictor", "onset"),
    "course-worse": ("predictor",),
}
"""kinds of rules that explain a state"""


def state(case: Case, course: Course, found: tuple[Progress, ...]) -> Iterator[Finding]:
    """The one finding that counts the sessions and names the response."""
    if not found:
        yield _unknown(case, course)
        return
    main = found[0]
    rules = _rules_met(case, found)
    ident = _verdict(main, rules)
    background = _background(case, course, ident)
    yield _finding(
        case,
        course,
        ident,
        basis=[*rules, *background],
        severity="info",
        source=tuple(dict.fromkeys(ref for p in found for ref in p.source)),
        params=shown(main)
        | {
            "others": tuple(shown(p) for p in found[1:]),
            "readings": tuple(rule.text for rule in rules if rule.scale == main.scale),
            "background": tuple(rule.text for rule in background),
        },
    )


def shown(progress: Progress) -> dict[str, object]:
    """A comparison for the wording: numbers and dates."""
    return {
        "scale": progress.rule.scale_name or progress.scale,
        "baseline": progress.baseline,
        "baseline_when": progress.baseline_when,
        "baseline_old": progress.baseline_old,
        "score": progress.score,
        "score_when": progress.score_when,
        "change": -progress.fall.quantize(_TENTH),
        "best": progress.best_score,
        "best_when": progress.best_when,
    }


def _rules_met(case: Case, found: Iterable[Progress]) -> list[ResponseRule]:
    """Response, remission and partial rules that hold, of every scale that can be compared."""
    met = []
    for progress in found:
        if progress.responded:
            met.append(progress.rule)
        met += [
            rule
            for rule in case.knowledge.response.values()
            if (rule.kind == "remission" and _remits(rule, progress))
            or (rule.kind == "partial" and _is_partial(rule, progress))
        ]
    return list({rule.id: rule for rule in met}.values())


def _remits(rule: ResponseRule, progress: Progress) -> bool:
    if rule.scale != progress.scale:
        return False
    if rule.score_below is not None:
        return progress.score < rule.score_below
    return rule.score_at_most is not None and progress.score <= rule.score_at_most


def _is_partial(rule: ResponseRule, progress: Progress) -> bool:
    low, high = rule.fall_percent, rule.fall_percent_below
    return bool(set(rule.purposes) & set(progress.rule.purposes)) and (
        low is not None and high is not None and low <= progress.fall < high
        and not progress.responded
    )  # fmt: skip


def _verdict(main: Progress, rules: Iterable[ResponseRule]) -> str:
    """The state by the main scale: remission, response, partial, none, or worse."""
    of_scale = [rule for rule in rules if rule.scale in (main.scale, None)]
    if any(rule.kind == "remission" and rule.main for rule in of_scale):
        return "course-remission"
    if main.responded:
        return "course-response"
    if any(_is_partial(rule, main) for rule in of_scale if rule.kind == "partial"):
        return "course-partial-response"
    return "course-worse" if main.fall < 0 else "course-no-response"


def _background(case: Case, course: Course, ident: str) -> list[ResponseRule]:
    """Facts worth a line with this state: what to expect, and what is no sign of it."""
    wanted = _BACKGROUND.get(ident, ())
    return [
        rule
        for rule in case.knowledge.response.values()
        if rule.kind in wanted
        and rule.drug in (None, course.drug)
        and "psychiatric" in rule.purposes and "psychiatric" in purposes(case)
    ]  # fmt: skip


def _unknown(case: Case, course: Course) -> Finding:
    """Sessions are on record and no scale can be compared. After four infusions that is late."""
    rule = case.knowledge.response["stop-after-four"]
    psychiatric = "psychiatric" in purposes(case)
    late = (
        psychiatric and course.drug == rule.drug and course.under_way
        and course.infusions_before(session_day(case)) >= (rule.after_sessions or 0)
    )  # fmt: skip
    return _finding(
        case,
        course,
        "course-response-unknown",
        basis=[case.knowledge.monitoring["scale-in-course"]] if psychiatric else [],
        severity="warning" if late else "info",
        source=(),
        params={"late": late, "seen": "observations" in case.history.answered},
    )


def _finding(
    case: Case,
    course: Course,
    ident: str,
    *,
    basis: Sequence[Fact],
    severity: Severity,
    source: tuple[str, ...],
    params: dict[str, object],
) -> Finding:
    planned = case.order.sessions if case.order else None
    return Finding(
        id=ident,
        kind="course",
        severity=severity,
        params=params
        | {
            "count": len(course.sessions),
            "planned": planned,
            "drug": course.drug,
            "unit": "session" if course.drug == "esketamine" else "infusion",
            "first": course.first,
            "last": course.last,
            "days_since": (case.as_of - course.last).days,
            "under_way": course.under_way,
            "undated": course.undated,
            "unseen": tuple(
                words for key, words in _COUNTED.items() if key not in case.history.answered
            ),
        },
        source=(*course.source, *source),
        grade=basis[0].grade if basis else None,
        **grounds(basis),
    )
