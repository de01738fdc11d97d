"""Pain, migraine and seizure treatment trials, each judged by the row of its group.

A drug may be a trial in several groups at once: amitriptyline is judged for neuropathic pain and
for migraine. There is one bar, so an adequate trial is `minimum`. Where no minimum time is
published, dose and time can't make a trial adequate, and it stays unknown. Drugs that were not
tolerated stand apart (`not_tolerated`): in pain they count as failed, in epilepsy they do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from cds.chart.entries import Allergy, Condition, Result
from cds.history.model.course import DOUBTS, MedicationCourse
from cds.history.model.trial import Adequacy, Trial
from cds.history.trials.adequacy import (
    adherence_of,
    how_high,
    most_telling,
    not_taken,
    why_contradicted,
)
from cds.history.trials.antidepressant import UNSTATED, release_of
from cds.history.trials.exposure import Exposure, exposures, in_weeks, per_day, weeks
from cds.history.trials.outcome import (
    PAIN_SCALES,
    Verdict,
    Windows,
    by_scores,
    by_stop_reason,
    ketamine_days,
    not_tolerated,
    scores_of,
)
from cds.history.trials.pain_doses import Bar, bar_of
from cds.history.trials.regularity import alike
from cds.history.trials.unscored import without_scores
from cds.knowledge.load import Knowledge
from cds.knowledge.model.pain_trials import PainTrialDose
from cds.terminology.model import Certainty

_RANKING: tuple[Adequacy, ...] = (
    "strict", "minimum", "not_tolerated", "unknown", "inadequate",
)  # fmt: skip
"""In pain a drug that was not tolerated has failed: it says more than an unknown."""
_NO_TIME = "no minimum time is published for this use"


def pain_trials(
    courses: Sequence[MedicationCourse],
    observations: Mapping[str, tuple[Result, ...]],
    conditions: Sequence[Condition],
    allergies: Sequence[Allergy],
    knowledge: Knowledge,
    as_of: date,
    *,
    ketamine_dates: Sequence[date] = (),
    scores_seen: bool = True,
) -> tuple[Trial, ...]:
    """One trial for each drug and group, oldest first; those without a date last.

    An allergy or intolerance to a drug of a group in which intolerance counts is a trial too, even
    where no course of the drug is on record. `scores_seen`: False where
    results were asked for and not had: a response may stand there.
    """
    gap = int(knowledge.parameters["trial-restart-gap-days"].value)
    within = int(knowledge.parameters["trial-replaced-within-days"].value)
    windows = Windows.of(knowledge.parameters, "pain-trial")
    weight_days = int(knowledge.parameters["pain-trial-weight-days"].value)
    coverage = knowledge.parameters["trial-dispense-coverage"].value
    ketamine = ketamine_days(courses, ketamine_dates)
    scores = scores_of(observations, PAIN_SCALES)
    by_ingredient: dict[str, list[MedicationCourse]] = {}
    for course in courses:
        by_ingredient.setdefault(course.ingredient, []).append(course)
    standing = frozenset[str]().union(*(fact.sets for fact in conditions))
    every: list[Trial] = []
    for row in knowledge.pain_trials.values():
        for ingredient in row.ingredients:
            known = by_ingredient.get(ingredient, ())
            for group in alike(c for c in known if _fits(c, ingredient, row, standing)):
                for exposure in exposures(
                    group,
                    row.unit,
                    gap,
                    as_of,
                    lasts_days=max(row.lasts_days, 1 if row.min_weeks == 0 else 0),
                    unit_names=row.unit_names,
                ):
                    bar = bar_of(row, exposure, observations, conditions, weight_days)
                    trial = _trial(row, ingredient, exposure, bar, allergies, coverage)
                    scored = by_scores(exposure, scores, windows, ketamine)
                    verdict = scored or by_stop_reason(exposure, "pain")
                    every.append(_with_outcome(trial, verdict))
    found: dict[tuple[str, str], list[Trial]] = {}
    for trial in every if scores_seen else without_scores(every, within):
        found.setdefault((trial.group, trial.ingredient), []).append(trial)
    for row, ingredient, allergy in _not_tolerated_only(knowledge, allergies, found):
        found[row.group, ingredient] = [_from_allergy(row, ingredient, allergy)]
    return tuple(
        sorted(
            (_best(trials) for trials in found.values()),
            key=lambda t: (t.start or date.max, t.group, t.ingredient),
        )
    )


def _fits(
    course: MedicationCourse, ingredient: str, row: PainTrialDose, standing: frozenset[str]
) -> bool:
    """Whether a course of the ingredient is one of the row. `standing`: the diagnoses' sets."""
    if course.flags.intersection(row.exclude_flags):
        return False
    if course.route not in row.routes and (course.route not in UNSTATED or row.needs_condition):
        return False
    if row.forms and not any(part in form.lower() for part in row.forms for form in course.forms):
        return False
    if row.release != "any" and ingredient == row.ingredients[0]:
        extended = release_of(course) == "extended"
        if extended is not (row.release == "extended"):
            return False
    if row.needs_condition:
        return bool((course.reason_sets | standing).intersection(row.needs_condition))
    return True


