"""Words that are written wrong or run together, and about which nobody would call back.

`tabelt`, `twicedaily`, `TIDAC`, `MoWeFr`. Only a word that the vocabulary does not know is touched,
and never a number: what may be put right stands in `spelling.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from cds.dosage.words.tokens import Token, tokens
from cds.dosage.words.vocabulary import known_words
from cds.reviewed import read_reviewed

_SHORTEST_MISSPELT = 5
_SHORTEST_JOINED = 7
_SHORTEST_NAME = 7
"""letters: names that are shorter lie too near to each other"""
_FEWEST_DAYS = 3
"""`moth` is no Monday and Thursday"""
_LONGEST = 40
"""letters; a longer word is none of these"""


def respelled(found: list[Token], names: frozenset[str] = frozenset()) -> list[Token]:
    """The tokens of a text with such words put right. A name of the product stays as it is."""
    known = known_words()
    if all(token.kind != "word" or token.key in known for token in found):
        return found
    put_right: list[Token] = []
    for token in found:
        stranger = token.kind == "word" and token.key not in known and token.key not in names
        meant = _name(token.key, names) if stranger else None
        if meant is not None:
            put_right.append(token._replace(key=meant))
        else:
            put_right += _as_meant(token) if stranger else (token,)
    return put_right


def _name(word: str, names: frozenset[str]) -> str | None:
    """The product's name that a word misses by one letter: `sertaline`."""
    long = [name for name in names if min(len(name), len(word)) >= _SHORTEST_NAME]
    near = [name for name in long if _one_letter_apart(word, name)]
    return near[0] if len(near) == 1 else None


def _one_letter_apart(a: str, b: str) -> bool:
    """One letter too few, too many or another, or two that changed places."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    if start is None:
        return len(a) != len(b)
    a, b = a[start:], b[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[1::-1] + a[2:] == b and len(a) > 1)


def _as_meant(token: Token) -> Iterator[Token]:
    pieces, begin = _reading(token.key), token.begin
    if pieces == ((token.key, token.key),):
        yield token
        return
    for written, meant in pieces:
        end = begin + len(written) if written != token.key else token.end
        word = tokens(meant)[0]
        yield word._replace(begin=begin, end=end, glued=token.glued and begin == token.begin)
        begin = end


@lru_cache(maxsize=4096)
def _reading(word: str) -> tuple[tuple[str, str], ...]:
    """The pieces of a word as they are written, each with the word that it stands for."""
    if len(word) <= _LONGEST and word.isascii() and word.isalpha():
        for read in (_misspelt, _code, _days, _joined):
            if (pieces := read(word)) is not None:
                return pieces
    return ((word, word),)


@cache
def _lists() -> dict[str, Any]:
    return read_reviewed("cds.dosage.words", "spelling.yaml")


@cache
def _one_letter_short() -> dict[str, str]:
    """Each word of the list without one of its letters but the first; not what could be two."""
    short: dict[str, str] = {}
    for word in _lists()["misspelt"]:
        for variant in _without_a_letter(word):
            short[variant] = word if short.get(variant, word) == word else ""
    return short


def _without_a_letter(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(1, len(word))}


def _misspelt(word: str) -> tuple[tuple[str, str], ...] | None:
    if len(word) < _SHORTEST_MISSPELT:
        return None
    right = set(_lists()["misspelt"])
    swapped = {
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, len(word) - 1)
    }
    meant = right & (swapped | _without_a_letter(word)) or {_one_letter_short().get(word, "")}
    (only,) = meant if len(meant) == 1 else ("",)
    return ((word, only),) if only else None


def _code(word: str) -> tuple[tuple[str, str], ...] | None:
    """`tidac`, `bidx`, `qhsprn`."""
    for code in _lists()["code"]:
        rest = word[len(code) :]
        if word.startswith(code) and rest in _lists()["after_a_code"]:
            return (code, code), (rest, rest)
    return None


def _days(word: str) -> tuple[tuple[str, str], ...] | None:
    """`mowefr`: days of the week in order."""
    names = _lists()["day_codes"]
    pairs = [word[at : at + 2] for at in range(0, len(word), 2)]
    if len(pairs) < _FEWEST_DAYS or any(pair not in names for pair in pairs):
        return None
    places = [list(names).index(pair) for pair in pairs]
    in_order = places == sorted(set(places)) or (
        places[-1] == 0 and places[:-1] == sorted(set(places[:-1]))
    )
    return tuple((pair, names[pair]) for pair in pairs) if in_order else None


def _joined(word: str) -> tuple[tuple[str, str], ...] | None:
    """`takeonetablet`: the fewest words that make it up."""
    if len(word) < _SHORTEST_JOINED:
        return None
    pieces = set(_lists()["joined"])
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(word) + 1):
        ways = [
            (*before, word[begin:end])
            for begin in range(max(0, end - 9), end)
            if (before := best[begin]) is not None and word[begin:end] in pieces
        ]
        best.append(min(ways, key=len, default=None))
    found = best[-1]
    if found is None or len(found) < 2:
        return None
    return tuple((piece, piece) for piece in found)
