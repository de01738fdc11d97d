"""More against treatment never reads as less: DESIGN's first property, over the whole pipeline."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_charts import (
    CONTRAINDICATIONS,
    DRAFTS,
    OTHER_DRUGS,
    Patient,
    draft,
    patients,
    replied,
    sound,
    told,
)

STOPS_A_SOUND_PATIENT = {
    "I71.40", "I61.9", "Q28.2", "F20.9", "F25.0", "F31.2", "I21.9", "Z33.1",
}  # fmt: skip


def doses(report: Any) -> set[tuple[str, str, str]]:
    """Each computed dose."""
    return {
        (d["regimen"], str(d["dose_mg"]), d["weight_basis"])
        for d in report["doses"]
        if d["dose_mg"] is not None
    }


@given(
    patients(),
    DRAFTS,
    st.sampled_from(CONTRAINDICATIONS),
    st.integers(0, 900),
    st.sampled_from(["active", "recurrence", "inactive", "resolved"]),
)
def test_another_contraindication_lowers_no_card_and_adds_no_dose(
    patient: Patient, order: Any, problem: tuple[str, str], ago: int, status: str
) -> None:
    before = deepcopy(patient.resources)
    patient.problem(*problem, ago, status=status)
    first, second = replied(before, order), replied(patient.resources, order)
    assert second.worst <= first.worst
    assert len(second.updates) <= len(first.updates)
    assert doses(told(patient.resources, [order])) <= doses(told(before, [order]))


@given(patients(), DRAFTS, st.sampled_from(OTHER_DRUGS), st.integers(1, 300))
def test_another_interacting_drug_lowers_no_card_and_adds_no_dose(
    patient: Patient, order: Any, name: str, ago: int
) -> None:
    if name == "aripiprazole 5":  # an augmentation trial speaks for candidacy, not against it
        name = "lorazepam 1"
    before = deepcopy(patient.resources)
    patient.drug(name, ago, None)
    first, second = replied(before, order), replied(patient.resources, order)
    assert second.worst <= first.worst
    assert len(second.updates) <= len(first.updates)


def test_the_sound_patient_gets_a_dose() -> None:
    """Else nothing above could fail."""
    assert doses(told(sound().resources, [draft(route="intravenous")]))
    assert replied(sound().resources, draft(route="intravenous")).updates


@pytest.mark.parametrize("problem", CONTRAINDICATIONS, ids=lambda p: p[0])
def test_each_contraindication_is_told_of_the_sound_patient(problem: tuple[str, str]) -> None:
    patient, order = sound(), draft(route="intravenous")
    quiet = {f["id"] for f in told(patient.resources, [order])["findings"]}
    patient.problem(*problem, 1)  # newer than the pregnancy test
    report = told(patient.resources, [order])
    assert {f["id"] for f in report["findings"]} - quiet
    if problem[0] in STOPS_A_SOUND_PATIENT:
        assert not doses(report)
        assert replied(patient.resources, order).worst == 0
