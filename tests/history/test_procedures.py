"""Procedures and open orders for tests."""

from __future__ import annotations

from datetime import date

import pytest

from tests.charts.fhir import LOINC, SNOMED, concept, on_day, record

ECT = concept(SNOMED, "23835007", "Electroconvulsive therapy")


def procedure(**fields):
    return {"resourceType": "Procedure", "id": "p1", "status": "completed", "code": ECT} | fields


@pytest.mark.parametrize(
    ("fields", "when"),
    [
        ({"performedDateTime": "2026-10-01"}, date(2026, 10, 1)),
        (
            {"performedPeriod": {"start": "2026-10-01T09:00:00Z", "end": "2026-10-02"}},
            date(2026, 10, 1),
        ),
        ({"performedString": "last autumn"}, None),
        ({"occurrenceDateTime": "2026-10-01"}, date(2026, 10, 1)),
        ({}, None),
    ],
)
def test_when_it_was_done(terminology, fields, when):
    (fact,) = on_day(record(procedure(**fields)), terminology).procedures
    assert fact.when == when
    assert "ect" in fact.sets


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("ECT", True),
        ("ECT, consent obtained", True),
        ("ECT cancelled", False),
        ("ECT not done", False),
        ("Consultation for ECT", False),
        ("Referral for ECT", False),
        ("Depression screening", True),  # of no set: what it says of itself matters to nobody
    ],
)
def test_what_its_words_say_was_not_done_is_said(terminology, text, done):
    skipped = []
    chart = record(procedure(code={"text": text}))
    assert bool(on_day(chart, terminology, skipped).procedures) is done
    assert [entry.reason for entry in skipped] == (
        [] if done else ["its words say that it was not done, or only planned"]
    )


@pytest.mark.parametrize(
    ("fields", "counts", "in_progress"),
    [
        ({}, True, False),
        ({"status": "in-progress"}, True, True),
        ({"status": "stopped"}, True, False),
        ({"status": "unknown"}, True, False),
        ({"status": "not-done"}, False, None),
        ({"status": "entered-in-error"}, False, None),
        ({"status": "preparation"}, False, None),
        ({"performedDateTime": "2026-12-01"}, False, None),
    ],
)
def test_only_what_was_done_counts(terminology, fields, counts, in_progress):
    skipped = []
    facts = on_day(record(procedure(**fields)), terminology, skipped).procedures
    assert bool(facts) == counts
    assert bool(skipped) != counts
    if facts:
        assert facts[0].in_progress is in_progress


@pytest.mark.parametrize(
    ("fields", "is_open"),
    [
        ({}, True),
        ({"status": "on-hold"}, True),
        ({"status": "draft"}, False),
        ({"status": "completed"}, False),
        ({"status": "revoked"}, False),
        ({"status": "entered-in-error"}, False),
        ({"intent": "proposal"}, False),
        ({"doNotPerform": True}, False),
        ({"authoredOn": "2026-12-01"}, False),
        ({"code": concept(LOINC, "99999-9")}, False),
    ],
)
def test_open_orders(terminology, fields, is_open):
    order = {
        "resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order",
        "code": concept(LOINC, "2106-3"), "authoredOn": "2026-11-20",
    } | fields  # fmt: skip
    facts = on_day(record(order), terminology).service_orders
    assert bool(facts) == is_open
    if facts:
        assert "hcg_urine_qualitative" in facts[0].sets
