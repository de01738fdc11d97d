"""How a rating scale moved over a course.

The baseline is the last score in the 14 days before the first session (its own day included), else
the nearest earlier one up to 30 days before, named as old; else it is unknown. The current score is
the last one after the first session.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.course.sessions import Course, number
from cds.assessment.purpose import purposes
from cds.chart.entries import Result
from cds.knowledge.model.response import ResponseRule


class Progress(Struct, frozen=True):
    """One scale with a baseline and a score since."""

    rule: ResponseRule
    """the response rule of the scale"""
    baseline: Decimal
    baseline_when: date
    baseline_old: bool
    score: Decimal
    score_when: date
    fall: Decimal
    """percent of the baseline; negative when it rose"""
    best_fall: Decimal
    best_score: Decimal
    best_when: date
    source: tuple[str, ...]

    @property
    def scale(self) -> str:
        return self.rule.scale or ""

    @property
    def responded(self) -> bool:
        return self.fall >= _needed(self.rule)

    @property
    def had_responded(self) -> bool:
        return self.best_fall >= _needed(self.rule)


def progress_of(case: Case, course: Course) -> tuple[Progress, ...]:
    """Every scale of the purpose that can be compared; the most recently scored first."""
    meant = purposes(case)
    found = [
        progress
        for rule in case.knowledge.response.values()
        if rule.kind == "response" and meant & set(rule.purposes)
        and (progress := _progress(rule, case, course)) is not None
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda p: -p.score_when.toordinal()))


def depression(case: Case, found: tuple[Progress, ...]) -> Progress | None:
    """The most recent of the depression scales, which the stop rules were found for."""
    scales = case.knowledge.monitoring["depression-scale"].kinds
    return next((progress for progress in found if progress.scale in scales), None)


def _progress(rule: ResponseRule, case: Case, course: Course) -> Progress | None:
    scores = _scores(case, rule.scale or "")
    baseline = _baseline(scores, case, course)
    until = course.last + timedelta(days=number(case, "follow-up-window"))
    since = [s for s in scores if course.first < s[0] <= until]
    if baseline is None or baseline[1] <= 0 or not since:
        return None
    when, value, source = baseline
    now = max(since, key=lambda s: s[0])
    best = min(since, key=lambda s: (s[1], s[0]))
    return Progress(
        rule=rule,
        baseline=value,
        baseline_when=when,
        baseline_old=(course.first - when).days > number(case, "baseline-window"),
        score=now[1],
        score_when=now[0],
        fall=_fall(value, now[1]),
        best_fall=_fall(value, best[1]),
        best_score=best[1],
        best_when=best[0],
        source=tuple(dict.fromkeys((*source, *now[2]))),
    )


Score = tuple[date, Decimal, tuple[str, ...]]


def _scores(case: Case, scale: str) -> list[Score]:
    """Usable scores, newest first, one a day: the last that the day has."""
    days: dict[date, Score] = {}
    for fact in case.history.observations.get(scale, ()):
        if _is_usable(fact) and fact.when is not None and fact.value is not None:
            days.setdefault(fact.when, (fact.when, fact.value, fact.source))
    return list(days.values())


def _is_usable(fact: Result) -> bool:
    return fact.problem is None and not fact.preliminary


def _baseline(scores: list[Score], case: Case, course: Course) -> Score | None:
    wide = timedelta(days=number(case, "baseline-window-wide"))
    before = [s for s in scores if course.first - wide <= s[0] <= course.first]
    return max(before, key=lambda s: s[0], default=None)


def _fall(baseline: Decimal, score: Decimal) -> Decimal:
    return (baseline - score) * 100 / baseline


def _needed(rule: ResponseRule) -> Decimal:
    return rule.fall_percent if rule.fall_percent is not None else Decimal(100)
