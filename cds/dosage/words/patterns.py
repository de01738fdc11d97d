"""Figures that stand together: `1-0-1`, `09-13-21`, `i-ii`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from cds.dosage.model import Span
from cds.dosage.words.tokens import Token, key_at, value_at
from cds.dosage.words.vocabulary import longest

_MOST_HOURS = 8
_FORMS = ("mg", "tab", "tabs", "tablet", "tablets", "cap", "caps", "capsule", "capsules", "mcg")
"""behind a strength `i` is one"""
_MASSES = ("mg", "mcg", "ug", "g")


class Strokes(tuple[Fraction, ...]):
    """Numbers between strokes: only names of the parts of the day make amounts of them."""


def roman(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`i tab`, `i-ii caps`; alone it is an English word."""
    high, end = 1, at + 1
    if key_at(found, end) == "-" and value_at(found, end + 1) in (2, 3):
        high, end = int(found[end + 1].value or 0), end + 2
    unit = longest(found, end)
    follows = unit[1][0] if unit is not None else ""
    figures = at == 0 or found[at - 1].kind != "word" or found[at - 1].key in _FORMS
    often = follows in ("route", "q", "every", "part", "adverb", "prn")
    if follows not in ("unit", "letter_unit", "often", "od") and not (often and figures):
        return None
    return end, "num", Span(Fraction(1), Fraction(high))


def hours_of_day(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`09-13-21`, `0900-2100`: hours of a day in order, and no amounts of its parts."""
    keys, place = [found[at].key], at + 1
    if found[at].kind == "ratio" or "," in keys[0]:  # "0900/2100", "0900,2100"
        keys = re.split("[/,]", keys[0])
    if not keys[0].isdigit() or not keys[0].isascii():
        return None
    sign = key_at(found, place)
    while sign in ("-", "/") and key_at(found, place) == sign and len(keys) <= _MOST_HOURS:
        more = key_at(found, place + 1).split("/")
        if not all(key.isdigit() for key in more):
            break
        keys += more
        place += 2
    size = len(keys[0])
    if len(keys) < 2 or size > 4 or any(len(key) != size for key in keys[1:] if size > 1):
        return None
    hours = [int(key) if len(key) < 3 else int(key) // 100 for key in keys]
    led = keys[0][0] == "0" or size == 4
    if hours != sorted(set(hours)) or hours[-1] > 24 or not (led or len(keys) > 2):
        return None
    unit = longest(found, place)
    if (not led and (hours[0] < 5 or hours[-1] < 12)) or (unit and unit[1][0] == "unit"):
        return None
    minutes = [60 * h + (int(k) % 100 if size > 2 else 0) for h, k in zip(hours, keys, strict=True)]
    return place, "clock_list", tuple(minutes)


def pattern(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`1-0-1`, `½-0-0-1`, `1+0+1`: amounts of morning, noon, evening (and night).

    Larger ones, and those between strokes (`50/25/50 mg`), may be of several ingredients: `bad`,
    with the numbers as its value."""
    sign = key_at(found, at + 1)
    if sign == "/" and found[at].kind == "number":
        return _between_strokes(found, at)
    if sign not in ("-", "+"):
        return None
    values: list[Fraction] = []
    place, spaced = at, set()
    while place < len(found) and (value := found[place].value) is not None:
        values.append(value)
        place += 1
        half = found[place].value if place < len(found) else None
        if half is not None and found[place].kind in ("glyph", "ratio"):
            values[-1] += half
            place += 1
        if key_at(found, place) != sign:
            break
        spaced.add(found[place].glued)
        place += 1
    if found[place - 1].key == sign:
        place -= 1
    if len(values) < 3 or len(spaced) > 1:
        return None  # "1-1/2 - 2"
    mixed = values[1:2] == [Fraction(1, 2)] and len(values) == 3 and values[2] > values[0]
    if mixed and found[at + 2].kind == "ratio" and found[at].kind == "number":
        return place, "unread", None  # "1-1/2-2 tabs"
    if len(values) > 4 or any(value > 20 for value in values) or not any(values):
        return place, "bad", tuple(values)
    return place, "pattern", tuple(values)


def masses_like_a_date(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`50/25/50 mg`, which is no date."""
    keys = found[at].key.split("/")
    if len(keys) != 3 or key_at(found, at + 1) not in _MASSES:
        return None
    return at + 1, "bad", Strokes(Fraction(key) for key in keys)


def _between_strokes(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`50/25/50`, of which the last two are one token."""
    values: list[Fraction] = []
    place = at
    while value_at(found, place) is not None and key_at(found, place + 1) == "/":
        values.append(found[place].value or Fraction(0))
        place += 2
    if place >= len(found) or found[place].kind != "ratio":
        return None
    values += [Fraction(key) for key in found[place].key.split("/")]
    return (place + 1, "bad", Strokes(values)) if len(values) in (3, 4) else None
