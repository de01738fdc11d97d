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
        "Ketaject", "Ketolar", "Calypsol",
        # other languages and letters
        "ketamin", "kétamine", "Ketamina", "cetamina", "Kétamine chlorhydrate 50 mg/ml",
        "кетамин 50 мг/мл", "раствор кетамина", "κεταμίνη", "盐酸氯胺酮注射液", "ケタミン静注",
        # a short word in front of it
        "IV-ketamine", "PF-ketamine", "RS-ketamine", "K-ketamine", "IM-ketamine 50 mg/mL",
        "(R,S)-ketamine", "R/S-ketamine",
        # another drug that is given at another time, or not at all
        "ketamine 35 mg after midazolam 2 mg", "ketamine for intubation, hold propofol",
        "ketamine 35 mg IV, no midazolam", "Ketamine 35 mg IV, hold lorazepam",
        "ketamine instead of morphine", "Ketamine 50 mg/mL in sodium chloride 0.9 %",
        "ketamine hydrochloride / benzethonium",
        # whatever else is said
        "ketamine infusion - do not bolus", "Ketamine 35 mg IV, hold for SBP over 160",
        "ketamine 35 mg IV x1, no refills", "ketamine infusion, no known allergies",
        "Ketamine infusion, stop SSRI first", "ketamine infusion - hold lamotrigine that day",
        "Hold ketamine if SBP over 180", "ketamine x6, then stop", "ketamine, stop if BP > 180",
        "ketamine (failed sertraline)", "ketamine infusion, discontinue fluoxetine",
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
BESIDE = {
    # a mixture, or one in place of the other: ours, and which drug is asked
    "ketamine/propofol": "propofol", "Ketofol 1:1": "propofol", "ketodex": "dexmedetomidine",
    "ketamine/midazolam": "midazolam", "lidocaine-ketamine infusion": "lidocaine",
    "Midazolam and ketamine sedation": "midazolam", "Ketamine? or ketorolac": "ketorolac",
    "ketamine vs ketorolac": "ketorolac", "ketamine + dexmedetomidine": "dexmedetomidine",
    "Ondansetron 4 mg with ketamine 35 mg IV": "ondansetron",
    "Midazolam 2 mg before ketamine 35 mg IV": "midazolam", "Midazolam with ketamine": "midazolam",
    "Midazolam 2 mg for anxiety, ketamine 0.5 mg/kg": "midazolam",
}  # fmt: skip
ASKED = ["Ketamine?", "?ketamine", "possible ketamine infusion"]
AGAINST = ["DO NOT GIVE ketamine", "no ketamine", "avoid ketamine", "ketamine-free",
           "ketamine - contraindicated",
           # what ends the order
           "Hold ketamine", "Stop ketamine", "D/C ketamine", "Discontinue ketamine infusion",
           "Cancel ketamine", "No more ketamine", "No further ketamine", "Ketamine - hold",
           "Ketamine cancelled", "Ketamine 50 mg/mL - discontinued", "Ketamine - duplicate, void",
           "ketamine is not indicated", "ketamine no longer needed", "ketamine on hold",
           "Avoid ketamine - use propofol", "Patient allergic to ketamine - give etomidate",
           "avoid ketamine if possible", "HOLD KETAMINE! ask cardiology",
           "kein Ketamin", "Ketamin nicht geben", "Ketamin absetzen", "Ketamin pausiert",
           "Ketamin vermeiden", "Ketamin storniert"]  # fmt: skip
