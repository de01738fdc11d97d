"""What the office and the pharmacy want: quantities, refills, dates."""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said, skip
from cds.dosage.words.readers.advice import advice
from cds.dosage.words.readers.calendar import AMERICAN_ZONES, moment
from cds.dosage.words.readers.clocks import clock_number, number_clock
from cds.dosage.words.scan import Item


def dispense(items: Sequence[Item], at: int) -> Said | None:
    """`#30`, `Disp-30 tab`, `quantity: 90 (ninety)`."""
    if items[at].key == "ds" and at and items[at - 1].kind == "product":
        return at + 1, "ignored", "how"  # "Bactrim DS 1 tab"
    place = skip(items, at + 1, "-", ":", "#", "of", "=", "dispense_cue", "*", ".", ",")
    if items[place].kind not in ("num", "bad", "ratio"):
        return (at + 1, "ignored", "dispense") if items[at].key != "#" else None
    end = _past_unit(items, place + 1)
    if items[end].kind == "for" and items[end + 1].kind == "num" and items[end + 2].kind == "time":
        end += 3  # "Qty: 90 for 90 days"
    elif items[end].kind == "time":
        end = skip(items, end + 1, "pickup", "flag", "supply")  # "supply 28 days TTO"
    elif items[end].kind == "advice" and items[end].key == "must":
        said = advice(items, end)  # "#90 must last 30 days"
        end = said[0] if said else end
    return end, "ignored", "dispense"


def supplied_days(items: Sequence[Item], at: int) -> Said | None:
    """`Supply 28 days`, `supply: 14/7`."""
    place = skip(items, at + 1, ":", "-", "=", "for", "of")
    if items[place].kind == "ratio":
        return place + 1, "ignored", "supply"
    if items[place].kind != "num" or items[place + 1].kind not in ("time", "unit"):
        return None
    return place + 2 + (items[place + 2].kind == "flag"), "ignored", "supply"


def _past_unit(items: Sequence[Item], at: int) -> int:
    place = at
    while (
        items[place].kind in ("unit", "letter_unit", "form", "supply") or items[place].key == "ea"
    ):
        place += 1
    return place


def refills(items: Sequence[Item], at: int) -> Said | None:
    """`refills: 3`, `RF2`, `R-3`."""
    if items[at + 1].kind in ("by", "before", "until") and items[at + 2].kind in _DATED:
        return at + 3, "ignored", "refills"  # "REFILL BY 08/24"
    place = skip(items, at + 1, "-", ":", "x", "=", "#", "(", "of", "*")
    if items[place].kind == "num":
        return (
            place + 1 + (items[place + 1].kind == ")" and items[place - 1].kind == "("),
            "ignored",
            "refills",
        )
    return (at + 1, "ignored", "refills") if items[at].kind == "refill" else None


def counted_office(items: Sequence[Item], at: int) -> Said | None:
    """`5 refills`, `30 days supply`, `x 3 refills`."""
    place = skip(items, at + 1, "-", "extra")
    if items[at].kind == "ratio" and items[at + 1].key == "tto":
        return at + 2, "ignored", "supply"  # "3/7 TTO pack given"
    if (end := _supplied(items, at)) is not None:
        on_what = items[end].kind == "on" and items[end + 1].kind == "pickup"
        return end + 2 * on_what, "ignored", "supply"
    if items[place].kind in ("refill", "supply"):
        return place + 1, "ignored", "refills"
    handed = skip(items, place + 1, "pickup", "flag", "-")
    if items[place].kind == "time" and items[handed].kind == "supply" and handed > place + 1:
        return handed + 1, "ignored", "supply"  # "14 days TTO supplied"
    cue = skip(items, place + 1, "-", "'")
    numbered = items[cue].key == "#" and items[cue + 1].kind == "num"  # "5 days #10"
    if items[place].kind == "time" and items[cue].kind == "dispense_cue" and not numbered:
        return skip(items, place + 1, "-", "'") + 1, "ignored", "supply"
    return None


def _supplied(items: Sequence[Item], at: int) -> int | None:
    """`56 tablets = 8 weeks supply`, `28 tablets supplied`, `14/7 supplied`."""
    place = at + 1
    if items[at].kind == "num" and items[place].kind not in ("unit", "letter_unit"):
        return None
    place = skip(items, place, "unit", "letter_unit", "how")
    if items[place].kind == "=" and items[place + 1].kind == "num":
        place = skip(items, place + 2, "-", "time")
    if items[place].kind == "advice" and items[place].key == "to":
        return place  # "14 tablets to last 28 days"
    counted = items[place + 1].kind in (":", "#", "num")  # "40 mg tab Qty: 90"
    told = items[place].kind == "supply" or (items[place].kind == "dispense_cue" and not counted)
    ends = items[place + 1].kind in ("end", ".", ",", ";", ")")
    told |= place > at + 1 and items[place].key in _HANDED and ends  # "7 tabs given"
    return place + 1 if told else None


