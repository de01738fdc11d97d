"""The patient: age only where the birth date gives one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.chart.entries import Person
from cds.chart.person import read_person
from cds.fhir.record.patient_record import PatientRecord, gather
from cds.history.person import person_on
from tests.charts.fhir import PATIENT, one_patient

AS_OF = date(2026, 11, 22)


def read(record: PatientRecord) -> Person:
    return person_on(read_person(record), AS_OF)


@pytest.mark.parametrize(
    ("born", "aged", "day"),
    [
        ("1980-11-22", "46", date(1980, 11, 22)),
        ("1980-11-23", "45", date(1980, 11, 23)),
        ("2008-11-23", "17", date(2008, 11, 23)),
        ("1980-03", "46", None),
        ("1980-11", "45 or 46", None),
        ("1980", "45 or 46", None),
        ("1896", "129 or 130", None),
        ("1895", "unknown", None),
        ("2026", "0", None),
        ("2026-11", "0", None),
        ("2026-12", "unknown", None),
        ("2025", "0 or 1", None),
        ("2027-01-01", "unknown", date(2027, 1, 1)),
        ("1700-01-01", "unknown", date(1700, 1, 1)),
        ("about 1980", "unknown", None),
        (None, "unknown", None),
    ],
)
def test_age(born: str | None, aged: str, day: date | None) -> None:
    person = read(gather([{"resourceType": "Patient", "id": "p", "birthDate": born}]))
    assert (person.aged, person.birth_date) == (aged, day)
    assert person.age == (int(aged) if aged.isdecimal() else None)


@pytest.mark.parametrize(
    ("ages", "adult", "young_adult"),
    [
        ((16, 17), False, False),
        ((17, 17), False, False),
        ((17, 18), None, None),
        ((18, 18), True, True),
        ((18, 19), True, True),
        ((24, 24), True, True),
        ((24, 25), True, None),
        ((25, 26), True, False),
        (None, None, None),
    ],
)
def test_what_two_ages_decide(
    ages: tuple[int, int] | None, adult: bool | None, young_adult: bool | None
) -> None:
    person = Person("p", ages=ages)
    assert person.aged_at_least(18) is adult
    assert person.aged_within(18, None) is adult
    assert person.aged_within(18, 24) is young_adult
    assert person.aged_within(None, None) is True


@pytest.mark.parametrize(
    ("fields", "deceased"),
    [
        ({}, None),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2026-11-01"}, True),
        ({"deceasedDateTime": "2026-12-01"}, False),
        ({"deceasedDateTime": "last year"}, True),
    ],
)
def test_deceased(fields: dict[str, Any], deceased: bool | None) -> None:
    record = one_patient(patient=PATIENT | fields)
    assert read(record).deceased is deceased


def test_sex_is_one_of_four() -> None:
    for written, sex in (
        ("female", "female"),
        ("other", "other"),
        ("F", "unknown"),
        (7, "unknown"),
    ):
        record = gather([{"resourceType": "Patient", "id": "p", "gender": written}])
        assert read(record).sex == sex


def test_without_a_patient_only_the_id_is_known() -> None:
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p7"}}
    person = read(gather([condition]))
    assert (person.id, person.age, person.sex, person.source) == ("p7", None, "unknown", ())
    assert read(gather([])).id == "unknown"
