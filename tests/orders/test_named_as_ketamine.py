"""Whatever way an order names ketamine it is ours; what only looks like it is not."""

from __future__ import annotations

from typing import Any

import pytest

from cds.terminology.lookup import load_terminology
from tests.charts.fhir import RXNORM, concept
from tests.charts.reading import order_of

TERMINOLOGY = load_terminology()
SURE = {
    # names of which nobody doubts the drug
    "ketamine": [
        "Ketamine HCl troche 100mg #30", "ketaminehcl 50mg/ml", "KETAMINE50", "KETAMINE_INFUSION",
        "NDC 12345-678 ketamine", "LOCAL123 KETAMINE 500", "racemic ketamine", "Ketalar",
        "ketamine/propofol", "Midazolam and ketamine sedation", "Ketofol 1:1", "ketodex",
        "Ketaject", "Ketolar", "Calypsol",
        # other languages and letters
        "ketamin", "kétamine", "Ketamina", "cetamina", "Kétamine chlorhydrate 50 mg/ml",
        "кетамин 50 мг/мл", "раствор кетамина", "κεταμίνη", "盐酸氯胺酮注射液", "ケタミン静注",
        # whatever else is said
        "ketamine infusion - do not bolus", "Ketamine 35 mg IV, hold for SBP over 160",
        "ketamine 35 mg IV x1, no refills",
    ],
    "esketamine": [
        "S-ketamine", "(S)-ketamine", "S(+)-ketamine", "S-(+)-Ketamine", "s ketamine 25 mg/mL",
        "esketamine", "Eskétamine", "esketamina", "Ketanest S", "Spravato", "эскетамин",
        "艾司氯胺酮",
    ],
}  # fmt: skip
TAKEN_FOR = {
    # shorthand, and one slip of the pen: ours, and the card asks which drug it is
    "Ket 35mg IV": "Ket", "ket gtt": "ket", "KET drip": "KET", "KET/MID nasal": "KET",
    "keta 0.5 mg/kg": "keta", "special K infusion": "special K", "Ketanest": "Ketanest",
    "R-ketamine": "R-ketamine", "arketamine": "arketamine",
    "ketmaine": "ketmaine", "ketamime 50 mg": "ketamime", "Ketemine": "Ketemine",
    "Ketamne": "Ketamne", "ketaminne": "ketaminne", "Ketamnie": "Ketamnie", "Ketalor": "Ketalor",
    "esketamne": "esketamne", "Spravatto 56 mg": "Spravatto",
}  # fmt: skip
AGAINST = ["DO NOT GIVE ketamine", "no ketamine", "avoid ketamine", "ketamine-free",
           "ketamine - contraindicated"]  # fmt: skip
NOT_OURS = [
    "ketorolac 30 mg IV", "Ketor 30 mg", "Toradol", "ketoconazole 200 mg", "Keto shampoo",
    "ketotifen eye drops", "ketoprofen gel", "ketone strips", "Ketostix", "Ket strips", "Keto diet",
    "Ket 200 mg tab", "urine ket", "Ketek 400", "Keppra 500", "norketamine level", "ketamine level",
    "vitamin K 10 mg IV", "betaine", "memantine", "Kemadrin", "cathine", "market", "ketchup",
]  # fmt: skip


def order(drug: dict[str, Any], **fields: Any) -> Any:
    made = {
        "resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
        "medicationCodeableConcept": drug,
    } | fields  # fmt: skip
    return order_of(made, TERMINOLOGY)


@pytest.mark.parametrize(("drug", "text"), [(d, t) for d, texts in SURE.items() for t in texts])
def test_names(drug: str, text: str) -> None:
    read = order({"text": text})
    assert (read.drug, bool(read.drug_doubts)) == (drug, False)
    assert order({"coding": [{"system": "urn:house", "code": "7", "display": text}]}).drug == drug


@pytest.mark.parametrize("text", TAKEN_FOR)
def test_what_is_taken_for_a_name_is_said(text: str) -> None:
    read = order({"text": text})
    assert read.drug is not None
    assert read.drug_doubts.taken_for == TAKEN_FOR[text]


@pytest.mark.parametrize("text", AGAINST)
def test_an_order_against_it_is_ours_and_doubted(text: str) -> None:
    read = order({"text": text})
    assert (read.drug, read.drug_doubts.against) == ("ketamine", True)


@pytest.mark.parametrize("text", NOT_OURS)
def test_what_only_looks_like_it(text: str) -> None:
    read = order({"text": text})
    assert (read.drug, read.topical) == (None, None)


def test_shorthand_under_the_code_of_another_drug_is_short_for_that() -> None:
    assert order(concept(RXNORM, "35827", text="Ket 30 mg IV")).drug is None  # ketorolac
    assert order(concept(RXNORM, "6809", text="Ket 30 mg")).drug is None  # no code of the tables
    slip = order(concept(RXNORM, "35827", text="ketamime 30 mg IV"))
    assert (slip.drug, bool(slip.drug_doubts.disagree)) == ("ketamine", True)


@pytest.mark.parametrize(
    ("text", "drug", "doubted"),
    [
        ("Ketamine infusion 0.5 mg/kg", "ketamine", False),
        ("kétamine perfusion", "ketamine", False),
        ("Esketamine session", "esketamine", False),
        ("ketmaine infusion", "ketamine", True),
        ("do not give ketamine", "ketamine", True),
        ("KET", None, False),  # a test of urine is as short
        ("Ketones, urine", None, False),
    ],
)
def test_a_service(text: str, drug: str | None, doubted: bool) -> None:
    made = {"resourceType": "ServiceRequest", "id": "s", "status": "draft", "intent": "order",
            "code": {"text": text}}  # fmt: skip
    read = order_of(made, TERMINOLOGY)
    assert (read.drug, bool(read.drug_doubts)) == (drug, doubted)


TOPICAL = [
    # medication, its dosage; what it is
    ("ketamine 10% / amitriptyline 4% / gabapentin 6% cream", None, "topical"),
    ("ketamine 10 % cream", None, "topical"),
    ("Ketamine 5% / lidocaine 5% / clonidine 0.2% PLO gel", None, "topical"),
    ("Ketamine/amitriptyline ointment", None, "topical"),
    ("Ketamine ophthalmic drops", None, "topical"),
    ("ketamine 10 % cream", "topical", "topical"),
    ("ketamine 10 % cream", "transdermal", "topical"),
    ("ketamine", "topical", "topical"),
    ("ketamine 10 % cream", "IV", "treatment"),  # one of the two is wrong: it is judged
    ("ketamine 10 % cream", "oral", "treatment"),
    ("ketamine nasal spray", None, "treatment"),
    ("ketamine troche", None, "treatment"),
    ("ketoprofen 10 % cream", None, "neither"),
]


@pytest.mark.parametrize(("text", "route", "kind"), TOPICAL)
def test_for_the_skin(text: str, route: str | None, kind: str) -> None:
    dosages = [{"route": {"text": route}}] if route else []
    read = order({"text": text}, dosageInstruction=dosages)
    assert (read.topical is not None, read.drug is not None) == (
        kind == "topical",
        kind == "treatment",
    )
    skin = [problem for problem in read.problems if "a form for the skin" in problem]
    assert bool(skin) == (kind == "treatment" and "cream" in text)
