"""Numbers as people write them in instructions, turned into one spelling, or left unread.

A number that can be read two ways is never read: `1.000 mg` (one, or a thousand), `05 mg` (five,
or a lost point), `3/8 mg`.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

NUMBER = r"(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|0,\d+|\d+,\d{1,2}(?!\d)|\d+(?:\.\d+)?|\.\d+)"
"""With a thousands comma (`1,000`) or a decimal comma (`0,5`)."""
STARTS = r"(?<![\w.\u2212])(?<!\d[,/])"
"""Before a number: not inside a word, a longer number, a fraction or after a minus."""

_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}\.000|0\d+(?:[.,]\d+)?")
_PARTS = {"½": ".5", "¼": ".25", "¾": ".75", "⅛": ".125", "⅜": ".375", "⅝": ".625", "⅞": ".875",
          "1/2": ".5", "1/4": ".25", "3/4": ".75"}  # fmt: skip
_FRACTION = re.compile(
    r"(?<![\d/.,])(?:(?P<whole>\d{1,3})(?:\s*(?=[½¼¾⅛⅜⅝⅞])|\s+(?=\d/)))?"
    r"(?P<part>[½¼¾⅛⅜⅝⅞]|1/2|1/4|3/4)(?=\s*(?:mg|mcg|µg|ug|g|ml|tab|lozenge|troche|hour|hr|h)\b|\s*mg/)",
    re.IGNORECASE,
)
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_LONGEST_FIRST = "|".join(sorted(_WORDS, key=len, reverse=True))
_TIME_IN_WORDS = re.compile(
    rf"\b(?P<word>{_LONGEST_FIRST})\s+(?=(?:minute|min|hour|hr)s?\b)",
    re.IGNORECASE,
)
_HALF_HOUR = re.compile(r"(?i)\bhalf an hour\b")
_AN_HOUR = re.compile(r"(?i)\b(?:an|1 full) hour\b")


def plain_numbers(text: str) -> str:
    """The text with fractions as decimals, and times in words as figures."""
    text = _FRACTION.sub(lambda m: (m["whole"] or "0") + _PARTS[m["part"]], text)
    text = _AN_HOUR.sub("1 hour", _HALF_HOUR.sub("30 minutes", text))
    return _TIME_IN_WORDS.sub(lambda m: f"{_WORDS[m['word'].lower()]} ", text)


def number(text: str) -> Decimal | None:
    """The value of a number; None where it can be read two ways."""
    if _AMBIGUOUS.fullmatch(text):
        return None
    text = text.replace(",", "" if _THOUSANDS.fullmatch(text) else ".")
    try:
        return Decimal(text)
    except InvalidOperation:  # pragma: no cover - the patterns let only digits through
        return None


def fraction(text: str | None) -> Fraction | None:
    """The same, exact, for arithmetic."""
    value = number(text) if text is not None else None
    return None if value is None else Fraction(value)
