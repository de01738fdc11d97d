"""The patient on a day: how old, and whether alive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cds.chart.entries import Person
from cds.dates import When

MAX_AGE = 130
"""years; a birth date further back is a slip of the pen"""


def person_on(person: Person, as_of: date) -> Person:
    """The patient, with the age, and with a death only from its day on."""
    deceased = person.deceased
    if deceased is None and person.died is not None:
        deceased = person.died.earliest <= as_of
    return replace(person, age=_age(person.born, as_of), deceased=deceased)


def _age(born: When | None, as_of: date) -> int | None:
    """Completed years, where every day that the birth date may mean gives the same number."""
    if born is None:
        return None
    oldest, youngest = _years(born.earliest, as_of), _years(born.latest, as_of)
    return oldest if oldest == youngest and 0 <= oldest <= MAX_AGE else None


def _years(born: date, as_of: date) -> int:
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
