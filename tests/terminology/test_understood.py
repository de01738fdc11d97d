"""What is understood of diagnoses, procedures and allergies; anything else is named on the card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cds.terminology.codes import systems
from cds.terminology.codes.real_codes import is_real
from cds.terminology.lookup import load_terminology
from cds.terminology.text.spelt import spelt, words_of
from tests.rows import check_each, read_table

TERMS = load_terminology()
ASKED = {
    "diagnoses": TERMS.understands_condition,
    "procedures": TERMS.understands_procedure,
    "allergies": TERMS.understands_substance,
}
TABLE = read_table(Path(__file__).with_name("understood.yaml"))
GM = "http://fhir.de/CodeSystem/bfarm"
LOCAL = "urn:oid:1.2.840.114350.1.13"


@pytest.mark.parametrize("state", ["understood", "named"])
@pytest.mark.parametrize("kind", TABLE)
def test_words(kind: str, state: str) -> None:
    def check(text: str) -> None:
        assert ASKED[kind]({"text": text}) is (state == "understood")

    check_each(TABLE[kind][state], check)


def coded(system: str, code: str, display: str = "", text: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": text}


CODED = [
    # a real code of a system that we know tells what it is, whatever stands beside it
    ("diagnoses", coded(systems.ICD10CM, "H61.21"), True),
    ("diagnoses", coded(systems.ICD10CM, "H6121", "Ear wxz"), True),
    ("diagnoses", coded("urn:oid:2.16.840.1.113883.6.90", "K21.9"), True),
    ("diagnoses", coded(f"{GM}/icd-10-gm", "K21.9", "Refluxkrankheit"), True),
    ("diagnoses", coded(systems.SNOMED, "44054006"), True),
    ("diagnoses", coded(systems.SNOMED, "445281000124101"), True),
    ("procedures", coded(systems.CPT, "33249"), True),
    ("procedures", coded("http://www.nlm.nih.gov/research/umls/hcpcs", "G2068"), True),
    ("procedures", coded(systems.SNOMED, "73761001"), True),
    ("procedures", coded(systems.ICD10PCS, "0DTJ4ZZ"), True),
    ("allergies", coded(systems.RXNORM, "10831"), True),
    ("allergies", coded(systems.SNOMED, "91934008"), True),
    ("allergies", coded(systems.SNOMED, "716186003"), True),
    # one that is none, or of a system that nobody knows, does not; its words may
    ("diagnoses", coded(systems.ICD10CM, "Z10.1"), False),
    ("diagnoses", coded(systems.ICD10CM, "E99.9"), False),
    ("diagnoses", coded(systems.SNOMED, "44054007"), False),
    ("diagnoses", coded(LOCAL, "4711"), False),
    ("diagnoses", coded(LOCAL, "4711", "GERD"), True),
    ("diagnoses", coded(LOCAL, "4711", "Anfallsleiden"), False),
    ("diagnoses", coded("http://hl7.org/fhir/sid/icd-9-cm", "296.30"), False),
    ("procedures", coded(LOCAL, "88"), False),
    ("procedures", coded(systems.SNOMED, "34552-0", "trans thoracic echocardiogram"), True),
    ("allergies", coded(LOCAL, "4711", "K-drug"), False),
    ("allergies", coded(LOCAL, "4711"), False),
    ("allergies", coded(LOCAL, "4711", "Peanut"), True),
    ("allergies", coded("http://fdasis.nlm.nih.gov", "R16CO5Y76E"), False),
    # one that says nothing leaves it to the words
    ("diagnoses", coded(systems.ICD10CM, "R69"), False),
    ("diagnoses", coded(systems.ICD10CM, "R69", "Illness, unspecified", "Szchizophrenia"), False),
    ("diagnoses", coded(systems.ICD10CM, "R69", "", "sore throat"), True),
    ("diagnoses", coded(systems.SNOMED, "55607006", "Problem"), False),
    ("allergies", coded(systems.SNOMED, "416098002", "Allergy to drug"), False),
    ("allergies", coded(systems.SNOMED, "416098002", "", "Allergy to penicillin"), True),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "concept", "understood"), CODED, ids=str)
def test_codes(kind: str, concept: dict[str, Any], understood: bool) -> None:
    assert ASKED[kind](concept) is understood


def test_what_is_like_a_danger_is_not_taken_for_it() -> None:
    for text in ("Szchizophrenia", "anuerysm", "biplar disorder"):
        assert not TERMS.condition({"text": text}), text


@pytest.mark.parametrize(
    ("system", "code", "real"),
    [
        (systems.SNOMED, "22298006", True), (systems.SNOMED, "22298007", False),
        (systems.SNOMED, "22298011", False), (systems.SNOMED, "9468002", True),
        (systems.SNOMED, "1015401000000102", True), (systems.SNOMED, "006", False),
        (systems.ICD10CM, "I10", True), (systems.ICD10CM, "i10", True),
        (systems.ICD10CM, "I1", False),
        (systems.ICD10CM, "I10.", True), (systems.ICD10CM, "S72.001A", True),
        (systems.ICD10CM, "A75.9", False), (systems.ICD10, "A75.9", True),
        (systems.ICD10, "F32.1G", True), (systems.CPT, "9040", False), (systems.CPT, "0101T", True),
        (systems.LOINC, "LA33471-6", True), (systems.NDC, "00002322730", False), ("", "I10", False),
    ],
    ids=str,
)  # fmt: skip
def test_a_real_code(system: str, code: str, real: bool) -> None:
    assert is_real(system, code, {"I10", "S72"}) is real


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("oedema", "edema"), ("Haemorrhoids", "hemorrhoids"), ("tumour", "tumor"),
        ("immunised", "immunized"), ("Menière's", "meniere"), ("Crohn’s", "crohn"),
        ("arise", "arise"), ("four", "four"), ("toe", "toe"), ("raised", "raised"),
    ],
)  # fmt: skip
def test_one_spelling(written: str, compared: str) -> None:
    assert list(map(spelt, words_of(written))) == [compared]
