"""The vocabulary as a tree of words, so that the longest phrase at a place is found in one walk."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from cds.dosage.words.numerals import WORDS
from cds.dosage.words.tokens import Token, tokens
from cds.kept import kept
from cds.reviewed import read_reviewed

GIVES_WAY = ("beside", "event", "drink", "pickup", "reason_word", "measure", "office_cue")
"""kinds of words that may also be a name of the product: `levothyroxine`, `vivelle dot`"""
_KIND_OF_ITS_OWN = ("word", "alias")
Node = dict[str | None, Any]
"""Next word -> node; None -> (kind, value) of the phrase that ends here."""


class TwoMeanings(ValueError):
    """A phrase stands in two places of the vocabulary. Leave one of them."""


@cache
def phrases() -> Node:
    """The tree of every phrase in `vocabulary.yaml`."""
    return tree(read_reviewed("cds.dosage.words", "vocabulary.yaml"))


@cache
def known_words() -> frozenset[str]:
    """Every word that stands in a phrase of the vocabulary."""
    found: set[str] = set()
    nodes = [phrases()]
    while nodes:
        for key, below in nodes.pop().items():
            if key is not None:
                found.add(key)
                nodes.append(below)
    return frozenset(found)


def tree(vocabulary: dict[str, Any]) -> Node:
    """Phrases by their words. Raises TwoMeanings."""
    root: Node = {}
    for kind, entries in vocabulary.items():
        groups = entries if isinstance(entries, dict) else {"": entries}
        for value, written in groups.items():
            for phrase in written:
                meaning = (kind, value)
                if kind == "word":
                    meaning = (phrase, phrase)
                elif kind == "alias":
                    meaning = (value, value)
                _add(root, phrase, meaning)
    return root


def _add(root: Node, phrase: str, meaning: tuple[str, str]) -> None:
    node = root
    for key in _keys(phrase):
        node = node.setdefault(key, {})
    if node.setdefault(None, meaning) != meaning:
        raise TwoMeanings(f"{phrase!r} is {node[None]} and {meaning}: leave one of them")


def _keys(phrase: str) -> Iterable[str]:
    """The keys of its tokens."""
    words = phrase.split()
    if phrase.isascii() and phrase.islower() and all(map(str.isalpha, words)):
        # as most of the thousands are: a third of the time that it takes to look at each letter
        return words if WORDS.keys().isdisjoint(words) else [str(WORDS.get(w, w)) for w in words]
    # a hyphen is a space, here as in the texts
    return [token.key for token in tokens(phrase) if token.key != "-"]


def longest(found: list[Token], at: int) -> tuple[int, tuple[str, str]] | None:
    """Where the longest phrase from a place ends, and what it means.

    Inside a phrase a hyphen right behind a word is a space.
    """
    node, place, best = phrases(), at, None
    size = len(found)
    while place < size:
        key = found[place].key
        if key == "-" and found[place].glued and place > at:
            place += 1
            continue
        step = node.get(key)
        if step is None:
            break
        node, place = step, place + 1
        if None in node:
            best = (place, node[None])
    return best


@kept(4096)
def meaning_of(phrase: str) -> tuple[str, str] | None:
    """(kind, value) of a phrase that is in the vocabulary as it stands; else None."""
    found = tokens(phrase)
    best = longest(found, 0) if found else None
    return best[1] if best is not None and best[0] == len(found) else None
