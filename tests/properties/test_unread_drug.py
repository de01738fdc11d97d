"""A drug that cannot be read makes nothing more favourable, and no total smaller."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from property_charts import DRAFTS, PATIENT, Patient, patients, told
from test_less_data import computed, met

Json = dict[str, Any]
LOCAL = "urn:oid:1.2.36.1.2001.1005.77"
CODES: list[Json] = [
    {"medicationCodeableConcept": {"text": "Dolorex Forte TAB"}},
    {"medicationCodeableConcept": {"coding": [{"system": LOCAL, "code": "44812"}]}},
    {"medicationReference": {"reference": "Medication/not-sent"}},
]
UNREAD = st.builds(
    lambda code, day, status: {
        "resourceType": "MedicationRequest", "id": "unread", "intent": "order",
        "status": status, "authoredOn": day, "subject": {"reference": f"Patient/{PATIENT}"}, **code,
    },
    st.sampled_from(CODES),
    st.sampled_from(["2020-01-01", "2025-08-10", "2026-01-10", "2026-05-20"]),
    st.sampled_from(["active", "completed", "stopped", "unknown"]),
)  # fmt: skip


def stops(report: Json) -> set[str]:
    kinds = ("contraindication", "interaction", "order_error")
    return {
        f["id"] for f in report["findings"] if f["severity"] == "critical" and f["kind"] in kinds
    }


def least(report: Json) -> list[Any]:
    """What is known at least of each total; None: data lack."""
    loads = (report["opioids"], report["benzodiazepines"])
    return [*(load["at_least"] for load in loads), *report["adequate_trials"]["at_least"].values()]


@given(patients(), DRAFTS, UNREAD)
@settings(max_examples=150)
def test_an_unread_drug_is_never_an_advantage(patient: Patient, order: Json, drug: Json) -> None:
    before = told(patient.resources, [order])
    after = told([*patient.resources, drug], [order])
    assert met(after) <= met(before)
    assert computed(after) <= computed(before)
    assert stops(before) <= stops(after)
    for was, now in zip(least(before), least(after), strict=True):
        assert was is None or (now is not None and now >= was)
    total, known = before["opioids"]["mme_per_day"], after["opioids"]["mme_per_day"]
    assert known is None or known == total


@given(patients(), DRAFTS, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_a_drug_that_can_no_longer_be_read_helps_nothing(
    patient: Patient, order: Json, chance: Any
) -> None:
    """A coded drug becomes a local code without a name."""
    drugs = [r for r in patient.resources if "medicationCodeableConcept" in r]
    if not drugs:
        return
    hidden = chance.choice(drugs)
    nameless = {"coding": [{"system": LOCAL, "code": "44812"}]}
    changed = [
        r | {"medicationCodeableConcept": nameless} if r is hidden else r for r in patient.resources
    ]
    before, after = told(patient.resources, [order]), told(changed, [order])
    assert met(after) <= met(before)
    assert computed(after) <= computed(before)
