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


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("ketamine/propofol", {"ketamine", "propofol"}),
        ("propofol/ketamine", {"ketamine", "propofol"}),
        ("ketamine-propofol", {"ketamine", "propofol"}),
        ("Ketamine, propofol", {"ketamine", "propofol"}),
        ("ketamine and midazolam", {"ketamine", "midazolam"}),
        ("ketamine or midazolam", {"ketamine", "midazolam"}),
        ("esketamine/propofol", {"esketamine", "propofol"}),
        ("procedural sedation: Ketalar, fentanyl", {"ketamine", "fentanyl"}),
        ("ketamine (given with midazolam 2019)", {"ketamine", "midazolam"}),
        ("Ketamine (KETALAR) preservative benzethonium chloride",
         {"ketamine", "benzethonium"}),
        # near misses: what is tolerated, denied or over is none
        ("propofol, midazolam; tolerates ketamine", {"propofol", "midazolam"}),
        ("no ketamine allergy, no propofol allergy", set()),
        ("ketamine/propofol refuted", set()),
    ],
)  # fmt: skip
def test_an_allergy_to_several_drugs_is_to_each(terminology, text, named):
    (fact,) = read(terminology, allergy(code={"text": text}))
    assert fact.ingredients == named


SNOMED_KETAMINE = concept("http://snomed.info/sct", "373464007", "Ketamine")["coding"][0]


@pytest.mark.parametrize(
    "code",
    [
        {"coding": [*concept(RXNORM, "8782", "propofol")["coding"], *KETAMINE["coding"]]},
        {"coding": [*concept(RXNORM, "8782", "propofol")["coding"], SNOMED_KETAMINE]},
        concept(RXNORM, "8782", "propofol") | {"text": "propofol/ketamine"},
        KETAMINE | {"text": "ketamine/propofol"},
    ],
)
def test_an_allergy_coded_for_a_mixture_is_to_each(terminology, code):
    (fact,) = read(terminology, allergy(code=code))
    assert fact.ingredients == {"ketamine", "propofol"}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"note": [{"text": "Anaphylaxis to ketamine 2019"}]}, {"ketamine"}),
        ({"note": [{"text": "Reacted to propofol and ketamine"}]}, {"ketamine", "propofol"}),
        ({"reaction": [{"description": "hives after Ketalar"}]}, {"ketamine"}),
        ({"reaction": [{"note": [{"text": "esketamine"}]}]}, {"esketamine"}),
        ({"reaction": [{"manifestation": [{"text": "ketamine anaphylaxis"}]}]}, {"ketamine"}),
        # near misses
        ({"note": [{"text": "tolerated ketamine"}]}, set()),
        ({"note": [{"text": "Anaphylaxis 2019"}]}, set()),
    ],
)
@pytest.mark.parametrize("name", ["see note", "other"])
def test_an_entry_that_names_nothing_is_read_by_its_notes(terminology, name, fields, named):
    (fact,) = read(terminology, allergy(code={"text": name}, **fields))
    assert fact.ingredients == named
    assert fact.not_understood is (not named)


def test_an_entry_of_a_note_alone_is_read(terminology):
    (fact,) = read(terminology, allergy(code=None, note=[{"text": "Anaphylaxis to ketamine 2019"}]))
    assert (fact.ingredients, fact.display) == ({"ketamine"}, "Anaphylaxis to ketamine 2019")


def test_the_notes_of_an_entry_that_names_its_substance_name_no_other(terminology):
    told = [{"text": "Anaphylaxis, treated with ketamine"}]
    (fact,) = read(terminology, allergy(code={"text": "penicillin"}, note=told))
    assert "ketamine" not in fact.ingredients