def supply_in_brackets(items: Sequence[Item], at: int) -> Said | None:
    """`(56 tablets = 8 weeks supply)`, `(supply: 28)`."""
    place = skip(items, at + 1, "supply", "dispense_cue", ":")
    if _bare_supply(items, at):
        return at + 3 + (items[at + 2].kind == "unit"), "ignored", "supply"
    end = _supplied(items, place) if items[place].kind in ("num", "ratio") else None
    if end is None and place > at + 1 and items[place].kind == "num":
        end = _past_unit(items, place + 1)
    if end is None or items[end].kind != ")":
        return None
    return end + 1, "ignored", "supply"


def _bare_supply(items: Sequence[Item], at: int) -> bool:
    """The `(56)` behind a whole instruction, `1 b.d. (56)`."""
    number = items[at + 1]
    form = items[at + 2].kind == "unit" and str(items[at + 2].value).startswith(
        "{"
    )  # "(40 tablets)"
    close = at + 2 + form
    if (
        number.kind != "num"
        or items[close].kind != ")"
        or items[close + 1].kind not in ("end", ".")
    ):
        return False
    if any(item.kind == "until_done" for item in items[:at]):
        return False  # "until all taken (20 capsules)" tells how long
    told = (*TELLS_OFTEN, "ratio", "time")  # of how often, or how long
    span, often = number.value, at > 1 and items[at - 1].kind in told
    return often and span.low == span.high >= _FEWEST_IN_BRACKETS and span.low.denominator == 1


def office(items: Sequence[Item], at: int) -> Said | None:
    """`Pharmacy: …`, `comment: …`: to the end of the text or the next clause, without a dose."""
    if items[at + 1].kind not in (":", "unknown", "date", "ratio", "-", "#", "num"):
        return None
    said = advice(items, at)
    told = items[at : said[0]] if said else ()
    often = any(item.kind in TELLS_OFTEN for item in told)
    dosed = any(item.kind in _OF_A_DAY for item in told) and not any(
        item.kind in _HANDED_OUT for item in told
    )  # "pharmacist note: Rx written for BID"
    return None if dosed or (often and any(item.kind == "verb" for item in told)) else said


def date(items: Sequence[Item], at: int) -> Said | None:
    """`Start: tomorrow`, `starting on 12/1/2026`, `reported on 1/2/26`."""
    place = skip(items, at + 1, ":", "on", "date_cue", "-", "at", "from", "verb", "the")
    daypart = items[place].kind == "part" and items[place + 1].kind in ("date", "ratio")
    end = past_date(items, place + (daypart and items[at].kind == "date_cue"))
    while end > place and items[end].kind in ("today", "part"):
        after = past_date(items, end + 1)
        if items[end].kind == "part" and after == end + 1:
            break
        end = after  # "start tomorrow morning 6/3"
    if items[at].kind == "date_cue" and (said := _hour(items, end)):
        end = max(end, said)
    if end == place and items[place].kind == "ordinal" and items[place + 1].kind in _ENDS_A_DATE:
        end = place + 1  # "next due 19th"
    begins = moment(items, place, end) if items[at].key in _BEGINS else None
    if begins is not None:
        return end, "begins", begins
    if end == place:
        alone = place == at + 1 or items[at + 1].kind == "verb"
        alone |= items[at + 1].kind == "at" and place == at + 2
        return (at + 1, "ignored", "date") if items[at].kind == "date_cue" and alone else None
    return end, "ignored", "date"


def start_date(items: Sequence[Item], at: int) -> Said | None:
    """`starting tomorrow`; other verbs say nothing of their own."""
    if items[at].key in ("start", "starting", "begin", "beginning", "started", "from", "commence"):
        place = skip(items, at + 1, ":", "on", "from", "-")
        end = past_date(items, place)
        if end > place:
            return end, "ignored", "date"
    return at + 1, "fill", "verb"


def _is_month(item: Item) -> bool:
    return item.kind == "month" or item.key == "may"


