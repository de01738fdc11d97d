"""Until when: the end of a course, an event, or what is left of it.

Facts: `length`, `whole_course`, `until_effect`, `ignored`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import COURSE, DAYS, Length, Said, skip
from cds.dosage.words.readers.lengths import CLAUSE_ENDS, stretch
from cds.dosage.words.scan import Item

_OF_AN_EVENT = frozenset({
    "unknown", "polite", "reason_word", "the", "a", "by", "of", "in", "at", "your", "my", "or",
    "and", "is", "beside", "measure", "advice", "event", "next", "how", "flag", "medication",
    "office_cue", "with", "for",
})  # fmt: skip
_EFFECT = frozenset({
    "relief", "relieved", "effect", "effects", "better", "improved", "improvement", "improves",
    "resolved", "resolves", "resolution", "response", "controlled", "control", "comfortable",
    "drowsy", "asleep", "sedated", "calm", "settled", "symptoms", "symptom", "clear", "subside",
    "subsides", "free",
})  # fmt: skip
"""`every hour until relief`: how often is left to what it does"""
_NAMES_IT = ("unknown", "beside", "event", "advice", "reason_word")
_DONE = ("course", "complete", "completed", "finished", "done", "over", "treatment")


def until_course(items: Sequence[Item], at: int) -> Said | None:
    """`until 3/7 course completed`."""
    found = stretch(items, skip(items, at + 1, "the", "a", "after"))
    if found is None:
        return None
    end = found[0]
    while items[end].key in _DONE:
        end += 1
    if end == found[0] and items[end - 1].kind == "ratio":
        return None  # "until 3/7" may be a date
    return end, "length", Length(found[1], found[2], "for")


def until_event(items: Sequence[Item], at: int) -> Said | None:
    """`until mobile`, `until I see her again`: it goes on, up to a day that nobody knows."""
    place = at + 1
    while items[place].kind in _OF_AN_EVENT:
        place += 1
    told = items[at + 1 : place]
    named = any(
        item.kind in ("unknown", "beside", "event", "advice", "reason_word") for item in told
    )
    if not named or items[place].kind not in CLAUSE_ENDS:
        return None
    works = any(item.key in _EFFECT or item.kind == "reason_word" for item in told)
    return (place, "until_effect", None) if works else (place, "ignored", "until")


def finish(items: Sequence[Item], at: int) -> Said | None:
    """`and complete the 7 day course`, `finish the course`."""
    place = skip(items, at + 1, "a", "the", "total", "of", "full", "your", "whole", "all")
    found = stretch(items, place)
    if found is None:
        return (place + 1, "ignored", "course") if items[place].key in _DONE else None
    if found[2] not in COURSE or items[found[0]].key not in _DONE:
        return None
    return found[0] + 1, "whole_course", found[1].low * DAYS[found[2]]


def to_complete(items: Sequence[Item], at: int) -> Said | None:
    """`to complete a 7 day course`: the length, unless what is left of it is told."""
    if items[at + 1].key not in ("complete", "finish"):
        return None
    if items[at + 1].kind == "until_done":
        return at + 2, "ignored", "course"
    place = skip(items, at + 2, "a", "the", "total", "of", "full", "your", "whole")
    found = stretch(items, place)
    if found is None and items[place].key in _DONE:
        return place + 1, "ignored", "course"  # "3 more days to complete the course"
    if found is None or found[2] not in COURSE:
        return None
    end = found[0] + (items[found[0]].key in _DONE)
    return end, "whole_course", found[1].low * DAYS[found[2]]
