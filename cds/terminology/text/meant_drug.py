"""What is meant by a word that is no drug's name: shorthand, a slip of the pen, a glued name.

Read of orders and of allergies, and for ketamine alone: what may mean it is looked at as such, and
the card says which word was taken for what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from cds.characters import unaccented
from cds.reviewed import read_reviewed

_WORD = re.compile(r"[a-z]+")
_GLUED = re.compile(r"\b(es)?ketamin[ea]?(?=\d|hcl|hydrochl|chlorhydr|inj|inf|drip|gtt|iv\b|im\b)")
"""the name with its salt, strength or form written onto it: `ketamineHCl`, `KETAMINE50`"""


class Meant(Struct, frozen=True):
    """A text with the name of the drug in place of what was written for it."""

    text: str
    word: str = ""
    """what was taken for the name; empty where the name itself stands there"""
    denied: bool = False
    """in other letters: a word of denial stands there as well"""


def meant_in(
    text: str, knows: Callable[[tuple[str, ...]], bool], *, shorthand: bool
) -> Meant | None:
    """The text as it may be meant; None where nothing in it is like one of the names.

    `knows`: whether the words are a drug's name. `shorthand`: whether a short one counts, since
    nothing beside it tells of a drug that it may be short for.
    """
    plain = unaccented(text).lower()
    if not plain.isascii():
        named = next((name for word, name in _table()["inside"].items() if word in plain), None)
        if named is not None:
            denied = any(word in f" {plain} " for word in _table()["inside_denied"])
            return Meant(named, denied=denied)
    text = text if len(plain) == len(text) else plain
    if glued := _GLUED.search(plain):
        return Meant(f"{text[: glued.end()]} {text[glued.end() :]}")
    for found in _WORD.finditer(plain):
        name = _misspelt(found[0])
        if name is not None and not knows((found[0],)):
            return _in_place(text, found.span(), name)
    short, not_beside = _shorthand()
    said = short.search(plain) if shorthand else None
    if said is None or not_beside.search(plain):
        return None
    return _in_place(text, said.span(), _table()["shorthand"][said[0]])


def _in_place(text: str, at: tuple[int, int], name: str) -> Meant:
    begin, end = at
    return Meant(f"{text[:begin]}{name}{text[end:]}", text[begin:end])


@lru_cache(maxsize=4096)
def _misspelt(word: str) -> str | None:
    """The name that the word is one slip away from: a letter more, less or other, or two swapped.

    The first letter is right: slips are seldom there, and other drugs are.
    """
    for name in _table()["misspelt"]:
        if word[0] == name[0] and word != name and _one_slip(word, name):
            return str(name)
    return None


def _one_slip(word: str, name: str) -> bool:
    if abs(len(word) - len(name)) > 1:
        return False
    same = 0
    while same < min(len(word), len(name)) and word[same] == name[same]:
        same += 1
    one, other = word[same:], name[same:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return swapped or one[1:] == other[1:] or one[1:] == other or one == other[1:]


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_reviewed("cds.terminology", "text/drug_names.yaml")["meant"]
    return table


@lru_cache(maxsize=1)
def _shorthand() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = _table()
    return _any_of(table["shorthand"]), _any_of(table["not_beside"])


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
