"""Tokens to items: phrases of the vocabulary, and numbers put together from their pieces."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from cds.dosage.model import Span
from cds.dosage.words.numerals import ORDINALS
from cds.dosage.words.tokens import Token
from cds.dosage.words.vocabulary import longest

_HALF, _QUARTER = Fraction(1, 2), Fraction(1, 4)
_RANGE = ("-", "to", "or")
_NUMBERED = ("day", "days", "week", "weeks")
_OF_DAYS = ("and", "&", "to", "thru", "through", "-", "until")
_ORDINAL_ENDS = ("st", "nd", "rd", "th")


class Item(NamedTuple):
    """A phrase, a number or a mark of the text, with what it may mean."""

    kind: str
    value: Any
    key: str
    begin: int
    end: int
    glued: bool = False


END = Item("end", None, "", 0, 0)


def scan(found: list[Token], names: frozenset[str] = frozenset()) -> list[Item]:
    """Items in order, with a few `end` after them so that looking ahead needs no care."""
    items: list[Item] = []
    at, size = 0, len(found)
    while at < size:
        token = found[at]
        phrase = longest(found, at)
        figure = _figure(found, at)
        if figure is not None and (phrase is None or figure[0] >= phrase[0]):
            end, kind, value = figure
        elif phrase is not None:
            end, (kind, value) = phrase
        else:
            end, kind = at + 1, token.kind
            value = token.key
            if kind == "mark":
                kind = token.key
            elif kind in ("number", "ratio", "glyph"):
                kind = "bad" if kind == "number" else kind
            elif kind == "word":
                kind = "product" if token.key in names else "unknown"
        items.append(Item(kind, value, token.key, token.begin, found[end - 1].end, token.glued))
        at = end
    items.extend([END] * 6)
    return items


def _figure(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """A number, range, ordinal or `1-0-1` that starts here: its end, kind and value."""
    first = found[at]
    if first.kind in ("number", "ratio") and first.value is None and _hours(found, at):
        return _hours(found, at)
    if first.key == "i" and (roman := _roman(found, at)):
        return roman
    if first.kind == "word":
        if first.key in ORDINALS and first.key not in ("first", "second", "third"):
            return at + 1, "ordinal", ORDINALS[first.key]
        if first.key not in ("a", "an", "half", "quarter"):
            return None
    read = _mixed(found, at)
    if read is None:
        return None
    end, low = read
    if _key(found, end) in _ORDINAL_ENDS and found[end].glued and low.denominator == 1:
        return end + 1, "ordinal", int(low)
    parts = _hours(found, at) or _pattern(found, at)
    if parts is not None:
        return parts
    end = _said_again(found, end, low)
    if _key(found, end) in _RANGE and not _apart(found, at, end):
        upper = _mixed(found, end + 1)
        if upper is not None:
            last, high = upper
            last = _said_again(found, last, high)
            if _key(found, last) not in _ORDINAL_ENDS and low < high:
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
    return _key(found, place) in _NUMBERED and unit is not None and unit[1][0] == "unit"


def _roman(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`i tab`, `i-ii caps`; alone it is an English word."""
    high, end = 1, at + 1
    if _key(found, end) == "-" and _value(found, end + 1) in (2, 3):
        high, end = int(found[end + 1].value or 0), end + 2
    unit = longest(found, end)
    if unit is None or unit[1][0] not in ("unit", "letter_unit"):
        if unit is None or unit[1][0] != "route" or at > 0:
            return None
    return end, "num", Span(Fraction(1), Fraction(high))


