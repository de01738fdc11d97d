"""What a fact is called on a page, in a list and in a packet."""

from __future__ import annotations

from cds.knowledge.model.base import Fact

_NAMED_BY = (
    "name", "statement", "claim", "question", "meaning", "rule", "text", "label", "drug",
    "ingredient", "opioid",
)  # fmt: skip
"""fields that say what a fact is about; of several the first"""


def title_of(fact: Fact) -> str:
    """Its name or statement; of a fact that has none, its id as words."""
    for field in _NAMED_BY:
        said = getattr(fact, field, None)
        if said:
            return str(said)
    words = fact.id.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
