"""Written instructions made uniform before they are read: digits, fractions, one kind of space."""

from __future__ import annotations

import re

SEPARATORS = " ,;.()[]"
_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "twelve": "12",
}  # fmt: skip
_HALVES = [
    (r"\b(?:1|a) and (?:a |1 )?half\b", "1.5"),
    (r"\b(\d+) and (?:a |1 )half\b", r"\1.5"),
    (r"\b(?:1|a) half(?: of)?(?: an?| of an?)?\b", "1/2"),
    (r"\bhalf(?: of)? an?\b", "1/2"),
    (r"\bhalf\b", "1/2"),
]


def normalised(text: str) -> str:
    """Lower case, one kind of space, `1 1/2` for "one and a half", `bid` for "b.i.d."."""
    text = text.lower()
    for sign, written in _FRACTIONS.items():
        text = text.replace(sign, f" {written}")
    text = re.sub(r"\b([a-z])\.([a-z])\.(?:([a-z])\.?)?", r"\1\2\3", text)  # b.i.d., p.o.
    text = re.sub(r"\(s\)", "s", text)
    text = re.sub(r"[µμ]g", "mcg", text)
    text = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)
    text = re.sub(r"\s+", " ", text)
    for word, digit in _NUMBERS.items():
        text = re.sub(rf"\b{word}\b", digit, text)
    text = re.sub(r"\b(\d+) \(\1\)", r"\1", text)  # 1 (one) tablet
    for pattern, written in _HALVES:
        text = re.sub(pattern, written, text)
    text = re.sub(r"\ban? (?=(?:tab|cap|patch|pill|film|loz|spray|puff|dose))", "1 ", text)
    return text.strip(SEPARATORS)
