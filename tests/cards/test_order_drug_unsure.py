"""An order of which it is not sure that it is for ketamine: a line on a card, always, and no dose.

And ketamine for the skin: what it is, an allergy, and nothing of treatment.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from cds.api import Answer, Hook, assess, load, read_chart
from tests.charts.fhir import ICD10CM, RXNORM, concept, condition, on_the_wire

ENGINE = load()
DAY = date(2026, 11, 22)
KETAMINE, KETOROLAC, ESKETAMINE, METFORMIN = "6130", "35827", "2119365", "6809"
DOSAGE = [{"text": "35 mg IV over 40 min"}]
CHARTS: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "aneurysm": [condition(concept(ICD10CM, "I71.40"))],
    "depressed": [condition(concept(ICD10CM, "F33.2"))],
    "mild": [condition(concept(ICD10CM, "F32.0"))],
    "psychosis": [condition(concept(ICD10CM, "F20.0"))],
}


def medication(code: str | None, text: str | None = None) -> dict[str, Any]:
    return {"resourceType": "Medication", "id": "m",
            "code": concept(RXNORM, code, text=text) if code else {"text": text}}  # fmt: skip


UNSURE: dict[str, tuple[dict[str, Any], str]] = {
    # the order's medication; what is said
    "code ketamine, text ketorolac": (
        {"medicationCodeableConcept": concept(RXNORM, KETAMINE, text="ketorolac 30 mg")},
        "means ketorolac",
    ),
    "code ketorolac, text ketamine": (
        {"medicationCodeableConcept": concept(RXNORM, KETOROLAC, text="ketamine")},
        "means ketamine",
    ),
    "code esketamine, text ketamine": (
        {"medicationCodeableConcept": concept(RXNORM, ESKETAMINE, text="ketamine IV 35 mg")},
        "means ketamine, not esketamine",
    ),
    "code of another strength": (
        {"medicationCodeableConcept": concept(RXNORM, "238082", text="ketamine 100 mg/mL")},
        "another strength",
    ),
    "code that is of no ketamine": (
        {"medicationCodeableConcept": concept(RXNORM, METFORMIN, text="ketamine")},
        "no code of ketamine",
    ),
    "the name of the reference": (
        {"contained": [medication(KETAMINE)],
         "medicationReference": {"reference": "#m", "display": "ketorolac 30 mg"}},
        "the name of the reference means ketorolac",
    ),
    "the name of the reference, of no rule": (
        {"contained": [medication(KETAMINE)],
         "medicationReference": {"reference": "#m", "display": "metformin 500 mg"}},
        "the name of the reference means metformin",
    ),
    "the strength of the reference": (
        {"contained": [medication("238082")],
         "medicationReference": {"reference": "#m", "display": "ketamine 100 mg/mL"}},
        "another strength",
    ),
    "concept beside the Medication": (
        {"contained": [medication(KETAMINE)], "medicationReference": {"reference": "#m"},
         "medicationCodeableConcept": {"text": "ketorolac 30 mg"}},
        "means ketamine, not ketorolac",
    ),
    "ingredient of the Medication": (
        {"contained": [medication(KETOROLAC) | {
            "ingredient": [{"itemCodeableConcept": {"text": "ketamine"}}]}],
         "medicationReference": {"reference": "#m"}},
        "the ingredients are ketamine",
    ),
    "shorthand": ({"medicationCodeableConcept": {"text": "Ket 35mg IV"}}, "“Ket” was taken for"),
    "a slip": ({"medicationCodeableConcept": {"text": "ketmaine"}}, "“ketmaine” was taken for"),
    "a mixture": (
        {"medicationCodeableConcept": {"text": "Ketamine/propofol"}}, "propofol named beside",
    ),
    "a mixture under the code of ketamine": (
        {"medicationCodeableConcept": concept(RXNORM, KETAMINE, text="ketamine and lidocaine")},
        "lidocaine named beside",
    ),
    "a question": ({"medicationCodeableConcept": {"text": "Ketamine?"}}, "only asks for it"),
    "in its instruction alone": (
        {"medicationCodeableConcept": {"text": "Infusion per protocol"},
         "dosageInstruction": [{"text": "ketamine 0.5 mg/kg IV over 40 min"}]},
        "Only the instruction or a note names ketamine",
    ),
    "another form than its code": (
        {"medicationCodeableConcept": concept(RXNORM, "238084", text="ketamine 100 mg troche")},
        "for the mouth",
    ),
    "against it": (
        {"medicationCodeableConcept": {"text": "DO NOT GIVE ketamine"}}, "is not to be given",
    ),
}  # fmt: skip
SURE = [
    {"medicationCodeableConcept": concept(RXNORM, KETAMINE, text="Ketalar")},
    {"medicationCodeableConcept": concept(RXNORM, "238082", text="Ketamina fiale")},
    {"contained": [medication(KETAMINE)],
     "medicationReference": {"reference": "#m", "display": "Ketamine HCl inj"}},
    {"contained": [medication(KETAMINE)], "medicationReference": {"reference": "#m"},
     "medicationCodeableConcept": {"text": "ketamine drip"}},
    {"medicationCodeableConcept": {"text": "ketamine"}},
]  # fmt: skip


def draft(**drug: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/p"}, "dosageInstruction": DOSAGE,
    } | drug  # fmt: skip


def answer(order: dict[str, Any], *chart: dict[str, Any], hook: Hook = "order-select") -> Answer:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1984-03-02"}
    read = read_chart(ENGINE, on_the_wire([patient, *chart]))
    return assess(ENGINE, read, DAY, [on_the_wire(order)], hook)


def text(found: Answer) -> str:
    return "\n".join(f"{card.summary}\n{card.detail}" for card in found.cards)


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("name", UNSURE)
def test_a_line_on_a_card_and_no_dose(name: str, chart: str, hook: Hook) -> None:
    drug, said = UNSURE[name]
    found = answer(draft(**drug), *CHARTS[chart], hook=hook)
    assert said in text(found)
    assert all(dose.dose_mg is None for dose in found.assessment.doses)
    kinds = {a["type"] for c in found.cards_json() for s in c.get("suggestions", ())
             for a in s["actions"]}  # fmt: skip
    assert "update" not in kinds


@pytest.mark.parametrize("drug", SURE, ids=str)
def test_nothing_is_said_where_both_agree(drug: dict[str, Any]) -> None:
    found = answer(draft(**drug))
    assert "order-drug-unsure" not in {finding.id for finding in found.assessment.findings}


def test_no_correction_of_a_dose_rests_on_it() -> None:
    """0.5 mg/kg/min is a slip for per hour, and corrected with one click where the drug is sure."""
    rate = [{"text": "350 mg IV over 40 minutes", "route": {"text": "IV"}}]
    sure = answer(draft(medicationCodeableConcept={"text": "ketamine"}, dosageInstruction=rate),
                  CHARTS["depressed"][0])  # fmt: skip
    assert any(f.correction for f in sure.assessment.findings) or sure.cards[0].kind == "stop"
    drug, _ = UNSURE["code ketamine, text ketorolac"]
    unsure = answer(draft(**drug | {"dosageInstruction": rate}), CHARTS["depressed"][0])
    assert not any(f.correction for f in unsure.assessment.findings)


CREAM = {"medicationCodeableConcept": {"text": "ketamine 10% / gabapentin 6% cream"}}
ALLERGY = {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "ketamine"}}


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("chart", CHARTS)
def test_for_the_skin_one_calm_card(chart: str, hook: Hook) -> None:
    """Neither dose nor infusion, and no contraindication of treatment."""
    found = answer(draft(**CREAM, dosageInstruction=[]), *CHARTS[chart], hook=hook)
    assert [(card.kind, card.indicator) for card in found.cards] == [("safety", "info")]
    assert "Topical ketamine" in found.cards[0].summary
    said = json.dumps(found.cards_json())
    assert "mg/kg" not in said
    assert "over 40 min" not in said
    assert found.assessment.doses == ()


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_for_the_skin_an_allergy_stops(hook: Hook) -> None:
    found = answer(draft(**CREAM, dosageInstruction=[]), ALLERGY, *CHARTS["aneurysm"], hook=hook)
    assert [card.indicator for card in found.cards] == ["critical", "info"]
    assert "aneurysm" not in text(found)
    [removed] = found.cards_json()[0]["suggestions"]
    assert removed["actions"][0]["resourceId"] == "MedicationRequest/d"


def test_beside_an_infusion_the_allergy_is_said_once() -> None:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1984-03-02"}
    chart = read_chart(ENGINE, on_the_wire([patient, ALLERGY]))
    infusion = draft(medicationCodeableConcept={"text": "ketamine"}) | {"id": "i"}
    found = assess(
        ENGINE, chart, DAY, on_the_wire([infusion, draft(**CREAM, dosageInstruction=[])])
    )
    assert [f.id for f in found.assessment.findings].count("hypersensitivity") == 1
    assert "Topical ketamine" in text(found)


@pytest.mark.parametrize(
    "name", ["Midazolam 2 mg, after ketamine infusion", "ondansetron for ketamine nausea"]
)
@pytest.mark.parametrize("chart", CHARTS)
def test_another_drug_beside_ketamine_has_none_of_its_stops(name: str, chart: str) -> None:
    found = answer(draft(medicationCodeableConcept={"text": name}), *CHARTS[chart])
    assert not found.assessment.doses
    assert all(card.indicator != "critical" for card in found.cards)


SLIPS = [
    # an allergy; how it counts
    ("Ketamie", "warning"), ("keatmine", "warning"), ("Ketalr", "warning"),
    ("esketamne", "warning"), ("Spravatto", "warning"), ("Ketalr - hives", "warning"),
    ("Ketalar", "critical"), ("IV-ketamine", "critical"), ("Кетамин", "critical"),
    ("氯胺酮", "critical"), ("ケタミン", "critical"),
    ("нет аллергии на кетамин", "warning"), ("无氯胺酮过敏", "warning"),  # a denial, in other words
    ("ketorolac", None), ("Ketoprofen", None), ("Ket", None), ("no ketamne allergy", None),
]  # fmt: skip


@pytest.mark.parametrize(("substance", "severity"), SLIPS)
def test_a_slip_in_an_allergy_warns(substance: str, severity: str | None) -> None:
    entry = {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": substance}}
    found = answer(draft(medicationCodeableConcept={"text": "ketamine"}), entry).assessment
    fired = {f.severity: f.stops_dose for f in found.findings if f.id == "hypersensitivity"}
    assert fired == ({severity: True} if severity else {})


LOCAL_USE = [
    # another entry of the list; whether it is a second order for ketamine
    ("Ketamine 10% cream", "apply tid", None, False),
    ("Ketamine 10% cream", "apply tid", "6064005", False),
    ("Ketamine 5%/amitriptyline 2% cream", "apply tid", None, False),
    ("ketamine eye drops", "1 drop tid", None, False),
    ("ketamine 10 %", "apply tid", "6064005", False),
    ("Ketamine 100 mg troche", "1 daily", None, True),
    ("Ketamine 10% cream", "35 mg IV", "47625008", True),  # one of the two is wrong
    ("ketamine", "35 mg IV", None, True),
]


@pytest.mark.parametrize(("name", "instruction", "route", "second"), LOCAL_USE)
def test_ketamine_for_the_skin_is_no_second_order(
    name: str, instruction: str, route: str | None, second: bool
) -> None:
    dosage: dict[str, Any] = {"text": instruction}
    if route is not None:
        dosage["route"] = concept("http://snomed.info/sct", route)
    entry = {"resourceType": "MedicationRequest", "id": "home", "status": "active",
             "intent": "order", "medicationCodeableConcept": {"text": name},
             "authoredOn": "2026-11-01", "dosageInstruction": [dosage]}  # fmt: skip
    found = answer(draft(medicationCodeableConcept={"text": "ketamine"}), entry).assessment
    said = {f.id for f in found.findings} & {"order-duplicate", "second-ketamine-order"}
    assert bool(said) is second
