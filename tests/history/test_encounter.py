"""The encounter in context: class and intensive care."""

from __future__ import annotations

import pytest

from tests.charts.fhir import concept, on_day, record

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def encounter(ident="e1", status="in-progress", start="2026-11-20", end=None, **fields):
    period = {"start": start} | ({"end": end} if end else {})
    return {"resourceType": "Encounter", "id": ident, "status": status, "period": period} | fields


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"system": ACT, "code": "IMP"}, "IMP"),
        ("inpatient", "IMP"),
        ({"code": "outpatient"}, "AMB"),
        ([concept(ACT, "EMER")], "EMER"),
        ({"system": "http://www.ama-assn.org/go/cpt", "code": "99205"}, None),
        (None, None),
    ],
)
def test_class_in_every_shape(terminology, stated, expected):
    fact = on_day(record(encounter(**{"class": stated})), terminology).encounter
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


def test_the_answer_to_the_hooks_own_query_is_in_context_whatever_its_status(terminology):
    chart = record(encounter(status="planned", start="2026-11-24"), answered={"encounter"})
    assert on_day(chart, terminology).encounter is not None
