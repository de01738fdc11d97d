"""Words as they are compared: British and American spelling, possessives and accents alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’´`]s?\b")
_BRITISH = (
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"(?<=[a-z]{3})our(?=s?$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e|ed|es|ing|ation|ations)$)"), "iz"),
)
_LONG = 6
"""letters: `toe` is no `te`"""


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(_POSSESSIVE.sub("", text.lower()))


@lru_cache(maxsize=16_384)
def spelt(word: str) -> str:
    """`oedema` as `edema`, `tumour` as `tumor`, `Menière` as `meniere`."""
    if not word.isascii():
        parts = unicodedata.normalize("NFD", word)
        word = "".join(c for c in parts if not unicodedata.combining(c))
    for pattern, american in _BRITISH if len(word) >= _LONG else ():
        word = pattern.sub(american, word)
    return word


def forms(word: str) -> Iterator[str]:
    """The word, its singular and its plural."""
    yield word
    yield f"{word}s"
    if len(word) > 3 and word.endswith("s"):
        yield word[:-1]
        if word.endswith("es"):
            yield word[:-2]
            yield f"{word[:-2]}is"
        if word.endswith("ies"):
            yield f"{word[:-3]}y"
