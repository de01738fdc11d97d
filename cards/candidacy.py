"""The candidacy card: for which indication, on what evidence, and what is missing."""

from __future__ import annotations

from cards.model import Card
from cards.parts import citations
from cards.words import say
from cds.assessment.candidacy import candidacy_params, candidacy_wording
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy
from cds.knowledge.load import Knowledge


def candidacy_card(assessment: Assessment, case: Case) -> Card | None:
    """The best candidacy of the record, or that no indication was found. None outside therapy."""
    if not assessment.infusion_therapy or not assessment.candidacy:
        return None
    best = assessment.candidacy[0]
    summary, detail = candidacy_text(best, case)
    others = _others(assessment.candidacy, case.knowledge)
    return Card(
        kind="candidacy",
        summary=summary,
        indicator="info" if best.verdict == "met" else "warning",
        detail="\n\n".join(part for part in (detail, others) if part),
        rules=(f"candidacy:{best.indication}:{best.verdict}",),
        order=case.order.ref if case.order else None,
    )


def candidacy_text(judged: Candidacy, case: Case) -> tuple[str, str]:
    """Summary and detail of one indication."""
    words = say(candidacy_wording(judged) or "candidacy-none", candidacy_params(judged, case))
    parts = (words.detail, citations(judged.citations, case.knowledge))
    return words.summary, "\n\n".join(part for part in parts if part)


def _others(judged: tuple[Candidacy, ...], knowledge: Knowledge) -> str:
    """Other indications of the record whose criteria are met, in a line."""
    met = [knowledge.indications[c.indication].short for c in judged[1:] if c.verdict == "met"]
    return f"Also met on the record: {', '.join(met)}." if met else ""
