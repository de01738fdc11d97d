"""What tells how, why, when needed, and what the office wants: it changes no amount.

Reasons and advice are known by their first words and end with their clause, so that those nobody
foresaw are read too. A word of dosing inside ends them and is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.amounts import amount
from cds.dosage.words.courses import length
from cds.dosage.words.facts import MASSES, Said, skip
from cds.dosage.words.scan import Item

_CORE = frozenset({"unknown", "reason_word", "eye", "measure", "pain_score", "nasal_cannula"})
_BESIDE = frozenset({"route", "how", "fluid"})
"""soft after a word of the reason: `oral thrush`"""
_LINKS = frozenset({
    "and", "or", "of", "the", "a", "an", "in", "with", "my", "your", "to", "from", "by", "on", "at",
    "no", "not", "other", "-", "/", "'", "as", "same", ",", "when", "while", "without", "extra", "&",
    "if", "reason_cue", "after", "before", "during", "for", "how",
})  # fmt: skip
_END = frozenset({".", ";", "end"})
_BREAKS = frozenset({"then", "increase", "decrease", "stop", "unless", "except", "until"})


def words(items: Sequence[Item], at: int, *, links: frozenset[str] = _LINKS) -> int:
    """The end of a stretch of words that say nothing of dosing; `at` where there is none."""
    end = place = at
    while True:
        kind = items[place].kind
        if kind in _CORE or (kind in _BESIDE and end == place) or _is_mdd(items, place):
            place = end = place + 1
        elif kind == "compare" or (kind == "pain_score" and end == place):
            figure = _figure(items, place + 1)
            if figure is None or end == at:
                return end
            place = end = figure
        elif kind == "num" and end > at and items[place - 1].kind in ("pain_score", "measure"):
            place = end = place + 1
        elif kind == "(" and end > at and (closed := _bracket(items, place)):
            place = end = closed
        elif kind in links and place - end < 3:
            place += 1
        else:
            return end


def _is_mdd(items: Sequence[Item], at: int) -> bool:
    """Major depressive disorder, and not the maximum of a day: no number follows."""
    return items[at].key == "mdd" and items[skip(items, at + 1, "=", ":")].kind != "num"


def _figure(items: Sequence[Item], at: int) -> int | None:
    """The number of `> 38.5 C`, `< 100 mmHg`, `7-10`."""
    place = skip(items, at, "=", "to", "or", "than", "of", ":", "compare")
    if items[place].kind not in ("num", "ratio", "bad"):
        return None
    place += 1
    if items[place].key in ("f", "c", "mmhg", "bpm", "degrees", "%", "ms"):
        place += 1
    return place


def _bracket(items: Sequence[Item], at: int) -> int | None:
    """The end of a bracket that holds words or a score: `(4-6)`, `(ADHD)`, `(pain scale 7-10)`."""
    place = skip(items, at + 1, "pain_score", "compare", ":", "of")
    if items[place].kind == "num" and items[place + 1].kind == ")":
        return place + 2
    end = words(items, at + 1)
    return end + 1 if end > at + 1 and items[end].kind == ")" else None


def reason(items: Sequence[Item], at: int) -> Said | None:
    """`for depression`, `to prevent migraine`, `indications: anxiety, insomnia`."""
    place = skip(items, at + 1, ":", "-", "=", "is", "the", "a", "your", "my", "use", "reason_cue")
    if items[place].key == "use":
        place += 1
    end = words(items, place)
    if end == place:
        return None
    if items[end].kind == "only":
        return end + 1, "prn", None
    return end, "reason", None


def bare_reason(items: Sequence[Item], at: int) -> Said:
    """`1 tab bid, pain`: a word that is known to be a reason."""
    return words(items, at), "reason", None


def as_directed(items: Sequence[Item], at: int) -> Said:
    """`as directed by the hospital`."""
    end = at + 1
    if items[end].kind in ("by", "on", "in", "from", "per"):
        end = max(end, words(items, skip(items, end + 1, "the", "your")))
    return end, "nothing_told", None


def for_(items: Sequence[Item], at: int) -> Said | None:
    """`for 7 days`, else a reason."""
    return length(items, at) or reason(items, at)


def needed(items: Sequence[Item], at: int) -> Said | None:
    """`prn`, with what for: `prn severe pain (7-10)`, `as needed for sleep`."""
    place = (
        skip(items, at + 1, ":", "-", "only", "prn", ",") if items[at + 1].kind != "," else at + 1
    )
    if items[place].kind in ("for", "reason_cue"):
        end = words(items, skip(items, place + 1, "reason_cue", "the", "a", ":"))
        if end > place + 1 and length(items, place) is None:
            return end, "prn", None
        return place, "prn", None
    if items[place].kind == "(":
        return _bracket(items, place) or place, "prn", None
    end = words(items, place) if items[place].kind != "," else place
    return end, "prn", None


def condition(items: Sequence[Item], at: int) -> Said | None:
    """`if unable to sleep`, `when anxious`: taken when needed; at a sentence's start it is advice."""
    if at == 0 or items[at - 1].kind in (".", ";"):
        return advice(items, at)
    place = at + 1
    while items[place].kind in ("not", "no", "unless", "still", "more", "increase") or items[
        place
    ].key in ("you", "still"):
        if items[place].kind in ("unless", "increase"):
            return None
        place += 1
    end = words(items, place)
    return (end, "prn", None) if end > place else None


