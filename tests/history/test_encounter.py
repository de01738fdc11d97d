"""The encounter in context: class and intensive care."""

from __future__ import annotations

import pytest

from cds.fhir.record.skipped import Skipped
from tests.charts.fhir import concept, on_day, one_patient, record

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def encounter(ident="e1", status="in-progress", start="2026-11-20", end=None, **fields):
    period = {"start": start} | ({"end": end} if end else {})
    return {"resourceType": "Encounter", "id": ident, "status": status, "period": period} | fields


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"system": ACT, "code": "IMP"}, "IMP"),
        ("inpatient", "IMP"),
        ("Inpatient", "IMP"),
        ("AMB", "AMB"),
        ("daytime", "SS"),
        ("other", None),
        ({"code": "outpatient"}, "AMB"),
        ([concept(ACT, "EMER")], "EMER"),
        ({"system": "http://www.ama-assn.org/go/cpt", "code": "99205"}, None),
        (None, None),
    ],
)
def test_class_in_every_shape(terminology, stated, expected):
    made = encounter(**{"class": stated})
    for chart in (record(made), one_patient(made)):  # as it is, and brought into R4
        fact = on_day(chart, terminology).encounter
        assert fact is not None
        assert fact.encounter_class == expected


@pytest.mark.parametrize(
    ("fields", "icu"),
    [
        (
            {
                "class": {"code": "IMP"},
                "location": [{"location": {"display": "Medical ICU bed 4"}}],
            },
            True,
        ),
        ({"class": {"code": "IMP"}, "location": [{"location": {"display": "Ward 3"}}]}, False),
        (
            {
                "class": {"code": "IMP"},
                "location": [
                    {"status": "completed", "location": {"display": "MICU"}},
                    {"location": {"display": "Ward 3"}},
                ],
            },
            False,
        ),
        ({"class": {"code": "IMP"}, "serviceType": {"text": "Critical care"}}, True),
        ({"class": {"code": "IMP"}}, None),
        ({"class": {"code": "AMB"}}, False),
        ({"class": {"code": "AMB"}, "type": [{"text": "Difficult airway follow-up"}]}, False),
    ],
)
def test_intensive_care_by_its_words(terminology, fields, icu):
    fact = on_day(record(encounter(**fields)), terminology).encounter
    assert fact is not None
    assert fact.icu is icu


@pytest.mark.parametrize(
    ("encounters", "expected"),
    [
        ([encounter(status="finished", end="2026-11-21")], None),
        ([encounter(status="cancelled")], None),
        ([encounter(start="2026-11-23")], None),
        ([encounter(start="2019-01-01")], None),
        ([encounter("a", start="2026-11-01"), encounter("b", start="2026-11-22")], "Encounter/b"),
        ([encounter("b", start="2026-11-22"), encounter("a", start="2026-11-01")], "Encounter/b"),
    ],
    ids=["finished", "cancelled", "later", "never closed", "latest", "order does not matter"],
)
def test_which_one_is_in_context(terminology, encounters, expected):
    fact = on_day(record(*encounters), terminology).encounter
    assert (fact.source[0] if fact else None) == expected


STAY_2019 = {"start": "2019-01-01", "end": "2019-01-03"}


@pytest.mark.parametrize(
    ("fields", "in_context"),
    [
        ({"status": "in-progress", "period": None}, True),
        ({"status": None, "period": None}, True),  # no less than `unknown` says
        ({"status": "planned", "period": None}, False),
        ({"status": "planned", "period": {"start": "2027-03-01"}}, False),
        ({"status": "finished", "period": STAY_2019}, False),
        ({"status": "in-progress", "period": STAY_2019}, False),
        ({"status": "finished", "period": {"start": "2026-11-20"}}, False),
        ({"status": "entered-in-error"}, False),
        ({"status": "on-hold"}, True),
        ({"status": "in-progress", "period": {"start": "2026-11"}}, True),
    ],
)
def test_a_lone_encounter_of_a_file_is_in_context_if_it_may_cover_the_day(
    terminology, fields, in_context
):
    made = {key: value for key, value in (encounter() | fields).items() if value is not None}
    for chart in (one_patient(made), record(made, answered={"encounter"})):
        assert (on_day(chart, terminology).encounter is not None) is in_context


def test_an_encounter_that_counts_for_nothing_is_said(terminology):
    skipped: list[Skipped] = []
    on_day(record(encounter(status="entered-in-error")), terminology, skipped)
    assert skipped == [Skipped("Encounter/e1", "status entered-in-error")]


@pytest.mark.parametrize(
    ("status", "places", "icu"),
    [
        ("in-progress", [("planned", "Medical ICU"), ("active", "Ward 3")], False),
        ("in-progress", [("reserved", "TICU 4"), (None, "Ward 3")], False),
        ("in-progress", [("active", "TICU 4")], True),
        ("planned", [("planned", "Medical ICU")], True),
    ],
)
def test_where_the_patient_is_not_yet_says_nothing(terminology, status, places, icu):
    located = [
        {"location": {"display": name}} | ({"status": said} if said else {})
        for said, name in places
    ]
    made = encounter(status=status, location=located) | {"class": {"code": "IMP"}}
    fact = on_day(record(made), terminology).encounter
    assert fact is not None
    assert fact.icu is icu
