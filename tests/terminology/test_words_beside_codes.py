"""A code and what is written beside it: the more specific of the two counts against treatment."""

from __future__ import annotations

import pytest

from cds.terminology.lookup import Terminology

CM = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
IMO = "urn:oid:2.16.840.1.113883.3.247.1.1"


def written(code: str, text: str, shape: str = "text") -> dict[str, object]:
    """The text as text, as the display of the code, or as both with a vendor's term beside it."""
    coding = {"system": SNOMED if code.isdigit() else CM, "code": code}
    if shape == "text":
        return {"coding": [coding], "text": text}
    if shape == "display":
        return {"coding": [coding | {"display": text}]}
    vendor = {"system": IMO, "code": "670195", "display": text}
    return {"coding": [coding | {"display": text}, vendor], "text": text}


SHAPES = pytest.mark.parametrize("shape", ["text", "display", "both"])


@SHAPES
@pytest.mark.parametrize(
    ("code", "text", "named"),
    [
        # a code without a set of its own
        ("I67.9", "Cerebral arteriovenous malformation", "arteriovenous_malformation"),
        ("I67.9", "Cerebral aneurysm, unruptured", "aneurysmal_vascular_disease"),
        ("Z86.79", "h/o ICH", "intracerebral_hemorrhage"),
        ("Z86.79", "History of SAH 2012", "intracranial_hemorrhage_any"),
        ("Z98.890", "s/p AAA repair", "aneurysmal_vascular_disease_history"),
        ("R69", "Pheochromocytoma", "pheochromocytoma"),
        ("Z00.00", "Pregnant, 12 weeks", "pregnancy_current"),
        # a coarse code of one
        ("F33.9", "Major depressive disorder, recurrent, severe with psychosis",
         "mdd_severe_psychotic"),
        ("F32.A", "Depression with psychotic features", "mdd_severe_psychotic"),
        ("F19.10", "Ketamine abuse", "ketamine_misuse"),
        ("F19.20", "Ketamine use disorder", "ketamine_misuse"),
        ("F19.20", "Cocaine and alcohol use disorder", "cocaine_use_disorder_active"),
        ("K74.60", "Decompensated cirrhosis", "hepatic_failure_or_decompensation"),
        ("N30.90", "Ketamine bladder", "ketamine_induced_cystitis"),
        ("I10", "HTN, h/o aortic dissection", "aneurysmal_vascular_disease"),
        ("I25.10", "CAD, coronary aneurysm", "aneurysmal_vascular_disease"),
        ("I50.9", "Acute on chronic systolic heart failure", "heart_failure_decompensated"),
        ("R51.9", "Headache, possible aneurysm", "aneurysmal_vascular_disease"),
        ("38341003", "Hypertensive crisis", "hypertensive_crisis"),
        ("I10", "HTN emergency", "hypertensive_crisis"),
        ("K76.9", "end stage liver disease", "hepatic_failure_or_decompensation"),
        ("K70.30", "cirrhosis, decompensated", "hepatic_failure_or_decompensation"),
        ("F33.9", "MDD w/ SI", "suicidal_ideation"),
        ("F19.10", "special K misuse", "ketamine_misuse"),
        ("F10.21", "EtOH, relapsed, drinking daily", "alcohol_use_disorder_active"),
        ("F14.21", "cocaine, last use yesterday", "cocaine_use_disorder_active"),
        ("Z86.59", "h/o psychosis", "psychotic_disorder_any"),
        ("708248004", "ESLD", "hepatic_failure_or_decompensation"),
    ],
)  # fmt: skip
def test_words_that_say_more_count_against_treatment(
    code: str, text: str, named: str, shape: str, terminology: Terminology
) -> None:
    concept = written(code, text, shape)
    found = terminology.condition(concept).sets | terminology.condition_beside(concept).sets
    assert named in found or f"{named}_history" in found


