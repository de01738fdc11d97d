"""Steps that augmented an antidepressant: dose range, time, and an antidepressant beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from cds.chart.entries import Result
from cds.history.model.course import DOUBTS, MedicationCourse
from cds.history.model.trial import Adequacy, Trial
from cds.history.trials.adequacy import not_taken, why_contradicted
from cds.history.trials.antidepressant import UNSTATED, candidates, release_of
from cds.history.trials.exposure import Exposure, exposures, in_weeks, per_day, weeks
from cds.history.trials.regularity import alike, apart
from cds.knowledge.load import Knowledge
from cds.knowledge.model.augmentation import AugmentationDose
from cds.terminology.model import Certainty
from cds.units import UnitError, convert


def augmentation_trials(
    courses: Sequence[MedicationCourse],
    knowledge: Knowledge,
    as_of: date,
    observations: Mapping[str, tuple[Result, ...]] | None = None,
) -> tuple[Trial, ...]:
    """Every use of an augmentation agent, oldest first; those without a date last.

    A step is adequate (`minimum`) at the dose of its range for its weeks, with an antidepressant
    taken regularly at the same time. These drugs have other uses: without an antidepressant beside
    it, what it was for is unknown. `observations` serve lithium, which a serum level decides.
    """
    gap = int(knowledge.parameters["trial-restart-gap-days"].value)
    agents = {row.ingredient for row in knowledge.augmentation.values()}
    by_mouth = [c for c in courses if c.ingredient in agents and _by_mouth(c)]
    if not by_mouth:
        return ()
    antidepressants = [
        c.course
        for c in candidates(apart(courses), knowledge.antidepressant_trials.values())
        if c.course.as_needed is not True
    ]
    found = []
    for row in knowledge.augmentation.values():
        taken = [c for c in by_mouth if c.ingredient == row.ingredient]
        partners = [
            c
            for c in antidepressants
            if row.with_ingredient is None or c.ingredient == row.with_ingredient
        ]
        uses = (e for same in alike(taken) for e in exposures(same, row.unit, gap, as_of))
        for exposure in uses:
            beside = _days_beside(exposure, partners, as_of)
            if row.with_ingredient and not beside:
                continue  # the row is about the pair; the drug alone is none of its steps
            found.append(_step(row, exposure, beside, observations or {}))
    return tuple(sorted(found, key=lambda t: (t.start or date.max, t.ingredient)))


def _by_mouth(course: MedicationCourse) -> bool:
    return course.route == "oral" or course.route in UNSTATED


def _days_beside(exposure: Exposure, partners: Iterable[MedicationCourse], as_of: date) -> int:
    """The days of the exposure on which an antidepressant was on record too."""
    taken = _united((s.start, min(s.end, as_of)) for c in partners for s in c.segments)
    return sum(
        max((min(step.end, end) - max(step.start, start)).days, 0)
        for step in exposure.steps
        for start, end in taken
    )


def _united(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """The days of all spans, each once."""
    united: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(united[-1][1], end)
        elif start < end:
            united.append((start, end))
    return united


def _step(
    row: AugmentationDose,
    exposure: Exposure,
    beside: int,
    observations: Mapping[str, tuple[Result, ...]],
) -> Trial:
    adequacy, reason = _judged(row, exposure, beside, observations)
    if not_taken(exposure) and adequacy in ("strict", "minimum"):
        adequacy, reason = "unknown", f"{why_contradicted(exposure)}; otherwise {reason}"
    text = any(course.certainty is Certainty.TEXT for course in exposure.courses)
    highest = exposure.highest_dose
    above = highest is not None and row.max_daily_dose is not None and highest > row.max_daily_dose
    return Trial(
        ingredient=row.ingredient,
        drug_class=row.drug_class,
        start=exposure.start,
        end=exposure.end,
        max_daily_dose_mg=highest if row.unit == "mg/d" else None,
        weeks=weeks(exposure.time().known) if exposure.steps and exposure.end_known else None,
        weeks_at_minimum=weeks(exposure.time_at(row.min_daily_dose).known)
        if exposure.steps
        else None,
        adequacy=adequacy,
        adherence="unverified" if exposure.covered_by_dispenses() is None else "verified",
        outcome="unknown",
        reason=reason,
        basis=row.basis,
        source=exposure.source,
        group="augmentation",
        certainty=Certainty.TEXT if text else Certainty.CODE,
        remarks=(
            *(("above the range for augmentation",) if above else ()),
            *(DOUBTS[doubt] for doubt in exposure.doubts),
        ),
        ongoing=exposure.ongoing,
        phases=exposure.phases,
    )


def _judged(
    row: AugmentationDose,
    exposure: Exposure,
    beside: int,
    observations: Mapping[str, tuple[Result, ...]],
) -> tuple[Adequacy, str]:
    needed = row.min_weeks * 7
    if not exposure.steps:
        return "unknown", "no dates on record"
    if exposure.courses[0].as_needed is True:
        return "inadequate", "taken as needed, not regularly"
    longest = exposure.time().most
    if longest is not None and longest < needed:
        return "inadequate", f"too short: {in_weeks(longest)}, {row.min_weeks} needed"
    most = exposure.at_most
    if row.sleep_dose is not None and most is not None and most <= row.sleep_dose:
        return "inadequate", f"a sleep dose: at most {per_day(most, row.unit)}"
    if row.release == "extended" and any(
        release_of(course) != "extended" for course in exposure.courses
    ):
        return "unknown", "the range is known for the extended-release form only"
    if beside < needed:
        return "unknown", "no antidepressant on record beside it for that long"
    if row.level_kind is not None:
        return _by_level(row, exposure, observations)
    at_bar = exposure.time_at(row.min_daily_dose)
    enough = at_bar.reaches(needed)
    if enough is None:
        return "unknown", "the daily dose or the end could not be told from the record"
    bar = per_day(row.min_daily_dose, row.unit) if row.min_daily_dose is not None else "any dose"
    told = f"{in_weeks(at_bar.known)} at {bar} or more ({row.min_weeks} needed)"
    return ("minimum", told) if enough else ("inadequate", told)


def _by_level(
    row: AugmentationDose,
    exposure: Exposure,
    observations: Mapping[str, tuple[Result, ...]],
) -> tuple[Adequacy, str]:
    """A serum level decides: in range at least once, for want of a rule how often."""
    low, high, unit = row.level_low, row.level_high, row.level_unit
    if row.level_kind is None or low is None or high is None or unit is None:
        return "unknown", "no range in the knowledge"
    wanted = f"{low} to {high} {unit}"
    levels = [
        level
        for fact in observations.get(row.level_kind, ())
        if _during(exposure, fact) and (level := _level(fact, unit)) is not None
    ]
    if not levels:
        return "unknown", f"no serum level on record: {wanted} decides, not the dose"
    if row.level_strict is not None and any(row.level_strict <= level <= high for level in levels):
        return "strict", f"a serum level of {row.level_strict} to {high} {unit} on record"
    if any(low <= level <= high for level in levels):
        return "minimum", f"a serum level of {wanted} on record"
    if max(levels) < low:
        return "inadequate", f"no serum level reached {wanted}"
    return "unknown", f"serum levels outside {wanted} only"


def _during(exposure: Exposure, fact: Result) -> bool:
    start, last = exposure.start, exposure.last_day
    return bool(start and last and fact.when and start <= fact.when <= last)


def _level(fact: Result, unit: str) -> Decimal | None:
    if fact.problem is not None or fact.value is None or fact.unit is None:
        return None
    try:
        return convert(fact.value, fact.unit, unit)
    except UnitError:
        return None
