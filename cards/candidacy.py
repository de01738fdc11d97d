"""The candidacy card: for which indication, on what evidence, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cards.model import Card
from cards.parts import citations
from cards.words import SUMMARY_LIMIT, say
from cds.assessment.candidacy import (
    Caveat,
    Headline,
    candidacy_params,
    candidacy_wording,
    headline,
    line_of,
)
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy
from cds.knowledge.load import Knowledge

_CUT = "…"


def candidacy_card(assessment: Assessment, case: Case) -> Card | None:
    """The indication that the order is for, or why there is none. None outside therapy."""
    if not assessment.infusion_therapy or not assessment.candidacy:
        return None
    line = headline(assessment.candidacy, case)
    about = line.candidate
    others = _others(assessment.candidacy, about, case.knowledge)
    told = about or assessment.candidacy[0]
    return Card(
        kind="candidacy",
        summary=summary_of(line),
        indicator="info" if line.settled else "warning",
        detail="\n\n".join(part for part in (_detail(line, case), others) if part),
        rules=(f"candidacy:{told.indication}:{told.verdict}",),
        order=case.order.ref if case.order else None,
    )


def candidacy_text(judged: Candidacy, case: Case) -> tuple[str, str]:
    """Summary and detail of one indication."""
    line = line_of(judged, case)
    return summary_of(line), _detail(line, case)


def summary_of(line: Headline) -> str:
    """The fullest wording of a headline that fits without a cut."""
    lines = (say(line.id, {**line.params, **more}).summary for more in _variants(line))
    first = ""
    for text in lines:
        first = first or text
        if len(text) <= SUMMARY_LIMIT and not text.endswith(_CUT):
            return text
    return first


def _variants(line: Headline) -> Iterator[Mapping[str, object]]:
    """What to say: everything first; then shorter, less beside, and fewer caveats.

    A met verdict is never said without what turns it, if anything does.
    """
    met = line.candidate is not None and line.candidate.verdict == "met"
    least = 1 if line.but and met else 0
    for count in range(len(line.but), least - 1, -1):
        for beside in _beside(line):
            for brief in (False, True):
                but = [_clause(caveat, brief) for caveat in line.but[:count]]
                for reason in line.reasons or ("",):
                    yield {"beside": beside, "but": but, "reason": reason, "brief": brief}


def _clause(caveat: Caveat, brief: bool = False) -> str:
    return say(caveat.id, {**caveat.params, "brief": brief}).summary


def _beside(line: Headline) -> Iterator[str]:
    beside = line.beside
    if beside is not None:
        but = [_clause(beside.but, brief) for brief in (False, True)] if beside.but else []
        for clause in dict.fromkeys((*but, "")):
            yield say(beside.id, {**beside.params, "but": clause}).summary
    yield ""


def _detail(line: Headline, case: Case) -> str:
    if line.candidate is None:
        return say(line.id, {"beside": "", **line.params}).detail
    params = candidacy_params(line.candidate, case)
    words = say(candidacy_wording(line.candidate), params)
    sources = citations(line.candidate.citations, case.knowledge)
    return "\n\n".join(part for part in (words.detail, sources) if part)


def _others(judged: tuple[Candidacy, ...], about: Candidacy | None, knowledge: Knowledge) -> str:
    """Other indications of the record whose criteria are met, in a line."""
    met = [
        knowledge.indications[c.indication].short
        for c in judged
        if c is not about and c.verdict == "met"
    ]
    return f"Also met on the record: {', '.join(met)}." if met else ""
