"""Nothing is said twice: what a card says is not said again on it, nor on a later one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from cards.lines import Part, Worth
from cards.model import Card

_SENTENCE = re.compile(r"(?<=\.)\s")
_SHORT = 4
"""words below which a repetition is no nuisance: "Check the dose." """


def once(cards: Sequence[Card]) -> tuple[Card, ...]:
    """The cards without general sentences that were read already.

    What was found in the patient stays where it is, whoever else says it.
    """
    said: set[str] = set()
    return tuple(_once(card, said) for card in cards)


def _once(card: Card, said: set[str]) -> Card:
    lines = []
    for parts in card.lines:
        fresh = (_fresh(part, said) for part in parts)
        kept = tuple(part for part in fresh if part.text)
        if kept:
            lines.append(kept)
    return replace(card, lines=tuple(lines))


def _fresh(part: Part, said: set[str]) -> Part:
    """The part without the sentences that were said; they are remembered."""
    sentences = _SENTENCE.split(part.text)
    repeats = part.worth is not Worth.FOUND
    new = [s for s in sentences if not (repeats and s in said and len(s.split()) >= _SHORT)]
    said.update(sentences)
    return part if len(new) == len(sentences) else replace(part, text=" ".join(new))
