"""Orders that are not ketamine: one card, when every entry criterion is met, else silence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from candidacy_cases import (
    DULOXETINE,
    GABAPENTIN,
    SERTRALINE,
    VENLAFAXINE,
    case,
    condition,
    days_ago,
    drug,
    mdd,
    order,
    patient,
    score,
    trial,
)

from cds.assessment.candidacy import is_trigger, trigger_indication
from cds.history.model.history import History
from cds.history.model.load import OpioidIntake
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol

RESISTANT = {
    "conditions": (mdd(),),
    "antidepressant_trials": (SERTRALINE, VENLAFAXINE),
}
EARLIER = tuple(
    trial(t.ingredient, t.drug_class, in_current_episode=False) for t in (SERTRALINE, VENLAFAXINE)
)
MIRTAZAPINE = order(None, classes=frozenset({"antidepressant_nassa"}))
QUETIAPINE = order(None, classes=frozenset({"antipsychotic_sga", "augmentation_sga"}))
ECT = order(None, resource_type="ServiceRequest", procedure_sets=frozenset({"ect"}))
OXYCODONE = order(None, classes=frozenset({"opioid_full_agonist"}))
AMOXICILLIN = order(None)
LOW_DOSE_DOXEPIN = order(None, classes=frozenset({"hypnotic_low_dose_doxepin"}))
OPIOIDS_ON = ("trd-unipolar", "neuropathic_mixed")


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        (MIRTAZAPINE, True),
        (QUETIAPINE, True),
        (ECT, True),
        (OXYCODONE, False),
        (AMOXICILLIN, False),
        (LOW_DOSE_DOXEPIN, False),
        (order("ketamine", classes=frozenset({"ketamine"})), False),
        (order("esketamine", classes=frozenset({"antidepressant_nmda"})), False),
    ],
)
def test_which_orders_may_draw_a_card(placed: Any, expected: bool) -> None:
    assert is_trigger(placed, SiteProtocol(), load_knowledge()) is expected


def test_opioids_are_off_until_a_site_turns_them_on() -> None:
    on = SiteProtocol(trigger_indications=OPIOIDS_ON)
    assert is_trigger(OXYCODONE, on, load_knowledge())
    off_again = SiteProtocol(trigger_indications=OPIOIDS_ON, indications_off=("neuropathic_mixed",))
    assert not is_trigger(OXYCODONE, off_again, load_knowledge())


@pytest.mark.parametrize("placed", [MIRTAZAPINE, QUETIAPINE, ECT])
def test_a_patient_who_meets_the_criteria(placed: Any) -> None:
    shown = trigger_indication(case(patient(**RESISTANT), placed))
    assert shown is not None
    assert (shown.indication, shown.verdict) == ("trd-unipolar", "met")


SESSION = KetamineSession("ketamine", "administration", days_ago(10), "injectable", ())


@pytest.mark.parametrize(
    "history",
    [
        pytest.param(patient(), id="no depression"),
        pytest.param(
            patient(conditions=(mdd(),), antidepressant_trials=(SERTRALINE,)), id="one trial"
        ),
        pytest.param(patient(**RESISTANT, first_medication_record=None), id="history unknown"),
        pytest.param(patient(**RESISTANT, age=None), id="age unknown"),
        pytest.param(patient(**RESISTANT, ketamine_sessions=(SESSION,)), id="under treatment"),
        pytest.param(
            patient(**RESISTANT, medications=(drug("esketamine", "esketamine"),)),
            id="takes esketamine",
        ),
        pytest.param(patient(**RESISTANT, scores=[score("phq9_total", 5)]), id="in remission"),
        pytest.param(patient(**RESISTANT, scores=[score("phq9_total", 9)]), id="mild by now"),
        pytest.param(patient(**RESISTANT | {"antidepressant_trials": EARLIER}), id="0 of 2 now"),
    ],
)
def test_silence(history: History) -> None:
    assert trigger_indication(case(history, MIRTAZAPINE)) is None


def test_a_course_that_ended_long_ago_is_no_current_treatment() -> None:
    old = KetamineSession("ketamine", "administration", days_ago(200), "injectable", ())
    assert trigger_indication(case(patient(**RESISTANT, ketamine_sessions=(old,)), ECT))


@pytest.mark.parametrize(("mme", "shown"), [(49, False), (50, True), (90, True)])
def test_an_opioid_draws_a_card_only_at_a_high_intake(mme: int, shown: bool) -> None:
    history = patient(
        conditions=(condition("diabetic_neuropathy", code="E11.42"),),
        pain_trials=(GABAPENTIN, DULOXETINE),
        scores=[score("pain_severity_nrs", 7)],
        opioids=OpioidIntake(Decimal(mme), tolerant=False),
    )
    asked = case(history, OXYCODONE, trigger_indications=OPIOIDS_ON)
    assert (trigger_indication(asked) is not None) is shown
