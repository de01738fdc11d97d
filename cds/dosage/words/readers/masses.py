"""Several amounts written together: `1-0-1`, `300-300-600 mg`, `15 mg + 5 mg (08:00/13:00)`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.words.facts import MASSES, Dose, Said, skip, span_of
from cds.dosage.words.patterns import Strokes
from cds.dosage.words.readers import weights
from cds.dosage.words.readers.amounts import counted_again, unit_at
from cds.dosage.words.scan import Item

_NAMED = ("part", "clock")


def pattern(items: Sequence[Item], at: int) -> Said | None:
    """`1-0-1 tablets`, `1-0-2 (morning - noon - night)`."""
    found = unit_at(items, at + 1)
    end, unit, factor = found or (at + 1, "1", Fraction(1))
    values = tuple(value * factor for value in items[at].value)
    return _past_legend(items, end, len(values)), "pattern", (values, unit)


def masses_of_day(items: Sequence[Item], at: int) -> Said | None:
    """`300-300-600 mg`, `50/25/50 mg (AM/noon/HS)`, `100-50-150 mg TID`: of the parts of a day.

    Without their names or number they may be several ingredients, or steps: then they must be
    near to each other, and neither rise nor fall."""
    values, found = items[at].value, unit_at(items, at + 1)
    if not isinstance(values, tuple) or found is None or found[1] not in MASSES:
        return None
    end, unit, factor = found
    sizes = tuple(value * factor for value in values)
    route = skip(items, end, "route", ",")
    past = _past_legend(items, route, len(sizes))
    if past > route:
        return past, "pattern", (sizes, unit)
    if items[route].kind == "often" and int(items[route].value) == len(sizes):
        return route + 1, "pattern", (sizes, unit)
    alone = items[route].kind in ("end", ".", ";", ",", ")", "prn", "for")
    near = 0 < max(sizes) <= 4 * min(sizes)
    one_way = sizes in (tuple(sorted(set(sizes))), tuple(sorted(set(sizes), reverse=True)))
    if not alone or not near or one_way or isinstance(values, Strokes):
        return None
    return end, "pattern", (sizes, unit)


def on_alternate_days(items: Sequence[Item], at: int) -> Said | None:
    """`100/125 mcg alternate days`: the one and the other in turn."""
    found = unit_at(items, at + 1)
    sizes = [Fraction(key) for key in items[at].key.split("/")]
    if found is None or found[1] not in MASSES or items[found[0]].kind != "seldom":
        return None
    if items[found[0]].value != "1/2" or not sizes[0] < sizes[1] <= 4 * sizes[0]:
        return None
    return found[0] + 1, "in_turn", (sizes[0] * found[2], sizes[1] * found[2], found[1])


def by_what_follows(items: Sequence[Item], at: int) -> Said | None:
    """What seldom stands behind a number tells what it is of."""
    follows = items[at + 1]
    if follows.kind == "unit":
        joined = items[at + 2].kind in ("+", "plus") or items[at + 3].kind in ("+", "plus")
        return joined_masses(items, at) if joined else None
    if follows.kind == "other_unit":
        return counted_again(items, at)
    if follows.kind == "kg":
        return weights.alone(items, at)
    return weights.percent(items, at) if follows.key == "%" else None


def joined_masses(items: Sequence[Item], at: int) -> Said | None:
    """`15 mg + 5 mg + 5 mg (08:00/13:00/17:00)`, `400 mg + 200 mg nocte (= 600 mg)`."""
    sizes: list[Fraction] = []
    unit, place = "", at
    while items[place].kind == "num" and items[place].value.low == items[place].value.high:
        found = unit_at(items, place + 1)
        if found is None or found[1] not in MASSES or (unit and found[1] != unit):
            return None
        sizes.append(items[place].value.low * found[2])
        unit, place = found[1], found[0]
        if items[place].kind not in ("+", "plus") or items[place + 1].kind != "num":
            break
        place += 1
    if len(sizes) < 2:
        return None
    past = _past_legend(items, place, len(sizes))
    if past > place:
        return past, "pattern", (tuple(sizes), unit)
    total = next((n for n in range(place, len(items)) if items[n].kind == "="), 0)
    whole = items[total + 1].value if total and items[total + 1].kind == "num" else None
    same = whole == span_of(sum(sizes)) and items[total + 2].value == unit
    return (place, "dose", Dose(span_of(sum(sizes)), unit)) if same else None


def _past_legend(items: Sequence[Item], at: int, size: int) -> int:
    """Past the names of the parts of the day, one for each amount, with marks between them."""
    place, names = at, 0
    while items[place].kind in ("(", ":", "-", "/", ",", ")", "part", "clock"):
        names += items[place].kind in ("part", "clock")
        place += 1
        if names == size:
            more = items[place].kind in ("/", "-", ",") and items[place + 1].kind in _NAMED
            return at if more else place + (items[place].kind == ")")
    return at
