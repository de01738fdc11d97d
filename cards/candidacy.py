"""The candidacy card: for which indication, on what evidence, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cards.evidence import in_words
from cards.headlines import summary_of
from cards.lines import Line, line
from cards.model import Card
from cards.parts import lines_of
from cards.words import say
from cds.assessment.candidacy import (
    Headline,
    candidacy_params,
    candidacy_wording,
    headline,
    line_of,
)
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy, Criterion
from cds.knowledge.load import Knowledge


def candidacy_card(assessment: Assessment, case: Case) -> Card | None:
    """The indication that the order is for, or why there is none. None outside therapy."""
    if not assessment.infusion_therapy or not assessment.candidacy:
        return None
    head = headline(assessment.candidacy, case)
    about = head.candidate
    told = about or assessment.candidacy[0]
    others = _others(assessment.candidacy, about, case.knowledge)
    return Card(
        kind="candidacy",
        summary=summary_of(head),
        indicator="info" if head.settled else "warning",
        lines=(*_lines(head, case), *others),
        rules=(f"candidacy:{told.indication}:{told.verdict}",),
        order=case.order.ref if case.order else None,
    )


def candidacy_text(judged: Candidacy, case: Case) -> tuple[str, tuple[Line, ...]]:
    """Summary and lines of one indication."""
    head = line_of(judged, case)
    return summary_of(head), _lines(head, case)


def _lines(head: Headline, case: Case) -> tuple[Line, ...]:
    judged = head.candidate
    if judged is None:
        return lines_of(say(head.id, {"beside": "", **head.params}))
    params: dict[str, Any] = dict(candidacy_params(judged, case))
    grade = in_words(case.knowledge.indications[judged.indication])
    params |= {"grade": grade, "met": _met(judged, params)}
    params |= {state: _open(params[state], params["reason"]) for state in ("not_met", "unknown")}
    return lines_of(say(candidacy_wording(judged), params))


_SPEAK_FOR_THEMSELVES = ("medication-history", "failed-classes", "failed-drugs")


def _met(judged: Candidacy, params: Mapping[str, Any]) -> list[str]:
    """The figures of the criteria that are met, those that speak for themselves without a name."""
    met = [c for c in judged.criteria if c.gating and c.why in params["met"]]
    return [text for criterion in met for text in _figures(criterion, judged, params)]


def _open(lines: Sequence[str], reason: str) -> list[str]:
    """Criteria that are open for one reason in one line, without what the summary says already."""
    by_reason: dict[str, list[str]] = {}
    for label, _, why in (text.partition(": ") for text in lines):
        by_reason.setdefault(why, []).append(label)
    return [
        f"{', '.join(labels)} ({why})" if why else labels[0]
        for why, labels in by_reason.items()
        if reason not in (f"{labels[0].removeprefix('no ')} ({why})", f"{labels[0]} ({why})", why)
        or len(labels) > 1
    ]


def _figures(criterion: Criterion, judged: Candidacy, params: Mapping[str, Any]) -> list[str]:
    why = criterion.why.partition(": ")[2] or criterion.why
    if criterion is judged.criteria[0]:
        return [why.removeprefix("on record as ")]
    if criterion.id == "adequate-trials":
        all_long = params["strict"] == params["adequate"]
        long = [] if all_long else [f"{params['strict']} of them for 6 weeks or longer"]
        return [*(trial.replace(", ", " ") for trial in params["trials"]), *long]
    return [why] if criterion.id in _SPEAK_FOR_THEMSELVES else [criterion.why]


def _others(
    judged: tuple[Candidacy, ...], about: Candidacy | None, knowledge: Knowledge
) -> tuple[Line, ...]:
    """Other indications of the record whose criteria are met, in a line."""
    met = [
        knowledge.indications[c.indication].short
        for c in judged
        if c is not about and c.verdict == "met"
    ]
    return (line(f"Also met on the record: {', '.join(met)}."),) if met else ()
