"""The patient on a day: how old, and whether alive."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from cds.chart.entries import Person
from cds.dates import When

MAX_AGE = 130
"""years; a birth date further back is a slip of the pen"""


def person_on(person: Person, as_of: date) -> Person:
    """The patient, with the age, and with a death only from its day on."""
    deceased = person.deceased
    if deceased is None and person.died is not None:
        deceased = person.died.earliest <= as_of
    return replace(person, ages=_ages(person.born, as_of), deceased=deceased)


def _ages(born: When | None, as_of: date) -> tuple[int, int] | None:
    """Completed years, by the last and by the first day that the birth date may mean."""
    if born is None or born.earliest > as_of:
        return None
    youngest, oldest = _years(min(born.latest, as_of), as_of), _years(born.earliest, as_of)
    return (youngest, oldest) if oldest <= MAX_AGE else None


def _years(born: date, as_of: date) -> int:
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
