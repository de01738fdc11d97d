"""What for, and when needed: it changes no amount.

A reason is known by its first word and ends with its clause, so that one that nobody foresaw is
read too. A word of dosing inside ends it and is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cds.dosage.words.facts import MASSES, Said, skip
from cds.dosage.words.readers.lengths import length
from cds.dosage.words.readers.numbered_days import on_days
from cds.dosage.words.remarks import turns
from cds.dosage.words.scan import Item

_CORE = frozenset({"unknown", "reason_word", "eye", "measure", "pain_score", "nasal_cannula",
                   "beside", "trigger", "event", "icd", "area", "salt", "product",
                   "prior"})  # fmt: skip
_BY_ANOTHER = tuple((a, b) for a in ("relieved", "controlled", "helped") for b in ("by", "with"))
_MOST_PAIN = 10
_BOUNDS = frozenset({"no", "not", "at"})
_MOST = frozenset({"more", "most", "exceed"})
_IS = ("is", "are", "was")
_BESIDE = frozenset({"route", "how", "fluid"})
"""soft after a word of the reason: `oral thrush`"""
LINKS = frozenset({
    "and", "or", "of", "the", "a", "an", "in", "with", "my", "your", "to", "from", "by", "on", "at",
    "no", "not", "other", "-", "/", "'", "as", "same", ",", "when", "while", "without", "extra",
    "&", "if", "down", "reason_cue", "after", "before", "during", "for", "how",
})  # fmt: skip


def words(items: Sequence[Item], at: int, *, links: frozenset[str] = LINKS) -> int:
    """The end of a stretch of words that say nothing of dosing; `at` where there is none.

    A word behind `and` with an amount right behind it is none of them: it may be another drug.
    """
    end = _words(items, at, links)
    end = _before_a_bound(items, at, end)
    if items[end].kind != "num" or items[end + 1].value not in MASSES or end <= at + 1:
        return end
    said = [item.key for item in items[at:end]]
    if any(pair in _BY_ANOTHER for pair in pairwise(said)):
        return end + 2  # "if pain is not relieved by xyzafil 600 mg"
    name = end
    while name > at and items[name - 1].kind in ("unknown", "how"):
        name -= 1
    strangers = sum(item.kind == "unknown" for item in items[name:end])
    joined = name > at and items[name - 1].kind in ("and", ",", "&", "/", "+", "with")
    if joined and (strangers == 1 or (strangers and items[name - 1].kind == "with")):
        return _back(items, name, at)  # "pain, and Xyzafil ER 15 mg"
    return end


def _before_a_bound(items: Sequence[Item], at: int, end: int) -> int:
    """Before `not xyz more often than`, `at xyz most`: how often at most is no reason, whatever
    word stands between."""
    for place in range(at, end):
        if items[place].kind in _BOUNDS and any(i.key in _MOST for i in items[place + 1 : end]):
            return _back(items, place, at)
    return end


def _back(items: Sequence[Item], place: int, start: int) -> int:
    """Back over the words that join."""
    while place > start and items[place - 1].kind in ("and", ",", "&", "/", "+", "with"):
        place -= 1
    return place


def _words(items: Sequence[Item], at: int, links: frozenset[str]) -> int:
    """The end of the stretch, names of other drugs with it."""
    end = place = at
    while True:
        kind = items[place].kind
        if (
            _is_allergy(items, place)
            or kind in _CORE
            or items[place].key == "fluid"
            or (kind in _BESIDE and end == place)
            or _is_mdd(items, place)
            or (items[place].key in ("r", "l") and items[place + 1].kind in ("unknown", "area"))
        ):
            place = end = place + 1
        elif kind in ("compare", "over") or (kind == "pain_score" and end == place):
            figure = _figure(items, place + 1)
            if figure is None or end == at:
                return end
            place = end = figure
        elif kind == "num" and end == place > at and _is_a_score(items, place):
            place = end = place + 1
        elif kind == "num" and end > at and items[place - 1].kind in ("pain_score", "measure"):
            place = end = place + 1
            if items[place].value == "mL" and items[place + 1].kind == "/":
                place = end = place + 3  # "for CrCl 22 mL/min"
        elif (
            kind == "num" and end == place > at and items[place - 1].kind == "unknown"
            and items[place + 1].kind == ")"
        ):  # fmt: skip
            place = end = place + 1  # "(sore throat, FeverPAIN 4)"
        elif kind == "(" and end > at and (closed := bracket(items, place)):
            place = end = closed
        elif kind == "num" and end > at and items[place + 1].kind in ("other_unit", "kg"):
            place = end = skip(items, _in_how_long(items, place + 2), "or", "extra")
        elif (kind in links or items[place].key in _IS) and place - end < 3:
            place += 1
        else:
            return end


def _is_a_score(items: Sequence[Item], at: int) -> bool:
    """The `7-10` of `for pain 7-10`."""
    span = items[at].value
    of_a_form = items[at + 1].kind in ("unit", "letter_unit", "x")
    return items[at - 1].key == "pain" and not of_a_form and span.low < span.high <= _MOST_PAIN


def _is_mdd(items: Sequence[Item], at: int) -> bool:
    """Major depressive disorder, and not the maximum of a day: no number follows."""
    return items[at].key == "mdd" and items[skip(items, at + 1, "=", ":")].kind != "num"


def depression(items: Sequence[Item], at: int) -> Said | None:
    """The MDD of `MDD, recurrent: …`, `A/P: MDD - continue …`."""
    led = at == 0 or items[at - 1].kind in (":", ".", ";", "-", "(")
    if items[at].key != "mdd" or not led or not _is_mdd(items, at):
        return None
    return words(items, at + 1), "reason", None


def _is_allergy(items: Sequence[Item], at: int) -> bool:
    """`for allergies`, and not the list of them."""
    return items[at].key in ("allergies", "allergy") and items[at + 1].kind != ":"


def _figure(items: Sequence[Item], at: int) -> int | None:
    """The number of `> 38.5 C`, `< 100 mmHg`, `7-10`."""
    place = skip(items, at, "=", "to", "or", "than", "of", ":", "compare", "more", "extra")
    if items[place].kind not in ("num", "ratio", "bad"):
        return None
    place += 1
    if items[place].key in ("f", "c", "mmhg", "bpm", "degrees", "%", "ms", "lb", "lbs", "kg"):
        place += 1
    elif items[place].kind == "time" and items[place].value in ("s", "min"):
        return place + 1  # "lasts longer than 5 minutes"
    if items[place - 1].kind in ("kg", "other_unit") or items[place].kind == "other_unit":
        place += items[place].kind == "other_unit"
        return _in_how_long(items, place)
    return place


def _in_how_long(items: Sequence[Item], at: int) -> int:
    """The end of `in one day or 5 lb in a week`, behind a weight."""
    place = skip(items, at, "in", "over", "or", "extra", "per", "/", "overnight")
    unit = skip(items, place, "num", "a", "1")
    if place == at or items[unit].kind not in ("time", "other_unit", "kg"):
        return at
    return _in_how_long(items, unit + 1)


def bracket(items: Sequence[Item], at: int) -> int | None:
    """The end of a bracket that holds words or a score: `(4-6)`, `(ADHD)`, `(pain scale 7-10)`."""
    place = skip(items, at + 1, "pain_score", "compare", ":", "of")
    if items[place].kind == "num" and items[place + 1].kind == ")":
        return place + 2
    end = words(items, at + 1)
    return end + 1 if end > at + 1 and items[end].kind == ")" else None


_NOT_ALWAYS = frozenset({
    "lasting", "lasts", "breakthrough", "flare", "flares", "flareup", "flareups",
})  # fmt: skip


def reason(items: Sequence[Item], at: int) -> Said | None:
    """`for depression`, `to prevent migraine`, `indications: anxiety, insomnia`."""
    place = skip(items, at + 1, ":", "-", "=", "is", "the", "a", "your", "my", "use", "reason_cue")
    if items[place].key == "use":
        place += 1
    if items[place].kind == "other" and items[place + 1].kind == "(":
        place += 1  # "for other (anxiety)"
        end = bracket(items, place) or place
    else:
        end = words(items, place)
    if end == place:
        return None
    if items[end].kind == "only":
        return end + 1, "prn", None
    sentence = at > 0 and items[at - 1].kind in (".", ";")  # "In case of emergency call 911"
    only_then = (items[at].key == "in" and not sentence) or _comes_and_goes(items[place:end])
    return end, "prn" if only_then else "reason", None  # "in case of panic"


def _comes_and_goes(said: Sequence[Item]) -> bool:
    """`for pain 7-10`, `for breakthrough pain`, `for seizure lasting over 5 minutes`."""
    keys = {item.key for item in said}
    painful = "pain" in keys or any(item.kind == "pain_score" for item in said)
    scored = painful and any(item.kind in ("num", "compare") for item in said)
    relieved = painful and "not" in keys  # "for pain not relieved by Xyzafil"
    return scored or relieved or bool(keys & _NOT_ALWAYS)


def bare_reason(items: Sequence[Item], at: int) -> Said:
    """`1 tab bid, pain`: a word that is known to be a reason; how long is no course of the drug
    where it is all that a sentence says: `Seizure-free x 2 years.`"""
    end = words(items, at)
    if (at == 0 or items[at - 1].kind in (".", ";")) and items[end].kind in ("x", "for", "over"):
        said = length(items, end)
        if said is not None and items[said[0]].kind in (".", ";"):
            return said[0], "reason", None
    return end, "reason", None


def as_directed(items: Sequence[Item], at: int) -> Said:
    """`as directed by the hospital`."""
    end = at + 1
    if items[end].kind in ("by", "on", "in", "from", "per"):
        end = max(end, words(items, skip(items, end + 1, "the", "your")))
    elif items[end].kind == "unknown" and items[end].key not in turns():
        place = words(items, end)  # "as per Dr Brown CMHT letter"
        while items[place].kind == "polite":
            place = max(place + 1, words(items, place + 1))
        end = place if items[place].kind in (",", ".", ";", ")", "end") else end
    return end, "nothing_told", "elsewhere" if items[at].key == "see" else None


def for_(items: Sequence[Item], at: int) -> Said | None:
    """`for 7 days`, else a reason."""
    return length(items, at) or on_days(items, at) or reason(items, at)


def needed(items: Sequence[Item], at: int) -> Said | None:
    """`prn`, with what for: `prn severe pain (7-10)`, `as needed for sleep`."""
    leads = at == 0 or items[at - 1].kind in (".", ";", "|", "-", ")", "(")
    if leads and items[at + 1].kind == ":" and items[at + 2].kind in ("num", "a"):
        return at + 2, "may", None  # "PRN: 25 mg q6h"
    place = (
        skip(items, at + 1, ":", "-", "only", "prn", ",") if items[at + 1].kind != "," else at + 1
    )
    if items[place].kind == "for" and items[place + 1].kind == "other" and (
        end := bracket(items, place + 2) if items[place + 2].kind == "(" else None
    ):  # fmt: skip
        return end, "prn", None
    if items[place].kind in ("for", "reason_cue"):
        end = words(items, skip(items, place + 1, "reason_cue", "the", "a", ":"))
        if end > place + 1 and length(items, place) is None:
            return end, "prn", "for"
        return place, "prn", None
    if items[place].kind == "(":
        return bracket(items, place) or place, "prn", None
    end = words(items, place) if items[place].kind != "," else place
    return end, "prn", None


def _other_time(items: Sequence[Item], at: int) -> int | None:
    """The `at night if drowsy` of `ok to take at night if drowsy`: not when, but when else."""
    place = skip(
        items, at, "at", "in", "the", "with", "before", "every", "part", "meals", "instead"
    )
    if place == at or items[place].kind not in ("if", "when") or items[place - 1].kind != "part":
        return None
    end = words(items, place + 1)
    return end if end > place + 1 and items[end].kind in ("end", ".", ";", ",", ")") else None


def may(items: Sequence[Item], at: int) -> Said | None:
    """`may take`, `can increase`."""
    place = skip(items, at + 1, "and", "verb", "then")
    extra = at > 1 and items[at - 1].kind == "num" and items[at - 2].kind in ("extra", "another")
    if not extra and (end := _other_time(items, place)) is not None:
        return end, "advice", True
    return (at + 1, "may", None) if items[place].kind in (
        "num", "a", "repeat", "increase", "go_to", "decrease", "prn", "upto", "extra", "verb",
        "half",
    ) or place > at + 1 else None  # fmt: skip
