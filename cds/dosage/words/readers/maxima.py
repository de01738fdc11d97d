"""The most of a day, `up to`, and what may be repeated.

Facts: `max`, `up_to_times`, `up_to_a_day`, `repeat`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from cds.dosage.words.facts import COURSE, ONE, Dose, Length, Said, skip, span_of
from cds.dosage.words.readers.amounts import amount
from cds.dosage.words.readers.lengths import MANY, stretch
from cds.dosage.words.readers.often import per, times
from cds.dosage.words.scan import Item

_FILLERS = frozenset({
    "adverb", "dose", "doses", "of", ":", ".", "total", "=", "a", "in", "the", "-",
    "times", "upto", "per", "to", "day_total", "time",
})  # fmt: skip
_FILLER_WORDS = frozenset({"is", "amount", "single", "session", "any", "number", "recommended",
                          "frequency", "freq", "up"})  # fmt: skip
_ONE_INGREDIENT = frozenset({"acetaminophen", "apap", "paracetamol", "tylenol"})
_ALL_OF_IT = frozenset({
    *_ONE_INGREDIENT, "of", "from", "all", "sources", "total", "by", "any", "routes", "route", "in",
    "all routes", "including", "im", "iv", "products", "regular", "dose", "doses",
})  # fmt: skip


_HOURS = (("time", "h"), ("time", "min"))
_GIVEN = ("injection", "injections", "infusion", "infusions")
_BEFORE_MAX = ("time", "adverb", "unit", "num", "ratio", "doses", "often")
_NEAR = 40
_EPISODES = frozenset({"course", "attack", "episode", "headache", "migraine", "event", "treatment"})


class Maximum(NamedTuple):
    """The most of a period of so many days (0: of one administration; None: not said)."""

    dose: Dose | None
    times: Fraction | None
    days: int | None
    of_other: bool = False
    """of one ingredient of the product: `max 4 g acetaminophen a day`"""
    by_hours: bool = False
    """what it bounds is taken every so many hours"""


_ENDS = frozenset({"end", ".", ",", ";", ")", "-"})


def maximum(items: Sequence[Item], at: int) -> Said | None:
    """`max 3 tablets per day`, `not more than 8 in 24 hours`, `max daily dose: 150 mg`."""
    place, daily = at + 1, False
    other = False
    while items[place].kind in _FILLERS or items[place].key in _FILLER_WORDS | _ONE_INGREDIENT:
        other = other or (items[place].key in _ONE_INGREDIENT and items[place].kind != "product")
        daily = (
            daily
            or items[place].kind in ("adverb", "day_total")
            or (items[place].kind == "time" and items[place].value == "d")
        )
        place += 1
    daily = daily or items[at].key == "mdd"
    item = items[place]
    if (
        items[place + 1].kind != "a"
        and (found := stretch(items, place))
        and found[2] in COURSE
        and items[skip(items, found[0], "supply")].kind in _ENDS
    ):
        return (
            skip(items, found[0], "supply"),
            "length",
            Length(found[1], found[2], "up to"),
        )  # "prn, max 5/7"
    if (
        item.kind == "num"
        and items[place + 1].kind == "supply"
        and items[place + 1].key[:3] == "day"
    ):
        return place + 2, "length", Length(item.value, "d", "up to")  # "max 3 days supply"
    if item.kind == "num" and items[place + 1].key in ("oz", "ounces", "ounce"):
        end = skip(items, place + 2, "of", "drink")
        return (end, "ignored", "how") if items[end - 1].kind == "drink" else None
    if item.kind == "often":
        return place + 1, "max", Maximum(None, Fraction(item.value), 1)
    if item.kind == "num" and items[place + 1].kind == "/" and items[place + 2].key == "24":
        end = place + 3 + (items[place + 3].kind == "time")
        return end, "max", Maximum(Dose(item.value, "1"), None, 1)  # "max 2/24"
    said = times(items, place) if item.kind in ("num", "ntimes") else None
    if said is not None and said[1] == "times":
        end = said[0] + (items[said[0]].key in ("period", "periods"))
        return end, "max", Maximum(None, said[2].high, 1)
    if said is not None and said[1] == "seldom":
        return said[0], "max", Maximum(None, None, 7)
    if item.kind == "num" and items[place + 1].key in ("nights", "days"):
        period = _in_a_day(items, place + 2)
        return (period[0], "max", Maximum(None, None, 7)) if period and period[1] > 1 else None
    if item.kind != "num":
        return None
    dose, end = Dose(item.value, "1"), place + 1
    said = amount(items, place)
    if said is not None and said[1] == "dose":
        end, dose = said[0], said[2]
    if items[end].kind == "how" and items[end].key in ("at", "per", "in"):
        return end + 1, "max", Maximum(dose, None, 0)  # "not more than 2 at any one time"
    more = skip(items, end, "extra")
    on_top = more > end and dose.unit[0] in "1{" and _in_a_day(items, more)
    if on_top and on_top[1] == 1:
        return on_top[0], "up_to_times", ("extra", dose.span)  # "max 2 extra in 24 hours"
    end = more if items[more].kind in ("in", "/", "per", "a", "doses", "dose") else end
    if items[end].kind == "day_total":
        return end + 1, "max", Maximum(dose, None, 1)  # "max 12 puffs total per day"
    doses = items[end].kind in ("doses", "dose", "times") or items[end].key in _GIVEN
    end += doses
    said = _of_period(items, end, dose, daily, doses)
    if other:  # "max APAP 4 g/day"
        said = (said[0], said[1], said[2]._replace(of_other=True))
    near = items[max(0, at - _NEAR) : at]
    hours = any(item[:2] in _HOURS or item.kind in ("hourly", "q") for item in near)
    said = (said[0], said[1], said[2]._replace(by_hours=hours))
    return _and_of_longer(items, said) or _and_of_a_day(items, said) or said


def at_most(items: Sequence[Item], at: int) -> Said | None:
    """The `max` of `one extra a day max`: the amount before it is the most."""
    told = at > 1 and items[at - 1].kind in _BEFORE_MAX
    return (at + 1, "fill", None) if told and items[at + 1].kind in _ENDS else None


def _of_period(items: Sequence[Item], end: int, dose: Dose, daily: bool, doses: bool) -> Said:
    place = _past(items, end, _ALL_OF_IT)
    period = _in_a_day(items, place)
    days = 1 if daily else None
    if period is not None:
        place, days = period
    place = _past(items, place, _ALL_OF_IT)
    of_other = any(
        item.key in _ONE_INGREDIENT and item.kind != "product" for item in items[end:place]
    )
    if period is None and not of_other and not dose.unit.endswith(("/d", "/24h")):
        place = end
    if doses:
        return place, "max", Maximum(None, dose.span.high, days, of_other)
    if dose.unit.endswith(("/d", "/24h")):
        unit = dose.unit.rpartition("/")[0]
        return place, "max", Maximum(Dose(dose.span, unit), None, 1, of_other)
    return place, "max", Maximum(dose, None, days, of_other)


def _and_of_longer(items: Sequence[Item], said: Said) -> Said | None:
    """`max 2 per day, 9 tablets per month`: the day counts."""
    place = skip(items, said[0], ",", "and", "&", "or", "/", ";")
    if said[2].days != 1 or place == said[0] or items[place].kind != "num":
        return None
    unit = place + 1 + (items[place + 1].kind in ("unit", "doses", "dose", "times"))
    period = per(items, unit)
    return (period[0], "max", said[2]) if period is not None and period[1] > 1 else None


def _and_of_a_day(items: Sequence[Item], said: Said) -> Said | None:
    """`max 4 sprays an hour and 64 sprays a day`, `12 tablets per course`."""
    end, _, value = said
    place = skip(items, end, "an", "a", "per", "in", "each", "every", "/")
    if value.days is not None:
        return None
    if items[place].key in _EPISODES:
        return place + 1, "max", value._replace(days=0)
    if items[place].kind == "total" and (day := _in_a_day(items, place + 1)):
        return day[0], "max", value._replace(days=day[1])
    if items[place][:2] != ("time", "h"):
        return None
    after = skip(items, place + 1, "and", ",", "&", "or", "max", "upto")
    second = maximum(items, after - 1) if items[after].kind == "num" else None
    return second or (place + 1, "max", value._replace(days=0))


def _past(items: Sequence[Item], at: int, keys: frozenset[str]) -> int:
    while items[at].key in keys:
        at += 1
    return at


def _in_a_day(items: Sequence[Item], at: int) -> tuple[int, int] | None:
    """`in 24 hours`, `in any 24 hour period`, `/24h`, `a day`, `daily`, `within 24 hours`."""
    place = skip(
        items, at, "in", "a", "within", "over", "every", "/", "per", "the", "during", "each"
    )
    if items[place].key == "any":
        place += 1
    if items[place].kind == "num" and items[place].value == span_of(24):
        unit = skip(items, place + 1, "-")
        if items[unit].kind == "time" and items[unit].value == "h":
            end = unit + 1
            return end + (items[end].key in ("period", "periods")), 1
    a_day = items[place + 1][:2] == ("time", "d")
    if items[place].kind == "num" and items[place].value == ONE and a_day:
        return place + 2, 1
    found = per(items, at)
    if found is None and place > at and items[place].kind == "time" and items[place].value == "d":
        found = place + 1, 1
    return found


def up_to(items: Sequence[Item], at: int) -> Said | None:
    """`up to 3 times a day`, `up to 2 tablets`, `up to 8 tablets in 24 hours`."""
    if items[skip(items, at + 1, "a")].kind == "total":
        at = skip(items, at + 1, "a", "total", "of") - 1  # "up to a total of 150 mg a day"
    item = items[at + 1]
    if item.kind in ("num", "ntimes"):
        said = times(items, at + 1)
        if said is not None and said[1] in ("times", "seldom"):
            return said[0], "up_to_times", (said[1], said[2])
    if item.kind == "often":
        return at + 2, "up_to_times", ("times", span_of(Fraction(item.value)))
    if item.kind in ("every", "q"):
        return at + 1, "needed", None
    if item.kind != "num":
        return None
    time = items[at + 2]
    course = time.kind == "time" and time.value in COURSE and time.key[-1] == "s"
    if course and per(items, at + 3) is None:
        return at + 3, "length", Length(item.value, time.value, "up to")  # "bid up to 3 days"
    dose, end = Dose(item.value, "1", spelled=item.spelled), at + 2
    said = amount(items, at + 1)
    if said is not None and said[1] == "dose":
        end, dose = said[0], said[2]
    more = skip(items, end, "extra")
    in_doses = items[more].kind in ("doses", "dose")
    if more > end and not in_doses and (period := _in_a_day(items, more + 1)) and period[1] == 1:
        return period[0], "up_to_times", ("extra", item.value)  # "up to 6 extra puffs a day"
    end = more if items[more].kind in ("doses", "dose") else end
    if items[end].kind in ("doses", "dose") and (period := _in_a_day(items, end + 1)):
        return period[0], "up_to_times", ("times", span_of(dose.span.high))
    minutely = any(item[:2] == ("time", "min") for item in items[:at])
    if items[end].kind in ("doses", "dose") and dose.unit == "1" and minutely:
        return end + 1, "doses", dose.span.high  # "every 5 minutes up to 3 doses"
    if items[end].kind in MANY:
        return end + 1, "sessions", (True, item.value)
    period = _in_a_day(items, end)
    if period is not None and period[1] == 1:
        return period[0], "up_to_a_day", dose
    return end, "dose", dose._replace(high=True)