def advice(items: Sequence[Item], at: int) -> Said | None:
    """A sentence of advice, with the numbers and times in it; a dose in it is read."""
    place = at + 1
    inside = 0
    while items[place].kind not in _END or (
        items[place].kind == "." and items[place - 1].key == "dr"
    ):
        item = items[place]
        if item.kind == "end":
            break
        if item.kind == "(":
            inside += 1
        elif item.kind == ")":
            if not inside:
                break
            inside -= 1
        elif item.kind in _BREAKS and not _part_of_advice(items, place):
            break
        elif item.kind in ("num", "a", "max") and _is_dose(items, place, flush=_flush(items, at)):
            clean = items[place - 1].kind in (",", "-", ":", "verb")
            return place, "advice", clean
        place += 1
    return place, "advice", True


def _part_of_advice(items: Sequence[Item], at: int) -> bool:
    """`then spit`, `until dissolved`, `stop driving`: a word that does not change the dose."""
    follows = items[at + 1].kind
    if items[at].kind == "then":
        return follows in ("unknown", "advice", "mild_advice", "reason_word", "verb")
    return items[at].kind in ("until", "unless", "increase", "stop") and follows in (
        "unknown", "reason_word", "verb", "or", "the", "your", "measure", "in", "flag", "how",
    )  # fmt: skip


def _flush(items: Sequence[Item], at: int) -> bool:
    return any(
        item.key in ("flush", "flushed", "flushing", "line") for item in items[at : at + 2]
    ) or (items[at].key == "followed")


def _is_dose(items: Sequence[Item], at: int, *, flush: bool) -> bool:
    if items[at].kind == "max":
        return not flush
    if items[at].kind == "a":
        return items[at + 1].kind == "unit"
    said = amount(items, at)
    if said is None or said[1] != "dose":
        return False
    unit = said[2].unit
    if unit == "mL" and (flush or items[at - 1].kind in ("with", "in")):
        return False  # "rinse with 30 mL"
    return unit in ("mL", *MASSES) or "/" in unit or unit[0] == "{"


def in_a_drink(items: Sequence[Item], at: int) -> Said | None:
    """`in 8 ounces of water`, `with 30 mL water`."""
    place = at + 1
    if items[place].kind == "num" and items[place + 1].kind in ("other_unit", "unit"):
        place = skip(items, place + 2, "of")
        return (place + 1, "ignored", "how") if items[place].kind == "drink" else None
    return None


