"""Why a drug was stopped: codes, stated words and notes."""

from __future__ import annotations

from typing import Any

import pytest

from cds.history.medications.stop_reason import stop_reason

ROWS = [
    # resource fields, kind
    ({"statusReason": {"coding": [{"code": "sintol"}]}}, "intolerance"),
    ({"statusReason": {"coding": [{"code": "salg"}]}}, "intolerance"),
    ({"statusReason": [{"coding": [{"code": "407563006"}]}]}, "intolerance"),
    ({"statusReason": {"text": "Could not tolerate it"}}, "intolerance"),
    ({"statusReason": {"text": "Nausea"}}, "intolerance"),
    ({"statusReason": {"coding": [{"display": "Lack of efficacy"}]}}, "inefficacy"),
    ({"statusReason": {"text": "No response after 8 weeks"}}, "inefficacy"),
    ({"statusReason": {"coding": [{"code": "preg"}]}}, "other"),
    ({"statusReason": {"text": "Formulary change"}}, "other"),
    ({"statusReason": {"text": "No side effects, patient's wish"}}, "other"),
    ({"note": [{"text": "Discontinued due to nausea and dizziness"}]}, "intolerance"),
    ({"note": [{"text": "Patient has seasonal rash"}]}, None),
    ({"note": [{"text": "No adverse effects. Denies side effects."}]}, None),
    ({"note": [{"text": "Tolerated well without any side effects"}]}, None),
    ({"note": [{"text": "treatment failure, switched"}]}, "inefficacy"),
    ({"note": [{"text": "take with food"}]}, None),
    ({"note": [{"text": "No known allergies"}]}, None),
    ({"note": [{"text": "Not taking due to side effects"}]}, "intolerance"),
    ({"note": [{"text": "Stopped due to lack of benefit, not due to nausea"}]}, "inefficacy"),
    ({"note": [{"text": "Denies hives, rash or any allergic reaction"}]}, None),
    ({"note": [{"text": "No rash but did not tolerate it"}]}, "intolerance"),
    ({"note": "not a list", "statusReason": 7}, None),
    ({}, None),
]


@pytest.mark.parametrize(("fields", "kind"), ROWS, ids=str)
def test_kind(fields: dict[str, Any], kind: str | None) -> None:
    found, written = stop_reason(fields)
    assert found == kind
    assert (written is None) == (kind is None) or "coding" in str(fields)
