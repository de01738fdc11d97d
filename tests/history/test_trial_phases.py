"""The steps of a trial: each stretch at one dose, where there are several."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import Terminology
from tests.charts.fhir import AS_OF, one_patient
from tests.charts.reading import history_of

ROWS = [
    # instruction, (days, mg/d) of each step
    ("Take 1 tablet daily for 56 days", []),
    ("Take 1 tablet daily for 7 days, then 2 tablets daily for 49 days", [(7, 50), (49, 100)]),
    ("1 tab daily x 14 days, THEN 2 tabs daily x 14 days, THEN 1 tab daily x 7 days",
     [(14, 50), (14, 100), (7, 50)]),
    ("Take 1 tablet daily, then 2 tablets daily", []),  # when is not told: the dose is unknown
]  # fmt: skip


@pytest.mark.parametrize(("sig", "steps"), ROWS)
def test_steps(sig: str, steps: list[tuple[int, int]], terminology: Terminology) -> None:
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "completed", "intent": "order",
        "subject": {"reference": "Patient/p"}, "authoredOn": "2026-01-05",
        "medicationCodeableConcept": {"text": "sertraline 50 MG Oral Tablet"},
        "dosageInstruction": [{"text": sig}],
    }  # fmt: skip
    record = one_patient(order)
    history = history_of(record, terminology, load_knowledge(), AS_OF)
    (trial,) = history.antidepressant_trials
    assert [((p.end - p.start).days, p.daily_dose) for p in trial.phases] == steps
    if steps:
        assert trial.phases[0].start == date(2026, 1, 5)
        assert trial.max_daily_dose_mg == max(mg for _, mg in steps)
