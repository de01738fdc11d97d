"""How often: times a day, intervals, a mean over days.

Facts: `times` (a day), `seldom` (a mean over days), `every_day`, `daily`, `per_day_of` (`3/day`:
times or units), `single`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.model import Span
from cds.dosage.words.facts import ONE, Said, skip, span_of
from cds.dosage.words.scan import Item

DAYS_OF = {"d": 1, "wk": 7, "2wk": 14, "mo": 30}
_ARTICLES = ("a", "an", "per", "each", "every", "/", "-")


_PARTS = ("nights", "mornings", "evenings")
_NIGHTLY = ("nightly", "qhs", "qam", "qpm")
_EVERY_SO_MANY_WEEKS = 6
_CLAUSE_ENDS = (",", ";", ".", "end", ")", "on")


def times(items: Sequence[Item], at: int) -> Said | None:
    """`3 times a day`, `twice weekly`, `2x/week`, `4 hourly`, `5 days a week`."""
    item = items[at]
    named = item.kind == "ntimes"
    if not named and (said := _out_of_24(items, at)):
        return said
    span = span_of(Fraction(item.value)) if named else item.value
    place = at + 1
    if named and items[place].kind in ("or", "to", "-") and items[place + 1].kind == "ntimes":
        span, place = Span(span.low, Fraction(items[place + 1].value)), place + 2
    elif named and items[place].kind in ("or", "to", "-") and items[place + 1].kind == "often":
        return place + 2, "times", Span(span.low, Fraction(items[place + 1].value))
    elif named and items[place].kind == "(" and items[place + 2].kind == ")":
        place += 3
    if items[place].kind in ("times", "x", "doses", "dose"):
        named, place = True, place + 1
    if not named and items[skip(items, place, "-")].kind == "hourly":
        return skip(items, place, "-") + 1, *hours(span)
    if not named and (items[place][:2] == ("time", "d") or items[place].key in _PARTS):
        return _days_of_week(items, place + 1, span)
    if not named and (said := _so_many_weekly(items, at)):
        return said
    if items[place - 1].key == "time" and span == ONE and per(items, place) is None:
        return place, "single", "once"  # "1 (one) time"
    found = per(items, place)
    if found is not None and span.high > 0 and (named or items[place].kind == "/"):
        end, days = found
        value = Span(span.low / days, span.high / days)
        if days == 1 and span == ONE and items[end].kind == "every" and (
            items[end + 1].kind == "num" and items[end + 2].kind == "time"
            and items[end + 2].value in ("d", "wk", "mo")
        ):  # fmt: skip
            return end, "fill", "every"  # "one time a day every 7 day(s)"
        if not named:
            return end, "per_day_of", (span, days)
        return end, "times" if days == 1 else "seldom", value
    twice = items[place - 1].kind in ("ntimes", "times")
    if twice and span.high > 1 and items[place].kind in _CLAUSE_ENDS:
        return place, "times_alone", span
    return _count_per(items, place, span) if not named else _once(items, at, place)


def _so_many_weekly(items: Sequence[Item], at: int) -> Said | None:
    """The British `4 weekly` after an amount, `2-weekly`, `3 monthly`: from one to the next."""
    place = skip(items, at + 1, "-")
    item, n = items[place], items[at].value
    if item.kind != "adverb" or item.key not in ("weekly", "monthly") or n.low <= 1:
        return None
    then = at > 0 and items[at - 1].kind == "then"
    if then and any(i.value in ("injection", "intramuscular") for i in items):
        return place + 1, "seldom", _mean(n, int(item.value))  # "then 12 weekly"
    if then and n.low >= _EVERY_SO_MANY_WEEKS:
        return place + 1, "unknown", "weekly"  # so many a week, or once in so many weeks
    if at == 0 or items[at - 1].kind in (
        "verb",
        "max",
        "upto",
        "and",
        ",",
        "then",
        ".",
        ":",
        "for",
        "x",
    ):
        return None  # "take 4 weekly"
    return place + 1, "seldom", _mean(n, int(item.value))


def _mean(n: Span, days: int) -> Span:
    """Once in n times so many days."""
    return Span(1 / (n.high * days), 1 / (n.low * days))


def _out_of_24(items: Sequence[Item], at: int) -> Said | None:
    """The British `6/24`: every six hours."""
    if items[at + 1].kind != "/" or items[at + 2].key != "24" or not items[at + 2].glued:
        return None
    after = items[at + 3]
    if items[at].value.high not in (1, 2, 3, 4, 6, 8, 12) or after.kind in ("time", "hourly"):
        return None
    return at + 3, *hours(items[at].value)


def _once(items: Sequence[Item], at: int, place: int) -> Said | None:
    """`once`: single, or said before another frequency (`once every 6 hours`, `once nightly`)."""
    item = items[at]
    if item.kind != "ntimes" or item.value != "1" or place != at + 1:
        return None
    after = items[place]
    if at == 0 and after.kind == "unknown":
        return place, "unknown", "once"  # "once labs back, 1 tab daily"
    if after.kind in ("every", "each", "every_day", "q", "seldom") or after.key == "nightly":
        return place, "fill", None
    if after.kind == "on" and items[place + 1].kind in ("weekday", "parity"):
        return place, "fill", None
    if after.kind == "only":
        place += 1
    return place, "single", "once"


def _count_per(items: Sequence[Item], place: int, span: Span) -> Said | None:
    """`3 per week`, `2 a day`: times beside an amount, else so many units."""
    if items[place].kind not in ("a", "per", "each", "every", "in", "an"):
        return None
    found = per(items, place)
    if found is None or span.high <= 0:
        return None
    return found[0], "per_day_of", (span, found[1])


def per(items: Sequence[Item], at: int) -> tuple[int, int] | None:
    """`a day`, `per week`, `/24 hours`, `daily`, `in 24 hours`: the end, and days."""
    place = skip(items, at, *_ARTICLES, "in")
    item = items[place]
    if item.kind == "adverb" and place - at <= 1:
        return place + 1, int(item.value)
    if item.kind == "every_day":
        return place + 1, 1
    if item.kind == "num" and item.value == span_of(24) and items[place + 1].kind == "time":
        return (place + 2, 1) if items[place + 1].value == "h" and place > at else None
    if item.kind == "num" and item.value == ONE and items[place + 1].kind == "time":
        item, place = items[place + 1], place + 1
    if item.kind == "time" and item.value in DAYS_OF and (place > at or item.key != "d"):
        if place > at and items[place - 1].kind == "in" and items[place - 1].kind != "a":
            return None
        return place + 1, DAYS_OF[item.value]
    return None


def _days_of_week(items: Sequence[Item], place: int, span: Span) -> Said | None:
    """`5 days a week`, `5 days out of 7`, `21 days on 7 days off`."""
    of_week = skip(items, place, "of", "each", "every", "the")
    found = per(items, place)
    if of_week > place and items[of_week][:2] == ("time", "wk"):
        found = of_week + 1, 7  # "of the week"
    if (
        found is not None
        and found[1] > 1
        and span.high <= found[1]
        and items[place].kind != "adverb"
    ):
        return found[0], "seldom", Span(span.low / found[1], span.high / found[1])
    place = skip(items, place, "-", ",")
    if items[place].kind == "on":
        rest = skip(items, place + 1, ",", "/", "and", "then", "-", "followed")
        off, unit, stop = items[rest], items[rest + 1], items[rest + 2]
        if off.kind == "num" and unit.kind == "time" and unit.value == "d" and stop.key == "off":
            part = span.low / (span.low + off.value.low)
            return rest + 3, "seldom", span_of(part)
    return None


def on_so_many(items: Sequence[Item], at: int) -> Said | None:
    """The `on` of `on four nights of the week`."""
    said = times(items, at + 1) if items[at + 1].kind == "num" else None
    return (at + 1, "fill", None) if said and said[1] == "seldom" else None


_FORTNIGHT = 14


def not_nightly(items: Sequence[Item], end: int, days: int) -> Said:
    """Once in so many days; beside `nightly` it may be each night of every second week."""
    if days >= _FORTNIGHT and any(item.key in _NIGHTLY for item in items):
        return end, "unknown", "nightly"
    return end, "seldom", span_of(Fraction(1, days))


def hours(span: Span) -> tuple[str, Span | None]:
    """An interval in hours as times a day; of two days and more, as a mean over days."""
    if span.low <= 0:
        return "unknown", None
    value = Span(24 / span.high, 24 / span.low)
    return ("seldom" if span.low > 24 else "times"), value


def often(items: Sequence[Item], at: int) -> Said | None:
    """`bid`, `BID-TID`."""
    if items[at].key == "td" and any(item.value == "{patch}" for item in items[:at]):
        return at + 1, "route", "transdermal"
    low = high = Fraction(items[at].value)
    end = at + 1
    if items[end].kind in ("-", "to", "or") and items[end + 1].kind == "often":
        high, end = Fraction(items[end + 1].value), end + 2
    return (end, "times", Span(low, high)) if low <= high else None


def seldom(items: Sequence[Item], at: int) -> Said | None:
    """`qod`, `alternate days`."""
    return at + 1, "seldom", span_of(Fraction(items[at].value))


def hourly(items: Sequence[Item], at: int) -> Said | None:
    """`hourly if needed`; a regular dose of 24 a day is not told by that word."""
    needed = any(item.kind in ("prn", "if", "when") for item in items)
    return (at + 1, "times", span_of(24)) if needed else None


def adverb(items: Sequence[Item], at: int) -> Said | None:
    """`daily`, `weekly`, `monthly`."""
    days = int(items[at].value)
    if days == 1 and items[at + 1].kind in ("-", "to", "or") and items[at + 2].kind == "often":
        return at + 3, "times", Span(Fraction(1), Fraction(items[at + 2].value))  # "qd-bid"
    return (at + 1, "daily", None) if days == 1 else not_nightly(items, at + 1, days)


def per_time(items: Sequence[Item], at: int) -> Said | None:
    """The `a day` of `1 tablet a day`, the `/week` of `10 mg/week`, `in 24 hours`."""
    found = per(items, at)
    if found is None:
        return None
    end, days = found
    return (end, "daily", None) if days == 1 else (end, "seldom", span_of(Fraction(1, days)))
