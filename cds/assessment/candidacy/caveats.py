"""What turns a verdict that the criteria give: remission, a low score, another episode.

Each is an id of a wording with its parameters. The most decisive come first; `turns` marks those
over which a met verdict is none to act on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from cds.assessment.candidacy.named import how_over
from cds.assessment.case import Case
from cds.assessment.diagnosis import current, ever
from cds.assessment.model import Candidacy
from cds.assessment.remission import remission, says_remission
from cds.assessment.rules.of_trials import trials_answer
from cds.assessment.trials import tallied
from cds.assessment.underway import treatment_is_current
from cds.chart.entries import Result
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.predicates.treatment import AdequateTrials

BELOW_TRIALS = "but-score-below-trials"
SCALES: Mapping[str, str] = {
    "phq9_total": "PHQ-9", "madrs_total": "MADRS", "qids_total": "QIDS", "hamd_total": "HAM-D",
}  # fmt: skip
"""the depression scores that are read, with their names"""
_LEAST: Mapping[str, tuple[str, bool]] = {
    "phq9_total": ("phq9-below-trials", True),
    "madrs_total": ("madrs-above", False),
}
"""scale → the parameter with the least severity of the trials, and whether itself is enough"""


class Caveat(Struct, frozen=True):
    """One thing that turns a verdict."""

    id: str
    params: Mapping[str, object] = field(default_factory=dict)
    turns: bool = False
    """a met verdict is none to act on while this holds"""


def caveats(candidate: Candidacy, case: Case) -> tuple[Caveat, ...]:
    """What stands against the verdict on an indication, the most decisive first."""
    indication = case.knowledge.indications[candidate.indication]
    return (
        *_over(indication, candidate, case),
        *_low_score(indication, case),
        *_episode(indication, case),
        *_reason_alone(indication, candidate, case),
    )


def _over(indication: Indication, candidate: Candidacy, case: Case) -> Iterator[Caveat]:
    """Remission that is documented, by the order's own reason or on record; or a disease that is
    on record as past, and ordered for all the same."""
    if treatment_is_current(case):
        return
    reason = case.order.reason_sets if case.order is not None else frozenset[str]()
    text = case.order.reason_text if case.order is not None else ""
    for diagnosis in indication.diagnoses:
        test = diagnosis.test
        if test.ended_by and (reason & {*test.ended_by} or says_remission(text)):
            yield Caveat("but-reason-in-remission", turns=True)
        past = remission(test, case)
        if past is None and candidate.ordered_for and not current(test, case):
            past = next((f for f in reversed(ever(test, case)) if f.active is False), None)
        if past is not None:
            params = {"disease": diagnosis.disease, "how": how_over(past)}
            yield Caveat("but-over", params, turns=True)


def _low_score(indication: Indication, case: Case) -> Iterator[Caveat]:
    """The scores of the latest day; under treatment a low one is the aim."""
    if not any(test.ended_by for test in indication.conditions) or treatment_is_current(case):
        return
    scores = latest_scores(case)
    for score in scores:
        if is_remission(score, case):
            yield Caveat("but-score-in-remission", told(score), turns=True)
            return
    low = next((score for score in scores if _is_below_trials(score, case)), None)
    if low is not None:
        yield Caveat(BELOW_TRIALS, told(low))


def under_treatment(candidate: Candidacy, case: Case) -> Caveat | None:
    """Remission while a treatment with ketamine is under way: its aim, and no caveat."""
    indication = case.knowledge.indications[candidate.indication]
    remitting = [d for d in indication.diagnoses if d.test.ended_by]
    if not remitting or not treatment_is_current(case):
        return None
    for score in latest_scores(case):
        if is_remission(score, case):
            return Caveat("but-score-in-remission", told(score))
    for diagnosis in remitting:
        if (past := remission(diagnosis.test, case)) is not None:
            return Caveat("but-over", {"disease": diagnosis.disease, "how": how_over(past)})
    return None


def _is_below_trials(score: Result, case: Case) -> bool:
    parameter, enough = _LEAST.get(score.kind, ("", False))
    if not parameter or score.value is None:
        return False
    least = case.knowledge.parameters[parameter].value
    return score.value < least or (score.value == least and not enough)


def latest_scores(case: Case) -> tuple[Result, ...]:
    """The depression scores of the latest day that has one, if that is recent enough."""
    days = int(case.knowledge.parameters["severity-score-days"].value)
    found = [case.history.latest(scale, within_days=days) for scale in SCALES]
    scores = [score for score in found if score is not None and score.value is not None]
    newest = max((score.when for score in scores if score.when is not None), default=None)
    return tuple(score for score in scores if score.when == newest)


def is_remission(score: Result, case: Case) -> bool:
    """Whether a score lies in the range of remission of its scale."""
    rule = next(
        (
            rule
            for rule in case.knowledge.response.values()
            if rule.kind == "remission" and rule.main and rule.scale == score.kind
        ),
        None,
    )
    if rule is None or score.value is None:
        return False
    return rule.score_at_most is not None and score.value <= rule.score_at_most


def told(score: Result) -> Mapping[str, object]:
    return {"scale": SCALES[score.kind], "score": score.value, "when": score.when}


def _episode(indication: Indication, case: Case) -> Iterator[Caveat]:
    """Trials that count over the lifetime and not in the episode, where the site counts both."""
    gating = [c.when for c in indication.criteria if c.gating]
    counted = [asked for asked in gating if isinstance(asked, AdequateTrials)]
    if not counted or not case.site.lifetime_trials_count:
        return
    needed = counted[0].at_least or case.site.adequate_trials_required
    count = tallied(case, "episode")
    state = trials_answer(case, count, needed).state
    number = len(count.minimum)
    since = case.history.episode_start
    params = {
        "number": number,
        "needed": needed,
        "since": since,
        "eu": case.site.jurisdiction == "eu",
    }
    if state == "not_met":
        yield Caveat("but-earlier-episode", params, turns=number == 0)
    elif state == "unknown" and case.site.jurisdiction == "eu":
        yield Caveat("but-episode-unknown", params)


def _reason_alone(indication: Indication, candidate: Candidacy, case: Case) -> Iterator[Caveat]:
    """The diagnosis stands nowhere but in the order's reason, or on record as refuted too."""
    chronic = candidate.stance not in ("perioperative", "icu_only")
    if not candidate.ordered_for or not chronic or "conditions" not in case.history.answered:
        return
    if any(ever(test, case) or remission(test, case) for test in indication.conditions):
        return
    meant = frozenset(name for test in indication.conditions for name in test.sets)
    if any(entry.refuted & meant for entry in case.history.refuted):
        yield Caveat("but-refuted", turns=True)
    else:
        yield Caveat("but-reason-alone")
