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
    ("born", "age", "day"),
    [
        ("1980-11-22", 46, date(1980, 11, 22)),
        ("1980-11-23", 45, date(1980, 11, 23)),
        ("2008-11-23", 17, date(2008, 11, 23)),
        ("1980-03", 46, None),
        ("1980-11", None, None),  # 45 or 46
        ("1980", None, None),
        ("2027-01-01", None, date(2027, 1, 1)),
        ("1700-01-01", None, date(1700, 1, 1)),
        ("about 1980", None, None),
        (None, None, None),
    ],
)
def test_age(born: str | None, age: int | None, day: date | None) -> None:
    person = read(gather([{"resourceType": "Patient", "id": "p", "birthDate": born}]))
    assert (person.age, person.birth_date) == (age, day)


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
