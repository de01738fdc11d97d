"""Generated patients: what removing data may and may not do to a verdict."""

from __future__ import annotations

from candidacy_cases import (
    BUPROPION,
    DULOXETINE,
    ESCITALOPRAM,
    GABAPENTIN,
    KEYS,
    NO_OPIOID,
    SERTRALINE,
    VENLAFAXINE,
    condition,
    days_ago,
    drug,
    encounter,
    findings,
    mdd,
    patient,
    score,
    trial,
    verdicts,
)
from hypothesis import given
from hypothesis import strategies as st

from cds.chart.entries import Person
from cds.history.model.history import History
from cds.history.model.load import OpioidIntake
from tests.replaced import replace

CONDITIONS = (
    mdd(),
    mdd("F33.3", "mdd_severe_psychotic"),
    mdd(status="unknown"),
    condition("bipolar_any", "bipolar_depressed", code="F31.4"),
    condition("ptsd", code="F43.10"),
    condition("ocd"),
    condition("suicidal_ideation", code="R45.851"),
    condition("crps_any", code="G90.511"),
    condition("diabetic_neuropathy", "neuropathic_pain", code="E11.42"),
    condition("acute_pain", code="G89.18"),
    condition("sickle_cell_crisis", code="D57.00"),
    condition("status_epilepticus", code="G40.901"),
)
TRIALS = (
    SERTRALINE,
    VENLAFAXINE,
    ESCITALOPRAM,
    BUPROPION,
    trial("mirtazapine", "NaSSA", "unknown"),
    trial("fluoxetine", "SSRI", "inadequate"),
)
SCORES = (
    score("phq9_total", 19),
    score("phq9_item9", 2),
    score("pain_severity_nrs", 7, 0),
)
DRUGS = (
    drug("lithium", "mood_stabilizer"),
    drug("quetiapine", "antipsychotic_sga"),
    drug("morphine", "opioid_full_agonist"),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    def some(choices: tuple) -> tuple:
        return tuple(draw(st.lists(st.sampled_from(choices), unique_by=id, max_size=4)))

    return patient(
        age=draw(st.sampled_from([17, 18, 24, 44, 65])),
        conditions=some(CONDITIONS),
        antidepressant_trials=some(TRIALS),
        pain_trials=some((GABAPENTIN, DULOXETINE)),
        scores=list(some(SCORES)),
        medications=some(DRUGS),
        encounter=draw(st.sampled_from([None, encounter("IMP"), encounter("IMP", icu=True)])),
        first_medication_record=draw(st.sampled_from([None, days_ago(30), days_ago(900)])),
    )


def without(history: History, key: str) -> History:
    """The record when the answer to one query is lost."""
    lost = replace(history, answered=history.answered - {key})
    if key == "conditions":
        return replace(lost, conditions=())
    if key == "observations":
        return replace(lost, observations={})
    if key == "patient":
        return replace(lost, person=Person("p1"))
    if key == "encounter":
        return replace(lost, encounter=None)
    if key == "medicationRequests":
        return replace(
            lost, antidepressant_trials=(), pain_trials=(), medications=(),
            first_medication_record=None, opioids=OpioidIntake(None),
        )  # fmt: skip
    return lost


@given(histories(), st.sampled_from(sorted(KEYS)))
def test_losing_an_answer_never_makes_a_verdict_more_favourable(history: History, key: str) -> None:
    before, after = verdicts(history), verdicts(without(history, key))
    for indication, judged in after.items():
        if judged.verdict == "met":
            assert before[indication].verdict == "met"
        if judged.verdict == "not_applicable":
            assert before[indication].verdict == "not_applicable"
        if judged.verdict == "not_met":
            assert before[indication].verdict == "not_met"


@given(histories())
def test_losing_everything_leaves_nothing_met_or_refused(history: History) -> None:
    for key in KEYS:
        history = without(history, key)
    judged = verdicts(replace(history, opioids=OpioidIntake(None)))
    assert {c.verdict for c in judged.values()} <= {"cannot_determine", "not_applicable"}
    assert not {i for i, c in judged.items() if c.verdict == "not_applicable"} - {
        "labelled_anaesthesia"
    }


@given(histories(), st.data())
def test_taking_a_trial_away_never_meets_the_criteria(
    history: History, data: st.DataObject
) -> None:
    trials = history.antidepressant_trials
    fewer = tuple(data.draw(st.lists(st.sampled_from(trials or TRIALS), unique_by=id)))
    kept = tuple(t for t in trials if t in fewer)
    before, after = verdicts(history), verdicts(replace(history, antidepressant_trials=kept))
    for indication in ("trd-unipolar", "older-adult-trd"):
        if after[indication].verdict == "met":
            assert before[indication].verdict == "met"


@given(histories(), st.randoms(use_true_random=False))
def test_order_and_repetition_of_facts_change_nothing(history: History, random: object) -> None:
    def shuffled(facts: tuple) -> tuple:
        mixed = list(facts)
        random.shuffle(mixed)  # type: ignore[attr-defined]
        return tuple(mixed)

    mixed = replace(
        history,
        conditions=shuffled(history.conditions),
        antidepressant_trials=shuffled(history.antidepressant_trials * 2),
        pain_trials=shuffled(history.pain_trials * 2),
        medications=shuffled(history.medications),
    )
    states = {i: (c.verdict, [k.state for k in c.criteria]) for i, c in verdicts(history).items()}
    again = {i: (c.verdict, [k.state for k in c.criteria]) for i, c in verdicts(mixed).items()}
    assert states == again
    assert findings(history).keys() == findings(mixed).keys()


@given(histories())
def test_a_verdict_is_what_its_gating_criteria_say(history: History) -> None:
    assert history.opioids == NO_OPIOID
    for judged in verdicts(history).values():
        states = {c.state for c in judged.criteria if c.gating}
        match judged.verdict:
            case "met":
                assert states == {"met"}
            case "not_met":
                assert "not_met" in states
            case "cannot_determine":
                assert "unknown" in states