@SHAPES
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("F33.9", "Major depressive disorder, recurrent, without psychotic features"),
        ("F33.2", "MDD, no psychosis"),
        ("I10", "HTN"),
        ("I10", "Hypertension, mother had an aneurysm"),
        ("R51.9", "Headache, aneurysm ruled out"),
        ("Z82.49", "Family history of AAA"),
        ("Z13.6", "Screening for abdominal aortic aneurysm"),
        ("K74.60", "Cirrhosis, compensated, no ascites"),
        ("F19.10", "Polysubstance abuse"),
        ("M85.562", "Aneurysmal bone cyst, left lower leg"),
        ("Z71.41", "Alcohol abuse counseling and surveillance of alcoholic"),
        ("38341003", "Hypertension"),
    ],
)
def test_words_that_say_no_more_add_nothing(
    code: str, text: str, shape: str, terminology: Terminology
) -> None:
    concept = written(code, text, shape)
    assert not terminology.condition_beside(concept).sets - {"history_of", "suspected"}
    dangers = {"aneurysmal_vascular_disease", "alcohol_use_disorder_active"}
    assert not terminology.condition(concept).sets & dangers


@pytest.mark.parametrize(
    ("code", "text", "over"),
    [
        ("F10.20", "Alcohol dependence, in sustained remission", True),
        ("F10.20", "Alcohol use disorder, severe, in early remission", True),
        ("F11.20", "OUD in remission on buprenorphine", True),
        ("F14.20", "Cocaine dependence in remission", True),
        ("F19.20", "Cocaine dependence in remission", True),
        ("F12.20", "Cannabis use disorder, in remission", True),
        ("F10.20", "Alcohol dependence", False),
        ("F10.20", "Alcohol dependence, not in remission", False),
        ("F10.20", "History of alcohol dependence", False),
        ("F10.20", "Alcohol dependence, possibly in remission", False),
        ("F14.20", "Alcohol dependence in remission", False),
        ("F19.20", "Alcohol use disorder in remission, cocaine use disorder", False),
    ],
)
def test_remission_narrows_a_use_disorder(
    code: str, text: str, over: bool, terminology: Terminology
) -> None:
    sets = terminology.condition(written(code, text)).sets
    assert (not any(name.endswith("_active") for name in sets)) is over
    assert any(name.endswith("_remission") for name in sets) is over


@pytest.mark.parametrize(
    ("code", "text", "open_"),
    [
        # for a reason for treatment the words must not name something else
        ("F33.2", "Bipolar I disorder", True),
        ("F33.2", "Generalized anxiety disorder", True),
        ("F33.1", "MDD, recurrent, in full remission", True),
        ("F43.10", "Obsessive compulsive disorder", True),
        ("F41.1", "Recurrent depression", True),
        # coarser, shorter, foreign and unknown words agree, and so does what names both
        ("F33.2", "Depression", False),
        ("F33.2", "MDD", False),
        # grief and dysthymia are no major depression
        ("F33.9", "Dysthymia", True),
        ("F32.9", "Grief", True),
        ("F33.2", "Bereavement", True),
        ("F33.2", "MDD, bereavement", False),
        ("F33.9", "MDD and dysthymia", False),
        ("F34.1", "Depression", False),
        ("F34.1", "Dysthymia", False),
        # short denials, and what is over
        ("I61.9", "no hemorrhage", True),
        ("I61.9", "hemorrhage", False),
        ("I61.9", "no headache", False),
        ("E05.90", "resolved after RAI", True),
        ("E05.90", "s/p RAI", False),
        ("I21.9", "Old MI", True),
        ("I21.9", "MI", False),
        ("F33.2", "Schwere depressive Episode", False),
        ("F33.2", "see note of 3/12", False),
        ("F33.2", "Depression with anxiety", False),
        ("F33.2", "TRD", False),
        ("F33.2", "Hypertension", True),
        ("F33.2", "Depression, hypertension", False),
        ("F33.42", "MDD in full remission", False),  # the code says so as well
    ],
)
def test_words_of_another_disease_leave_the_code_open(
    code: str, text: str, open_: bool, terminology: Terminology
) -> None:
    match = terminology.condition(written(code, text))
    assert match.unsaid is open_
    assert ("suspected" in match.sets) is open_