def past_date(items: Sequence[Item], at: int) -> int:
    """The end of `Tue 6/11/2024 21:00 EDT`, `June 3, 2026`, `the 14th of each month`."""
    place = at
    if items[at].kind in ("num", "ordinal") and _is_month(items[at + 1]):
        place += 2  # "14 May"
    while items[place].kind in ("date", "today", "month", "weekday", "clock") or (
        place > at and items[place].kind in (",", "num", "ratio", "ordinal", "bad")
        and items[place - 1].kind in (
            "month", "date", "weekday", "num", "ordinal", ",", "today",
        )
        and items[place + 1].kind not in ("unit", "letter_unit")
    ) or (place == at and _slashed_date(items, place)):  # fmt: skip
        place += 1
    if items[place].kind == "ordinal" and items[place + 1].kind == "of":
        month = skip(items, place + 2, "each", "every", "the")
        if items[month].kind == "month" or items[month][:2] == ("time", "mo"):
            return month + 1
    while place > at and items[place - 1].kind == ",":
        place -= 1
    if place > at and items[place].kind == "at" and (said := clock_number(items, place + 1)):
        return said[0]
    if place > at and items[place].key in (*AMERICAN_ZONES, "am", "pm"):
        place += 1
    return place


def _slashed_date(items: Sequence[Item], at: int) -> bool:
    """`3/20`; the `1/2` of `start 1/2 tab daily` is an amount."""
    return "/" in items[at].key[1:] and items[at + 1].kind not in ("unit", "letter_unit", "a")


_BEGINS = ("start", "started", "starting", "starts", "begin", "beginning", "begins", "first",
           "effective", "commencing", "commence", "from", "order", "wef", "with")  # fmt: skip
"""first words of the cues of a date on which the order begins"""
_OF_A_DAY = ("often", "od", "part", "q", "every", "clock", "meals", "ntimes")
_HANDED_OUT = ("pickup", "dispense_cue", "supply", "refill")
_DATED = ("ratio", "date", "clock_list", "bad")
_ENDS_A_DATE = ("end", ".", ",", ";", ")")
_HANDED = ("given", "issued", "sent")
_FEWEST_SUPPLIED = 7
_FEWEST_IN_BRACKETS = 10
TELLS_OFTEN = ("often", "adverb", "every_day", "part", "od", "seldom", "ntimes", "times", "every",
                "q", "clock", "weekday", "meals")  # fmt: skip


def supplied_alone(items: Sequence[Item], at: int) -> Said | None:
    """`1 tablet daily. 28 tablets`: a sentence of its own after one that tells how often."""
    span, unit = items[at].value, items[at + 1]
    whole = span.low == span.high >= _FEWEST_SUPPLIED and span.low.denominator == 1
    form = unit.kind == "unit" and unit.value[0] == "{"
    if at == 0 and whole and form and items[2].kind in ("-", ":", ".", ";"):
        return 2, "ignored", "supply"  # "56 TABLET - 1 BD"
    if at == 0 and whole and unit.kind == "product" and _a_sentence(items, 1):
        return 1, "ignored", "supply"  # "28 ramipril 5 mg capsules. Take ONE each day."
    if (
        at < 3
        or items[at - 1].kind not in (".", "-", ";", ",")
        or unit.kind != "unit"
        or unit.value[0] != "{"
    ):
        return None
    if span.low != span.high or span.low < _FEWEST_SUPPLIED or span.low.denominator != 1:
        return None
    after = items[at + 2]
    refills = items[at + 3].kind == "num" and items[at + 4].kind == "refill"
    unrefilled = items[at + 3].key == "no" or refills  # "30 tab(s), 0 Refill(s)"
    alone = after.kind in ("end", ".", "only") or (after.kind == "," and unrefilled)
    told = any(item.kind in TELLS_OFTEN for item in items[:at])
    led = items[skip(items, at + 3, "verb")].kind == "num"
    if after.kind in (",", ";", ".", "-", ":") and not told and led:
        alone = told = any(item.kind == "product" for item in items[:at])  # "…, 28 tablet, one …"
    return (at + 2, "ignored", "supply") if alone and told else None


def _a_sentence(items: Sequence[Item], at: int) -> bool:
    """Whether a form and a full stop come before any verb or other number than a strength."""
    place = skip(items, at, "product", "salt", "how", "num", "unit", "/", "route")
    forms = [item for item in items[at:place] if item.kind == "unit" and item.value[0] == "{"]
    return items[place].kind in (".", ":", ";", "-") and len(forms) == 1


def _hour(items: Sequence[Item], at: int) -> int | None:
    """The end of the `2100` of `first dose today at 2100`."""
    place = skip(items, at, "at", "@")
    if items[place].kind not in ("num", "bad"):
        return None
    half = items[place + 1].kind == "part" and items[place + 1].key in ("am", "pm")
    said = clock_number(items, place) if half else number_clock(items, place)
    return said[0] if said else None
