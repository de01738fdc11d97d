"""The dose of before, which is not taken any more: `(was 2 tablets bd)`, `increased from 50 mg`.

It is read to its end, so that nothing of it counts and nothing behind it is lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said, skip
from cds.dosage.words.readers.amounts import amount
from cds.dosage.words.readers.intervals import every
from cds.dosage.words.readers.office import past_date
from cds.dosage.words.readers.often import often, per, times
from cds.dosage.words.scan import Item

_CHANGED = ("decreased", "reduced", "increased", "lowered", "raised")
_LEADS = ("from", ":", "the", "your", "dose", "verb", "of", "to", "a", "is", "upto", "product",
          "salt", "refers", "an", "now", "label", "taking", "on")  # fmt: skip
_BESIDE = frozenset({
    "adverb", "often", "seldom", "every_day", "part", "meals", "od", "route", "how", "form", "prn",
    "unit", "in", "the", "at", "on", "with", "by", "clock", "ntimes", "product", "salt", "a",
    "each", "and", "&", "hourly", "polite", "dose", "doses", "flag",
})  # fmt: skip
_LONGEST_SWITCH = 8
"""words of a drug and its dose"""
_ENDS = frozenset(
    {"reason_cue", "end", ":", ".", ";", ",", ")", "to", "then", "]", "-", "now", "*", "!", "for"}
)


def former(items: Sequence[Item], at: int) -> Said | None:
    """A cue with the dose that it speaks of."""
    place = skip(items, at + 1, *_LEADS)
    found = _dose(items, place)
    if found is None:
        return None
    end = _past_times(items, found)
    if items[end].key in ("before", "previously") and items[end + 1].kind in _ENDS:
        end += 1
    dated = past_date(items, skip(items, end, "on"))
    written = items[end].kind in ("on", "date")
    if written and dated > end + (items[end].kind == "on") and items[dated].kind in _ENDS:
        end = dated  # "increased from once a day on 3/14"
    if items[end].kind not in _ENDS or (items[end].kind == "-" and items[end + 1].kind == "num"):
        return None
    changed = items[end].kind == "to" and items[end + 1].kind in (
        "num",
        "a",
        "often",
        "adverb",
        "od",
    )
    return end + changed, "ignored", "former"


def from_dose(items: Sequence[Item], at: int) -> Said | None:
    """The `from 50 mg bid` of `decreased to 25 mg bid from 50 mg bid`."""
    changed = any(
        item.kind in ("increase", "decrease") or item.key in _CHANGED for item in items[:at]
    )
    said = former(items, at) if changed else None
    return said if said and items[said[0] - 1].kind != "to" else None


def switched(items: Sequence[Item], at: int) -> Said | None:
    """`switched from xyzafil 20 mg to` the product: another drug, which is not taken any more."""
    if items[at].key not in ("switched", "switch", "swapped", "changed"):
        return None
    for place in range(at + 1, at + _LONGEST_SWITCH):
        if items[place].kind in ("end", ".", ";", "then"):
            return None
        if items[place].kind == "to" and items[place + 1].kind == "product":
            return place + 1, "ignored", "former"
    return None


def _dose(items: Sequence[Item], at: int) -> int | None:
    item = items[at]
    if item.kind == "a" and items[at + 1].kind == "unit":
        return at + 2
    if item.kind == "pattern":
        return at + 1
    if item.kind in ("often", "adverb", "od", "ntimes"):
        return at  # "changed from twice daily to …"
    if item.kind != "num":
        return None
    end = at + 1
    while items[end].kind in ("unit", "letter_unit") or (
        items[end].kind == "/" and items[end + 1].kind in ("kg", "time", "unit")
    ):
        end += 1 + (items[end].kind == "/")
    return end


def _past_times(items: Sequence[Item], at: int) -> int:
    """Past how often, as far as it belongs to the amount."""
    place = at
    while True:
        item = items[place]
        said = None
        if item.kind in ("num", "ntimes"):
            said = times(items, place) or (amount(items, place) if item.kind == "num" else None)
        elif item.kind in ("every", "q", "each"):
            said = every(items, place)
        elif item.kind == "often":
            said = often(items, place)
        elif item.kind in ("per", "a", "/") and (found := per(items, place)):
            said = (found[0], "times", None)
        if said is not None and said[0] > place:
            place = said[0]
        elif _belongs(items, at, place):
            place += 1
        else:
            return place


def _belongs(items: Sequence[Item], start: int, at: int) -> bool:
    """Whether a word or bracket still belongs to the dose that begins at `start`."""
    if items[at].kind == "(":
        return items[at + 1].kind == "num"
    if items[at].kind == ")":
        return _opened(items, start, at)
    return items[at].kind in _BESIDE


def _opened(items: Sequence[Item], start: int, at: int) -> bool:
    return any(item.kind == "(" for item in items[start:at])
