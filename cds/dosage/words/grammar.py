"""Which reader is asked about which kind of item, in which order."""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import DAYS, MINUTES, ONE, Length, Reader, Said, skip, span_of
from cds.dosage.words.readers import (
    advice,
    amounts,
    around,
    calendar,
    changes,
    clocks,
    cycles,
    dates,
    day_times,
    former,
    labels,
    lengths,
    maxima,
    office,
    often,
    product,
    reasons,
)
from cds.dosage.words.scan import Item

_TIME_OF = ("time", "duration", "run")


def _as(kind: str) -> Reader:
    def reader(items: Sequence[Item], at: int) -> Said:
        return at + 1, kind, items[at].value or items[at].key

    return reader


def _only_before(*kinds: str) -> Reader:
    """A small word that says nothing of its own, where one of the kinds follows."""

    def reader(items: Sequence[Item], at: int) -> Said | None:
        return (at + 1, "fill", None) if items[at + 1].kind in kinds else None

    return reader


def _divided(items: Sequence[Item], at: int) -> Said | None:
    """`in 3 divided doses`, `divided into 2 doses`, `divided bid`."""
    place = skip(items, at + 1, "in", "into", "unknown") if items[at].kind != "in" else at + 1
    if items[place].kind == "num":
        place += 1
        if items[at].kind == "in" and items[place].kind not in ("divided", "split", "doses"):
            return None
        place = skip(items, place, "divided", "split", "equal")
        return (place + 1, "divided", None) if items[place].kind == "doses" else (
            (place, "divided", None) if items[place - 1].kind == "divided" else None)  # fmt: skip
    if items[at].kind != "in":
        return at + 1, "divided", None
    return None


def _again(items: Sequence[Item], at: int) -> Said | None:
    """The `(3 days)` after `every 72 hours`."""
    unit = items[at + 1]
    if items[at - 1].kind != "(" or unit.kind != "time" or items[at + 2].kind != ")" or at == 0:
        return None
    if unit.value not in DAYS or items[at].value.low != items[at].value.high:
        return None
    return at + 2, "interval_again", span_of(1 / (items[at].value.low * DAYS[unit.value]))


def _one_dose(items: Sequence[Item], at: int) -> Said | None:
    """`1 dose twice daily`: so much as a dose is."""
    if items[at].value != ONE or items[at + 1].kind not in ("dose", "doses"):
        return None
    return at + 2, "fill", None


def _infusion_of(items: Sequence[Item], at: int) -> Said | None:
    """`40-minute infusion`."""
    place = skip(items, at + 1, "-")
    if items[place].kind != "time" or items[place].value not in MINUTES:
        return None
    if items[skip(items, place + 1, "-")].value != "infusion":
        return None
    return place + 1, "length", Length(items[at].value, items[place].value, "over")


def _method(items: Sequence[Item], at: int) -> Said:
    """A method; `infusion time: 40 min` is a length."""
    place = skip(items, at + 1, "times", ":", "of", "=") if items[at + 1].key in _TIME_OF else at
    if place > at and items[place].key in _TIME_OF:
        place = skip(items, place + 1, ":", "of", "=")
    time = items[place + 1]
    if place > at and items[place].kind == "num" and time.kind == "time" and time.value in MINUTES:
        return place + 2, "length", Length(items[place].value, time.value, "over")
    return at + 1, "method", items[at].value


def _before_an_amount(items: Sequence[Item], at: int) -> Said | None:
    """The `at` of `start at 25 mg`, `at 20 mg/h`."""
    said = amounts.amount(items, at + 1) if items[at + 1].kind == "num" else None
    return (at + 1, "fill", None) if said and said[1] in ("dose", "strength") else None


def _alternate_amounts(items: Sequence[Item], at: int) -> Said | None:
    """`alternate 1 tablet and 2 tablets daily`."""
    return (at + 1, "alternating", None) if items[at + 1].kind in ("num", "a") else None


def _article(items: Sequence[Item], at: int) -> Said | None:
    if items[at + 1].kind == "whole" and items[at + 2].kind == "unit":
        return at + 1, "fill", None
    return amounts.article(items, at) or often.per_time(items, at)


