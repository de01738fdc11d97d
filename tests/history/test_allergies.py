"""Allergies: to what, whether active, and never a refuted one."""

from __future__ import annotations

import pytest

from tests.charts.fhir import RXNORM, concept, on_day, record

KETAMINE = concept(RXNORM, "6130", "ketamine")


def allergy(**fields):
    return {"resourceType": "AllergyIntolerance", "id": "a1", "code": KETAMINE} | fields


def read(terminology, resource, skipped=None):
    return on_day(record(resource), terminology, skipped).allergies


def test_substance_kind_and_reaction(terminology):
    (fact,) = read(
        terminology,
        allergy(
            clinicalStatus=concept("x", "active"),
            type="intolerance",
            criticality="high",
            recordedDate="2020-01-01",
            reaction=[{"manifestation": [{"text": "Hives"}]}],
        ),
    )
    assert fact.ingredients == {"ketamine"}
    assert (fact.active, fact.kind, fact.criticality) == (True, "intolerance", "high")
    assert fact.reactions == ("Hives",)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "ketamine"),
        ({"code": None, "reaction": [{"substance": KETAMINE}]}, "ketamine"),
        ({"code": None, "reaction": [{"substance": {"text": "Ketalar"}}, {"substance": KETAMINE}]},
         "Ketalar, ketamine"),
        ({"code": {"coding": [{"system": "local", "code": "1", "display": "Anaesthetics"},
                              *KETAMINE["coding"]]}}, "ketamine"),
    ],
)  # fmt: skip
def test_an_allergy_is_called_by_what_decided(terminology, fields, name):
    (fact,) = read(terminology, allergy(**fields))
    assert fact.ingredients == {"ketamine"}
    assert fact.display == name


@pytest.mark.parametrize(
    ("fields", "active"),
    [
        ({"clinicalStatus": "active"}, True),  # STU3
        ({"clinicalStatus": concept("x", "inactive")}, False),
        ({"clinicalStatus": concept("x", "resolved")}, False),
        ({"status": "confirmed"}, True),  # DSTU2
        ({"verificationStatus": concept("x", "confirmed")}, None),
        ({}, None),
    ],
)
def test_active_or_unknown(terminology, fields, active):
    (fact,) = read(terminology, allergy(**fields))
    assert fact.active is active


@pytest.mark.parametrize(
    "fields",
    [
        {"verificationStatus": concept("x", "refuted")},
        {"verificationStatus": "entered-in-error"},
        {"status": "refuted"},
        {"recordedDate": "2027-01-01"},
    ],
)
def test_what_does_not_stand_is_skipped(terminology, fields):
    skipped = []
    assert read(terminology, allergy(**fields), skipped) == ()
    assert len(skipped) == 1


def test_the_substance_may_stand_with_the_reaction_only(terminology):
    (fact,) = read(
        terminology,
        allergy(code={"text": "drug reaction"}, reaction=[{"substance": KETAMINE}]),
    )
    assert fact.ingredients == {"ketamine"}


def test_no_known_allergies_is_an_answer_without_ingredients(terminology):
    (fact,) = read(
        terminology,
        allergy(code=concept("http://snomed.info/sct", "716186003", "No known allergy")),
    )
    assert (fact.ingredients, fact.display) == (frozenset(), "No known allergy")
