"""How far a denial goes through a list: "no SI, HI or psychosis", and "no pain, aneurysm 4 cm".

Behind a comma it goes on through bare names. What has a word of its own that it is there is there;
where it can't be told, the finding is doubtful: neither lost nor certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from cds.terminology.text.cues import Lexicon

_OR = frozenset({"or", "nor"})
_YEAR = re.compile(r"(?:19|20)\d\d\Z")
_JOINED_MEASURE = re.compile(r"\d+(?P<unit>[a-z]+)\Z")


class Member(Struct, frozen=True):
    """Words of the list, from the first up to `past`, and whether their denial is doubtful."""

    at: int
    past: int
    doubtful: bool = False


class _Item(Struct, frozen=True):
    """A member of the list, and what joins it to those before: a comma, "and" or "or"."""

    join: str
    at: int
    """where its join stands"""
    begin: int
    words: tuple[str, ...]


def members(words: Sequence[str], lexicon: Lexicon, *, of_one: bool) -> Iterator[Member]:
    """What is denied of the words behind a cue. `of_one`: by "not", which seldom begins a list."""
    items = list(_items(words))
    doubted = _first_doubted(items, lexicon, of_one=of_one)
    for number, item in enumerate(items):
        past = items[number + 1].at if number + 1 < len(items) else len(words)
        if number and item.join not in _OR and _is_stated(item, lexicon):
            return
        at = _at_property(item, lexicon)
        if number >= doubted:
            yield Member(item.at, past, doubtful=True)
        elif at is not None:
            yield Member(item.at, at, doubtful=True)
            yield Member(at, past)
        else:
            yield Member(item.at, past)


def _first_doubted(items: Sequence[_Item], lexicon: Lexicon, *, of_one: bool) -> int:
    """The first item that may be what is there, and not a further one that is not."""
    joins = {item.join for item in items[1:]}
    if joins.isdisjoint(_OR):
        for number, item in enumerate(items):
            if number and _is_seen(item, lexicon):
                return number
    if joins == {","}:
        complaints = [_is_complaint(item, lexicon) for item in items]
        if (all(complaints[:-1]) and not complaints[-1]) or (of_one and len(items) == 2):
            return len(items) - 1
    return len(items)


def _at_property(item: _Item, lexicon: Lexicon) -> int | None:
    """Where the property stands: "no AAA repair" says nothing of the AAA."""
    last = len(item.words) - 1
    if last < 1 or item.words[last] not in lexicon.properties:
        return None
    return item.begin + last


def _items(words: Sequence[str]) -> Iterator[_Item]:
    join, at, begin = "", 0, 0
    for place, word in enumerate(words):
        if word not in (",", "and", *_OR):
            continue
        if place > begin:
            yield _Item(join, at, begin, tuple(words[begin:place]))
            join, at = word, place
        elif word != ",":
            join = word if join not in _OR else join  # ", or" and "and/or" are an "or"
        begin = place + 1
    if begin < len(words) or not begin:
        yield _Item(join, at, begin, tuple(words[begin:]))


def _is_stated(item: _Item, lexicon: Lexicon) -> bool:
    """It has a word that says that it is there, or a measure or a dose."""
    if not lexicon.stated.isdisjoint(item.words):
        return True
    for place, word in enumerate(item.words):
        joined = _JOINED_MEASURE.match(word)
        unit = joined["unit"] if joined else ""
        if word.isdigit():
            unit = next((w for w in item.words[place + 1 :] if not w.isdigit()), "")
        if unit in lexicon.units:
            return True
    return False


def _is_seen(item: _Item, lexicon: Lexicon) -> bool:
    """ "… aneurysm seen" can close a list of what was not, as can a year of what once was."""
    dated = any(
        _YEAR.match(word) and item.words[place - 1] not in lexicon.since
        for place, word in enumerate(item.words)
        if place
    )
    return dated or not lexicon.seen.isdisjoint(item.words)


def _is_complaint(item: _Item, lexicon: Lexicon) -> bool:
    return not lexicon.complaints.isdisjoint(item.words)