_NUMBER = (
    calendar.dates,    clocks.number_clock, office.counted_office, cycles.cycle, around.time_before,
    day_times.first_turn, _infusion_of,
    often.times, lengths.course, lengths.counted, _again, amounts.amount, _one_dose, lengths.bare_length,
    lengths.british_length, amounts.count,
)  # fmt: skip
_PREPOSITION = (day_times.preposition,)
READERS: dict[str, tuple[Reader, ...]] = {
    "num": _NUMBER,
    "reason_word": (reasons.bare_reason,),
    "icd": (_as("reason"),),
    "bad": (clocks.number_clock, office.counted_office, amounts.unread),
    "ratio": (
        calendar.dates,
        office.counted_office,
        lengths.british_length,
        lengths.course,
        amounts.unread,
    ),
    "pattern": (amounts.pattern,),
    "unit": (amounts.bare_unit,),
    "letter_unit": (amounts.letter,),
    "ntimes": (often.times,),
    "often": (often.often,),
    "seldom": (often.seldom,),
    "adverb": (often.adverb,),
    "ambiguous_adverb": (_as("ambiguous_adverb"),),
    "every_day": (_as("every_day"),),
    "every": (often.every, *_PREPOSITION),
    "each": (often.every, *_PREPOSITION, _as("each")),
    "q": (often.every,),
    "alternate": (often.alternate, _alternate_amounts),
    "alternative": (often.alternate,),
    "a": (_article, around.time_before, day_times.preposition),
    "an": (_article, around.time_before),
    "per": (often.per_time,),
    "/": (amounts.slash_minutes, often.per_time, _as("slash")),
    "in": (
        _divided,
        advice.in_a_drink,
        lengths.after,
        day_times.preposition,
        often.per_time,
        _only_before("route", "each_nostril"),
    ),
    "on": (
        day_times.turn,
        lengths.on_days,
        dates.on_the_nth,
        dates.on_date,
        often.on_so_many,
        day_times.on,
        advice.in_a_drink,
    ),
    "at": (*_PREPOSITION, around.beside, _before_an_amount),
    "@": _PREPOSITION,
    "into": (_only_before("each_nostril", "route"), advice.in_a_drink),
    "onto": (advice.in_a_drink,),
    "with": (
        day_times.preposition,
        advice.in_a_drink,
        advice.with_energy,
        around.beside,
        amounts.with_another,
        amounts.with_more,
        _only_before("each_nostril"),
    ),
    "before": (*_PREPOSITION, around.beside),
    "after": (lengths.after, *_PREPOSITION, around.beside),
    "prior": (around.beside,),
    "during": (lengths.length, *_PREPOSITION),
    "upon": _PREPOSITION,
    "by": (*_PREPOSITION, _only_before("route", "how")),
    "of": (
        *_PREPOSITION,
        _only_before("how", "form", "unit", "fluid", "medication", "product", "num"),
    ),
    "the": (
        day_times.turn,
        lengths.nth_day,
        day_times.preposition,
        _only_before(
            "how",
            "unit",
            "form",
            "route",
            "num",
            "same",
            "dose",
            "product",
            "first",
            "polite",
            "refers",
        ),
    ),
    "your": _PREPOSITION,
    "from": (lengths.on_days, calendar.dates, dates.from_tomorrow, office.start_date),
    "to": (
        day_times.preposition,
        changes.to_amount,
        reasons.reason,
        _only_before("verb", "route", "each_nostril", "area"),
    ),
    "time": (lengths.days,),
    "first": (lengths.nth_day,),
    "second": (lengths.nth_day,),
    "third": (lengths.nth_day,),
    "next": (day_times.turn, lengths.nth_day),
    "following": (day_times.turn, lengths.nth_day),
    "ordinal": (lengths.nth_day,),
    "part": (lengths.nights, day_times.part),
    "other": (day_times.turn,),
    "meals": (_as("meals"),),
    "weekday": (day_times.weekdays,),
    "rest_of_week": (_as("rest_of_week"),),
    "parity": (_as("parity"),),
    "clock": (clocks.clock,),
    "clock_list": (clocks.clock_list,),
    "awake": (_as("awake"),),
    "od": (day_times.od,),
    "eye": (_as("eye"),),
    "now": (lengths.now,),
    "x": (lengths.length,),
    "for": (cycles.cycle, reasons.for_),
    "duration": (lengths.length,),
    "until": (lengths.until_course, dates.until),
    "date": (calendar.dates,),
    "month": (calendar.dates,),
    "through": (dates.until,),
    "thru": (dates.until,),
    "till": (lengths.until_course, dates.until),
    "end_cue": (dates.until,),
    "today": (dates.today,),
    "over": (lengths.length,),
    "max": (maxima.maximum,),
    "upto": (maxima.up_to,),
    "up": (changes.change,),
    "rarely": (around.gap,),
    "course_name": (changes.course_name,),
    "repeat": (maxima.repeat,),
    "increase": (changes.change,),
    "decrease": (changes.change,),
    "tolerated": (_as("tolerated"),),
    "stop": (changes.stop,),
    "onward": (_as("onward"),),
    "both": (_as("both"),),
    "none": (_as("none"),),
    "no": (amounts.no_units,),
    "spread": (_as("spread"),),
    "former": (former.former, office.office),
    "product": (product.product,),
    "salt": (_as("ignored"),),
    "area": (_as("ignored"),),
    "label": (labels.label,),
    "dose": (labels.dose,),
    "pickup": (office.pickup,),
    "not": (advice.not_at,),
    "about": (_only_before("num", "part", "a", "clock"),),
    "approximately": (_only_before("num", "part", "a", "clock"),),
    "trigger": (_as("prn"),),
    "let": (_as("fill"),),
    "polite": (_as("ignored"),),
    "until_end": (changes.stays,),
    "until_done": (_as("ignored"),),
    "alternating": (_as("alternating"),),
    "divided": (_divided,),
    "split": (_divided,),
    "another": (amounts.another,),
    "whole": (amounts.whole,),
    "day_total": (_as("day_total"),),
    "extra": (_as("extra"),),
    "except": (_as("except"),),
    "total": (amounts.total,),
    "between": (amounts.between,),
    "as_parts": (_as("as_parts"),),
    "only": (_as("fill"),),
    "then": (_as("then"),),
    "and": (_as("and"),),
    "&": (_as("and"),),
    "+": (_as("and"),),
    "plus": (_as("and"),),
    "or": (_as("or"),),
    "may": (reasons.may,),
    "can": (reasons.may,),
    "prn": (reasons.needed,),
    "if": (advice.condition,),
    "when": (advice.condition,),
    "whenever": (advice.condition,),
    "compare": (around.gap,),
    "gap": (around.gap, advice.with_energy),
    "reason_cue": (reasons.reason,),
    "advice": (advice.advice,),
    "mild_advice": (advice.mild_advice,),
    "dispense_cue": (office.dispense,),
    "#": (office.dispense,),
    "refill": (office.refills,),
    "r": (office.refills,),
    "office_cue": (office.office,),
    "date_cue": (calendar.dates, office.date),
    "against": (advice.not_at, advice.hold, _as("against")),
    "refers": (labels.refers,),
    "nothing_told": (reasons.as_directed,),
    "verb": (calendar.dates, dates.from_tomorrow, office.start_date),
    "how": (_as("ignored"),),
    "single_dose": (_as("single_dose"),),
    "route": (_as("route"),),
    "each_nostril": (_as("each_nostril"),),
    "nasal_cannula": (_as("ignored"),),
    "method": (_method,),
    "plain_word": (_as("ignored"),),
    "flag": (office.at_home,),
    "fluid": (_as("fluid"),),
    "=": (_as("equals"),),
    "(": (office.supply_in_brackets, amounts.split_over_nostrils, _as("open")),
    ")": (_as("close"),),
    "[": (_as("open"),),
    "]": (_as("close"),),
    ",": (_as("comma"),),
    ".": (_as("period"),),
    ";": (_as("period"),),
    ":": (_as("colon"),),
    "-": (_as("dash"),),
    "*": (_as("fill"),),
    '"': (_as("fill"),),
    "!": (_as("period"),),
    "~": (_as("fill"),),
}