def _trial(
    row: PainTrialDose,
    ingredient: str,
    exposure: Exposure,
    bar: Bar,
    allergies: Iterable[Allergy],
    coverage: Decimal,
) -> Trial:
    adequacy, reason = _by_dose_and_time(row, exposure, bar)
    intolerance = not_tolerated(exposure, ingredient, allergies, "pain")
    if intolerance is not None and adequacy != "minimum":
        adequacy, reason = "not_tolerated", f"not tolerated ({intolerance.remarks[0]})"
    adherence = adherence_of(exposure, coverage)
    if not_taken(exposure) and adequacy == "minimum":
        adequacy, reason = "unknown", f"{why_contradicted(exposure)}; otherwise {reason}"
    elif adherence == "contradicted" and adequacy == "minimum" and not row.lasts_days:
        adequacy, reason = "unknown", f"dispenses cover too few of the days; otherwise {reason}"
    text = any(course.certainty is Certainty.TEXT for course in exposure.courses)
    known_end = bool(exposure.steps) and exposure.end_known
    return Trial(
        ingredient=ingredient,
        drug_class=row.drug_class,
        start=exposure.start,
        end=exposure.end,
        max_daily_dose_mg=exposure.highest_dose if row.unit == "mg/d" else None,
        weeks=weeks(exposure.time().known) if known_end else None,
        weeks_at_minimum=weeks(exposure.time_at(bar.usual).known) if exposure.steps else None,
        adequacy=adequacy,
        adherence=adherence,
        outcome="not_tolerated" if adequacy == "not_tolerated" else "unknown",
        reason=reason,
        basis=row.basis,
        source=tuple(
            dict.fromkeys([*exposure.source, *(intolerance.source if intolerance else ())])
        ),
        group=row.group,
        certainty=Certainty.TEXT if text else Certainty.CODE,
        remarks=_remarks(row, exposure, bar),
        ongoing=exposure.ongoing,
        phases=exposure.phases,
    )


