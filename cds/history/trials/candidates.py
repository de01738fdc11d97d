"""Antidepressant trials: every one on record, and why it counts or does not.

Adequacy is about dose and time alone, in two tiers. Beside it stand adherence and outcome. One
ingredient is one trial, its best one; what could not be told is `unknown`, never "no trial".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.entries import Allergy, Condition, Result
from cds.history.model.course import DOUBTS, MedicationCourse
from cds.history.model.trial import Adequacy, Trial
from cds.history.trials.adequacy import (
    Finding,
    adherence_of,
    by_dose_and_time,
    most_telling,
    why_contradicted,
)
from cds.history.trials.antidepressant import DEPRESSION, Candidate, candidates
from cds.history.trials.augmentation import augmentation_trials
from cds.history.trials.exposure import Exposure, exposures, per_day, weeks
from cds.history.trials.outcome import (
    DEPRESSION_SCALES,
    Scores,
    Verdict,
    Windows,
    by_scores,
    by_stop_reason,
    ketamine_days,
    not_tolerated,
    scores_of,
)
from cds.history.trials.regularity import apart
from cds.history.trials.unscored import without_scores
from cds.knowledge.load import Knowledge
from cds.knowledge.model.antidepressant_trials import AntidepressantDose
from cds.terminology.model import Certainty

__all__ = ["adequate_trials", "antidepressant_trials", "augmentation_trials"]

_RANKING: tuple[Adequacy, ...] = (
    "strict", "minimum", "unknown", "not_tolerated", "inadequate",
)  # fmt: skip
_ENOUGH = frozenset({"strict", "minimum"})
_BARS = {
    "recalled": "the dose that makes a trial of it was recalled, and read in no source",
    "proposal": "the dose that makes a trial of it is a default of this project",
}
_NOT_FOR_CERTAIN = "the indication is not on the order, and the record has {what}"


class _Chart(Struct, frozen=True):
    """What the trials are judged by."""

    scores: Sequence[Scores]
    conditions: Sequence[Condition]
    allergies: Sequence[Allergy]
    episode_start: date | None
    windows: Windows
    too_short_days: int
    coverage: Decimal
    ketamine: Sequence[date]
    older: bool


def antidepressant_trials(
    courses: Sequence[MedicationCourse],
    observations: Mapping[str, tuple[Result, ...]],
    conditions: Sequence[Condition],
    allergies: Sequence[Allergy],
    episode_start: date | None,
    knowledge: Knowledge,
    as_of: date,
    *,
    age: int | None = None,
    ketamine_dates: Sequence[date] = (),
    scores_seen: bool = True,
) -> tuple[Trial, ...]:
    """One trial for each antidepressant on record, oldest first; those without a date last.

    `ketamine_dates`: days of past ketamine sessions, whose effect is not the antidepressant's.
    `scores_seen`: False where results were asked for and not had: a response may stand there.
    """
    numbers = knowledge.parameters
    chart = _Chart(
        scores_of(observations, DEPRESSION_SCALES),
        conditions,
        allergies,
        episode_start,
        Windows.of(numbers),
        int(numbers["trial-too-short-days"].value),
        numbers["trial-dispense-coverage"].value,
        ketamine_days(courses, ketamine_dates),
        age is not None and age > numbers["trial-older-adult-years"].value,
    )
    gap = int(numbers["trial-restart-gap-days"].value)
    within = int(numbers["trial-replaced-within-days"].value)
    found = [
        _trial(group[0], exposure, chart)
        for group in _alike(candidates(apart(courses), knowledge.antidepressant_trials.values()))
        for exposure in exposures([c.course for c in group], "mg/d", gap, as_of)
    ]
    by_name: dict[str, list[Trial]] = {}
    for trial in found if scores_seen else without_scores(found, within):
        by_name.setdefault(trial.ingredient, []).append(trial)
    trials = [_best(group) for group in by_name.values()]
    return tuple(
        sorted(
            _with_pairs(trials, knowledge.antidepressant_trials.values()),
            key=lambda t: (t.start or date.max, t.ingredient),
        )
    )


def adequate_trials(trials: Iterable[Trial]) -> tuple[int, int, tuple[str, ...]]:
    """(strict, minimum, classes) of the trials that were adequate and not answered by a response.

    `minimum` includes `strict`; classes are sorted.
    """
    counted = [trial for trial in trials if trial.adequate]
    strict = sum(trial.adequacy == "strict" for trial in counted)
    return strict, len(counted), tuple(sorted({trial.drug_class for trial in counted}))


def _alike(found: Sequence[Candidate]) -> list[list[Candidate]]:
    """Courses that one line of time can hold: same drug, same row, same standing."""
    groups: dict[tuple[object, ...], list[Candidate]] = {}
    for c in found:
        prn = c.course.as_needed is True
        key = (c.name, c.row and c.row.id, c.excluded, c.unjudged, prn)
        groups.setdefault(key, []).append(c)
    return list(groups.values())


def _trial(candidate: Candidate, exposure: Exposure, chart: _Chart) -> Trial:
    row = candidate.row
    finding = _finding(candidate, exposure, chart)
    intolerance = not_tolerated(exposure, candidate.course.ingredient, chart.allergies, "mood")
    if finding.adequacy not in ("strict", "minimum") and intolerance and not candidate.excluded:
        reason = f"not tolerated ({intolerance.remarks[0]}); {finding.reason}"
        finding = Finding("not_tolerated", ("A4",), reason)
    adherence = adherence_of(exposure, chart.coverage)
    if adherence == "contradicted" and finding.adequacy in ("strict", "minimum"):
        reason = f"{why_contradicted(exposure)}; otherwise {finding.reason}"
        finding = Finding("unknown", ("A6", *finding.rules), reason)
    outcome = _outcome(finding, exposure, chart, intolerance) if not candidate.excluded else None
    rules = [*finding.rules, *(["A6"] if adherence != "verified" else [])]
    rules += outcome.basis if outcome else ()
    return Trial(
        ingredient=candidate.name,
        drug_class=candidate.drug_class,
        start=exposure.start,
        end=exposure.end,
        max_daily_dose_mg=exposure.highest_dose,
        weeks=weeks(exposure.time().known) if exposure.steps and exposure.end_known else None,
        weeks_at_minimum=_weeks_at(exposure, row),
        adequacy=finding.adequacy,
        adherence=adherence,
        outcome=outcome.outcome if outcome else "unknown",
        reason=finding.reason,
        basis=(*(f"psy:{rule}" for rule in dict.fromkeys(rules)), *(row.basis if row else ())),
        source=tuple(dict.fromkeys([*exposure.source, *(outcome.source if outcome else ())])),
        in_current_episode=_in_episode(exposure, chart.episode_start),
        certainty=_certainty(exposure),
        remarks=(
            *_remarks(candidate, exposure, chart, finding),
            *(outcome.remarks if outcome else ()),
        ),
        ongoing=exposure.ongoing,
        phases=exposure.phases,
        assumed_dose="assumed" in exposure.doubts,
        bar_unread=row is not None and not row.verified and finding.adequacy in _ENOUGH,
        fixed_course=row is not None and row.course_days is not None,
    )


def _finding(candidate: Candidate, exposure: Exposure, chart: _Chart) -> Finding:
    if candidate.excluded:
        return Finding("inadequate", ("A5",), f"not an antidepressant trial: {candidate.excluded}")
    if exposure.courses[0].as_needed is True:
        return Finding("inadequate", ("A5",), "taken as needed, not regularly")
    if candidate.row is None or candidate.unjudged:
        return Finding("unknown", (), candidate.unjudged or "")
    return by_dose_and_time(candidate.row, exposure, chart.too_short_days)


def _outcome(
    finding: Finding, exposure: Exposure, chart: _Chart, intolerance: Verdict | None
) -> Verdict | None:
    if finding.adequacy == "not_tolerated":
        return Verdict("not_tolerated", (), (), intolerance.source if intolerance else ())
    scored = by_scores(exposure, chart.scores, chart.windows, chart.ketamine)
    return scored or by_stop_reason(exposure, "mood") or intolerance


def _in_episode(exposure: Exposure, episode_start: date | None) -> bool | None:
    if episode_start is None or exposure.start is None:
        return None
    if exposure.start >= episode_start or exposure.ongoing:
        return True
    if exposure.end is None:
        return None
    return exposure.end > episode_start


def _certainty(exposure: Exposure) -> Certainty:
    by_text = any(course.certainty is Certainty.TEXT for course in exposure.courses)
    return Certainty.TEXT if by_text else Certainty.CODE


def _weeks_at(exposure: Exposure, row: AntidepressantDose | None) -> Decimal | None:
    if row is None or not exposure.steps:
        return None
    span = exposure.time_at(row.min_daily_dose_mg)
    return weeks(span.known) if span.known == span.most or span.known else None


def _remarks(
    candidate: Candidate, exposure: Exposure, chart: _Chart, finding: Finding
) -> list[str]:
    remarks = [DOUBTS[doubt] for doubt in exposure.doubts]
    row = candidate.row
    if exposure.assumed_end:
        remarks.append("when it ended is an assumption")
    if row is None or candidate.excluded:
        return remarks
    reasons = frozenset().union(*(course.reason_sets for course in exposure.courses))
    other = sorted(reason.replace("_", " ") for reason in reasons.intersection(row.other_uses))
    if other and not reasons.intersection(DEPRESSION):
        remarks.append(f"ordered for {', '.join(other)}, not for depression; the dose counts")
    remarks += _low_dose(row, exposure.highest_dose, chart.older, finding)
    if not row.verified and finding.adequacy in _ENOUGH:
        remarks.append(_BARS[row.status])
    if row.excluded_reasons and not reasons:
        found = sorted(
            {s for c in chart.conditions if c.active is not False for s in c.sets}
            & {*row.excluded_reasons}
        )
        remarks += [_NOT_FOR_CERTAIN.format(what=s.replace("_", " ")) for s in found]
    return remarks


def _low_dose(
    row: AntidepressantDose, highest: Decimal | None, older: bool, finding: Finding
) -> list[str]:
    """What may be said for a dose below the bar; it stays below all the same."""
    if highest is None or highest >= row.min_daily_dose_mg or finding.adequacy != "inadequate":
        return []
    remarks = []
    if row.borderline_dose_mg is not None and highest >= row.borderline_dose_mg:
        accepted = per_day(row.borderline_dose_mg, "mg/d")
        remarks.append(f"borderline: {row.borderline_because} {accepted}")
    if older:
        remarks.append("the dose may have been limited by age")
    return remarks


def _best(found: Sequence[Trial]) -> Trial:
    """The trial that stands for an ingredient; the others become remarks (rule A10)."""
    best, *others = most_telling(found, _RANKING)
    if not others:
        return best
    told = [f"also taken {_when(t)} ({t.adequacy.replace('_', ' ')}): counted once" for t in others]
    now = any(t.adequate and t.in_current_episode for t in others)
    episode = True if best.adequate and now else best.in_current_episode
    if episode is False and any(t.unscored and t.in_current_episode is not False for t in others):
        episode = None  # it may have failed there as well
    if best.adequate and now and not best.in_current_episode:
        told.append("the adequate time in the current episode is another one than shown")
    return replace(
        best,
        in_current_episode=episode,
        remarks=(*best.remarks, *told),
        basis=_with_rule(best.basis, "psy:A10"),
        source=tuple(dict.fromkeys([*best.source, *(s for t in others for s in t.source)])),
    )


def _with_pairs(trials: Sequence[Trial], rows: Iterable[AntidepressantDose]) -> list[Trial]:
    """A remark on two trials that are an enantiomer or metabolite pair: both count."""
    there = {trial.ingredient for trial in trials}
    partner: dict[str, str] = {}
    for row in rows:
        if row.pair_of in there and row.name in there:
            partner |= {row.name: row.pair_of, row.pair_of: row.name}
    return [
        replace(
            trial,
            remarks=(*trial.remarks, f"closely related to {partner[trial.ingredient]}; both count"),
            basis=_with_rule(trial.basis, "psy:A10"),
        )
        if trial.ingredient in partner
        else trial
        for trial in trials
    ]


def _with_rule(basis: tuple[str, ...], rule: str) -> tuple[str, ...]:
    rules = [entry for entry in basis if "/" not in entry]
    return tuple(dict.fromkeys([*rules, rule, *basis]))


def _when(trial: Trial) -> str:
    if trial.start is None:
        return "without a date"
    return f"{trial.start} to {trial.end}" if trial.end else f"from {trial.start}"
