"""What a fact asks, in sentences: every predicate that it holds, and what follows of each."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from cds.knowledge.in_words import of_care, of_combined, of_facts, of_treatment
from cds.knowledge.in_words.labels import label_of
from cds.knowledge.in_words.names import NameOfCode, both, unnamed
from cds.knowledge.in_words.predicate import in_words
from cds.knowledge.in_words.said import Said
from cds.knowledge.in_words.values import asks, in_one_line
from cds.knowledge.model.base import Fact
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.rule import Rule

REGISTERED = (of_care, of_combined, of_facts, of_treatment)
"""The modules whose import registers the words."""

ROLES = {
    "when": "applies when",
    "unless": "not when it is known that",
    "graver": "silent where this graver rule speaks",
    "warns_when": "its warnings hold only when",
    "stop_asks_when": "its stop becomes a question when",
    "applies": "concerns the patient when",
    "criteria": "and asks that",
    "trigger_when": "such an order draws its card only when",
    "condition": "the sign is",
    "reason": "the reason of the order is",
    "diagnosis": "in this encounter there is",
}
"""what a field that holds a predicate says of it"""


def rule_in_words(fact: Fact, name_of: NameOfCode = unnamed) -> tuple[str, ...]:
    """One sentence for each thing that it asks; none for a fact that asks nothing."""
    return tuple(map(str, rule_of(fact, name_of)))


def rule_of(fact: BaseModel, name_of: NameOfCode = unnamed) -> tuple[Said, ...]:
    """The same with its parts, for a page that sets them apart."""
    return tuple(_said(fact, name_of))


def _said(record: BaseModel, name_of: NameOfCode) -> Iterator[Said]:
    for field in type(record).model_fields:
        value = getattr(record, field)
        role = ROLES.get(field, label_of(type(record).__name__, field))
        for asked in value if isinstance(value, tuple) else (value,):
            if isinstance(asked, Predicate):
                yield Said(role, (in_words(asked, name_of),))
            elif asks(asked):
                yield Said(_beside(asked, name_of), rule_of(asked, name_of))


def _beside(record: BaseModel, name_of: NameOfCode) -> str:
    """What stands beside a predicate: `critical (absolute, row psy:C1)`."""
    if not isinstance(record, Rule):
        return in_one_line(record, name_of)
    said = f"{record.severity} ({record.level}, row {both(record.basis)})"
    return f"{said}, and no dose is suggested while it holds" if record.withholds_dose else said