def mild_advice(items: Sequence[Item], at: int) -> Said | None:
    """`do not crush or chew`: up to the next word of dosing."""
    end = words(items, at + 1, links=_LINKS | {"mild_advice", "verb", "method", "form", "unit"})
    while items[end].kind in ("mild_advice", "verb", "or", "how"):
        end = words(items, end + 1)
    return end, "advice", True


def dispense(items: Sequence[Item], at: int) -> Said | None:
    """`#30`, `Disp-30 tab`, `quantity: 90 (ninety)`."""
    place = skip(items, at + 1, "-", ":", "#", "of", "=", "dispense_cue", "*", ".", ",")
    if items[place].kind not in ("num", "bad", "ratio"):
        return (at + 1, "ignored", "dispense") if items[at].key != "#" else None
    return _past_unit(items, place + 1), "ignored", "dispense"


def _past_unit(items: Sequence[Item], at: int) -> int:
    place = at
    while items[place].kind in ("unit", "letter_unit", "form", "supply"):
        place += 1
    return place


def refills(items: Sequence[Item], at: int) -> Said | None:
    """`refills: 3`, `RF2`, `R-3`."""
    place = skip(items, at + 1, "-", ":", "x", "=", "#", "(", "of")
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
    if items[place].kind in ("refill", "supply"):
        return place + 1, "ignored", "refills"
    if (
        items[place].kind == "time"
        and items[skip(items, place + 1, "-", "'")].kind == "dispense_cue"
    ):
        return skip(items, place + 1, "-", "'") + 1, "ignored", "supply"
    return None


def office(items: Sequence[Item], at: int) -> Said | None:
    """`Pharmacy: …`, `comment: …`: to the end of the text or the next clause, without a dose."""
    if items[at + 1].kind not in (":", "unknown", "date", "-", "#", "num"):
        return None
    return advice(items, at)


def date(items: Sequence[Item], at: int) -> Said | None:
    """`Start: tomorrow`, `starting on 12/1/2026`, `reported on 1/2/26`."""
    place = skip(items, at + 1, ":", "on", "date_cue", "-", "at", "from", "verb", "the")
    end = _past_date(items, place)
    if end == place:
        return (
            (at + 1, "ignored", "date")
            if items[at].kind == "date_cue" and place == at + 1
            else None
        )
    return end, "ignored", "date"


def start_date(items: Sequence[Item], at: int) -> Said | None:
    """`starting tomorrow`; other verbs say nothing of their own."""
    if items[at].key in ("start", "starting", "begin", "beginning", "started", "from"):
        place = skip(items, at + 1, ":", "on", "from", "-")
        end = _past_date(items, place)
        if end > place:
            return end, "ignored", "date"
    return at + 1, "fill", None


def _past_date(items: Sequence[Item], at: int) -> int:
    place = at
    while items[place].kind in ("date", "today", "month", "weekday", "clock") or (
        place > at and items[place].kind in (",", "num", "ratio", "ordinal", "bad")
        and items[place - 1].kind in ("month", "date", "weekday", "num", "ordinal", ",")
        and items[place + 1].kind not in ("unit", "letter_unit")
    ) or (items[place].kind == "ratio" and place == at):  # fmt: skip
        place += 1
    while place > at and items[place - 1].kind == ",":
        place -= 1
    if place > at and items[place].key in ("est", "edt", "cst", "cdt", "pst", "pdt", "am", "pm"):
        place += 1
    return place


def may(items: Sequence[Item], at: int) -> Said | None:
    """`may take`, `can increase`."""
    place = skip(items, at + 1, "also", "verb", "then", "alias")
    return (at + 1, "may", None) if items[place].kind in (
        "num", "a", "repeat", "increase", "decrease", "prn", "upto", "extra", "verb", "half",
    ) or place > at + 1 else None  # fmt: skip