def _hours(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`09-13-21`, `0900-2100`: hours of a day in order, and no amounts of its parts."""
    keys, place = [found[at].key], at + 1
    if found[at].kind == "ratio":  # "0900/2100"
        keys = keys[0].split("/")
    if not keys[0].isdigit() or not keys[0].isascii():
        return None
    sign = _key(found, place)
    while sign in ("-", "/") and _key(found, place) == sign and _key(found, place + 1).isdigit():
        keys.append(found[place + 1].key)
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
    tens = end + 1 if _key(found, end) == "-" and _glued(found, end) else end
    units = _value(found, tens)
    if (
        20 <= value <= 90
        and value % 10 == 0
        and units is not None
        and 0 < units < 10
        and (_in_words(token) and _in_words(found[tens]))
    ):
        return tens + 1, value + units
    if value == 1 and _key(found, end) in ("half", "quarter"):
        return _of_a(found, end + 1), _HALF if found[end].key == "half" else _QUARTER
    if value == 1 and _key(found, end) == "-" and _key(found, end + 1) in ("half", "quarter"):
        part = _HALF if found[end + 1].key == "half" else _QUARTER
        return _of_a(found, end + 2), part
    if value == 3 and _key(found, end) in ("quarter", "quarters"):
        return _of_a(found, end + 1), 3 * _QUARTER
    if value.denominator == 1:
        joined = end + 1 if _key(found, end) in ("and", "&", "-") else end
        piece = _part(found, joined)
        if piece is not None and (joined == end or found[end].key != "-" or value < 10):
            return piece[0], value + piece[1]
    return end, value


def _part(found: list[Token], at: int) -> tuple[int, Fraction] | None:
    """The `1/2` of `1 1/2`, `one and a half`, `1 and one-half`."""
    token = found[at] if at < len(found) else None
    if token is None:
        return None
    if token.kind in ("ratio", "glyph") and token.value is not None:
        return at + 1, token.value
    article = at + 1 if token.key in ("a", "1") else at
    if article > at and _key(found, article) == "-":
        article += 1
    if _key(found, article) in ("half", "quarter") and found[at - 1].key in ("and", "&"):
        return article + 1, _HALF if found[article].key == "half" else _QUARTER
    return None


def _half(found: list[Token], at: int) -> tuple[int, Fraction] | None:
    """`half`, `half a`, `a half of a`, `a quarter`; the word `a` alone is no number here."""
    place = at + 1 if found[at].key in ("a", "an") else at
    if _key(found, place) in ("half", "quarter"):
        value = _HALF if found[place].key == "half" else _QUARTER
        return _of_a(found, place + 1), value
    return None


def _of_a(found: list[Token], at: int) -> int:
    """Past the `of a` of `half of a tablet`, and the `(1/2)` after it in words."""
    place = at + 1 if _key(found, at) == "of" else at
    if _key(found, place) in ("a", "an", "1") and _key(found, place + 1) not in (
        "day", "week", "month", "hour", "-", "to", "or",
    ):  # fmt: skip
        return place + 1
    return at if _key(found, at) != "of" else place


def _said_again(found: list[Token], at: int, value: Fraction) -> int:
    """Past the `(two)` of `2 (two)`."""
    if _key(found, at) != "(":
        return at
    again = _mixed(found, at + 1)
    if again is not None and again[1] == value and _key(found, again[0]) == ")":
        return again[0] + 1
    return at


def _pattern(found: list[Token], at: int) -> tuple[int, str, Any] | None:
    """`1-0-1`, `½-0-0-1`, `1+0+1`: amounts of morning, noon, evening (and night)."""
    sign = _key(found, at + 1)
    if sign not in ("-", "+"):
        return None
    values: list[Fraction] = []
    place = at
    while place < len(found) and (value := found[place].value) is not None:
        values.append(value)
        place += 1
        half = found[place].value if place < len(found) else None
        if half is not None and found[place].kind in ("glyph", "ratio"):
            values[-1] += half
            place += 1
        if _key(found, place) != sign:
            break
        place += 1
    if found[place - 1].key == sign:
        place -= 1
    if len(values) < 3:
        return None
    if len(values) > 4 or any(value > 20 for value in values) or not any(values):
        return place, "bad", None
    return place, "pattern", tuple(values)


def _key(found: list[Token], at: int) -> str:
    return found[at].key if at < len(found) else ""


def _value(found: list[Token], at: int) -> Fraction | None:
    return found[at].value if at < len(found) and found[at].kind == "number" else None


def _glued(found: list[Token], at: int) -> bool:
    return found[at].glued


def _in_words(token: Token) -> bool:
    """Written as a word and not in figures."""
    return token.end - token.begin > len(token.key)
