"""The words of an answer: a clinician reads it in half a minute, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from cards.lines import Worth
from cards.model import Card

_GOES = {Worth.STEPS: 2, Worth.MORE: 2, Worth.ADVICE: 1, Worth.EVIDENCE: 1}
"""What an answer does without, in this order, and from which part of the limit on: one that is half
full has no room for what is merely good to know. What was found in the patient always stays."""


def words(cards: Iterable[Card]) -> int:
    """The words of an answer: summaries and details."""
    return sum(len(f"{card.summary} {card.detail}".split()) for card in cards)


def within(cards: Sequence[Card], limit: int) -> tuple[Card, ...]:
    """The cards in at most `limit` words, as far as general text can be left out for it.

    The least worth goes first, and of that the end of the last card: what is most urgent keeps its
    advice longest. An answer may still be longer, where what was found takes more words than that.
    """
    fewer = list(cards)
    lengths = [words([card]) for card in fewer]
    for worth, share in _GOES.items():
        for number in reversed(range(len(fewer))):
            while sum(lengths) * share > limit and (shorter := _without_last(fewer[number], worth)):
                fewer[number], lengths[number] = shorter, words([shorter])
    return tuple(fewer)


def _without_last(card: Card, worth: Worth) -> Card | None:
    """The card without its last piece of this worth; None when it has none."""
    for number in reversed(range(len(card.lines))):
        parts = card.lines[number]
        rest = tuple(part for part in parts if part.worth != worth)
        if rest != parts:
            lines = (*card.lines[:number], rest, *card.lines[number + 1 :])
            return replace(card, lines=tuple(parts for parts in lines if parts))
    return None
