"""Amounts: `2 tablets`, `50-100 mg`, `2 x 50 mg`, `0.5 mg/kg/h`, `10 mg/5 mL`, `1-0-1`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import MASSES, Dose, Length, Said, skip, span_of
from cds.dosage.words.scan import Item
from cds.units import Quantity, decimal

_MOST_BESIDE_A_MASS = 10
"""`two 50 mg tablets`, and not the number of a brand name"""
_MOST_BEFORE_AM = 4
"""`2 am` may be two in the morning; `8 pm` may be a clock time"""
_BELOW = {"min": "min", "h": "h", "d": "d"}


def amount(items: Sequence[Item], at: int) -> Said | None:
    """A number with its unit; `dose`, `strength` (mg/mL) or `bad` (unread)."""
    if _looks_wrong(items, at):
        return _unread(items, at)
    return _each(items, at) or _plain(items, at, at + 1)


def _looks_wrong(items: Sequence[Item], at: int) -> bool:
    """After a minus, or inside a word or code."""
    before = items[at - 1] if at else None
    if before is not None and before.kind == "-" and items[at].glued and before.glued:
        before = items[at - 2] if at > 1 else None  # "Theo-24"
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


def _unit(items: Sequence[Item], at: int) -> tuple[int, str, Fraction] | None:
    """A unit from a place on, past a hyphen: its end, canonical spelling and factor."""
    place = at + 1 if items[at].kind == "-" and items[at + 1].kind == "unit" else at
    item = items[place]
    if item.kind == "letter_unit" and place == at:
        return place + 1, item.value, Fraction(1)
    if item.kind != "unit":
        return None
    factor, _, unit = item.value.rpartition(" ")
    return place + 1, unit, Fraction(factor or 1)


def _each(items: Sequence[Item], at: int) -> Said | None:
    """`2 x 50 mg`, `two 50 mg tablets`, `2 tablets of 28 mg`, `1 of the 50 mg tablets`."""
    count, place, counted = items[at].value, at + 1, "1"
    unit = _unit(items, place)
    if unit is not None and unit[1].startswith("{"):
        place, counted = unit[0], unit[1]
    middle = skip(items, place, "x", "of", "the", "*")
    joined = middle > place
    if not joined and (unit is not None or count.high > _MOST_BESIDE_A_MASS):
        return None
    if items[middle].kind == "unit" and items[middle].value.startswith(("5 ", "15 ")) and joined:
        return _plain(items, at, middle)
    if items[middle].kind != "num":
        return None
    each = _unit(items, middle + 1)
    if each is None or each[1] not in (*MASSES, "mL") or items[middle].value.low <= 0:
        return None
    end, mass, factor = each
    span = items[middle].value
    if mass == "ug" and items[end].kind in ("/", "per") and items[end + 1][:2] == ("time", "h"):
        end, mass = end + 2, "ug/h"  # "two 25 mcg/hr patches"
    if mass == "mL" and joined and items[end].kind not in ("/", "per") and counted == "1":
        return end, "dose", Dose(count * _times(span, factor), mass)  # "2 x 5 mL"
    if mass == "mL" or items[end].kind == "/" or span.low != span.high:
        return None
    form = _unit(items, end)
    if form is not None and form[1].startswith("{"):
        end, counted = form[0], form[1]
    elif not joined:
        return None
    return end, "dose", Dose(count, counted, (_times(span, factor), mass))


def _plain(items: Sequence[Item], at: int, place: int) -> Said | None:
    """A number and the unit that stands at `place`."""
    found = _unit(items, place)
    if found is None:
        return None
    end, unit, factor = found
    span = _times(items[at].value, factor)
    if at == 0 or items[at - 1].kind not in ("from", "by"):
        end, span = _up_to(items, end, span, unit, factor)
    if unit in MASSES or unit == "mL" or items[end].kind == "/":
        said = _per(items, end, span, unit)
        if said is not None:
            return said
    if unit in MASSES and (form := _unit(items, end)) and form[1].startswith("{"):
        return form[0], "dose", Dose(span, unit, formed=True)  # "50 mg tablet"
    return end, "dose", Dose(span, unit)


def _times(span: Span, factor: Fraction) -> Span:
    return span if factor == 1 else Span(span.low * factor, span.high * factor)


def _up_to(
    items: Sequence[Item], end: int, span: Span, unit: str, factor: Fraction
) -> tuple[int, Span]:
    """The second half of `10 mg to 20 mg`. `5mg-325mg` may be two ingredients: it is no range."""
    dash = ("-",) if unit not in MASSES else ()
    if items[end].kind in ("to", "or", *dash) and items[end + 1].kind == "num":
        upper, other = items[end + 1].value, _unit(items, end + 2)
        if other is not None and other[1] == unit and other[2] == factor:
            high = upper.high * factor
            if upper.low == upper.high and span.low == span.high < high:
                return other[0], Span(span.low, high)
    return end, span


def _per(items: Sequence[Item], end: int, span: Span, unit: str) -> Said | None:
    """What stands below the line: `/kg/h`, ` per kg per hour`, `/24 hours`, `/5 mL`, `/40 min`."""
    below = ""
    at = end
    while items[at].kind in ("/", "per"):
        here = items[at + 1]
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


def article(items: Sequence[Item], at: int) -> Said | None:
    """`a tablet`."""
    found = _unit(items, at + 1)
    if found is None or items[at + 1].kind != "unit":
        return None
    return found[0], "dose", Dose(span_of(found[2]), found[1])


def no_units(items: Sequence[Item], at: int) -> Said | None:
    """`no tablets`."""
    return (at + 2, "none", None) if items[at + 1].kind in ("unit", "doses", "dose") else None


def with_more(items: Sequence[Item], at: int) -> Said | None:
    """The `with` of `with one extra if needed`."""
    place = skip(items, at + 1, "a", "up", "to", "upto")
    more = items[place].kind in ("another", "extra") or items[place + 1].kind == "extra"
    return (at + 1, "and", None) if more else None


def with_another(items: Sequence[Item], at: int) -> Said | None:
    """`with a 100 mg tablet for a total of 150 mg`: another strength of the drug, not this one."""
    place = skip(items, at + 1, "a", "your", "the", "other", "each")
    counted = skip(items, place, "of")
    if items[counted].kind == "num" and items[counted + 1].kind == "num":
        place = counted + 1
    said = _plain(items, place, place + 1) if items[place].kind == "num" else None
    if said is None or said[1] != "dose" or said[2].unit not in MASSES:
        return None
    end = said[0]
    formed = items[end - 1].kind == "unit" and items[end - 1].value.startswith("{")
    total = _total(items, end)
    return (total or end, "other_strength", None) if formed or total else None


def _total(items: Sequence[Item], at: int) -> int | None:
    """Past `for a total of 150 mg`, `= 150 mg`, `(150 mg total)`, `for 75 mg total`."""
    place = skip(items, at, "for", "total", "=", "day_total", "to", ":", "a", "(", ",")
    if place == at or items[place].kind != "num":
        return None
    said = _plain(items, place, place + 1)
    if said is None or said[1] != "dose" or said[2].unit.split("/")[0] not in MASSES:
        return None
    end = said[0]
    named = any(item.kind in ("total", "day_total", "=") for item in items[at:end])
    if items[end].kind == "total":
        named, end = True, end + 1
    if items[end].kind == ")":
        end += 1
    return end if named else None


def between(items: Sequence[Item], at: int) -> Said | None:
    """`between one and three tablets`."""
    low, high = items[at + 1], items[at + 3]
    if low.kind != "num" or items[at + 2].kind != "and" or high.kind != "num":
        return None
    said = _plain(items, at + 3, at + 4)
    span = Span(low.value.low, high.value.low)
    if said is None or said[1] != "dose" or span.low >= span.high or high.value.high != span.high:
        return None
    factor = said[2].span.low / span.high
    return said[0], "dose", said[2]._replace(span=_times(span, factor))


def total(items: Sequence[Item], at: int) -> Said:
    """`total 200 mg daily`: of a whole day."""
    place = skip(items, at + 1, ":", "of", "=", "is")
    said = _plain(items, place, place + 1) if items[place].kind == "num" else None
    if said is None or said[1] != "dose" or said[2].unit not in MASSES:
        return at + 1, "total", None
    end = skip(items, said[0], "per", "a", "each", "in")
    daily = (items[end].kind == "adverb" and items[end].value == "1") or (
        items[end].kind == "every_day" or (end > said[0] and items[end][:2] == ("time", "d"))
    )
    return (end + 1, "total_a_day", said[2]) if daily else (at + 1, "total", None)


def split_over_nostrils(items: Sequence[Item], at: int) -> Said | None:
    """The `(one in each nostril)` of `2 sprays (one in each nostril)`."""
    if items[at + 1].kind != "num":
        return None
    place = skip(items, at + 2, "unit", "in", "into", "to", "per")
    if items[place].kind != "each_nostril" or items[place + 1].kind != ")":
        return None
    return place + 2, "split_over_nostrils", items[at + 1].value


def whole(items: Sequence[Item], at: int) -> Said:
    """`whole tablet`; in `swallow whole` it is no amount."""
    return article(items, at) or (at + 1, "ignored", "how")


def another(items: Sequence[Item], at: int) -> Said:
    """`another tablet` is one more; `another 2 tablets` tells how many."""
    counted = items[at + 1].kind in ("num", "a", "half")
    return at + 1, "extra" if counted else "another", None


def bare_unit(items: Sequence[Item], at: int) -> Said | None:
    """A form of the product without a number: `tablet`, `5 ml spoonful`."""
    factor, _, unit = items[at].value.rpartition(" ")
    if factor == "5" and items[at].key == "5":
        return at + 1, "dose", Dose(span_of(Fraction(factor)), unit)
    return (at + 1, "form", unit) if unit.startswith("{") else None


def letter(items: Sequence[Item], at: int) -> Said | None:
    """The first T of `T1T`."""
    return (at + 1, "fill", None) if items[at + 1].kind == "num" else None


def count(items: Sequence[Item], at: int) -> Said | None:
    """A number without a unit."""
    half_day = items[at + 1].kind == "part" and items[at + 1].key in ("am", "pm")
    if _looks_wrong(items, at) or (half_day and items[at].value.high > _MOST_BEFORE_AM):
        return at + 1, "unknown", items[at].key
    return at + 1, "count", items[at].value


def pattern(items: Sequence[Item], at: int) -> Said | None:
    """`1-0-1 tablets`, `1-0-2 (morning - noon - night)`."""
    found = _unit(items, at + 1)
    end, unit, factor = found or (at + 1, "1", Fraction(1))
    values = tuple(value * factor for value in items[at].value)
    return _past_legend(items, end, len(values)), "pattern", (values, unit)


def _past_legend(items: Sequence[Item], at: int, size: int) -> int:
    """Past the names of the parts of the day, one for each amount, with marks between them."""
    place, names = at, 0
    while items[place].kind in ("(", ":", "-", "/", ",", ")", "part"):
        names += items[place].kind == "part"
        place += 1
        if names == size:
            return place + (items[place].kind == ")")
    return at


def slash_minutes(items: Sequence[Item], at: int) -> Said | None:
    """The `/40 min` of `35 mg/40 min`."""
    n, time = items[at + 1], items[at + 2]
    if n.kind == "num" and time.kind == "time" and time.value in ("min", "h"):
        return at + 3, "length", Length(n.value, time.value, "over")
    return None
