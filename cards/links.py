"""The pages of the facts that a card rests on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec.structs import replace

from cards.model import Card, Fact
from cards.words import say, shorten
from cds.assessment.model import Assessment, Finding
from cds.knowledge.load import Knowledge

_SUBJECTS = (
    "contraindications", "interactions", "candidacy_rules", "order_checks", "limits", "response",
    "monitoring",
)  # fmt: skip
"""where the facts of findings are; in this order, where a row is in two"""
_NAME = 60
"""characters of a link"""


def with_facts(card: Card, assessment: Assessment) -> Card:
    """The card with the facts behind its rules, each once."""
    facts = {fact.path: fact for rule in card.rules for fact in _facts(rule, assessment)}
    return replace(card, facts=tuple(facts.values()))


def _facts(rule: str, assessment: Assessment) -> Iterator[Fact]:
    knowledge = assessment.cases[0].knowledge
    kind, colon, rest = rule.partition(":")
    if colon:
        ident = rest.split(":")[0]
        regimen, indication = knowledge.regimens.get(ident), knowledge.indications.get(ident)
        if kind == "regimen" and regimen is not None:
            yield Fact(f"regimens/{ident}", shorten(regimen.name, _NAME))
        elif indication is not None:
            yield Fact(f"indications/{ident}", shorten(indication.name, _NAME))
        return
    for finding in assessment.findings:
        if finding.id == rule:
            yield from _behind(finding, knowledge)


def _behind(finding: Finding, knowledge: Knowledge) -> Iterator[Fact]:
    for subject, ident in _places(finding.id, finding.workup, finding.basis, knowledge):
        item = knowledge.monitoring.get(finding.workup or "")
        if subject == "limits":
            name = knowledge.limits[ident].name
        else:
            name = item.name if item is not None else say(finding.id, finding.params).summary
        yield Fact(f"{subject}/{ident}", shorten(name, _NAME))


@lru_cache(maxsize=1024)
def _places(
    finding: str, workup: str | None, basis: tuple[str, ...], knowledge: Knowledge
) -> tuple[tuple[str, str], ...]:
    """Subject and id of the fact: that of its name, else the first that rests on its first rows;
    of an order that is above several limits, each of them."""
    for subject in _SUBJECTS:
        for ident in (finding, workup):
            if ident is not None and ident in getattr(knowledge, subject):
                return ((subject, ident),)
    resting = [
        (subject, fact.id)
        for row in basis
        for subject in _SUBJECTS
        for fact in getattr(knowledge, subject).values()
        if row in fact.basis
    ]
    limits = tuple(place for place in resting if place[0] == "limits")
    return limits if limits[:1] == tuple(resting[:1]) else tuple(resting[:1])
