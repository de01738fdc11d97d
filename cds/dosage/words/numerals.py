"""Numbers as people write them, exact, or not read at all.

A number that can be read two ways is never read: `1.000 mg` (one, or a thousand), `05 mg` (five, or
a lost point), `3/8 mg`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

GLYPHS = {
    "½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4), "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3), "⅛": Fraction(1, 8), "⅜": Fraction(3, 8), "⅝": Fraction(5, 8),
    "⅞": Fraction(7, 8),
}  # fmt: skip
_IN_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_ABROAD = (
    ("one", "ein", "eine", "einen", "un", "una", "uno"), ("two", "zwei", "dos"),
    ("three", "drei", "tres"), ("four", "vier", "cuatro"),
)  # fmt: skip
"""as German and Spanish labels write them"""
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
WORDS = {word: Fraction(n) for n, word in enumerate(_IN_WORDS)}
WORDS |= {word: Fraction(n) for n, (_, *words) in enumerate(_ABROAD, start=1) for word in words}
WORDS |= {"ii": Fraction(2), "iii": Fraction(3)}
WORDS |= {word: Fraction(10 * n) for n, word in enumerate(_TENS, start=2)}
ORDINALS = {word: n for n, word in enumerate(_ORDINALS, start=1)}
_FRACTIONS = {"1/2", "1/4", "3/4", "1/3", "2/3"}
_MOST_DIGITS = 7
"""A longer one is a telephone or order number; no amount has so many digits."""
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]00|0[0-9]+(?:[.,][0-9]+)?")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"0,[0-9]+|[0-9]+,[0-9]{1,2}")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")


@lru_cache(maxsize=1024)
def number(written: str) -> Fraction | None:
    """The value of figures; None where they can be read two ways.

    >>> number("1,000"), number("0,5"), number("1.000")
    (Fraction(1000, 1), Fraction(1, 2), None)
    """
    if len(written) > _MOST_DIGITS + 2 or _AMBIGUOUS.fullmatch(written):
        return None
    if sum(map(str.isdigit, written)) > _MOST_DIGITS:
        return None
    if _THOUSANDS.fullmatch(written):
        return Fraction(written.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(written):
        return Fraction(written.replace(",", "."))
    return Fraction(written) if _PLAIN.fullmatch(written) else None


def ratio(written: str) -> Fraction | None:
    """`1/2` and the few other fractions of a tablet that are written; None for `3/8` or `5/325`."""
    return Fraction(written) if written in _FRACTIONS else None
