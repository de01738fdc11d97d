"""Is a trial long enough at a sufficient dose, and was the drug handed out?

Rules A1, A2, A3 and A5 go by dose and time alone; A6 looks at the dispenses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from cds.history.model.course import NEVER_STRICT, Doubt
from cds.history.model.trial import Adequacy, Adherence, Trial
from cds.history.trials.exposure import Exposure, in_weeks, per_day
from cds.knowledge.model.antidepressant_trials import AntidepressantDose
from cds.units import plain

_NOT_STRICT: dict[Doubt, str] = {
    "assumed": "a dose that is assumed is never strict",
    "beside": "never strict beside words that were not understood",
}


class Finding(Struct, frozen=True):
    """Adequacy with the rules that decided and the sentence that says why."""

    adequacy: Adequacy
    rules: tuple[str, ...]
    reason: str


def by_dose_and_time(row: AntidepressantDose, exposure: Exposure, too_short_days: int) -> Finding:
    """Rules A1, A2, A3 and A5; unknown where a missing dose or date could decide either way."""
    if row.course_days is not None:
        return _fixed_course(row, row.course_days, exposure)
    if not exposure.steps:
        return Finding("unknown", (), "no dates on record")
    strict, minimum = row.strict_daily_dose_mg, row.min_daily_dose_mg
    at_strict, at_minimum = exposure.time_at(strict), exposure.time_at(minimum)
    highest = exposure.highest_dose
    known = "" if exposure.dose_known_throughout else "known "
    tail = f"; highest {known}dose {per_day(highest, 'mg/d')}" if highest is not None else ""
    doubtful = [doubt for doubt in exposure.doubts if doubt in NEVER_STRICT]
    if at_strict.reaches(row.strict_weeks * 7) and not doubtful:
        return Finding(
            "strict",
            ("A1",),
            f"{in_weeks(at_strict.known)} at {per_day(strict, 'mg/d')} or more "
            f"({row.strict_weeks} needed){tail}",
        )
    if at_minimum.reaches(row.min_weeks * 7):
        stricter = f"the stricter bar is {per_day(strict, 'mg/d')} for {row.strict_weeks} weeks"
        why_not = _NOT_STRICT[doubtful[0]] if doubtful else stricter
        return Finding(
            "minimum",
            ("A2",),
            f"{in_weeks(at_minimum.known)} at {per_day(minimum, 'mg/d')} or more "
            f"({row.min_weeks} needed); {why_not}{tail}",
        )
    so_far = " so far" if exposure.ongoing else ""
    longest = exposure.time().most
    if longest is not None and longest < too_short_days:
        return Finding(
            "inadequate",
            ("A3",),
            f"too short: {in_weeks(longest)}{so_far}, {row.min_weeks} needed{tail}",
        )
    if _sleep_product(row, exposure):
        return Finding("inadequate", ("A5",), "dose below antidepressant range: a sleep dose")
    if at_minimum.reaches(row.min_weeks * 7) is None:
        what = "the end" if exposure.dose_known_throughout else "the daily dose"
        return Finding("unknown", (), f"{what} could not be told from the record{tail}")
    if at_minimum.known == 0 and highest is not None:
        top, bar = exposure.at_most, row.sleep_dose_mg
        sleep = top is not None and bar is not None and top <= bar
        return Finding(
            "inadequate",
            ("A5",),
            f"dose below antidepressant range: {how_high(exposure, highest)}, "
            f"{per_day(minimum, 'mg/d')} needed{' (a sleep or pain dose)' if sleep else ''}",
        )
    return Finding(
        "inadequate",
        ("A3",),
        f"too short at dose: {in_weeks(at_minimum.known)}{so_far} at "
        f"{per_day(minimum, 'mg/d')} or more, {row.min_weeks} needed{tail}",
    )


def _fixed_course(row: AntidepressantDose, days: int, exposure: Exposure) -> Finding:
    """It counts in no rule of weeks, done or not, so that nothing of it can be unknown there."""
    whole = exposure.time_at(row.min_daily_dose_mg).reaches(days) if exposure.steps else None
    done = {True: "completed", False: "not completed", None: "perhaps completed"}[whole]
    at_dose = f"{days} days at {per_day(row.min_daily_dose_mg, 'mg/d')} or more"
    return Finding("inadequate", (), f"a fixed course, {done} ({at_dose}): counted apart")


def how_high(exposure: Exposure, highest: Decimal) -> str:
    """`at most 25 mg/d`, and no such claim where a part of the doses is not known."""
    if exposure.at_most is None:
        return f"{per_day(highest, exposure.unit)} where it is known"
    return f"at most {per_day(exposure.at_most, exposure.unit)}"


def _sleep_product(row: AntidepressantDose, exposure: Exposure) -> bool:
    flagged = any(course.flags.intersection(row.sleep_flags) for course in exposure.courses)
    return flagged and exposure.highest_dose is None


def adherence_of(exposure: Exposure, coverage: Decimal) -> Adherence:
    """Rule A6: dispenses that cover too few days contradict the prescription, as do words."""
    if not_taken(exposure):
        return "contradicted"
    share = exposure.covered_by_dispenses()
    if share is not None:
        return "verified" if share >= coverage else "contradicted"
    return "verified" if exposure.administered() else "unverified"


def not_taken(exposure: Exposure) -> bool:
    """Whether the reason for stopping says that it was not taken, or for a few days only.

    The dates stay what they are: words lower the certainty of a trial, they do not delete it.
    """
    return any(course.stop_reason == "not_taken" for course in exposure.courses)


def why_contradicted(exposure: Exposure) -> str:
    """What speaks against its having been taken as ordered."""
    if not_taken(exposure):
        return "its reason for stopping says that it was not taken as ordered"
    share = plain(((exposure.covered_by_dispenses() or 0) * Decimal(100)).quantize(Decimal(1)))
    return f"dispenses cover {share} % of the days only"


def most_telling(found: Iterable[Trial], ranking: Sequence[Adequacy]) -> list[Trial]:
    """Trials of one drug, first the one that stands for it; `ranking` goes from best to worst."""
    return sorted(
        found,
        key=lambda t: (
            t.adequate,
            -ranking.index(t.adequacy),
            t.weeks_at_minimum or 0,
            t.start or date.min,
            t.source,
        ),
        reverse=True,
    )
