"""From one to the next: `every 6 hours`, `q4-6h`, `every other day`, `every third night`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import ONE, Said, skip, span_of
from cds.dosage.words.readers.clocks import hour_of_24
from cds.dosage.words.readers.lengths import stretch
from cds.dosage.words.readers.often import DAYS_OF, hours, not_nightly
from cds.dosage.words.scan import Item

_USUAL = (4, 6, 8, 12, 24)
_MANY = ("hours", "hrs", "days", "weeks", "wks", "months", "years")
"""after `every` with no number: the number was lost"""


def every(items: Sequence[Item], at: int) -> Said | None:
    """`every 6 hours`, `q4-6h`, `every other day`, `every 3rd night`, `each morning`, `q day`."""
    place = at + 1
    item = items[place]
    if item.kind == "num":
        return _interval(items, place)
    if item.kind == "ratio" and (found := stretch(items, place)) and found[2] in DAYS_OF:
        return found[0], "seldom", span_of(1 / (found[1].low * DAYS_OF[found[2]]))  # "every 2/52"
    step = {"other": 2, "alternate": 2, "alternative": 2, "second": 2, "third": 3}.get(item.kind)
    if item.kind == "ordinal":
        step = item.value
    if step:
        return _every_nth(items, skip(items, place + 1, "-"), step)
    if item.kind == "time" and item.key in _MANY:
        return None
    if item.kind == "time" and item.value in DAYS_OF:
        if item.value == "d":
            return place + 1, "every_day", None
        return place + 1, "seldom", span_of(Fraction(1, DAYS_OF[item.value]))
    if item.kind == "time" and item.value == "h":
        return place + 1, "times", span_of(24)
    if item.kind == "hourly":
        return place + 1, "times", span_of(24)
    if item.kind in ("part", "weekday", "adverb", "clock", "often", "awake"):
        return place, "fill", "every"
    return None


def _interval(items: Sequence[Item], place: int) -> Said | None:
    span, unit = items[place].value, items[skip(items, place + 1, "-")]
    half = unit.kind == "part" and unit.key in ("am", "pm")
    if half or (unit.kind != "time" and hour_of_24(items, place) is not None):
        return place, "fill", "every"  # "q1400", "q 4 pm"
    end = skip(items, place + 1, "-") + 1
    if span.low <= 0:
        return None
    if unit.kind == "hourly" or (unit.key in ("°", "º") and unit.glued):  # "q12°"
        return end, *hours(span)
    usual = span.low in _USUAL and span.high in _USUAL and items[place - 1].kind == "q"
    if unit.kind != "time" and items[place].glued and usual:
        return place + 1, *hours(span)  # "q8", "q12 prn"
    if unit.kind == "part" and unit.key in ("nights", "mornings", "evenings"):
        return end - 1, "seldom", Span(1 / span.high, 1 / span.low)
    if unit.kind != "time":
        return None
    if unit.value == "h":
        return end, *hours(span)
    if unit.value == "min":
        return end, "times", Span(1440 / span.high, 1440 / span.low)
    days = DAYS_OF.get(unit.value)
    if days is None:
        return None
    value = Span(1 / (span.high * days), 1 / (span.low * days))
    return (end, "daily", None) if value == ONE else (end, "seldom", value)


def _every_nth(items: Sequence[Item], place: int, step: int) -> Said | None:
    item = items[place]
    rate = span_of(Fraction(1, step))
    if item.kind == "time" and item.value in DAYS_OF:
        return not_nightly(items, place + 1, step * DAYS_OF[item.value])
    if item.kind == "time" and item.value == "h":
        return place + 1, *hours(span_of(step))
    if item.kind == "part":
        return place, "seldom", rate
    if item.kind == "weekday":
        return place + 1, "seldom", span_of(Fraction(1, 7 * step))
    return None


def alternate(items: Sequence[Item], at: int) -> Said | None:
    """`alternate nights`."""
    return _every_nth(items, at + 1, 2) if items[at + 1].kind in ("part", "time") else None


def at_intervals(items: Sequence[Item], at: int) -> Said | None:
    """`at 4 hourly intervals`, `at weekly intervals`; `if no response at 4 weeks`."""
    hourly = items[at + 1].kind == "num" and items[skip(items, at + 2, "-")].kind == "hourly"
    spaced = items[at + 1].kind == "adverb" and items[at + 2].key == "intervals"
    if spaced and any(item.key == "→" for item in items[:at]):
        return at + 3, "each_interval", Fraction(int(items[at + 1].value))
    if hourly or spaced:
        return at + 1, "fill", None
    found = stretch(items, at + 1)
    conditional = any(item.kind == "tolerated" for item in items[max(0, at - 2) : at])
    return (found[0], "ignored", "how") if found and conditional else None
