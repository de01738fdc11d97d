"""A suggestion changes the draft where it must, and nowhere else."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest

from cards.instruction import Instruction
from cards.patch import with_instruction
from cds.assessment.model import DoseProposal
from cds.units import Quantity
from cds.wire import Json, decode, encode

DRAFT = b"""{
 "resourceType": "MedicationRequest", "id": "draft-1", "status": "draft", "intent": "order",
 "extension": [{"url": "https://ehr.example/slot", "valueDecimal": 1.50}],
 "medicationCodeableConcept": {"text": "ketamine 50 mg/mL"},
 "subject": {"reference": "Patient/1"}, "authoredOn": "2026-11-24T09:00:00+00:00",
 "note": [{"text": "as discussed"}],
 "dosageInstruction": [{"sequence": 1, "text": "ketamine", "patientInstruction": "Rest afterwards",
   "timing": {"repeat": {"boundsPeriod": {"start": "2026-11-24"}}}}]
}"""
IV = DoseProposal(
    regimen="iv-std-acute", basis=("psy:iv-std-acute",), drug="ketamine", route="intravenous",
    dose_mg=Decimal("35.1"), rounded_mg=Decimal("35"), duration_min=Decimal("40"),
    rate_mg_per_h=Decimal("52.65"), weight_basis="actual", weight_kg=Decimal("70.2"),
    dose_per_kg=Quantity(Decimal("0.5"), "mg/kg"), sessions=6, sessions_per_week=Decimal("2"),
)  # fmt: skip
NASAL = DoseProposal(
    regimen="esk-trd-us-induction", basis=(), drug="esketamine", route="intranasal",
    dose_mg=Decimal("56"), devices=2, weight_basis="fixed", sessions=8,
    sessions_per_week=Decimal("2"),
)  # fmt: skip
MEANT = Instruction.proposed(IV)


def draft() -> Json:
    read: Json = decode(DRAFT)
    return read


def test_everything_else_comes_back_as_it_was_sent() -> None:
    sent, changed = draft(), with_instruction(draft(), MEANT)
    assert {k: v for k, v in changed.items() if k != "dosageInstruction"} == {
        k: v for k, v in sent.items() if k != "dosageInstruction"
    }
    assert b'"valueDecimal":1.50' in encode(changed)
    assert b"+00:00" in encode(changed)
    instruction = changed["dosageInstruction"][0]
    assert instruction["patientInstruction"] == "Rest afterwards"
    assert instruction["timing"]["repeat"]["boundsPeriod"] == {"start": "2026-11-24"}


def test_the_draft_itself_is_not_touched() -> None:
    sent = draft()
    with_instruction(sent, MEANT)
    assert sent == draft()


def test_dose_rate_route_and_timing_are_filled_in() -> None:
    instruction = with_instruction(draft(), MEANT)["dosageInstruction"][0]
    assert instruction["doseAndRate"] == [
        {
            "doseQuantity": {"value": 35, "unit": "mg", "code": "mg",
                             "system": "http://unitsofmeasure.org"},
            "rateQuantity": {"value": Decimal("52.5"), "unit": "mg/h", "code": "mg/h",
                             "system": "http://unitsofmeasure.org"},
        }
    ]  # fmt: skip
    assert instruction["route"]["coding"][0]["code"] == "47625008"
    repeat = instruction["timing"]["repeat"]
    assert (repeat["duration"], repeat["durationUnit"]) == (40, "min")
    assert (repeat["frequency"], repeat["period"], repeat["periodUnit"]) == (2, 1, "wk")
    assert repeat["count"] == 6


@pytest.mark.parametrize("dose", [IV, NASAL])
def test_the_result_is_valid_fhir(dose: DoseProposal) -> None:
    MedicationRequest.model_validate(
        json.loads(encode(with_instruction(draft(), Instruction.proposed(dose))))
    )


def test_an_empty_draft_gets_one_instruction() -> None:
    changed = with_instruction(
        {"resourceType": "MedicationRequest", "id": "1"}, Instruction.proposed(NASAL)
    )
    assert len(changed["dosageInstruction"]) == 1


@pytest.mark.parametrize(
    ("dose", "words"),
    [
        (IV, "35 mg IV over 40 min, 2 per week, 6 sessions"),
        (NASAL, "56 mg intranasally (2 devices of 28 mg, 5 min apart), 2 per week, 8 sessions"),
    ],
)
def test_in_words(dose: DoseProposal, words: str) -> None:
    assert str(Instruction.proposed(dose)) == words
