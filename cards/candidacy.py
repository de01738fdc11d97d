"""The candidacy card: for which indication, on what evidence, and what is missing."""

from __future__ import annotations

from cards.headlines import summary_of
from cards.model import Card
from cards.parts import citations
from cards.words import say
from cds.assessment.candidacy import (
    Headline,
    candidacy_params,
    candidacy_wording,
    headline,
    line_of,
)
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy
from cds.knowledge.load import Knowledge


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
