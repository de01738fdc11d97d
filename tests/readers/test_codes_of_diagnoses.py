"""One code means one thing, whatever its system is called and whoever asks."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.assessment.candidacy.named import named
from cds.assessment.diagnosis import is_meant
from cds.assessment.fitting import fit
from cds.chart.entries import Condition
from cds.fhir.record.patient_record import gather
from cds.history.model.history import History
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.terminology.codes import named_codes, systems
from tests.charts.reading import history_of

DAY = date(2026, 11, 22)
CM, WHO = systems.ICD10CM, systems.ICD10


def chart(system: str, code: str, kind: str = "Condition", **fields: Any) -> list[dict[str, Any]]:
    concept = {"coding": [{"system": system, "code": code}]}
    subject = {"reference": "Patient/p"}
    return [
        {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1984-03-02"},
        {"resourceType": kind, "id": "c", "code": concept, "subject": subject, **fields},
    ]


@pytest.fixture
def read(terminology, knowledge):
    def reader(*where: str, **fields: Any) -> History:
        return history_of(gather(chart(*where, **fields)), terminology, knowledge, DAY)

    return reader


@pytest.fixture
def diagnosis(read):
    def reader(system: str, code: str) -> Condition:
        (fact,) = read(system, code).conditions
        return fact

    return reader


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("http://hl7.org/fhir/sid/icd-10-cm", CM),
        ("urn:oid:2.16.840.1.113883.6.90", CM),
        ("https://hl7.org/fhir/sid/ICD-10-CM/", CM),
        ("http://hl7.org/fhir/sid/icd-10-cm/2025", CM),
        ("http://hospital.example/codes/icd10cm", CM),
        ("http://hl7.org/fhir/sid/icd-10", WHO),
        ("urn:oid:2.16.840.1.113883.6.3", WHO),
        ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", WHO),
        ("http://hl7.org/fhir/sid/icd-10-nl", WHO),
        ("icd10", WHO),
        ("http://hl7.org/fhir/sid/icd-10-pcs", systems.ICD10PCS),
        ("http://www.cms.gov/Medicare/Coding/ICD10", systems.ICD10PCS),
        ("http://hl7.org/fhir/sid/icd-9-cm", "http://hl7.org/fhir/sid/icd-9-cm"),
        ("http://hospital.example/icd-1000", "http://hospital.example/icd-1000"),
    ],
)
def test_the_system_of_a_diagnosis_by_all_its_names(written: str, canonical: str) -> None:
    assert systems.canonical(written) == canonical


@pytest.mark.parametrize("system", [CM, "urn:oid:2.16.840.1.113883.6.90", "icd-10-cm"])
@pytest.mark.parametrize(
    ("code", "rule"), [("O14.10", "O14"), ("R57.0", "R57"), ("J18.9", "J18"), ("I25.3", "I25")]
)
def test_a_safety_rule_and_a_criterion_see_the_same_codes(diagnosis, system, code, rule) -> None:
    fact = diagnosis(system, code)
    assert is_meant(ConditionTest(icd10cm=(rule,)), fact)
    assert fit(ConditionTest(icd10cm=(rule,)), fact) == "confirmed"
    assert code in named(fact)


@pytest.mark.parametrize("system", [CM, "urn:oid:2.16.840.1.113883.6.90", WHO])
def test_an_aneurysm_of_the_heart_is_none_of_a_vessel(diagnosis, knowledge, system) -> None:
    rule = knowledge.contraindications["aneurysm"].rules[0]
    assert not is_meant(rule.when, diagnosis(system, "I25.3"))
    assert is_meant(rule.when, diagnosis(system, "I71.4"))


@pytest.mark.parametrize(
    ("code", "prefix", "in_cm", "in_who"),
    [
        ("F11.22", "F11.22", True, False),  # with intoxication; there: on supervised replacement
        ("F11.22", "F11.2", True, True),
        ("F11.2", "F11.22", False, False),
        ("G47.33", "G47.33", True, False),  # obstructive; elsewhere: hypoventilation
        ("G47.33", "G47.3", True, True),
        ("I85.9", "I85.00", False, True),  # without bleeding
        ("I85.9", "I85.01", False, False),
        ("I85.0", "I85.01", False, True),  # with bleeding
        ("I85.0", "I85", True, True),
        ("I64", "I63", False, True),  # a stroke that nobody specified; not in ICD-10-CM
        ("J46", "J45.902", False, True),  # status asthmaticus
        ("F10.0", "F10.92", False, True),  # acute intoxication
        ("F10.1", "F10.92", False, False),
        ("R18", "R18.8", False, True),
        ("R52.0", "R52", True, False),  # acute, and not "pain, unspecified"
        ("R52.9", "R52", True, True),
        ("F32.2", "F32.2", True, True),
        ("f322", "F32.2", True, True),
        ("F32.2", "F32.20", False, False),
        ("F32.2", "F33", False, False),
    ],
)
def test_the_american_edition_and_that_of_the_who(code, prefix, in_cm, in_who) -> None:
    assert named_codes.starts(((CM, code),), (prefix,)) is in_cm
    assert named_codes.starts(((WHO, code),), (prefix,)) is in_who


def test_pain_of_the_who_is_acute_or_chronic(diagnosis) -> None:
    assert diagnosis(WHO, "R52.0").sets == {"acute_pain"}
    assert diagnosis(WHO, "R52.1").sets == {"chronic_pain_any"}
    assert diagnosis(WHO, "R52.2").sets == {"chronic_pain_any"}


def test_other_systems_have_no_icd10_codes() -> None:
    codes = (("http://hospital.example/local", "F32.2"), (systems.SNOMED, "370143000"))
    assert named_codes.icd10(codes) == ()
    assert not named_codes.starts(codes, ("F32",))
    assert named_codes.snomed(codes) == {"370143000"}


@pytest.mark.parametrize(
    ("system", "code", "sterile"),
    [
        (CM, "Z90.710", True),
        (CM, "Z90.711", True),
        (CM, "Z90.712", None),  # the cervix is gone, the uterus is there
        ("urn:oid:2.16.840.1.113883.6.90", "Z98.51", True),
        (CM, "Z98.52", None),  # of a man
        ("urn:oid:2.16.840.1.113883.6.96", "161800001", True),
        ("http://hospital.example/icd-ten", "Z90.710", None),
    ],
)
def test_what_rules_out_a_pregnancy(read, system, code, sterile) -> None:
    assert read(system, code).reproductive.hysterectomy_or_sterile is sterile


def test_a_hysterectomy_is_known_by_its_code_beside_any_text(read) -> None:
    done = {"kind": "Procedure", "status": "completed", "performedDateTime": "2020-01-01"}
    for system in (systems.SNOMED, "urn:oid:2.16.840.1.113883.6.96"):
        assert read(system, "236886002", **done).reproductive.hysterectomy_or_sterile
    assert read("local", "236886002", **done).reproductive.hysterectomy_or_sterile is None


@pytest.mark.parametrize("system", [systems.CPT, "urn:oid:2.16.840.1.113883.6.12", systems.HCPCS])
def test_a_visit_code_is_no_class_of_encounter(read, system) -> None:
    act = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
    fields = {
        "status": "in-progress",
        "class": {"coding": [{"system": system, "code": "99213"}, act]},
        "period": {"start": "2026-11-20"},
    }
    history = read(system, "x", "Encounter", **fields)
    assert history.encounter is not None
    assert history.encounter.encounter_class == "IMP"
