"""What tells two instructions of one order apart: their turn, their route, the time of day."""

from __future__ import annotations

from collections.abc import Iterator

from cds.dosage.model import DosageRead
from cds.dosage.words import found_in, stated_in
from cds.kept import kept

_PARTS = {
    name: part
    for part, names in {
        "morning": "MORN MORN.early MORN.late CM ACM PCM AM QAM WAKE",
        "noon": "NOON CD ACD PCD",
        "afternoon": "AFT AFT.early AFT.late",
        "evening": "EVE EVE.early EVE.late CV ACV PCV PM QPM",
        "night": "NIGHT HS QHS BED",
        "meals": "C AC PC",
    }.items()
    for name in names.split()
}
"""FHIR's codes of events and the abbreviations of a Timing, as the vocabulary names the parts"""


def differ(one: DosageRead, other: DosageRead) -> bool | None:
    """Whether two instructions are certainly not the same one; None: nobody can tell.

    They are not where both name a time of day or of the week, a route or a number, and not the same
    one. Where only one of them names a time, it may be the same instruction told in part.
    """
    numbers = {one.sequence, other.sequence}
    if len(numbers) > 1 and None not in numbers:
        return True
    if _routes(one) and _routes(other) and not _routes(one) & _routes(other):
        return True
    told = [
        _other_time(_times(one), _times(other)),
        _other_time(_weekdays(one), _weekdays(other)),
    ]
    return True if True in told else None if None in told else False


def _other_time(one: frozenset[str], other: frozenset[str]) -> bool | None:
    if one == other:
        return False
    by_the_clock = {name.isdigit() for name in (*one, *other)}
    if not one or not other or one & other or len(by_the_clock) > 1:
        return None
    return True


def _routes(read: DosageRead) -> frozenset[str]:
    return frozenset(read.fields.routes or stated_in(read.text).routes)


def _times(read: DosageRead) -> frozenset[str]:
    """`morning` …, or minutes after midnight."""
    coded = (_PARTS.get(name) or _minutes(name) for name in read.fields.timing.parts_of_day)
    return frozenset(name for name in coded if name) | _written(read.text)[0]


def _weekdays(read: DosageRead) -> frozenset[str]:
    return read.fields.timing.weekdays | _written(read.text)[1]


def _minutes(clock: str) -> str | None:
    """`08:00:00` as `480`."""
    hour, _, minute = clock[:5].partition(":")
    whole = hour.isdigit() and minute.isdigit()
    return str(int(hour) * 60 + int(minute)) if whole else None


@kept(2048)
def _written(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The times of day and the days of the week that words name."""
    return frozenset(_of_day(text)), frozenset(_of_week(text))


def _of_day(text: str) -> Iterator[str]:
    for fact in found_in(text):
        if fact.kind in ("part", "clock"):
            yield str(fact.value)
        elif fact.kind == "meals":
            yield "meals"


def _of_week(text: str) -> Iterator[str]:
    for fact in found_in(text):
        if fact.kind == "weekdays" and isinstance(fact.value, frozenset):
            yield from fact.value
