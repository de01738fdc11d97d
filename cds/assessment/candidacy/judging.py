"""The verdict on each indication, from the states of its criteria."""

from __future__ import annotations

from msgspec.structs import replace

from cds.assessment.candidacy.advice import next_steps, other_reading
from cds.assessment.candidacy.criteria import Judged, judge
from cds.assessment.candidacy.why import why
from cds.assessment.case import Case
from cds.assessment.diagnosis import is_reason, not_told
from cds.assessment.indicated import may_be_for
from cds.assessment.model import Candidacy, Criterion, Stance, State, Verdict
from cds.knowledge.model.criteria import Criterion as Asked
from cds.knowledge.model.indications import Indication

STRENGTH: tuple[Stance, ...] = (
    "supported", "labelled", "conditional", "perioperative", "icu_only", "weak", "investigational",
    "not_supported",
)  # fmt: skip
"""Stances, the best supported first."""

_UNSUPPORTED = ("not_supported", "investigational")


def candidacy(case: Case) -> tuple[Candidacy, ...]:
    """Every indication that the site has on, judged; best first.

    First what the order's reason names, then what is met, then by stance and id. What is unlikely
    to be meant or what nothing on record speaks for comes later, and what does not apply last.
    """
    absent = not_told(case)
    judged = []
    for indication in case.knowledge.indications.values():
        if indication.id in case.site.indications_off:
            continue
        applies = indication.applies
        if applies is None or applies.when in absent:  # by the order alone, or by one diagnosis
            judged.append(_not_applicable(indication))
        else:
            judged.append(_judged(indication, applies, case))
    return tuple(sorted(judged, key=_rank))


def _rank(judged: Candidacy) -> tuple[bool, bool, bool, bool, bool, int, str]:
    return (
        judged.verdict == "not_applicable",
        not judged.source,
        not judged.ordered_for,
        _unlikely(judged),
        judged.verdict != "met",
        STRENGTH.index(judged.stance),
        judged.indication,
    )


def _unlikely(judged: Candidacy) -> bool:
    """Of a diagnosis that stands for several things, this one is the least likely to be meant.

    Opioid dependence is a use disorder first; surgery under opioids or hyperalgesia only on proof.
    """
    if judged.stance in ("perioperative", "icu_only"):
        return judged.verdict != "met"
    return judged.stance == "weak" and judged.verdict == "not_met"


def _not_applicable(indication: Indication, source: tuple[str, ...] = ()) -> Candidacy:
    return Candidacy(
        indication=indication.id,
        basis=indication.basis,
        verdict="not_applicable",
        stance=indication.stance,
        source=source,
        grade=indication.grade,
        citations=indication.sources,
    )


def _judged(indication: Indication, asked: Asked, case: Case) -> Candidacy:
    applies = judge(asked.when, case)
    result = _not_applicable(indication, applies.source)
    if applies.state == "not_met" or applies.unread:
        return result
    criteria = (
        _as_criterion(asked, applies, gating=True),
        *(_as_criterion(c, judge(c.when, case), is_gating(c, case)) for c in indication.criteria),
    )
    verdict = _verdict(indication.stance, applies.state, criteria)
    if applies.state == "unknown" and not applies.source:
        verdict = "cannot_determine"  # nothing on record speaks for it that could be refused
    ordered_for = any(is_reason(test, case) for test in indication.conditions)
    return replace(
        result,
        verdict=verdict,
        criteria=criteria,
        next_steps=next_steps(indication, case, verdict, criteria),
        ordered_for=ordered_for,
        meant=ordered_for or may_be_for(indication, case),
        other_reading=other_reading(indication, case, verdict, criteria),
    )


def is_gating(criterion: Asked, case: Case) -> bool:
    """Whether the verdict rests on it: by the knowledge, or by a switch of the site."""
    switch = criterion.gating_setting
    return criterion.gating or (switch is not None and bool(getattr(case.site, switch)))


def _as_criterion(criterion: Asked, judged: Judged, gating: bool) -> Criterion:
    # that nobody knows of a disease is no reason to treat it
    steps = judged.state == "not_met" if criterion.asks_for_absence else judged.state != "met"
    return Criterion(
        id=criterion.id,
        basis=criterion.basis,
        state=judged.state,
        why=f"{criterion.label}: {why(judged.answer)}",
        source=judged.source,
        finding=criterion.finding if judged.state != "met" else None,
        next_step=criterion.next_step if steps else None,
        gating=gating,
    )


def _verdict(stance: Stance, applies: State, criteria: tuple[Criterion, ...]) -> Verdict:
    """No indication is refused for missing data alone: unknown stays open."""
    if applies == "unknown" and stance in _UNSUPPORTED:
        return "cannot_determine"
    if stance in _UNSUPPORTED:
        return "not_supported"
    states = {criterion.state for criterion in criteria if criterion.gating}
    if "not_met" in states:
        return "not_met"
    return "cannot_determine" if "unknown" in states else "met"
