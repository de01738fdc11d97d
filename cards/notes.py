"""What is good to know and no reason for a card of its own: it joins one that is there."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from cards.lines import Line, Worth, line
from cards.model import Card, Suggestion
from cards.new_order import session_orders
from cards.parts import noted, spoken
from cards.said_by import said
from cards.words import inert, say
from cds.assessment.candidacy import SAID_BY_CANDIDACY
from cds.assessment.case import Case
from cds.assessment.contraindications import CONTRADICTED
from cds.assessment.model import Assessment, Finding

PROCESS = ("process-infusion", "process-esketamine")
_SAFETY_KINDS = ("contraindication", "interaction", "caution", "missing")


class Notes(Struct, frozen=True):
    """Lines for the end of a card."""

    lines: tuple[Line, ...] = ()
    rules: tuple[str, ...] = ()
    """what they say"""
    left_out: tuple[str, ...] = ()
    """what they would say of a session, or what the card of the candidacy says"""
    suggestions: tuple[Suggestion, ...] = ()
    summary: str = ""
    """of a card that has nothing else to say; empty, where that is not worth a card"""

    def joined_to(self, card: Card) -> Card:
        """The card with the notes. Choices of which one is taken have no room for others."""
        choices = card.suggestions
        if not choices or card.selection == "any":
            choices = (*choices, *self.suggestions)
        selection = "any" if choices != card.suggestions else card.selection
        return replace(
            card,
            lines=(*card.lines, *self.lines),
            rules=(*card.rules, *self.rules),
            suggestions=choices,
            selection=selection,
        )

    def card(self) -> Card | None:
        """The notes alone, where one of them is worth it."""
        if not self.summary:
            return None
        return Card(
            "safety", self.summary, "info", self.lines[1:], self.rules, self.suggestions, "any"
        )


def safety_findings(assessment: Assessment) -> list[Finding]:
    """What a safety card is about, and no other card says."""
    stopped = any(finding.severity == "critical" for finding in assessment.findings)
    return [
        finding
        for finding in assessment.findings
        if finding.severity != "critical"
        and finding.kind in _SAFETY_KINDS
        and finding.id not in SAID_BY_CANDIDACY
        and not said(finding, assessment.findings)
        and (stopped or finding.id != CONTRADICTED)  # else the stop card says it
    ]


def notes(assessment: Assessment, case: Case) -> Notes:
    """Interactions that ask for little, second readings of a criterion, the steps of a session.

    Good news is none of it: see `good_news`. Steps are for a session that may take place.
    """
    held = any(finding.stops_dose for finding in assessment.findings)
    lines: list[Line] = []
    rules: list[str] = []
    left_out: list[str] = []
    steps: list[Finding] = []
    summary = ""
    for finding, words in spoken(f for f in safety_findings(assessment) if f.severity == "info"):
        if finding.id in PROCESS:
            wanted = assessment.infusion_therapy and not held
            (rules if wanted else left_out).append(finding.id)
            steps += [finding] if wanted else []
        elif words.good:
            left_out.append(finding.id)
        elif finding.kind == "interaction" or finding.id in case.knowledge.candidacy_rules:
            rules.append(finding.id)
            lines.append(noted(finding, words))
            summary = summary or words.summary
    lines += [line(inert(say(f.id, f.params).whole), Worth.STEPS) for f in steps[:1]]
    ordered = session_orders(steps, case)
    return Notes(tuple(lines), tuple(rules), tuple(left_out), ordered, summary)


def with_good_news(card: Card, assessment: Assessment) -> Card:
    """The card of the candidacy with what else speaks for the treatment."""
    news = spoken(f for f in safety_findings(assessment) if f.severity == "info")
    good = [(finding.id, words.whole) for finding, words in news if words.good]
    if not good:
        return card
    text = line(inert("; ".join(whole for _, whole in good)), Worth.MORE)
    rules = (*card.rules, *(ident for ident, _ in good))
    return replace(card, lines=(*card.lines, text), rules=rules)
