"""Amounts that are not a number and its unit: `1-0-1`, `a tablet`, `no tablets`, `between one and
three tablets`, and what another product adds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import MASSES, Count, Dose, Said, skip, span_of
from cds.dosage.words.readers.amounts import plain, scaled, unit_at
from cds.dosage.words.readers.often import per
from cds.dosage.words.scan import Item

_MOST_AT_ONCE = 4
_MOST_A_DAY = 6
_TELLS_OFTEN = (
    "part",
    "often",
    "adverb",
    "seldom",
    "od",
    "every",
    "q",
    "ntimes",
    "hourly",
    "weekday",
)


def so_often_so_many(items: Sequence[Item], at: int) -> Said | None:
    """`3x1`, `2 x 1 tablet`: three times a day one, as most of Europe writes it."""
    often, sign, many = items[at], items[at + 1], items[at + 2]
    if sign.kind != "x" or many.kind != "num" or many.key == "1/2":
        return None
    plain = often.value.low == often.value.high and many.value.low == many.value.high
    few = often.value.low.denominator == 1 and often.value.low <= _MOST_A_DAY
    if not (plain and often.value.low >= 1 and 0 < many.value.low <= _MOST_AT_ONCE):
        return None
    form = items[at + 3].kind == "unit" and items[at + 3].value.startswith("{")
    end = at + 3 + form
    end += items[end].kind == "adverb" and items[end].value == "1"
    alone = items[end].kind in (
        "end",
        ".",
        ",",
        ";",
        ")",
        "(",
        "route",
        "how",
        "for",
        "prn",
        "-",
        "meals",
    )
    others = any(item.kind in _TELLS_OFTEN for item in (*items[:at], *items[end:]))
    if not alone or others or (at and items[at - 1].kind in ("unit", "x", "num")):
        return None
    unclear = often.value.low == 1 < many.value.low  # "One x 3": three times a day, or three in all
    if sign.glued != many.glued or not few or unclear:
        return end, "unknown", "x"  # "2x 1", "2 x1": twice one, or two once
    unit = items[at + 3].value if form else "1"
    return end, "pattern", ((many.value.low,) * int(often.value.low), unit)


def article(items: Sequence[Item], at: int) -> Said | None:
    """`a tablet`."""
    found = unit_at(items, at + 1)
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
    more = more or (items[place].kind == "num" and items[place + 2].kind == "prn")
    return (at + 1, "and", None) if more else None


def with_another(items: Sequence[Item], at: int) -> Said | None:
    """`with a 100 mg tablet for a total of 150 mg`: another strength of the drug, not this one."""
    place = skip(items, at + 1, "a", "your", "the", "other", "each")
    counted = skip(items, place, "of")
    if items[counted].kind == "num" and items[counted + 1].kind == "num":
        place = counted + 1
    said = plain(items, place, place + 1) if items[place].kind == "num" else None
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
    said = plain(items, place, place + 1)
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
    said = plain(items, at + 3, at + 4)
    span = Span(low.value.low, high.value.low)
    if said is None or said[1] != "dose" or span.low >= span.high or high.value.high != span.high:
        return None
    factor = said[2].span.low / span.high
    return said[0], "dose", said[2]._replace(span=scaled(span, factor))


def total(items: Sequence[Item], at: int) -> Said:
    """`total 200 mg daily`: of a whole day."""
    place = skip(items, at + 1, ":", "of", "=", "is")
    said = plain(items, place, place + 1) if items[place].kind == "num" else None
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


def in_other_units(items: Sequence[Item], at: int) -> Said | None:
    """Said again: `1 capsule (50,000 units total)`, `5 mg M/W/F (15 mg/wk)`."""
    if items[at + 1].kind not in ("num", "bad"):
        return None
    place = at + 2
    if items[place].kind == "other_unit":
        place = skip(items, place + 1, "total", "/", "per", "a")
        place += items[place][:2] == ("time", "d") or items[place].kind == "adverb"
    else:
        said = plain(items, at + 1, place) if items[at + 1].kind == "num" else None
        week = (said[0], said[0] + 1) if said else None
        if said is None or week is None or said[1] != "dose" or said[2].unit not in MASSES:
            return None
        if items[week[0]].kind not in ("/", "per", "a", "each") or items[week[1]].value != "wk":
            return None
        place = week[1] + 1
    return (place + 1, "ignored", "again") if items[place].kind == ")" else None


def put_together(items: Sequence[Item], at: int) -> Said | None:
    """The `(100+25)` of `125 micrograms (100+25)`."""
    place, total = at + 1, Fraction(0)
    while items[place].kind == "num" and items[place].value.low == items[place].value.high:
        term = items[place].value.low
        if items[place + 1].kind == "x" and items[place + 2].kind == "num":
            place += 2  # "1 x 150 mg cap + 1 x 75 mg cap"
            term *= items[place].value.low
        total += term
        place = skip(items, place + 1, "unit")
        if items[place].kind not in ("+", "and", "plus"):
            break
        place += 1
    whole = next(
        (item.value for item in reversed(items[max(0, at - 6) : at]) if item.kind == "num"), None
    )
    several = any(item.kind in ("+", "and", "plus") for item in items[at:place])
    if not (several and items[place].kind == ")" and whole == span_of(total)):
        return None
    return place + 1, "ignored", "again"


def so_many(items: Sequence[Item], at: int) -> Said | None:
    """The `x2 patches` of `12 mcg/hour x2 patches`, the `x 8` of `5 mg x 8 om`."""
    number, unit = items[at + 1], items[at + 2]
    if number.kind != "num" or number.value.low != number.value.high:
        return None
    if (
        unit.kind == "unit"
        and unit.value.startswith("{")
        and items[at - 1].kind in ("unit", "time")
    ):
        return at + 3, "dose", Dose(number.value, unit.value)
    handed = at > 0 and items[at - 1].kind == "prn" and str(unit.value).startswith("{")
    if handed and items[at + 3].kind in ("end", ".", ",", ";"):
        return at + 3, "ignored", "supply"  # "nocte prn x 5 tabs"
    slot = unit.kind == "part" and unit.key not in ("nights", "mornings", "evenings")
    if slot and (at == 0 or items[at - 1].kind in ("product", "part", ",", "and")):
        return at + 2, "count", Count(number.value, spelled=True)  # "x1 am x2 pm"
    clock = unit.kind == "at" and (items[at + 3].kind == "clock" or items[at + 3].kind == "num")
    if (
        clock
        and number.value.high <= _MOST_AT_ONCE
        and items[at - 1].kind in ("product", ",", "and")
    ):
        return at + 2, "count", Count(number.value, spelled=True)  # "x2 at 6am, x1 at 10am"
    return None


def in_units_first(items: Sequence[Item], at: int) -> Said | None:
    """The `18 units` of `18 units (0.18 mL)`: the volume is the amount."""
    if items[at + 1].kind != "other_unit" or items[at + 2].kind != "(":
        return None
    said = plain(items, at + 3, at + 4) if items[at + 3].kind == "num" else None
    volume = said is not None and said[1] == "dose" and said[2].unit == "mL"
    return (at + 2, "ignored", "again") if volume else None


def week_total(items: Sequence[Item], at: int) -> Said | None:
    """`weekly total 25 mg`, of doses that are told by their days."""
    place = skip(items, at + 1, ":", "=", "of", "is")
    said = plain(items, place, place + 1) if items[place].kind == "num" else None
    days = any(item.kind in ("weekday", "rest_of_week", "parity") for item in items[:at])
    return (said[0], "ignored", "again") if said and said[1] == "dose" and days else None


def whole(items: Sequence[Item], at: int) -> Said:
    """`whole tablet`; in `swallow whole` it is no amount."""
    return article(items, at) or (at + 1, "ignored", "how")


def another(items: Sequence[Item], at: int) -> Said:
    """`another tablet` is one more; `another 2 tablets` tells how many."""
    day = per(items, at + 1)
    if items[at].key == "1" and day is not None and day[1] == 1 and items[day[0]].kind == "max":
        return day[0] + 1, "up_to_times", ("extra", span_of(1))  # "one extra a day max"
    counted = items[at + 1].kind in ("num", "a", "half")
    return at + 1, "extra" if counted else "another", None


def bare_unit(items: Sequence[Item], at: int) -> Said | None:
    """A form of the product without a number: `tablet`, `5 ml spoonful`."""
    if items[at].key == "cc" and at and items[at - 1].kind == "often":
        return at + 1, "ignored", "how"  # "TDS cc": with food
    factor, _, unit = items[at].value.rpartition(" ")
    if factor == "5" and items[at].key == "5":
        return at + 1, "dose", Dose(span_of(Fraction(factor)), unit)
    if unit == "1":
        return at + 1, "fill", None  # "enoxaparin syringe 40 mg"
    return (at + 1, "form", unit) if unit.startswith("{") else None


def letter(items: Sequence[Item], at: int) -> Said | None:
    """The first T of `T1T`."""
    return (at + 1, "fill", None) if items[at + 1].kind == "num" else None


def second_one(items: Sequence[Item], at: int) -> Said | None:
    """`may take a second tablet at noon`: one more."""
    before = [item.kind for item in items[max(0, at - 2) : at]]
    if items[at + 1].kind not in ("second", "third", "ordinal") or "may" not in before:
        return None
    when = items[at + 2].kind in ("unit", "at", "in", "with", "if", "prn", "dose")
    return (at + 2, "another", None) if when else None


def second_alone(items: Sequence[Item], at: int) -> Said | None:
    """`may take 2nd tablet`: one more."""
    nth = items[at].kind == "second" or items[at].value == 2
    led = "may" in [item.kind for item in items[max(0, at - 2) : at]]
    told = items[at + 1].kind in ("unit", "dose")
    return (at + 1, "another", None) if nth and led and told else None


def adding(items: Sequence[Item], at: int) -> Said | None:
    """`50 mg in the morning; ADD 25 mg at 2 pm`; alone it is added to what is not told."""
    told = any(item.kind == "num" for item in items[:at]) and items[at + 1].kind in ("num", "a")
    return (at + 1, "and", None) if told else None


def as_amount(items: Sequence[Item], at: int) -> Said | None:
    """The `as` of `100 mg daily (give as two 50 mg tablets)`, `(as 2 x 50 mg)`."""
    led = at > 0 and (items[at - 1].kind in ("verb", "(") or items[at + 2].kind == "x")
    led = led and items[at + 1].kind == "num"
    return (at + 1, "as_parts", None) if led else None
