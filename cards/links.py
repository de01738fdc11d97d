"""The pages of the facts that a card rests on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from msgspec.structs import replace

from cards.model import Card, Fact
from cards.words import say, shorten
from cds.assessment.model import Assessment
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
    finding = next((f for f in assessment.findings if f.id == rule), None)
    if finding is None:
        return
    place = _place(finding.id, finding.workup, finding.basis, knowledge)
    if place is not None:
        item = knowledge.monitoring.get(finding.workup or "")
        name = item.name if item is not None else say(finding.id, finding.params).summary
        yield Fact("/".join(place), shorten(name, _NAME))


@lru_cache(maxsize=1024)
def _place(
    finding: str, workup: str | None, basis: tuple[str, ...], knowledge: Knowledge
) -> tuple[str, str] | None:
    """Subject and id of the fact: that of its name, else the first that rests on its first rows."""
    for subject in _SUBJECTS:
        for ident in (finding, workup):
            if ident is not None and ident in getattr(knowledge, subject):
                return subject, ident
    for row in basis:
        for subject in _SUBJECTS:
            for fact in getattr(knowledge, subject).values():
                if row in fact.basis:
                    return subject, fact.id
    return None
