"""A text as a list of words, numbers and marks, each with its place."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from cds.dosage.words.numerals import GLYPHS, WORDS, number, ratio

_SAME = str.maketrans(
    {
        "µ": "u", "μ": "u", "×": "x", "’": "'", "‘": "'", "`": "'", "–": "-", "—": "-",
        "‒": "-", "‐": "-", "‑": "-", "―": "-", "⁄": "/", "…": ".", "•": ";", "\u00ad": "-",
        "\u200b": " ", "\u0304": " ", "\ufeff": " ",
        "ä": "a", "ö": "o", "ü": "u", "á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u", "ñ": "n",
        "Ä": "A", "Ö": "O", "Ü": "U", "Á": "A", "É": "E", "Í": "I", "Ó": "O", "Ú": "U", "Ñ": "N",
    }
)  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<date>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9])|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}(?![0-9/])
       |[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}(?![0-9])
       |[0-9]{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*-[0-9]{2,4}(?![0-9]))
    |(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9]))
    |(?P<icd>[a-z][0-9][0-9a-z]\.[0-9a-z]{1,4}(?![0-9a-z])|(?<=\()[a-z][0-9]{2}(?=\)))
    |(?P<bad>[0-9.]+e[0-9]+)
    |(?P<ratio>[0-9]{1,4}/(?!24(?![0-9]))[0-9]{1,4}(?![0-9.,/]*[0-9/]))
    |(?P<number>[0-9]+(?:[.,][0-9]+)*|\.[0-9]+)
    |(?P<glyph>[½¼¾⅓⅔⅛⅜⅝⅞])
    |(?P<dotted>[a-z](?:\.[a-z])+\.?(?![a-z]))
    |(?P<with>w/o?(?![0-9]))
    |(?P<word>[a-z]+(?:'[a-z]+)*(?:\(e?s\))?)
    |(?P<mark>\S)""",
    re.VERBOSE,
)

_BY_POWERS = re.compile(
    r"(?<![a-z])(?:[munp]c?g|g|ml)(?:[.·⋅ ](?:kg|min|hr?)(?:\^?-1|⁻¹)(?![0-9]))+", re.IGNORECASE
)
_POWER = re.compile(r"[.·⋅ ]([a-z]+)(\^?-1|⁻¹)")


class Token(NamedTuple):
    """A piece of a text."""

    key: str
    """lower-case, as the vocabulary spells it; a number word has its figures"""
    kind: str
    """word, number, ratio, glyph, date, clock, icd (a code of a diagnosis), bad, mark"""
    value: Fraction | None
    """of a number that is read for certain"""
    begin: int
    end: int
    glued: bool
    """no space before it"""


def tokens(text: str) -> list[Token]:
    """The pieces of a text in order; white space only separates.

    >>> [token.key for token in tokens("1½ tab(s) b.i.d.")]
    ['1', '½', 'tabs', 'bid']
    """
    same = text.translate(_SAME).replace("-->", "  →").replace("->", " →").replace("=>", " →")
    lower = same.lower()
    if len(lower) != len(text):  # a letter whose small form is longer: places would shift
        lower = "".join(small if len(small := c.lower()) == 1 else "?" for c in same)
    if "-1" in lower or "⁻" in lower:
        lower = _BY_POWERS.sub(_by_strokes, lower)
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(lower):
        begin = match.start()
        found.append(_token(match, begin == end and begin > 0))
        end = match.end()
    return found


def _by_strokes(match: re.Match[str]) -> str:
    """`mg.kg-1.h-1` as `mg/kg/h`, each letter in its place."""
    return _POWER.sub(lambda one: f"/{one[1]}{' ' * len(one[2])}", match.group())


def _token(match: re.Match[str], glued: bool) -> Token:
    kind = match.lastgroup or "mark"
    written = match.group()
    begin, end = match.span()
    if kind == "word":
        key = written
        if not key.isalpha():
            key = key.replace("(s)", "s").replace("(es)", "es").replace("'", "")
        value = WORDS.get(key)
        if value is not None:
            return Token(str(value), "number", value, begin, end, glued)
        return Token(key, kind, None, begin, end, glued)
    if kind == "number":
        return Token(written, kind, number(written), begin, end, glued)
    if kind == "ratio":
        return Token(written, kind, ratio(written), begin, end, glued)
    if kind == "glyph":
        return Token(written, kind, GLYPHS[written], begin, end, glued)
    if kind == "with":
        return Token(
            "without" if written.endswith("o") else "with", "word", None, begin, end, glued
        )
    if kind == "dotted":
        return Token(written.replace(".", ""), "word", None, begin, end, glued)
    key = "and" if written == "&" else written
    return Token(key, "word" if key == "and" else kind, None, begin, end, glued)


def key_at(found: list[Token], at: int) -> str:
    """The key of a token, `""` behind the last."""
    return found[at].key if at < len(found) else ""


def value_at(found: list[Token], at: int) -> Fraction | None:
    """The value of a number, None where no number stands."""
    return found[at].value if at < len(found) and found[at].kind == "number" else None
