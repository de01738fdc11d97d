"""A dose from what was handed out and the days that it is for: only where no instruction stands."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.history.model.history import History
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import Terminology
from tests.charts.fhir import one_patient
from tests.charts.reading import history_of

DAY = date(2026, 11, 28)


def history(terminology: Terminology, dosage: Any, tablets: int, days: int, drug: str) -> History:
    supply = {
        "quantity": {"value": tablets, "unit": "tablet"},
        "expectedSupplyDuration": {"value": days, "unit": "d", "code": "d"},
    }
    order = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-11-27",
        "medicationCodeableConcept": {"text": drug}, "dispenseRequest": supply,
        "dosageInstruction": [dosage] if dosage else [],
    }  # fmt: skip
    record = one_patient(order)
    return history_of(record, terminology, load_knowledge(), DAY)


OXYCODONE = "oxycodone hydrochloride 10 MG Oral Tablet"
ROWS = [
    # instruction, tablets, days, MME a day (10 mg tablets, factor 1.5)
    (None, 120, 30, 60),
    ({"text": "as directed"}, 120, 30, 60),
    ({"text": "USE AS DIRECTED"}, 120, 30, 60),
    # as needed is never a regular dose
    ({"text": "1 q6h prn pain"}, 120, 30, None),
    ({"text": "10 mg = 1 tab, PO, q6hr, PRN pain"}, 120, 30, None),
    ({"text": "as needed"}, 120, 30, None),
    ({"asNeededBoolean": True}, 120, 30, None),
    ({"text": "zap them when it hurts prn"}, 120, 30, None),
    # an instruction that was not understood may say something else
    ({"text": "taper as directed"}, 120, 30, None),
    ({"text": "see the plan of Dr Miller"}, 120, 30, None),
    ({"text": "1 tablet bid and tid"}, 120, 30, None),
    ({"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "bag"}}]}, 120, 30, None),
    # days that can't be meant: at, below and above each edge
    (None, 120, 1, None),
    (None, 120, 2, 900),
    (None, 366, 366, 15),
    (None, 367, 367, None),
    (None, 120, 3000, None),
]  # fmt: skip


@pytest.mark.parametrize(("dosage", "tablets", "days", "mme"), ROWS, ids=str)
def test_the_supply_gives_a_dose_only_where_nothing_else_is_written(
    dosage: Any, tablets: int, days: int, mme: int | None, terminology: Terminology
) -> None:
    found = history(terminology, dosage, tablets, days, OXYCODONE).opioids
    assert found.mme_per_day == mme
    if mme is None:
        assert found.tolerant is not True


@pytest.mark.parametrize("text", ["1 tab qhs prn sleep", "prn", "if needed at night"])
def test_a_sedative_as_needed_is_listed_and_not_added(text: str, terminology: Terminology) -> None:
    drug = "lorazepam 1 MG Oral Tablet"
    found = history(terminology, {"text": text}, 30, 30, drug).sedatives
    assert found.diazepam_equivalent_mg_per_day is None
    assert any("as needed" in problem for problem in found.problems)
