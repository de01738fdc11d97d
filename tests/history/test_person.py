"""The patient: age only where the birth date gives one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.fhir.record.patient_record import gather
from cds.history.person import read_person

AS_OF = date(2026, 11, 22)


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
    person = read_person(gather([{"resourceType": "Patient", "id": "p", "birthDate": born}]), AS_OF)
    assert (person.age, person.birth_date) == (age, day)


@pytest.mark.parametrize(
    ("fields", "deceased"),
    [
        ({}, None),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2026-11-01"}, True),
        ({"deceasedDateTime": "2026-12-01"}, False),
        ({"deceasedDateTime": "last year"}, None),
    ],
)
def test_deceased(fields: dict[str, Any], deceased: bool | None) -> None:
    record = gather([{"resourceType": "Patient", "id": "p"} | fields])
    assert read_person(record, AS_OF).deceased is deceased


def test_sex_is_one_of_four() -> None:
    for written, read in (
        ("female", "female"),
        ("other", "other"),
        ("F", "unknown"),
        (7, "unknown"),
    ):
        record = gather([{"resourceType": "Patient", "id": "p", "gender": written}])
        assert read_person(record, AS_OF).sex == read


def test_without_a_patient_only_the_id_is_known() -> None:
    condition = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p7"}}
    person = read_person(gather([condition]), AS_OF)
    assert (person.id, person.age, person.sex, person.source) == ("p7", None, "unknown", ())
    assert read_person(gather([]), AS_OF).id == "unknown"