def _by_dose_and_time(row: PainTrialDose, exposure: Exposure, bar: Bar) -> tuple[Adequacy, str]:
    if not exposure.steps:
        return "unknown", "no dates on record"
    if exposure.courses[0].as_needed is True:
        return "unknown", "taken as needed: how much of it is not known"
    if bar.problem is not None:
        return "unknown", bar.problem
    shown = "any dose" if bar.usual is None else f"{per_day(bar.usual, row.unit)} or more"
    at_bar = exposure.time_at(bar.usual)
    if row.min_weeks is None:
        if exposure.reached(bar.usual):
            return "unknown", f"reached {shown}; {_NO_TIME}"
        if at_bar.reaches(1) is None:
            return "unknown", f"whether the dose reached {shown} could not be told; {_NO_TIME}"
        return "inadequate", _too_low(row, exposure, bar)
    needed = max(row.min_weeks * 7, 1)
    enough = at_bar.reaches(needed)
    told = f"{in_weeks(at_bar.known)} at {shown} ({row.min_weeks} needed)"
    if row.min_weeks == 0:
        told = f"a loading dose of {shown.replace('/d', '')}"
    if enough:
        if row.strength_matters:
            return "unknown", f"{told}; weaker products exist, and the order does not tell"
        return "minimum", told
    if enough is None:
        return "unknown", "the daily dose or the end could not be told from the record"
    if bar.lowest is not None and exposure.time_at(bar.lowest).reaches(needed) is not False:
        return "unknown", f"{told}; lower doses may be enough at this kidney function"
    if at_bar.most is not None and at_bar.most > at_bar.known:
        return "inadequate", f"too short: {in_weeks(at_bar.most)} ({row.min_weeks} needed)"
    if at_bar.known == 0 and exposure.time().reaches(needed):
        return "inadequate", _too_low(row, exposure, bar)
    return "inadequate", f"too short: {told}"


def _too_low(row: PainTrialDose, exposure: Exposure, bar: Bar) -> str:
    highest = exposure.highest_dose
    at_most = "unknown" if highest is None else how_high(exposure, highest)
    usual = "" if bar.usual is None else f", {per_day(bar.usual, row.unit)} needed"
    return f"dose too low: {at_most}{usual}"


def _remarks(row: PainTrialDose, exposure: Exposure, bar: Bar) -> tuple[str, ...]:
    remarks = [*bar.remarks, *(DOUBTS[doubt] for doubt in exposure.doubts)]
    if row.proxy:
        remarks.append("a usual maintenance dose stands in: seizure freedom decides, not dose")
    if row.published_for and any(release_of(c) != "extended" for c in exposure.courses):
        remarks.append(f"the dose is published for {row.published_for}")
    if exposure.assumed_end:
        remarks.append("when it ended is an assumption")
    return tuple(remarks)


def _with_outcome(trial: Trial, verdict: Verdict | None) -> Trial:
    """The outcome beside adequacy; the rules A7 to A9 are of depression and are not cited here."""
    if verdict is None or trial.adequacy == "not_tolerated":
        return trial
    return replace(
        trial,
        outcome=verdict.outcome,
        remarks=(*trial.remarks, *verdict.remarks),
        basis=(*trial.basis, *(("pain:pain_response",) if verdict.source else ())),
        source=tuple(dict.fromkeys([*trial.source, *verdict.source])),
    )


def _best(found: Sequence[Trial]) -> Trial:
    """The trial that stands for a drug in its group; the others become remarks."""
    best, *others = most_telling(found, _RANKING)
    told = tuple(f"also taken from {t.start or 'an unknown day'}: counted once" for t in others)
    return replace(best, remarks=(*best.remarks, *told))


def _not_tolerated_only(
    knowledge: Knowledge,
    allergies: Iterable[Allergy],
    found: Mapping[tuple[str, str], object],
) -> list[tuple[PainTrialDose, str, Allergy]]:
    """Drugs that an allergy entry rules out, of which no course is on record."""
    current = [a for a in allergies if a.active is not False]
    return [
        (row, ingredient, allergy)
        for row in knowledge.pain_trials.values()
        if row.intolerance_counts
        for ingredient in row.ingredients
        if (row.group, ingredient) not in found
        for allergy in sorted(current, key=lambda a: a.source, reverse=True)
        if ingredient in allergy.ingredients
    ]


def _from_allergy(row: PainTrialDose, ingredient: str, allergy: Allergy) -> Trial:
    return Trial(
        ingredient=ingredient,
        drug_class=row.drug_class,
        start=None,
        end=None,
        max_daily_dose_mg=None,
        weeks=None,
        weeks_at_minimum=None,
        adequacy="not_tolerated",
        adherence="unverified",
        outcome="not_tolerated",
        reason="an allergy or intolerance is on record; no course of it is",
        basis=row.basis,
        source=allergy.source,
        group=row.group,
        certainty=allergy.certainty,
        ongoing=False,
    )
