"""A diagnosis whose code and words are of different parts of the body: one of them is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from cds.terminology.codes.body_systems import own_parts, parts_of_code, stems
from cds.terminology.lookup import Terminology

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
DIFFERENT = [
    # words without a set under a code that counts
    ("I71.4", "sprained ankle"), ("I71.40", "Sprain of ankle"), ("I71.4", "Fracture of wrist"),
    ("I71.4", "Acute bronchitis"), ("F33.2", "low back pain"), ("F33.2", "Sprain of ankle"),
    ("F20.0", "Type 2 diabetes mellitus"), ("G40.909", "otitis media"), ("I61.9", "Cataract"),
    ("K74.60", "migraine"), ("O14.10", "Ankle sprain"), ("233985008", "sprained ankle"),
    # words that count, under a code of something else
    ("I10", "aortic aneurysm"), ("I10", "AAA"), ("S93.409A", "AAA"), ("E11.9", "schizophrenia"),
    ("N18.6", "Schizophrenia"), ("S93.409A", "Major depressive disorder, recurrent, severe"),
    ("F33.2", "hypertension"), ("J45.909", "Bipolar disorder"), ("H25.9", "Epilepsy"),
]  # fmt: skip
THE_SAME = [
    # shorter, coarser, of the street
    ("I71.4", "AAA"), ("I71.4", "aneurysm"), ("I71.4", "dilated aorta"), ("I71.4", "aorta 4.5 cm"),
    ("I63.9", "stroke"), ("I21.4", "heart attack"), ("I50.9", "weak heart"), ("G40.909", "fits"),
    ("F32.9", "low mood"), ("F32.9", "feeling down"), ("F32.9", "Burnout"), ("F41.1", "nervous"),
    ("I10", "high blood pressure"), ("E03.9", "underactive thyroid"), ("G90.511", "RSD"),
    ("H40.9", "pressure in the eye"), ("I48.91", "irregular heart beat"), ("M54.16", "sciatica"),
    # in other languages
    ("I71.4", "Bauchaortenaneurysma"), ("F32.9", "dépression"), ("I10", "Hypertonie"),
    ("F33.2", "Schwere depressive Episode"), ("S93.4", "Fractura de tobillo"),
    # more than the code says, of the same part or of a code that is of none
    ("F33.9", "severe with psychosis"), ("K74.60", "Decompensated cirrhosis"),
    ("N30.90", "Ketamine bladder"), ("I67.9", "AVM"), ("Z86.79", "h/o ICH"), ("R51.9", "aneurysm"),
    ("C71.9", "glioblastoma"), ("B18.2", "Hepatitis C"), ("I25.10", "CAD, coronary aneurysm"),
    # what a code holds of several parts
    ("E11.22", "CKD stage 3"), ("E11.22", "diabetic kidney disease"), ("I13.0", "CHF"),
    ("K70.30", "alcoholic cirrhosis"), ("O14.10", "severe preeclampsia"), ("I27.20", "PAH"),
    ("S06.5X0A", "subdural hematoma"), ("G30.9", "dementia"), ("F03.90", "Alzheimer's"),
    ("F53.0", "postpartum depression"),
    # both, and denied
    ("F33.2", "Depression, hypertension"), ("F33.2", "MDD recurrent severe, also back pain"),
    ("I10", "Hypertension, no aneurysm"), ("I10", "HTN, h/o aortic dissection"),
]  # fmt: skip


def written(code: str, text: str) -> dict[str, Any]:
    coding = {"system": SNOMED if code.isdigit() else ICD, "code": code}
    return {"coding": [coding], "text": text}


def differ(code: str, text: str, terminology: Terminology) -> bool:
    concept = written(code, text)
    found, beside = terminology.condition(concept), terminology.condition_beside(concept)
    return found.elsewhere or beside.elsewhere or (found.unsaid and code != "F33.9")


@pytest.mark.parametrize(("code", "text"), DIFFERENT)
def test_one_of_them_is_wrong(code: str, text: str, terminology: Terminology) -> None:
    assert differ(code, text, terminology)
    assert "suspected" in terminology.condition(written(code, text)).sets


@pytest.mark.parametrize(("code", "text"), THE_SAME)
def test_both_may_be_right(code: str, text: str, terminology: Terminology) -> None:
    assert not differ(code, text, terminology)


def test_the_parts_of_codes() -> None:
    assert own_parts("I71.4") == parts_of_code("I71.40") == {"vessels"}
    assert own_parts("E11.22") == {"sugar"}
    assert {"sugar", "urinary", "eye"} <= parts_of_code("e1122")
    assert parts_of_code("Z86.79") == parts_of_code("R51") == parts_of_code("C71.9") == frozenset()


def test_the_beginnings_of_words() -> None:
    assert stems("Sprained ankles, and the knee") == stems("sprain of ankle; knee") | {"sprain"}
