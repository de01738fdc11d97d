"""How a trial ended: by scores before and at its end, else by the reason it was stopped for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from cds.allowance import check
from cds.chart.entries import Allergy, Result, Source
from cds.history.model.course import MedicationCourse
from cds.history.model.trial import Outcome
from cds.history.trials.exposure import Exposure
from cds.knowledge.model.parameters import Parameter
from cds.units import plain

DEPRESSION_SCALES = ("madrs_total", "hamd_total", "phq9_total", "qids_total")
"""In the order of trust: rated by a clinician before rated by the patient."""
PAIN_SCALES = ("pain_severity_nrs", "bpi_severity", "peg_mean")
_NAMES = {
    "madrs_total": "MADRS",
    "hamd_total": "HAM-D",
    "phq9_total": "PHQ-9",
    "qids_total": "QIDS",
    "pain_severity_nrs": "pain score",
    "bpi_severity": "BPI severity",
    "peg_mean": "PEG",
}
Use = Literal["mood", "pain"]
_KETAMINE = frozenset({"ketamine", "esketamine"})


class Verdict(Struct, frozen=True):
    """The outcome of a trial, with the rules that decided and what the reader should know."""

    outcome: Outcome
    basis: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


class Windows(Struct, frozen=True):
    """Which scores belong to a trial, and what a change means. Days, and percent improvement."""

    baseline_before: int
    baseline_after: int
    earliest: int
    after_end: int
    failed_below: Decimal
    responded_from: Decimal

    @classmethod
    def of(cls, parameters: Mapping[str, Parameter], scale: str = "trial") -> Windows:
        """The windows of the knowledge; `scale` is `trial` or `pain-trial`."""

        def days(name: str) -> int:
            return int(parameters[name].value)

        return cls(
            days("trial-baseline-before-days"),
            days("trial-baseline-after-days"),
            days("trial-response-earliest-days"),
            days("trial-response-after-end-days"),
            parameters[f"{scale}-failed-below-percent"].value,
            parameters[f"{scale}-responded-from-percent"].value,
        )


class Scores(Struct, frozen=True):
    """The scores of one scale, oldest first, with what they rest on."""

    scale: str
    days: tuple[date, ...]
    values: tuple[Decimal, ...]
    sources: tuple[Source, ...]


def scores_of(
    observations: Mapping[str, tuple[Result, ...]], scales: Sequence[str]
) -> tuple[Scores, ...]:
    """What each scale shows, those alone that have a score: in order once, for every trial."""
    found = []
    for scale in scales:
        scores = sorted(
            (fact.when, fact.value, fact.source)
            for fact in observations.get(scale, ())
            if fact.problem is None and fact.when is not None and fact.value is not None
        )
        if scores:
            days, values, sources = zip(*scores, strict=True)
            found.append(Scores(scale, days, values, sources))
    return tuple(found)


def by_scores(
    exposure: Exposure, scores: Iterable[Scores], windows: Windows, ketamine: Sequence[date] = ()
) -> Verdict | None:
    """The outcome by the first scale that has a score before and a later one; None without both.

    Scores taken after ketamine was given during the trial say nothing about the trial's drug.
    """
    for of_scale in scores:
        check()
        verdict = _by_scale(exposure, of_scale, windows, ketamine)
        if verdict is not None:
            return verdict
    return None


def _by_scale(
    exposure: Exposure, scores: Scores, windows: Windows, ketamine: Sequence[date]
) -> Verdict | None:
    first, last, days = exposure.start, exposure.last_day, scores.days
    if first is None or last is None:
        return None
    baseline = _baseline(days, first, windows)
    if baseline is None or scores.values[baseline] <= 0:
        return None
    until = last + timedelta(days=windows.after_end)
    spoilt = min((day for day in ketamine if days[baseline] < day <= until), default=None)
    begin = bisect_left(days, first + timedelta(days=windows.earliest))
    end = bisect_right(days, until)
    end = end if spoilt is None else min(end, bisect_left(days, spoilt))
    later = scores.values[begin:end]
    if not later:
        return None
    score = scores.values[baseline]
    changes = [(score - value) * 100 / score for value in later]
    told = (
        f"{_NAMES[scores.scale]} {plain(score)} ({days[baseline]})"
        f" to {plain(later[-1])} ({days[end - 1]}): {_change(changes[-1])}"
    )
    source = tuple(dict.fromkeys([*scores.sources[baseline], *scores.sources[end - 1]]))
    return _judged(changes, told, source, windows)


def _baseline(days: Sequence[date], first: date, windows: Windows) -> int | None:
    """The place of the score to compare with: the last before the drug, else the first with it."""
    begun = bisect_right(days, first)
    if begun and _days(days[begun - 1], first) <= windows.baseline_before:
        return begun - 1
    soon = first + timedelta(days=windows.baseline_after)
    return begun if begun < len(days) and days[begun] <= soon else None


def _judged(
    changes: Sequence[Decimal], told: str, source: tuple[str, ...], windows: Windows
) -> Verdict:
    final, best = changes[-1], max(changes)
    if final >= windows.responded_from:
        return Verdict("responded", ("A9",), (told,), source)
    if best >= windows.responded_from:
        lost = f"response lost again on the same drug, after {_change(best)}"
        return Verdict("responded", ("A9",), (told, lost), source)
    if final >= windows.failed_below:
        shown = "partial response: a failure where 50 % improvement is asked for"
        return Verdict("partial", ("A8",), (told, shown), source)
    return Verdict("failed", ("A7",), (told,), source)


def _change(percent: Decimal) -> str:
    size = f"{plain(abs(percent).quantize(Decimal(1)))} %"
    return f"{size} better" if percent > 0 else f"{size} worse" if percent < 0 else "no change"


def _days(earlier: date, later: date) -> int:
    return (later - earlier).days


_STOPPED = {
    "inefficacy": Verdict("failed", (), ("stopped because it did not work",)),
    "intolerance": Verdict("not_tolerated", ("A4",), ("stopped because it was not tolerated",)),
    "response": Verdict("responded", ("A9",), ("its reason for stopping says that it worked",)),
}


def by_stop_reason(exposure: Exposure, use: Use) -> Verdict | None:
    """The outcome that the reason for stopping names, where a trial ended.

    `use`: what the trial was for. What did not work for pain may have worked for the mood.
    """
    if exposure.ongoing is True:
        return None
    for course in sorted(exposure.courses, key=lambda c: c.end or date.min, reverse=True):
        if course.stop_reason in _STOPPED and course.stop_use in (None, use):
            return _STOPPED[course.stop_reason]
    return None


def not_tolerated(
    exposure: Exposure, ingredient: str, allergies: Iterable[Allergy], use: Use
) -> Verdict | None:
    """Evidence that the drug was stopped because it was not tolerated; None without any.

    An allergy or intolerance on record counts when the drug is no longer taken and the entry is
    not older than the trial.
    """
    if exposure.ongoing is True:
        return None
    stopped = by_stop_reason(exposure, use)
    if stopped is not None:
        return stopped if stopped.outcome == "not_tolerated" else None
    for allergy in allergies:
        older = allergy.recorded and exposure.start and allergy.recorded < exposure.start
        stands = allergy.active is not False and not allergy.unsaid
        if ingredient in allergy.ingredients and stands and not older:
            return Verdict(
                "not_tolerated", ("A4",), ("an intolerance to it is on record",), allergy.source
            )
    return None


def ketamine_days(
    courses: Iterable[MedicationCourse], given: Sequence[date] = ()
) -> tuple[date, ...]:
    """The days on which ketamine or esketamine was given or begun."""
    begun = (s.start for c in courses if c.ingredient in _KETAMINE for s in c.segments)
    return tuple(sorted({*begun, *given}))
