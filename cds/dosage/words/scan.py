"""Tokens to items: phrases of the vocabulary, and numbers put together from their pieces."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from cds.dosage.model import Span
from cds.dosage.words.numerals import ORDINALS
from cds.dosage.words.patterns import hours_of_day, masses_like_a_date, pattern, roman
from cds.dosage.words.spelling import respelled
from cds.dosage.words.tokens import Token, key_at, value_at
from cds.dosage.words.vocabulary import GIVES_WAY, longest

_HALF, _QUARTER = Fraction(1, 2), Fraction(1, 4)
_MOST_AND_A_HALF = 100
"""`at 1900 and half a tablet at 2230` holds no 1900.5"""
_RANGE = ("-", "to", "or")
_NUMBERED = ("day", "days", "week", "weeks")
_OF_DAYS = ("and", "&", "to", "thru", "through", "-", "until")
_SHORTEST_OF_A_NAME = 4
_FIGURES = ("number", "ratio", "glyph", "date")
_FIGURE_WORDS = frozenset({*ORDINALS, "a", "an", "half", "quarter", "i"})
_ORDINAL_ENDS = ("st", "nd", "rd", "th")


class Item(NamedTuple):
    """A phrase, a number or a mark of the text, with what it may mean."""

    kind: str
    value: Any
    key: str
    begin: int
    end: int
    glued: bool = False
    spelled: bool = False
    """a number that counts things: in words, or a part written as one (`two`, `1½`, `half`)"""


END = Item("end", None, "", 0, 0)


def scan(found: list[Token], names: frozenset[str] = frozenset()) -> list[Item]:
    """Items in order, with a few `end` after them so that looking ahead needs no care."""
    items: list[Item] = []
    found = respelled(found, names)
    at, size = 0, len(found)
    while at < size:
        token = found[at]
        phrase = longest(found, at)
        if names and (name := _name_with_a_number(found, at, names)) is not None:
            items.append(Item("product", name, name, token.begin, found[at + 1].end, token.glued))
            at += 2
            continue
        figured = token.kind in _FIGURES or token.key in _FIGURE_WORDS
        figure = _figure(found, at) if figured else None
        if figure is not None and (phrase is None or figure[0] >= phrase[0]):
            end, kind, value = figure
        elif phrase is not None and not _names_the_product(token, phrase, at, names):
            end, (kind, value) = phrase
        else:
            end, kind = at + 1, token.kind
            value = token.key
            if kind == "mark":
                kind = token.key
            elif kind in ("number", "ratio", "glyph"):
                kind = "bad" if kind == "number" else kind
            elif kind == "word":
                kind = "product" if _is_name(token.key, names) else "unknown"
        spelled = kind == "num" and any(map(_spelled, found[at:end]))
        place = token.begin, found[end - 1].end
        items.append(Item(kind, value, token.key, *place, token.glued, spelled))
        at = end
    items.extend([END] * 6)
    return items


def _name_with_a_number(found: list[Token], at: int, names: frozenset[str]) -> str | None:
    """`B12`, `D3`, where that is a name of the product."""
    if found[at].kind != "word" or at + 1 >= len(found) or not found[at + 1].glued:
        return None
    name = found[at].key + found[at + 1].key
    return name if name in names and found[at + 1].kind == "number" else None


def _is_name(word: str, names: frozenset[str]) -> bool:
    """A name, or its beginning: `pred` of prednisolone."""
    short = len(word) >= _SHORTEST_OF_A_NAME
    return word in names or (short and any(name.startswith(word) for name in names))


def _names_the_product(
    token: Token, phrase: tuple[int, tuple[str, str]], at: int, names: frozenset[str]
) -> bool:
    """`levothyroxine` is no other medicine where it is the one that is ordered."""
    return token.key in names and phrase[0] == at + 1 and phrase[1][0] in GIVES_WAY


def _figure(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """A number, range, ordinal or `1-0-1` that starts here: its end, kind and value."""
    first = found[at]
    if first.kind == "date":
        return masses_like_a_date(found, at)
    if first.kind in ("number", "ratio") and first.value is None:
        return hours_of_day(found, at)
    if first.key == "i" and (letters := roman(found, at)):
        return letters
    if first.kind == "word":
        if first.key in ORDINALS and first.key not in ("first", "second", "third"):
            return at + 1, "ordinal", ORDINALS[first.key]
        if first.key not in ("a", "an", "half", "quarter"):
            return None
    read = _mixed(found, at)
    if read is None:
        return None
    end, low = read
    if key_at(found, end) in _ORDINAL_ENDS and found[end].glued and low.denominator == 1:
        return end + 1, "ordinal", int(low)
    parts = hours_of_day(found, at) or pattern(found, at)
    if parts is not None and (parts[1] != "bad" or parts[0] > end):
        return parts
    end = _said_again(found, end, low)
    if key_at(found, end) in _RANGE and not _apart(found, at, end):
        upper = _mixed(found, end + 1)
        if upper is not None:
            last, high = upper
            last = _said_again(found, last, high)
            if key_at(found, last) not in _ORDINAL_ENDS and low < high:
                return last, "num", Span(low, high)
            if found[end].key == "-" and low > high > 0:
                return last, "bad", None  # "70-35 mg"
    return end, "num", Span(low, low)


def _apart(found: list[Token], at: int, sign: int) -> bool:
    """`from 1 to 2 tablets` is a change, and `day 1 - 8 tablets` a day and its amount."""
    if found[sign].key == "to":
        return at > 0 and found[at - 1].key == "from"
    upper = _mixed(found, sign + 1) if found[sign].key == "-" else None
    if upper is None or found[sign].glued or found[sign + 1].glued:
        return False
    place = at - 1
    while place > 0 and (found[place].value is not None or found[place].key in _OF_DAYS):
        place -= 1
    unit = longest(found, upper[0])
    return key_at(found, place) in _NUMBERED and unit is not None and unit[1][0] == "unit"


def _mixed(found: list[Token], at: int) -> tuple[int, Fraction] | None:
    """`2`, `½`, `1½`, `1 1/2`, `1 and a half`, `half a`, `seventy-two`."""
    if at >= len(found):
        return None
    token = found[at]
    if token.value is None:
        return _half(found, at) if token.kind == "word" else None
    end, value = at + 1, token.value
    if token.kind in ("ratio", "glyph"):
        return _of_a(found, end), value
    whole = int(value) if value.denominator == 1 else 0
    tens = end + 1 if key_at(found, end) == "-" and _glued(found, end) else end
    units = value_at(found, tens)
    if (
        20 <= whole <= 90
        and whole % 10 == 0
        and units is not None
        and 0 < units < 10
        and (_in_words(token) and _in_words(found[tens]))
    ):
        return tens + 1, value + units
    if at and found[at - 1].key in _NUMBERED and key_at(found, end) in ("half", "quarter"):
        return end, value  # "week 1 half a tablet"
    if whole == 1 and key_at(found, end) in ("half", "quarter"):
        return _of_a(found, end + 1), _HALF if found[end].key == "half" else _QUARTER
    if whole == 1 and key_at(found, end) == "-" and key_at(found, end + 1) in ("half", "quarter"):
        part = _HALF if found[end + 1].key == "half" else _QUARTER
        return _of_a(found, end + 2), part
    joined = end + 1 if key_at(found, end) == "-" else end
    if whole == 3 and key_at(found, joined) in ("quarter", "quarters", "fourths"):
        return _of_a(found, joined + 1), 3 * _QUARTER
    if whole == 1 and key_at(found, joined) == "fourth" and _in_words(token):
        return _of_a(found, joined + 1), _QUARTER
    if whole == value and whole < _MOST_AND_A_HALF:
        joined = end + 1 if key_at(found, end) in ("and", "&", "-") else end
        piece = _part(found, joined)
        if piece is not None and (joined == end or found[end].key != "-" or whole < 10):
            return piece[0], value + piece[1]
    return end, value


def _part(found: list[Token], at: int) -> tuple[int, Fraction] | None:
    """The `1/2` of `1 1/2`, `one and a half`, `1 and one-half`."""
    token = found[at] if at < len(found) else None
    if token is None:
        return None
    if token.kind in ("ratio", "glyph") and token.value is not None:
        return at + 1, token.value
    if token.key == "3" and found[at - 1].key in ("and", "&"):
        place = at + 2 if key_at(found, at + 1) == "-" else at + 1
        if key_at(found, place) in ("quarter", "quarters"):
            return place + 1, 3 * _QUARTER
    article = at + 1 if token.key in ("a", "1") else at
    if article > at and key_at(found, article) == "-":
        article += 1
    if key_at(found, article) in ("half", "quarter") and found[at - 1].key in ("and", "&"):
        return article + 1, _HALF if found[article].key == "half" else _QUARTER
    return None


def _half(found: list[Token], at: int) -> tuple[int, Fraction] | None:
    """`half`, `half a`, `a half of a`, `a quarter`; the word `a` alone is no number here."""
    place = at + 1 if found[at].key in ("a", "an") else at
    if key_at(found, place) in ("half", "quarter"):
        value = _HALF if found[place].key == "half" else _QUARTER
        return _of_a(found, place + 1), value
    return None


def _of_a(found: list[Token], at: int) -> int:
    """Past the `of a` of `half of a tablet`, and the `(1/2)` after it in words."""
    place = at + 1 if key_at(found, at) == "of" else at
    one = key_at(found, place) == "1" and _in_words(found[place])  # "half of one tablet"
    if (one or key_at(found, place) in ("a", "an")) and key_at(found, place + 1) not in (
        "day", "week", "month", "hour", "-", "to", "or",
    ):  # fmt: skip
        return place + 1
    return at if key_at(found, at) != "of" else place


def _said_again(found: list[Token], at: int, value: Fraction) -> int:
    """Past the `(two)` of `2 (two)`."""
    if key_at(found, at) != "(":
        return at
    again = _mixed(found, at + 1)
    if again is not None and again[1] == value and key_at(found, again[0]) == ")":
        return again[0] + 1
    return at


def _glued(found: list[Token], at: int) -> bool:
    return found[at].glued


def _spelled(token: Token) -> bool:
    if token.kind == "number":
        return _in_words(token)
    return token.kind in ("ratio", "glyph") or token.key in ("half", "quarter")


def _in_words(token: Token) -> bool:
    """Written as a word and not in figures."""
    return token.end - token.begin > len(token.key)
