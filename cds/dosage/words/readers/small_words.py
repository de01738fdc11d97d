"""Words that say little of their own: articles, prepositions, what is said in brackets."""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import (
    COURSE,
    DAYS,
    MINUTES,
    ONE,
    Dose,
    Length,
    Reader,
    Said,
    skip,
    span_of,
)
from cds.dosage.words.readers import amount_words, amounts, often
from cds.dosage.words.remarks import turns
from cds.dosage.words.scan import Item

_TIME_OF = ("time", "duration", "run")


def says(kind: str) -> Reader:
    def reader(items: Sequence[Item], at: int) -> Said:
        return at + 1, kind, items[at].value or items[at].key

    return reader


def only_before(*kinds: str) -> Reader:
    """A small word that says nothing of its own, where one of the kinds follows."""

    def reader(items: Sequence[Item], at: int) -> Said | None:
        return (at + 1, "fill", None) if items[at + 1].kind in kinds else None

    return reader


def divided(items: Sequence[Item], at: int) -> Said | None:
    """`in 3 divided doses`, `divided into 2 doses`, `divided bid`; not the `split dose` before
    the amounts of it."""
    if items[at + 1].key == "dose" and items[at + 2].kind in ("num", ":", ",", ")", "-"):
        return at + 2, "ignored", "how"
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


def again(items: Sequence[Item], at: int) -> Said | None:
    """The `(3 days)` after `every 72 hours`."""
    unit = items[at + 1]
    if at > 1 and items[at - 2].kind in ("date", "ratio", "clock"):
        course = unit.kind == "time" and unit.value in COURSE and items[at + 2].kind == ")"
        said = Length(items[at].value, unit.value, "for")  # "end 9/6/2024 (7 days)"
        return (at + 2, "length", said) if course else None
    if items[at - 1].kind != "(" or unit.kind != "time" or items[at + 2].kind != ")" or at == 0:
        return None
    if unit.value not in DAYS or items[at].value.low != items[at].value.high:
        return None
    return at + 2, "interval_again", span_of(1 / (items[at].value.low * DAYS[unit.value]))


def one_dose(items: Sequence[Item], at: int) -> Said | None:
    """`1 dose twice daily`: so much as a dose is."""
    if items[at + 1].kind not in ("dose", "doses"):
        return None
    if any(item.key.startswith("inhal") for item in items):
        return at + 2, "dose", Dose(items[at].value, "1", spelled=True)  # "inhale one dose"
    return (at + 2, "fill", None) if items[at].value == ONE else None


def infusion_of(items: Sequence[Item], at: int) -> Said | None:
    """`40-minute infusion`."""
    place = skip(items, at + 1, "-")
    if items[place].kind != "time" or items[place].value not in MINUTES:
        return None
    if items[skip(items, place + 1, "-")].value != "infusion":
        return None
    return place + 1, "length", Length(items[at].value, items[place].value, "over")


def stars(items: Sequence[Item], at: int) -> Said:
    """`*** needs review ***`: a sentence of its own."""
    end = skip(items, at, "*")
    then = items[end].kind == "then" or (at > 0 and items[at - 1].kind == "then")
    return end, "fill" if then or end == at + 1 else "period", "*"


def replaced(items: Sequence[Item], at: int) -> Said | None:
    """`a patch, replaced every 3 days`."""
    timed = items[skip(items, at + 1, "on")].kind in ("every", "weekday", "q", "each")
    patch = any(item.value == "{patch}" for item in items[:at])
    return (at + 1, "fill", "verb") if items[at].key == "replaced" and timed and patch else None


def of_the(items: Sequence[Item], at: int) -> Said | None:
    """The `of the` of `2 puffs of the blue inhaler`."""
    told = items[at + 1].kind in ("the", "your") and items[at + 2].kind in ("how", "product")
    return (at + 2, "fill", None) if told else None


def per_whom(items: Sequence[Item], at: int) -> Said | None:
    """`per Coumadin clinic`, `per Dr Brown`: whose order it is."""
    end = skip(items, at + 1, "unknown", "polite", "pickup", "office_cue")
    said = items[at + 1 : end]
    whom = any(item.key in _WHOM for item in said) and not any(i.key in turns() for i in said)
    return (
        (end, "ignored", "how") if whom and items[end].kind in ("end", ".", ",", ";", ")") else None
    )


_WHOM = ("clinic", "team", "service", "dr", "md", "np", "pharmacist", "office", "provider")


def with_another_drug(items: Sequence[Item], at: int) -> Said | None:
    """`every 6 hours alternating with xyzafil`."""
    end = skip(items, at + 1, "unknown")
    names = items[at + 1 : end]
    strangers = names and all(len(i.key) > 3 and i.key not in turns() for i in names)
    told = any(item.kind in ("every", "q", "often") for item in items[:at])
    ends = items[end].kind in ("end", ".", ",", ";", ")", "for", "prn")
    return (end, "ignored", "how") if strangers and told and ends else None


