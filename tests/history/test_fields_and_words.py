"""Fields and words of one dosage: what happens where they say two things.

The lower dose counts for what speaks for treatment (a trial, tolerance), the higher for what speaks
against it (MME, diazepam equivalents), and it is said.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.history.model.course import DOUBTS
from cds.history.model.history import History
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import Terminology
from tests.charts.fhir import one_patient
from tests.charts.reading import history_of

DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
TWICE = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}


def fields(tablets: object = None, timing: Any = DAILY, unit: str = "tablet", **more: Any) -> Any:
    dose = {"doseQuantity": {"value": tablets, "unit": unit}} if tablets else None
    return {"timing": timing, **({"doseAndRate": [dose]} if dose else {}), **more}


def history(terminology: Terminology, dosage: Any, drug: str) -> History:
    order = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-08-01",
        "medicationCodeableConcept": {"text": drug}, "dosageInstruction": [dosage],
    }  # fmt: skip
    record = one_patient(order)
    return history_of(record, terminology, load_knowledge(), date(2026, 11, 28))


SERTRALINE = [
    # dosage, mg/d, adequacy, doubts that stand on the trial (a 50 mg tablet, 17 weeks)
    (fields(1), 50, "strict", []),
    (fields(1, text="1 tablet daily"), 50, "strict", []),
    (fields(50, unit="mg", text="1 tablet (50 mg total) daily"), 50, "strict", []),
    (fields(2, text="half a tablet (25 mg) daily"), 25, "unknown", ["differs"]),
    (fields(2, text="1 tablet daily"), 50, "strict", ["differs"]),
    (fields(1, timing=TWICE, text="1 tablet once daily"), 50, "strict", ["differs"]),
    (fields(1, timing={"code": {"coding": [{"code": "BID"}], "text": "once daily"}}),
     50, "strict", ["differs"]),
    (fields(1, text="zap daily"), 50, "strict", ["partly_read"]),
    (fields(1, text="as directed"), 50, "strict", []),
    # part of the dose stands nowhere: never strict
    (fields(text="as directed"), 50, "minimum", ["assumed"]),
    (fields(), 50, "minimum", ["assumed"]),
    (fields(text="zap"), None, "unknown", []),
    # a change in words that was not understood: not one dose for the whole time
    (fields(1, text="1 tablet daily, taper per protocol"), None, "unknown", []),
    (fields(1, text="titrate to effect"), None, "unknown", []),
    (fields(1, text="reduce as per plan"), None, "unknown", []),
    (fields(1, text="1 tablet daily to reduce anxiety"), 50, "strict", []),
    ({"text": "1 tablet"}, None, "unknown", []),
    # words in steps, one of which the fields name
    (fields(1, text="1 tablet daily for 7 days, then 2 tablets daily"), 100, "strict", []),
    (fields(3, text="1 tablet daily for 7 days, then 2 tablets daily"), None, "unknown", []),
    # a number without a unit is what the fields say it is
    (fields(50, unit="mg", text="50 daily"), 50, "strict", ["partly_read"]),
    (fields(50, unit="mg", text="1 daily"), 50, "strict", []),
    (fields(2, text="2 daily"), 100, "strict", []),
    (fields(text="10 daily"), None, "unknown", []),
    # ordered by weight, and calculated
    ({"timing": DAILY, "doseAndRate": [
        {"type": {"text": "ordered"}, "doseQuantity": {"value": 1.5, "unit": "mg/kg"}},
        {"type": {"text": "calculated"}, "doseQuantity": {"value": 100, "unit": "mg"}},
    ]}, 100, "strict", []),
    # a unit that the product does not have
    (fields(1, unit="{patch}"), None, "unknown", []),
    (fields(1, unit="suppository"), None, "unknown", []),
]  # fmt: skip


@pytest.mark.parametrize(("dosage", "mg", "adequacy", "doubts"), SERTRALINE, ids=str)
def test_a_trial_counts_the_lower_and_says_so(
    dosage: Any, mg: int | None, adequacy: str, doubts: list[str], terminology: Terminology
) -> None:
    (trial,) = history(terminology, dosage, "sertraline 50 MG Oral Tablet").antidepressant_trials
    assert (trial.max_daily_dose_mg, trial.adequacy) == (mg, adequacy)
    said = [doubt for doubt, sentence in DOUBTS.items() if sentence in trial.remarks]
    assert said == doubts


@pytest.mark.parametrize(
    ("dosage", "mme"),
    [
        (fields(1, timing=TWICE), 30),
        (fields(1, timing=TWICE, text="1 tablet once daily"), 30),
        (fields(1, text="2 tablets daily"), 30),
        (fields(2, text="1 tablet daily"), 30),
        ({"text": "1 to 2 tablets daily"}, 15),  # one reading, a range: its lower end
        ({"text": "Take 1 to 2 tablets every 4 to 6 hours, max 8/day"}, 60),
    ],
    ids=str,
)
def test_mme_counts_the_higher(dosage: Any, mme: int, terminology: Terminology) -> None:
    found = history(terminology, dosage, "oxycodone hydrochloride 10 MG Oral Tablet").opioids
    assert found.mme_per_day == mme


def test_the_card_says_what_is_assumed(terminology: Terminology) -> None:
    from cds.assessment.trials import described

    (trial,) = history(terminology, fields(), "sertraline 50 MG Oral Tablet").antidepressant_trials
    assert described(trial) == "sertraline 50 mg/d, 17 weeks (one unit at a time assumed)"