INSTRUCTED_AGAINST = [
    "do not give", "Do not give.", "HOLD until cardiology clears", "HOLD", "hold per cardiology",
    "discontinue", "cancel this order", "patient allergic, cancel", "Pt is allergic to ketamine",
    "ketamine allergy - cancel", "stop ketamine", "Patient declined", "nicht geben", "D/C",
    "0.5 mg/kg IV over 40 min. HOLD until ECG is read",
]  # fmt: skip
INSTRUCTED_HOW = [
    "hold for SBP > 180", "Hold: SBP > 180", "hold if SBP > 180", "stop infusion if dissociated",
    "0.5 mg/kg IV over 40 min, hold if SBP > 180", "infuse over 40 min, then stop",
    "35 mg IV over 40 min. Do not give if BP > 180", "Do not give as a bolus", "stop if itching",
    "Allergy: penicillin", "allergic to penicillin", "not to be given before consent",
    "hold lamotrigine", "discontinue fluoxetine first", "do not give with MAOI", "hold breath",
    "patient declines oral drugs", "cancel follow-up of Friday",
]  # fmt: skip
NOT_OURS = [
    # another drug, and ketamine only says when, why or what not
    "Midazolam 2 mg, after ketamine infusion", "Lorazepam 1 mg prn ketamine emergence",
    "Labetalol 10 mg IV prn BP during ketamine", "Glycopyrrolate 0.2 mg w/ ketamine",
    "ondansetron for ketamine nausea", "Ondansetron 4 mg IV before ketamine",
    "Clonidine 0.1 mg PO prior to ketamine", "Propofol (not ketamine)", "Propofol, no ketamine",
    "Diphenhydramine 25 mg for ketamine itch", "Nitroglycerin if hypertensive during ketamine",
    "Hydroxyzine 25 mg pre-ketamine", "morphine instead of ketamine", "non-ketamine analgesia",
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


@pytest.mark.parametrize("text", BESIDE)
def test_a_mixture_is_ours_and_doubted(text: str) -> None:
    read = order({"text": text})
    assert (read.drug, read.drug_doubts.beside) == ("ketamine", (BESIDE[text],))
    coded = order(concept(RXNORM, "6130", text=text))  # an ingredient's code tells no mixture
    assert (coded.drug, coded.drug_doubts.beside) == ("ketamine", (BESIDE[text],))


@pytest.mark.parametrize("text", ASKED)
def test_a_question_is_ours_and_doubted(text: str) -> None:
    read = order({"text": text})
    assert (read.drug, read.drug_doubts.asked) == ("ketamine", True)


TOLD = [
    # what is ordered, its instruction, its note; whether it is ketamine
    ("Infusion per protocol", "ketamine 0.5 mg/kg IV over 40 min", "", True),
    ("Infusion per protocol", "ketamine infusion", "", True),
    ("Sodium chloride 0.9% 100 mL", "with ketamine 35 mg IV over 40 min", "", True),
    ("Sodium chloride 0.9% 100 mL", "", "add ketamine 35 mg, infuse over 40 min", True),
    ("", "ketamine 35 mg IV", "", True),  # a code of the house alone
    ("", "", "ketamine 0.5 mg/kg over 40 min", True),
    ("Infusion per protocol", "100 mL/h before ketamine 35 mg", "", False),
    ("Sodium chloride 0.9% 100 mL", "run with the ketamine infusion", "", False),
    ("Sodium chloride 0.9% 100 mL", "100 mL/h", "had ketamine 0.5 mg/kg last week", False),
    ("Sodium chloride 0.9% 100 mL", "100 mL/h", "no ketamine 35 mg today", False),
    ("Ondansetron 4 mg", "4 mg IV, then ketamine", "", False),
    ("Metformin 500 mg", "1 tablet", "ketamine 35 mg IV was given", False),
]


@pytest.mark.parametrize(("text", "instruction", "note", "ours"), TOLD)
def test_what_only_its_words_name(text: str, instruction: str, note: str, ours: bool) -> None:
    drug = {"text": text} if text else {"coding": [{"system": "urn:house", "code": "99"}]}
    read = order(drug, dosageInstruction=[{"text": instruction}], note=[{"text": note}])
    assert (read.drug, read.drug_doubts.told) == ("ketamine" if ours else None, ours)


@pytest.mark.parametrize(
    ("words", "ours"),
    [
        ("ketamine 0.5 mg/kg over 40 min", True),
        ("You will get ketamine 0.5 mg/kg", True),
        ("before ketamine treatment", False),
        ("had ketamine 0.5 mg/kg in May", False),
    ],
)
def test_what_only_the_words_of_a_service_name(words: str, ours: bool) -> None:
    made = {"resourceType": "ServiceRequest", "id": "s", "status": "draft", "intent": "order",
            "code": {"text": "Infusion"}}  # fmt: skip
    for said in ({"note": [{"text": words}]}, {"patientInstruction": words}):
        read = order_of(made | said, TERMINOLOGY)
        assert (read.drug, read.drug_doubts.told) == ("ketamine" if ours else None, ours)


@pytest.mark.parametrize("text", AGAINST)
def test_an_order_against_it_is_ours_and_doubted(text: str) -> None:
    read = order({"text": text})
    assert (read.drug, read.drug_doubts.against) == ("ketamine", True)


@pytest.mark.parametrize("text", INSTRUCTED_AGAINST)
def test_its_note_or_instruction_may_say_so(text: str) -> None:
    coded = concept(RXNORM, "238084", text="ketamine 50 mg/mL")
    for field in ("note", "dosageInstruction"):
        assert order(coded, **{field: [{"text": text}]}).drug_doubts.against


@pytest.mark.parametrize("text", INSTRUCTED_HOW)
def test_how_to_give_it_is_no_word_against_it(text: str) -> None:
    for field in ("note", "dosageInstruction"):
        read = order({"text": "ketamine 50 mg/mL"}, **{field: [{"text": text}]})
        assert not read.drug_doubts.against


def test_words_against_count_under_a_code() -> None:
    assert order(concept(RXNORM, "238084", text="D/C ketamine")).drug_doubts.against


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
    ("Ketamine lip balm", None, "topical"),
    ("ketamine 5 % paste", None, "topical"),
    ("Ketamine mouthwash", None, "treatment"),
    ("Ketamine enema", None, "treatment"),
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


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Ketamine 10% cream", "topical"),
        ("ketamine 100 mg troche", "for the mouth"),
        ("ketamine mouthwash", "for the mouth"),
        ("ketamine capsule 50 mg", "swallowed"),
        ("ketamine suppository", "rectal"),
        ("ketamine patch", "a patch"),
        ("ketamine nasal spray", None),  # of the same solution
        ("ketamine 50 mg/mL injection, PO", None),
        ("ketamine 50 mg/mL vial", None),
    ],
)
def test_another_form_than_the_injection_of_its_code(text: str, other: str | None) -> None:
    said = order(concept(RXNORM, "238084", text=text)).drug_doubts.disagree
    expected = f"the code is of an injection, the name of a form that is {other}"
    assert said == ((expected,) if other else ())


@pytest.mark.parametrize(
    ("text", "injected"),
    [
        ("Ketanest S 5 mg/ml", True), ("Esketamin Inresa 25 mg/ml", True), ("Vesierra", True),
        ("esketamine 50 mg/2 ml", True), ("esketamine 140 mg/mL", False), ("Spravato", False),
        ("esketamine 28 mg", False),
    ],
)  # fmt: skip
def test_esketamine_for_injection(text: str, injected: bool) -> None:
    assert order({"text": text}).injected is injected


@pytest.mark.parametrize(
    ("coding", "unread"),
    [
        ({"system": "urn:epic", "code": "99"}, True),
        ({"code": "99"}, True),
        ({"system": RXNORM, "code": "99999999"}, True),  # newer than the tables, or none
        ({"system": RXNORM, "code": "83367"}, False),  # atorvastatin
        ({"system": RXNORM, "code": "6130"}, False),
        ({"system": "urn:epic", "code": "99", "display": "Zolmex"}, False),
    ],
)
def test_a_code_without_a_name(coding: dict[str, str], unread: bool) -> None:
    assert order({"coding": [coding]}).drug_unread is unread
