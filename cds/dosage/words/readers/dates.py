"""Days of the calendar. Facts: `ignored`, `until_date`, `today`, `tomorrow`,
`seldom` (the same day of each month)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cds.dosage.words.facts import Said, skip, span_of
from cds.dosage.words.readers.calendar import moment
from cds.dosage.words.readers.clocks import hour_of_24
from cds.dosage.words.readers.office import TELLS_OFTEN, past_date
from cds.dosage.words.scan import Item

_CHARTED = (
    "date", "ratio", "clock", "clock_list", "bad", ",", "and", "at", "@", "today", "date_cue",
)  # fmt: skip
"""what stands behind `given` on the chart of a ward"""
_LENGTHS = ("/7", "/12", "/52")
_FIRST_DAY = ("today", "tonight")
_FROM_TODAY = ("tomorrow", "today", "tonight")


def until(items: Sequence[Item], at: int) -> Said | None:
    """`until Fri 6/21/2024`."""
    place = skip(items, at + 1, ":", "the", "-", "on", "end_cue", "and", "including")
    end = past_date(items, place)
    dated = any(item.kind in ("date", "ratio", "month") for item in items[place:end])
    if items[at].kind == "end_cue" and items[place].kind == "clock":
        return place + 1, "ignored", "date"  # "Stop: 8:59"
    british = items[place].kind == "ratio" and items[place].key.endswith(_LENGTHS)
    if british and items[at].kind in ("until", "till"):
        return end, "until_date", None  # "until 3/7" may be three days
    return (end, "until_date", moment(items, place, end)) if dated else None


def on_date(items: Sequence[Item], at: int) -> Said | None:
    """The `on 6/1` of `increased on 6/1`."""
    end = past_date(items, at + 1)
    dated = any(item.kind in ("date", "ratio", "month") for item in items[at:end])
    return (end, "ignored", "date") if dated else None


def beside(items: Sequence[Item], at: int) -> Said | None:
    """The day of a letter or a visit: `as per cardiology letter 12/03/24`."""
    if items[at + 1].kind == "clock" and (end := past_date(items, at)) > at:
        begins = moment(items, at, end)  # "Routine, 03/05/24 8:00:00 CST"
        return (end, "begins", begins) if begins else None
    of_what = ("polite", "pickup", "how", "nothing_told", "office_cue")
    return (at + 1, "ignored", "date") if at and items[at - 1].kind in of_what else None


def today(items: Sequence[Item], at: int) -> Said | None:
    """`2 tablets today`: the first day."""
    if items[at].key == "tomorrow" and at > 1:
        dosed = items[at - 1].kind in ("unit", "num", "part", "route", "often", "adverb")
        told = dosed and any(i.kind == "today" and i.key in _FIRST_DAY for i in items[:at])
        return (at + 1, "next_day", None) if told else None  # "4 today, 2 tomorrow, then 1 daily"
    return None if items[at].key in ("yesterday", "tomorrow") else (at + 1, "today", None)


def from_tomorrow(items: Sequence[Item], at: int) -> Said | None:
    """`from tomorrow 2 tablets`, `starting tomorrow`."""
    place = skip(items, at + 1, ":", "on", "from", "-")
    if items[place].kind != "today" or items[place].key != "tomorrow":
        return None
    return place + 1, "tomorrow", None


def on_the_nth(items: Sequence[Item], at: int) -> Said | None:
    """`on the 1st of each month`."""
    place = skip(items, at + 1, "the")
    if items[place].kind not in ("ordinal", "first", "second", "third"):
        return None
    end = skip(items, place + 1, "time", "of", "each", "every", "the", "a")
    month = items[end - 1].kind == "time" and items[end - 1].value == "mo"
    return (end, "seldom", span_of(Fraction(1, 30))) if month else None


def charted(items: Sequence[Item], at: int) -> Said | None:
    """`given 3/3 2100, given 3/4 0900, due 3/4 2100`, behind an instruction."""
    if (
        items[at].key != "given"
        or at < 2
        or items[at - 1].kind not in (";", ".", ",", "(", ":", "-")
    ):
        return None
    if not any(item.kind in TELLS_OFTEN for item in items[:at]):
        return None
    place = at
    while items[place].kind in (*_CHARTED, "num") or items[place].key in ("given", "due", "last"):
        dated = items[place].kind != "num" or "/" in items[place].key
        hour = dated or hour_of_24(items, place, led=True) is not None
        if not hour and items[place + 1].key not in ("am", "pm"):
            return None
        place += 1 if hour else 2
    ends = place > at + 1 and items[place].kind in ("end", ".", ";", ")")
    return (place, "advice", True) if ends else None
