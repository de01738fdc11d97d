"""What is good to know and no reason for a card of its own: it joins one that is there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.lines import Line, Part, Worth, line
from cards.model import Card, Suggestion
from cards.new_order import session_orders
from cards.parts import noted, spoken
from cards.words import inert, say
from cds.assessment.candidacy import SAID_BY_CANDIDACY
from cds.assessment.case import Case
from cds.assessment.model import Assessment, Finding

SAID_BY = {
    "severity-low-or-unknown": "missing-depression-scale",
    "pregnancy-not-excluded": "missing-pregnancy-test",
    "unsupervised-ketamine": "order-home-supply",
    "unsupervised-esketamine": "order-esketamine-home",
    "alcohol": "acute-intoxication",
}
"""A finding → the one that says the same thing, or more of it"""
PROCESS = ("process-infusion", "process-esketamine")
_SAFETY_KINDS = ("contraindication", "interaction", "caution", "missing")


@dataclass(frozen=True, slots=True)
class Notes:
    """Lines for the end of a card."""

    lines: tuple[Line, ...] = ()
    rules: tuple[str, ...] = ()
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
    ids = {finding.id for finding in assessment.findings}
    return [
        finding
        for finding in assessment.findings
        if finding.severity != "critical"
        and finding.kind in _SAFETY_KINDS
        and finding.id not in SAID_BY_CANDIDACY
        and SAID_BY.get(finding.id) not in ids
    ]


def notes(assessment: Assessment, case: Case) -> Notes:
    """Interactions that ask for little, second readings of a criterion, the steps of a session.

    Good news is none of it: see `good_news`. Steps are for a session that may take place.
    """
    held = any(finding.stops_dose for finding in assessment.findings)
    lines: list[Line] = []
    rules: list[str] = []
    steps: list[Finding] = []
    summary = ""
    for finding, words in spoken(f for f in safety_findings(assessment) if f.severity == "info"):
        if finding.id in PROCESS:
            rules.append(finding.id)
            if assessment.infusion_therapy and not held:
                steps.append(finding)
        elif words.good or finding.id in case.knowledge.candidacy_rules or _is_minor(finding):
            rules.append(finding.id)
            if not words.good:
                lines.append(noted(finding, words))
                summary = summary or words.summary
    lines += [line(inert(say(f.id, f.params).whole), Worth.STEPS) for f in steps[:1]]
    return Notes(tuple(lines), tuple(rules), session_orders(steps, case), summary)


def _is_minor(finding: Finding) -> bool:
    return finding.kind == "interaction"


def good_news(assessment: Assessment) -> tuple[Line, ...]:
    """What speaks for the treatment, for the card of the candidacy."""
    said = spoken(f for f in safety_findings(assessment) if f.severity == "info")
    good = [words.whole for _, words in said if words.good]
    return ((Part(inert("; ".join(good)), Worth.MORE),),) if good else ()
