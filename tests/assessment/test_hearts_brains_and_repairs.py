"""Conditions that no set of the tables has, by code, by name and by procedure."""

from __future__ import annotations

from typing import Any

import pytest

from cds.api import Engine, assess, load, read_chart
from tests.charts.fhir import AS_OF, ICD10CM, SNOMED, concept, condition, on_the_wire

HEART = "heart-muscle-and-lung-pressure"
BRAIN = "intracranial-mass-or-hydrocephalus"
REPAIR = "aneurysm-repair"
CPT = "http://www.ama-assn.org/go/cpt"
WOMAN = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-05-17"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


def findings(engine: Engine, *resources: dict[str, Any]) -> dict[str, str]:
    """Severity by id, of a patient without an order."""
    chart = read_chart(engine, on_the_wire([WOMAN, *resources]))
    return {f.id: f.severity for f in assess(engine, chart, AS_OF, []).assessment.findings}


def procedure(code: dict[str, Any], status: str = "completed") -> dict[str, Any]:
    return {
        "resourceType": "Procedure",
        "id": "x",
        "status": status,
        "code": code,
        "performedDateTime": "2019-03-02",
    }


@pytest.mark.parametrize(
    ("code", "found", "severity"),
    [
        (concept(SNOMED, "85898001", "Cardiomyopathy"), HEART, "warning"),
        (concept(SNOMED, "399020009", "Dilated cardiomyopathy"), HEART, "warning"),
        (concept(ICD10CM, "I42.1"), HEART, "warning"),
        (concept(ICD10CM, "I51.81", "Takotsubo syndrome"), HEART, "warning"),
        ({"text": "HOCM"}, HEART, "warning"),
        ({"text": "possible cardiomyopathy"}, HEART, "warning"),
        (concept(ICD10CM, "I50.9", text="HF due to ischemic cardiomyopathy"), HEART, "warning"),
        (concept(ICD10CM, "I27.20", "Pulmonary hypertension, unspecified"), HEART, "warning"),
        (concept(ICD10CM, "I27.81", "Cor pulmonale (chronic)"), HEART, "warning"),
        (concept(SNOMED, "70995007", "Pulmonary hypertension"), HEART, "warning"),
        ({"text": "Pulmonary arterial hypertension"}, HEART, "warning"),
        (concept(ICD10CM, "I11.9"), HEART, "info"),
        (concept(SNOMED, "64715009", "Hypertensive heart disease"), HEART, "info"),
        ({"text": "Hypertensive heart disease"}, HEART, "info"),
        (concept(ICD10CM, "I10", "Essential hypertension"), HEART, None),
        ({"text": "no cardiomyopathy"}, HEART, None),
        ({"text": "Family history of cardiomyopathy"}, HEART, None),
        ({"text": "history of takotsubo, resolved"}, HEART, None),
        (concept(ICD10CM, "K76.6", "Portal hypertension"), HEART, None),
        ({"text": "Primary lymphoma of the brain"}, BRAIN, "warning"),
        (concept(ICD10CM, "C83.390", "Primary CNS lymphoma"), BRAIN, "warning"),
        ({"text": "Metastases to the brain"}, BRAIN, "warning"),
        ({"text": "Oligodendroglioma, grade 2"}, BRAIN, "warning"),
        ({"text": "Malignant neoplasm of brain"}, BRAIN, "warning"),
        (concept(ICD10CM, "C79.31"), BRAIN, "warning"),
        ({"text": "Lymphoma of the stomach"}, BRAIN, None),
        ({"text": "brain tumor ruled out"}, BRAIN, None),
        ({"text": "Unhealthy alcohol drinking behavior"}, "alcohol", "warning"),
        ({"text": "Hazardous drinking"}, "alcohol", "warning"),
        ({"text": "denies heavy drinking"}, "alcohol", None),
    ],
)
def test_a_condition(
    engine: Engine, code: dict[str, Any], found: str, severity: str | None
) -> None:
    assert findings(engine, condition(code)).get(found) == severity


@pytest.mark.parametrize(
    ("resources", "severity"),
    [
        ([procedure(concept(CPT, "34705"))], "warning"),
        ([procedure(concept(CPT, "61697"))], "warning"),
        ([procedure(concept(CPT, "61624"))], "warning"),
        ([procedure(concept(CPT, "61692"))], "warning"),
        ([procedure({"text": "EVAR"})], "warning"),
        ([procedure({"text": "Coiling of cerebral aneurysm"})], "warning"),
        ([procedure({"text": "AVM embolization"})], "warning"),
        # planned, called off, another vessel's operation
        ([procedure({"text": "EVAR planned"})], None),
        ([procedure(concept(CPT, "34705"), "not-done")], None),
        ([procedure(concept(CPT, "34709"))], None),
        ([procedure(concept(CPT, "35104"))], None),
        ([procedure({"text": "Hernia repair"})], None),
        # the diagnosis says it, and more
        ([procedure({"text": "EVAR"}), condition(concept(ICD10CM, "I71.40"))], None),
    ],
)
def test_a_repair_known_only_as_a_procedure(
    engine: Engine, resources: list[dict[str, Any]], severity: str | None
) -> None:
    assert findings(engine, *resources).get(REPAIR) == severity


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (concept(ICD10CM, "F53.0"), "unknown"),
        ({"text": "Postpartum depression"}, "unknown"),
        (concept(ICD10CM, "F32.A"), "unknown"),
        (concept(ICD10CM, "F33.1"), "met"),
        (concept(ICD10CM, "O90.6"), None),  # the blues
        (concept(ICD10CM, "O90.6", "Postpartum mood disturbance"), None),
    ],
)
def test_postpartum_depression_is_a_depression_to_be_confirmed(
    engine: Engine, code: dict[str, Any], state: str | None
) -> None:
    chart = read_chart(engine, on_the_wire([WOMAN, condition(code)]))
    judged = assess(engine, chart, AS_OF, []).assessment.candidacy
    found = [c for j in judged if j.indication == "trd-unipolar" for c in j.criteria]
    assert next((c.state for c in found if c.id == "depression"), None) == state
