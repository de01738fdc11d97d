"""Amounts: `2 tablets`, `50-100 mg`, `2 x 50 mg`, `0.5 mg/kg/h`, `10 mg/5 mL`, `1-0-1`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from cds.dosage.model import Span
from cds.dosage.words.facts import IN_MG, MASSES, Count, Dose, Length, Said, skip
from cds.dosage.words.scan import Item
from cds.units import Quantity, decimal

_MOST_BESIDE_A_MASS = 10
"""`two 50 mg tablets`, and not the number of a brand name"""
_MOST_BEFORE_AM = 4
"""`2 am` may be two in the morning; `8 pm` may be a clock time"""
_WIDEST = 5
"""times the lower end of a range: `2-10 mg`"""
_FREQUENCIES = ("part", "often", "adverb", "od", "every_day", "ntimes", "at")
_OF_TIME = ("ntimes", "often", "adverb", "every_day", "part", "route", "every", "q", "prn", "od")
_NAMES = ("product", "salt", "how")
_ONE = Fraction(1)
_BELOW = {"min": "min", "h": "h", "d": "d"}


def amount(items: Sequence[Item], at: int) -> Said | None:
    """A number with its unit; `dose`, `strength` (mg/mL) or `bad` (unread)."""
    if _looks_wrong(items, at):
        return _unread(items, at)
    return _each(items, at) or _times_over(items, at) or plain(items, at, at + 1)


def counted_again(items: Sequence[Item], at: int) -> Said | None:
    """The `40 mEq =` of `40 mEq = 2 tabs`."""
    counted = items[at + 2].kind == "=" and items[at + 3].kind == "num"
    if items[at + 1].kind != "other_unit" or not counted or items[at + 4].kind != "unit":
        return None
    return at + 3, "ignored", "again"


def _looks_wrong(items: Sequence[Item], at: int) -> bool:
    """After a minus, or inside a word or code."""
    before = items[at - 1] if at else None
    if before is not None and before.kind == "-" and items[at].glued and before.glued:
        before = items[at - 2] if at > 1 else None  # "Theo-24"
    if before is not None and before.kind == "ratio" and items[at - 2].kind in _NAMES and at > 1:
        return False  # "Percocet 10/325 1 tab"
    return before is not None and (
        before.kind in ("−", "bad", "ratio")
        or (items[at].glued and before.kind in ("unknown", "other_unit"))
    )


def unread(items: Sequence[Item], at: int) -> Said | None:
    """Figures that can be read two ways, before a unit of dose."""
    return _unread(items, at)


def _unread(items: Sequence[Item], at: int) -> Said | None:
    end = at + 1
    if items[end].kind == "unit":
        return end + 1, "bad", items[end].value in (*MASSES, "mL")
    return end, "unknown", items[at].key


def unit_at(items: Sequence[Item], at: int) -> tuple[int, str, Fraction] | None:
    """A unit from a place on, past a hyphen: its end, canonical spelling and factor."""
    place = at + 1 if items[at].kind == "-" and items[at + 1].kind == "unit" else at
    item = items[place]
    if item.kind == "letter_unit" and place == at:
        return place + 1, item.value, _ONE
    if item.kind != "unit":
        return None
    return place + 1, *_factored(item.value)


@cache
def _factored(unit: str) -> tuple[str, Fraction]:
    """`5 mL` as its unit and how many of it."""
    factor, _, name = unit.rpartition(" ")
    return name, Fraction(factor or 1)


def _each(items: Sequence[Item], at: int) -> Said | None:
    """`2 x 50 mg`, `two 50 mg tablets`, `2 tablets of 28 mg`, `1 of the 50 mg tablets`."""
    count, place, counted = items[at].value, at + 1, "1"
    unit = unit_at(items, place)
    if unit is not None and unit[1].startswith("{"):
        place, counted = unit[0], unit[1]
    middle = skip(items, place, "x", "of", "the", "*")
    if items[middle].kind == "a" and items[middle - 1].kind == "of":
        middle += 1  # "1 and 1/2 of a 50 mg tab"
    joined = middle > place
    middle += items[middle].key in ("new", "fresh")  # "one new 21 mg patch"
    if not joined and (unit is not None or count.high > _MOST_BESIDE_A_MASS):
        return None
    if items[middle].kind == "unit" and items[middle].value.startswith(("5 ", "15 ")) and joined:
        return plain(items, at, middle)
    if items[middle].kind != "num":
        return None
    each = unit_at(items, middle + 1) or _plural(items, middle + 1)
    if each is None or each[1] not in (*MASSES, "mL") or items[middle].value.low <= 0:
        return None
    end, mass, factor = each
    span = items[middle].value
    if mass == "ug" and items[end].kind in ("/", "per") and items[end + 1][:2] == ("time", "h"):
        end, mass = end + 2, "ug/h"  # "two 25 mcg/hr patches"
    if mass == "mL" and joined and items[end].kind not in ("/", "per") and counted == "1":
        return end, "dose", Dose(count * scaled(span, factor), mass)  # "2 x 5 mL"
    if mass == "mL" or items[end].kind == "/" or span.low != span.high:
        return None
    form = unit_at(items, end)
    if form is not None and (form[1].startswith("{") or form[1] == "1"):
        end, counted = form[0], form[1]
    elif not joined and items[end - 1].key != "s":
        return None
    return end, "dose", Dose(count, counted, (scaled(span, factor), mass))


def _plural(items: Sequence[Item], at: int) -> tuple[int, str, Fraction] | None:
    """The `s` of `2 of the 100s`, `three 50's`: milligrams."""
    place = skip(items, at, "'")
    plural = items[place].key == "s" and items[place].glued and items[at].glued
    return (place + 1, "mg", Fraction(1)) if plural else None


def _times_over(items: Sequence[Item], at: int) -> Said | None:
    """`5 mg x 8 in the morning`: eight of them."""
    unit = unit_at(items, at + 1)
    if unit is None or unit[1] not in MASSES or items[unit[0]].kind != "x":
        return None
    many, after = items[unit[0] + 1], items[unit[0] + 2].kind
    form = unit_at(items, unit[0] + 2) if many.kind == "num" else None
    if form is not None and form[1].startswith("{") and many.value.high <= _MOST_BESIDE_A_MASS:
        each = (scaled(items[at].value, unit[2]), unit[1])
        return form[0], "dose", Dose(many.value, form[1], each)  # "500 mg x 3 tabs"
    if many.kind != "num" or many.value.low != many.value.high or after not in _FREQUENCIES:
        return None
    if many.value.high > _MOST_BESIDE_A_MASS or many.value.low.denominator != 1:
        return None
    return unit[0] + 2, "dose", Dose(many.value, "1", (scaled(items[at].value, unit[2]), unit[1]))


def plain(items: Sequence[Item], at: int, place: int) -> Said | None:
    """A number and the unit that stands at `place`."""
    found = unit_at(items, place)
    if found is None:
        return None
    end, unit, factor = found
    span = scaled(items[at].value, factor)
    if at == 0 or items[at - 1].kind not in ("from", "by"):
        end, span = _up_to(items, end, span, unit, factor)
        end = _past_second(items, at, end, unit)
    if unit in MASSES or unit == "mL" or items[end].kind == "/":
        said = _per(items, end, span, unit)
        if said is not None:
            return said
    form = unit_at(items, end) if unit in MASSES else None
    formed = form is not None and form[1].startswith("{")
    if unit in MASSES and _count_and_strength(items, at, items[at].value, formed=formed):
        return end, "bad", True
    if form is not None and formed:
        return form[0], "dose", Dose(span, unit, formed=True)  # "50 mg tablet"
    return end, "dose", Dose(span, unit)


def scaled(span: Span, factor: Fraction) -> Span:
    return span if factor == 1 else Span(span.low * factor, span.high * factor)


def _count_and_strength(items: Sequence[Item], at: int, span: Span, *, formed: bool) -> bool:
    """Whether a range may be a count and a strength: `2-25 mg tabs`, two of 25 mg."""
    sign = items[at].end - items[at].begin > len(items[at].key) and not items[at].spelled
    few = span.low.denominator == 1 and span.low <= _MOST_BEFORE_AM and span.low < span.high
    return sign and few and (formed or span.high > span.low * _WIDEST)


def _up_to(
    items: Sequence[Item], end: int, span: Span, unit: str, factor: Fraction
) -> tuple[int, Span]:
    """The second half of `10 mg to 20 mg`. `5mg-325mg` may be two ingredients: it is no range."""
    dash = ("-",) if unit not in MASSES else ()
    if items[end].kind in ("to", "or", *dash) and items[end + 1].kind == "num":
        upper, other = items[end + 1].value, unit_at(items, end + 2)
        if other is not None and other[1] == unit and other[2] == factor:
            high = upper.high * factor
            if upper.low == upper.high and span.low == span.high < high:
                return other[0], Span(span.low, high)
    if items[end].kind == "-" and unit in MASSES and (said := _twice(items, end, span, unit)):
        return said
    if items[end].kind in ("to", "-", "or") and items[end + 1].kind == "num" and unit in MASSES:
        upper, other = items[end + 1].value, unit_at(items, end + 2)
        if other is not None and other[1] in MASSES and other[1] != unit:
            high = upper.high * other[2] * IN_MG[other[1]] / IN_MG[unit]
            if upper.low == upper.high and span.low == span.high < high <= 10 * span.high:
                return other[0], Span(span.low, high)  # "500 mg - 1 g"
    return end, span


def _past_second(items: Sequence[Item], at: int, end: int, unit: str) -> int:
    """Past the other ingredient of `2 films (16 mg-4 mg)`, which weighs less."""
    if (
        at == 0
        or items[at - 1].kind != "("
        or items[end].kind not in ("-", "/")
        or unit not in MASSES
    ):
        return end
    lesser, other = items[end + 1], unit_at(items, end + 2)
    if lesser.kind != "num" or other is None or other[1] != unit:
        return end
    closed = items[other[0]].kind in (")", "total")
    return other[0] if closed and lesser.value.high < items[at].value.low else end


def _twice(items: Sequence[Item], end: int, span: Span, unit: str) -> tuple[int, Span] | None:
    """The second half of `0.5mg-1mg`: no ingredients of a product, which a form would follow."""
    upper, other = items[end + 1], unit_at(items, end + 2)
    if upper.kind != "num" or other is None or other[1] != unit or span.low != span.high:
        return None
    form = items[skip(items, other[0], "route", "how")]
    named = form.kind == "unit" or (form.kind == "-" and items[end].glued)
    high = upper.value.high * other[2]
    return (
        None if named or not span.high < high <= 2 * span.high else (other[0], Span(span.low, high))
    )


def _per(items: Sequence[Item], end: int, span: Span, unit: str) -> Said | None:
    """What stands below the line: `/kg/h`, ` per kg per hour`, `/24 hours`, `/5 mL`, `/40 min`."""
    below = ""
    at = end
    while items[at].kind in ("/", "per"):
        here = items[at + 1]
        if items[at].kind == "/" and not items[at].glued and here.kind in _OF_TIME:
            break  # "1 tablet / twice a day / oral"
        if here.kind == "kg":
            below, at = below + "/kg", at + 2
        elif here.kind == "time" and here.value == "d" and unit.startswith("{"):
            break  # "3 tabs/day"
        elif here.kind == "time" and here.value in _BELOW:
            below, at = f"{below}/{_BELOW[here.value]}", at + 2
        elif here.kind == "num" and here.value.low == here.value.high:
            n, after = here.value.low, items[at + 2]
            if after.kind == "unit" and after.value in ("mL", "5 mL") and not below and n > 0:
                return _strength(at + 3, span, unit, n * (5 if after.value == "5 mL" else 1))
            if after.kind == "time" and after.value == "h" and n == 24:
                below, at = below + "/24h", at + 3
            elif after.kind == "time" and after.value in ("min", "h") and n > 1:
                break  # "35 mg/40 min": a dose over its time
            else:
                return at + 1, "bad", True
        elif here.kind == "unit" and here.value == "mL" and not below and unit in MASSES:
            return _strength(at + 2, span, unit, Fraction(1))
        elif here.kind == "unit" and here.value.startswith("{"):
            if unit not in MASSES and unit != "mL":
                break
            below, at = below + "/" + here.value, at + 2
        elif here.kind in ("dose", "each_nostril"):
            at += 2
        elif items[at].kind == "per" or here.kind in ("end", "adverb", "each"):
            break
        elif here.kind == "time" and here.value in ("wk", "mo") and not below:
            break  # "25 mg/week" is an amount and its frequency
        else:
            return at + 1, "bad", True
    return (at, "dose", Dose(span, unit + below)) if below else None


def _strength(end: int, span: Span, unit: str, millilitres: Fraction) -> Said | None:
    if span.low != span.high or span.low <= 0 or unit not in MASSES:
        return end, "strength", None
    value = Quantity(decimal(span.low / millilitres), f"{unit}/mL").to("mg/mL")
    return end, "strength", value


def count(items: Sequence[Item], at: int) -> Said | None:
    """A number without a unit."""
    half_day = items[at + 1].kind == "part" and items[at + 1].key in ("am", "pm")
    if _looks_wrong(items, at) or (half_day and items[at].value.high > _MOST_BEFORE_AM):
        return at + 1, "unknown", items[at].key
    return at + 1, "count", Count(items[at].value, items[at].spelled)


def slash_minutes(items: Sequence[Item], at: int) -> Said | None:
    """The `/40 min` of `35 mg/40 min`."""
    n, time = items[at + 1], items[at + 2]
    if n.kind == "num" and time.kind == "time" and time.value in ("min", "h"):
        return at + 3, "length", Length(n.value, time.value, "over")
    return None
