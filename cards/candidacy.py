"""The candidacy card: for which indication, on what evidence, and what is missing."""

from __future__ import annotations

from cds.assessment.candidacy.params import candidacy_params

from cards.model import Card
from cards.parts import citations
from cards.words import say
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Candidacy, Verdict

WORDING: dict[Verdict, str] = {
    "met": "candidacy-met",
    "not_met": "candidacy-not-met",
    "cannot_determine": "candidacy-cannot-determine",
    "not_supported": "candidacy-not-supported",
    "not_applicable": "candidacy-none",
}


def candidacy_card(assessment: Assessment, case: Case) -> Card | None:
    """The best candidacy of the record, or that no indication was found. None outside therapy."""
    if not assessment.infusion_therapy or not assessment.candidacy:
        return None
    best = assessment.candidacy[0]
    words = say(WORDING[best.verdict], candidacy_params(best, case))
    others = _others(assessment.candidacy)
    detail = [words.detail, others, citations(best.citations)]
    return Card(
        kind="candidacy",
        summary=words.summary,
        indicator="info" if best.verdict == "met" else "warning",
        detail="\n\n".join(part for part in detail if part),
        rules=(f"candidacy:{best.indication}:{best.verdict}",),
        order=case.order.ref if case.order else None,
    )


def _others(judged: tuple[Candidacy, ...]) -> str:
    """Other indications of the record whose criteria are met, in a line."""
    met = [c.indication for c in judged[1:] if c.verdict == "met"]
    return f"Also met on the record: {', '.join(met)}." if met else ""