def blank(items: Sequence[Item], at: int) -> Said | None:
    """The `--` of `Noon: --`: nothing is taken then."""
    end = skip(items, at, "-")
    alone = items[at - 1].kind == ":" and items[end].kind in ("|", ",", ".", ";", "end")
    return (end, "none", None) if at and alone else None


def on_the_body(items: Sequence[Item], at: int) -> Said | None:
    """The `on the` of `on the lower abdomen`."""
    place = skip(items, at + 1, "the", "your", "a")
    return (place, "fill", None) if items[place].kind in ("area", "how") else None


def plus_sign(items: Sequence[Item], at: int) -> Said:
    """`1 + 1`; what `1+ tab` and `+1 tab` mean is not told."""
    more = at == 0 or (items[at].glued and items[at + 1].kind in ("unit", "adverb", "often"))
    return at + 1, "unknown" if more else "and", "+"


def resumed(items: Sequence[Item], at: int) -> Said | None:
    """`Resume apixaban 5 mg bid`: at the start, what is taken."""
    leads = at == 0 or items[at - 1].kind in (".", ":", "-")
    told = items[at + 1].kind in ("product", "num", "refers", "label")
    return (at + 1, "fill", None) if leads and told else None


def then(items: Sequence[Item], at: int) -> Said:
    """`then` begins a step; `thereafter` may also stand behind one."""
    if items[at].key == "→":
        return at + 1, "then", "arrow"
    goes_on = items[at].key in ("thereafter", "afterwards", "subsequently", "after")
    return at + 1, "then", "onward" if goes_on else "then"


def method(items: Sequence[Item], at: int) -> Said:
    """A method; `infusion time: 40 min` is a length."""
    place = skip(items, at + 1, "times", ":", "of", "=") if items[at + 1].key in _TIME_OF else at
    if place > at and items[place].key in _TIME_OF:
        place = skip(items, place + 1, ":", "of", "=")
    time = items[place + 1]
    if place > at and items[place].kind == "num" and time.kind == "time" and time.value in MINUTES:
        return place + 2, "length", Length(items[place].value, time.value, "over")
    return at + 1, "method", items[at].value


def or_method(items: Sequence[Item], at: int) -> Said | None:
    """The `or` of `chew or suck 1 tablet`."""
    ways = ("method", "verb", "how")
    between = at > 0 and items[at - 1].kind in ways and items[at + 1].kind in ways
    return (at + 1, "fill", None) if between else None


def before_an_amount(items: Sequence[Item], at: int) -> Said | None:
    """The `at` of `start at 25 mg`, `at 20 mg/h`."""
    said = amounts.amount(items, at + 1) if items[at + 1].kind == "num" else None
    return (at + 1, "fill", None) if said and said[1] in ("dose", "strength") else None


def alternate_amounts(items: Sequence[Item], at: int) -> Said | None:
    """`alternate 1 tablet and 2 tablets daily`."""
    return (at + 1, "alternating", None) if items[at + 1].kind in ("num", "a") else None


def article(items: Sequence[Item], at: int) -> Said | None:
    if items[at + 1].kind == "whole" and items[at + 2].kind == "unit":
        return at + 1, "fill", None
    if items[at + 1].key == "single" and items[at + 2].kind == "unit":
        return amount_words.article(items, at + 1)  # "a single tablet"
    return amount_words.article(items, at) or often.per_time(items, at)


def capital_in(items: Sequence[Item], at: int) -> Said | None:
    """`84 mg IN once weekly`: into the nose."""
    weighed = at > 0 and items[at - 1].kind == "unit" and items[at - 1].value in ("mg", "{spray}")
    often = items[at + 1].kind in ("ntimes", "often", "adverb", "seldom", "q", "prn")
    return (at + 1, "route", "intranasal") if weighed and often else None


def but_on_days(items: Sequence[Item], at: int) -> Said | None:
    """The `but` of `one every day but TWO on Sundays`."""
    place = skip(items, at + 2, "unit", "on")
    told = items[at + 1].kind == "num" and items[place].kind == "weekday"
    return (at + 1, "comma", None) if told else None


def mistyped_one(items: Sequence[Item], at: int) -> Said | None:
    """The `on` of `take on tablet daily`: one."""
    led = at > 0 and items[at - 1].kind == "verb" and items[at + 1].kind == "unit"
    singular = led and items[at + 1].key in ("tablet", "tab", "capsule", "cap", "pill")
    return (at + 2, "dose", Dose(ONE, items[at + 1].value)) if singular else None


def before_one(items: Sequence[Item], at: int) -> Said | None:
    """The `AC` of `AC breakfast`."""
    one = items[at].key in ("ac", "pc", "qac", "qpc") and items[at + 1].kind == "part"
    return (at + 1, "fill", None) if one else None


def transdermal(items: Sequence[Item], at: int) -> Said | None:
    """The TD of `50 mcg/hr TD q72h`: through the skin, and not three times a day."""
    if items[at].key != "td" or at == 0:
        return None
    patch = items[at - 1][:2] == ("unit", "{patch}")
    rate = items[at - 1][:2] == ("time", "h") and at > 1 and items[at - 2].kind in ("/", "per")
    return (at + 1, "route", "transdermal") if patch or rate else None
