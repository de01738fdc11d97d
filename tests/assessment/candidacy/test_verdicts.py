"""Each indication: met, not met, open, not applicable, and why."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from candidacy_cases import (
    BUPROPION,
    DULOXETINE,
    ESCITALOPRAM,
    GABAPENTIN,
    SERTRALINE,
    VENLAFAXINE,
    case,
    condition,
    days_ago,
    drug,
    encounter,
    findings,
    mdd,
    order,
    pain_trial,
    patient,
    procedure,
    score,
    trial,
    verdicts,
)

from cards.words import say
from cds.assessment.candidacy import candidacy, candidacy_params, candidacy_wording
from cds.history.model.load import OpioidIntake
from cds.knowledge.load import load_knowledge
from tests.replaced import replace
from tests.rows import read_table

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PAIN = score("pain_severity_nrs", 6)
NO_PAIN = score("pain_severity_nrs", 3)
TWO = (SERTRALINE, VENLAFAXINE)
IDEATION = condition("suicidal_ideation", code="R45.851")
ATTEMPT = condition("suicide_attempt_or_self_harm", code="T14.91XA", recorded=days_ago(5))
BIPOLAR = condition("bipolar_any", "bipolar_depressed", code="F31.4")
LITHIUM = drug("lithium", "mood_stabilizer")
QUETIAPINE = drug("quetiapine", "antipsychotic_sga")
CRPS = condition("crps_any", "crps_i", "neuropathic_pain", code="G90.511")
NEUROPATHY = condition("diabetic_neuropathy", "neuropathic_pain", code="E11.42")
MIGRAINE = condition("migraine", "migraine_chronic_or_refractory", code="G43.719")
TRIED = {"pain_trials": (GABAPENTIN, DULOXETINE), "scores": [PAIN]}
TOLERANT = OpioidIntake(Decimal(90), tolerant=True, tolerance_why="oxycodone 60 mg/d for 90 days")
ON_OPIOIDS = {
    "opioids": OpioidIntake(
        Decimal(90), tolerant=True, timeline=((days_ago(90), Decimal(90)),), source=("M/1",)
    )
}
STATUS = condition("status_epilepticus", "epilepsy", code="G40.901")
SE = {"group": "status_epilepticus"}

TRD = "trd-unipolar"
ACUTE = "mdd-acute-suicidality"
NOT_RESISTANT = "mdd-not-resistant"


def depressed(*trials: Any, **facts: Any) -> dict[str, Any]:
    return {"conditions": (mdd(),), "antidepressant_trials": trials} | facts


def pain(fact: Any, **facts: Any) -> dict[str, Any]:
    return {"conditions": (fact,)} | TRIED | facts


ROWS: list[tuple[str, str, str, dict[str, Any]]] = [
    # treatment-resistant depression
    (TRD, "two adequate trials", "met", depressed(*TWO)),
    (TRD, "on the minimum tier", "met",
     depressed(SERTRALINE, trial("venlafaxine", "SNRI", "minimum"))),
    (TRD, "a partial response is a failure", "met",
     depressed(SERTRALINE, trial("venlafaxine", "SNRI", outcome="partial"))),
    (TRD, "one class is enough", "met", depressed(SERTRALINE, ESCITALOPRAM)),
    (TRD, "coded as resistant without trials", "not_met",
     {"conditions": (condition("treatment_resistant_depression"),)}),
    (TRD, "one trial", "not_met", depressed(SERTRALINE)),
    (TRD, "the second answered", "not_met",
     depressed(SERTRALINE, trial("venlafaxine", "SNRI", outcome="responded"))),
    (TRD, "the second not tolerated", "not_met",
     depressed(SERTRALINE, trial("venlafaxine", "SNRI", "not_tolerated"))),
    (TRD, "the second undecided", "cannot_determine",
     depressed(SERTRALINE, trial("venlafaxine", "SNRI", "unknown"))),
    (TRD, "two undecided and none adequate", "cannot_determine",
     depressed(trial("sertraline", "SSRI", "unknown"), trial("venlafaxine", "SNRI", "unknown"))),
    (TRD, "one undecided and none adequate", "not_met",
     depressed(trial("sertraline", "SSRI", "unknown"))),
    (TRD, "no medication history", "cannot_determine", depressed(first_medication_record=None)),
    (TRD, "history too short though two trials seem met", "cannot_determine",
     depressed(*TWO, first_medication_record=days_ago(60))),
    (TRD, "prescriptions not readable", "cannot_determine",
     depressed(SERTRALINE, unanswered=["medicationRequests"])),
    (TRD, "aged 17", "not_met", depressed(*TWO, age=17)),
    (TRD, "aged 18", "met", depressed(*TWO, age=18)),
    (TRD, "aged 17 or 18", "cannot_determine", depressed(*TWO, age=(17, 18))),
    (TRD, "aged 18 or 19", "met", depressed(*TWO, age=(18, 19))),
    (TRD, "age unknown", "cannot_determine", depressed(*TWO, age=None)),
    (TRD, "psychotic features", "not_met",
     depressed(*TWO, conditions=(mdd("F33.3", "mdd_severe_psychotic"),))),
    (TRD, "bipolar disorder", "not_met", depressed(*TWO, conditions=(mdd(), BIPOLAR))),
    (TRD, "bipolar of unknown status", "cannot_determine",
     depressed(*TWO, conditions=(mdd(), condition("bipolar_any", status="unknown")))),
    (TRD, "a past bipolar episode leaves it open", "cannot_determine",
     depressed(*TWO, conditions=(mdd(), condition("bipolar_any", status="resolved")))),
    (TRD, "in remission by code", "not_applicable",
     depressed(*TWO, conditions=(mdd("F33.42", "mdd_remission"),))),
    (TRD, "resolved", "not_applicable", depressed(*TWO, conditions=(mdd(status="resolved"),))),
    (TRD, "status unknown", "cannot_determine",
     depressed(*TWO, conditions=(mdd(status="unknown"),))),
    (TRD, "provisional diagnosis", "cannot_determine",
     depressed(*TWO, conditions=(mdd(verification="provisional"),))),
    (TRD, "F32.A is unconfirmed", "cannot_determine",
     depressed(*TWO, conditions=(
         condition("depression_any", "depression_unspecified", code="F32.A"),))),
    (TRD, "F32.9 is major depression", "met",
     depressed(*TWO, conditions=(mdd("F32.9", "depression_unspecified"),))),
    (TRD, "diagnoses not readable", "cannot_determine",
     depressed(*TWO, conditions=(), unanswered=["conditions"])),
    (TRD, "no depression", "not_applicable", {"antidepressant_trials": TWO}),
    # acute suicidality: safety first
    (ACUTE, "recent attempt in the emergency department", "met",
     {"conditions": (mdd(), ATTEMPT), "encounter": encounter("EMER")}),
    (ACUTE, "ideation alone leaves intent open", "cannot_determine",
     {"conditions": (mdd(), IDEATION), "encounter": encounter("IMP")}),
    (ACUTE, "item 9 alone leaves intent open", "cannot_determine",
     depressed(scores=[score("phq9_item9", 2)])),
    (ACUTE, "attempt as an outpatient leaves the plan open", "cannot_determine",
     {"conditions": (mdd(), ATTEMPT), "encounter": encounter("AMB")}),
    (ACUTE, "with psychosis", "not_met",
     {"conditions": (mdd("F33.3", "mdd_severe_psychotic"), ATTEMPT),
      "encounter": encounter("IMP")}),
    (ACUTE, "no sign of suicidality", "not_applicable", depressed()),
    (ACUTE, "no depression", "not_applicable", {"conditions": (IDEATION,)}),
    (ACUTE, "scores not readable", "cannot_determine", depressed(unanswered=["observations"])),
    # the other psychiatric indications
    (NOT_RESISTANT, "one trial", "not_supported", depressed(SERTRALINE)),
    (NOT_RESISTANT, "two trials", "not_applicable", depressed(*TWO)),
    (NOT_RESISTANT, "trials unknown", "cannot_determine", depressed(first_medication_record=None)),
    (NOT_RESISTANT, "acute suicidality is another indication", "not_applicable",
     {"conditions": (mdd(), IDEATION)}),
    ("mdd-psychotic", "F33.3", "not_supported",
     {"conditions": (mdd("F33.3", "mdd_severe_psychotic"),)}),
    ("mdd-psychotic", "F33.2", "not_applicable",
     {"conditions": (mdd("F33.2", "mdd_severe_no_psychosis"),)}),
    ("mdd-psychotic", "status unknown", "cannot_determine",
     {"conditions": (mdd("F33.3", "mdd_severe_psychotic", status="unknown"),)}),
    ("bipolar-depression", "on lithium after two treatments", "met",
     {"conditions": (BIPOLAR,), "medications": (LITHIUM, QUETIAPINE)}),
    ("bipolar-depression", "bipolar II", "met",
     {"conditions": (condition("bipolar_any", "bipolar_ii", code="F31.81"),),
      "medications": (LITHIUM, QUETIAPINE)}),
    ("bipolar-depression", "no mood stabiliser", "not_met",
     {"conditions": (BIPOLAR,), "medications": (QUETIAPINE,)}),
    ("bipolar-depression", "mood stabiliser perhaps stopped", "cannot_determine",
     {"conditions": (BIPOLAR,),
      "medications": (drug("lithium", "mood_stabilizer", current=None), QUETIAPINE)}),
    ("bipolar-depression", "only one treatment on record", "cannot_determine",
     {"conditions": (BIPOLAR,), "medications": (LITHIUM,)}),
    ("bipolar-depression", "mixed state", "not_met",
     {"conditions": (BIPOLAR, condition("bipolar_any", "bipolar_manic_or_mixed_current",
                                        code="F31.60")),
      "medications": (LITHIUM, QUETIAPINE)}),
    ("bipolar-depression", "unipolar", "not_applicable", depressed()),
    ("ptsd", "present", "not_supported", {"conditions": (condition("ptsd", code="F43.12"),)}),
    ("ptsd", "by code alone", "not_supported",
     {"conditions": (condition(code="F43.10"),)}),
    ("ptsd", "acute stress reaction", "not_applicable",
     {"conditions": (condition("acute_stress_reaction", code="F43.0"),)}),
    ("ocd", "present", "not_supported", {"conditions": (condition("ocd", code="F42.2"),)}),
    ("ocd", "absent", "not_applicable", {}),
    ("anxiety", "social", "not_supported", {"conditions": (condition("social_anxiety"),)}),
    ("anxiety", "generalised", "not_supported",
     {"conditions": (condition("generalized_anxiety_disorder", code="F41.1"),)}),
    ("anxiety", "panic", "not_applicable",
     {"conditions": (condition("panic_disorder", code="F41.0"),)}),
    ("aud", "active", "not_supported",
     {"conditions": (condition("alcohol_use_disorder_active", code="F10.20"),)}),
    ("aud", "in remission", "not_applicable",
     {"conditions": (condition("alcohol_use_disorder_remission", code="F10.21"),)}),
    ("cocaine-ud", "active", "not_supported",
     {"conditions": (condition("cocaine_use_disorder_active", code="F14.20"),)}),
    ("cocaine-ud", "other stimulant", "not_applicable",
     {"conditions": (condition("stimulant_use_disorder_active", code="F15.20"),)}),
    ("oud", "active", "not_supported",
     {"conditions": (condition("opioid_use_disorder_active", code="F11.20"),)}),
    ("oud", "diagnoses not readable", "cannot_determine", {"unanswered": ["conditions"]}),
    ("adolescent-depression", "aged 17", "not_supported", depressed(*TWO, age=17)),
    ("adolescent-depression", "aged 18", "not_applicable", depressed(*TWO, age=18)),
    ("adolescent-depression", "age unknown", "cannot_determine", depressed(*TWO, age=None)),
    ("older-adult-trd", "aged 65", "met", depressed(*TWO, age=65)),
    ("older-adult-trd", "aged 64 or 65", "cannot_determine", depressed(*TWO, age=(64, 65))),
    ("older-adult-trd", "aged 65 with one trial", "not_met", depressed(SERTRALINE, age=65)),
    ("older-adult-trd", "aged 64", "not_applicable", depressed(*TWO, age=64)),
    # pain
    ("crps", "three months and two classes", "met", pain(CRPS)),
    ("crps", "second class not tolerated counts", "met",
     pain(CRPS, pain_trials=(GABAPENTIN, pain_trial("duloxetine", "SNRI", adequacy="not_tolerated",
                                                     outcome="not_tolerated")))),
    ("crps", "two drugs of one class", "not_met",
     pain(CRPS, pain_trials=(GABAPENTIN, pain_trial("pregabalin", "gabapentinoid")))),
    ("crps", "tramadol is no first-line class", "not_met",
     pain(CRPS, pain_trials=(GABAPENTIN, pain_trial("tramadol", "opioid (second line)")))),
    ("crps", "second class undecided", "cannot_determine",
     pain(CRPS, pain_trials=(GABAPENTIN, pain_trial("duloxetine", "SNRI", adequacy="unknown")))),
    ("crps", "pain of 3", "not_met", pain(CRPS, scores=[NO_PAIN])),
    ("crps", "no pain score", "cannot_determine", pain(CRPS, scores=[])),
    ("crps", "pain score 31 days old", "cannot_determine",
     pain(CRPS, scores=[score("pain_severity_nrs", 8, 31)])),
    ("crps", "began two months ago", "not_met",
     pain(condition("crps_any", code="G90.511", onset=days_ago(60), recorded=days_ago(60)))),
    ("crps", "recorded two months ago and no onset", "cannot_determine",
     pain(condition("crps_any", code="G90.511", recorded=days_ago(60)))),
    ("crps", "no medication history", "cannot_determine",
     pain(CRPS, pain_trials=(), first_medication_record=None)),
    ("crps", "absent", "not_applicable", TRIED),
    ("crps", "type 2 by code", "met", pain(condition(code="G56.41"))),
    ("neuropathic_mixed", "diabetic neuropathy", "met", pain(NEUROPATHY)),
    ("neuropathic_mixed", "one class", "not_met", pain(NEUROPATHY, pain_trials=(GABAPENTIN,))),
    ("neuropathic_mixed", "radiculopathy", "met",
     pain(condition("neuropathic_pain", "low_back_pain", code="M54.16"))),
    ("neuropathic_mixed", "CRPS is judged as CRPS", "not_applicable", pain(CRPS)),
    ("neuropathic_mixed", "trigeminal neuralgia is judged there", "not_applicable",
     pain(condition("trigeminal_neuralgia", "neuropathic_pain", code="G50.0"))),
    ("phn", "two classes", "met",
     pain(condition("postherpetic_neuralgia", "neuropathic_pain", code="B02.29"))),
    ("phn", "one class", "not_met",
     pain(condition("postherpetic_neuralgia", code="B02.29"), pain_trials=(GABAPENTIN,))),
    ("phn", "shingles without neuralgia", "not_applicable", pain(condition(code="B02.9"))),
    ("trigeminal", "present", "not_supported",
     pain(condition("trigeminal_neuralgia", code="G50.0"))),
    ("trigeminal", "postherpetic trigeminal neuralgia", "not_applicable",
     pain(condition("trigeminal_neuralgia", "postherpetic_neuralgia", code="B02.22"))),
    ("fibromyalgia", "present", "not_supported", pain(condition("fibromyalgia", code="M79.7"))),
    ("fibromyalgia", "absent", "not_applicable", {}),
    ("migraine_refractory", "headache days are never on record", "cannot_determine",
     {"conditions": (MIGRAINE,), "pain_trials": tuple(
         pain_trial(name, name, "migraine")
         for name in ("topiramate", "propranolol", "valproate"))}),
    ("migraine_refractory", "two preventive classes", "not_met",
     {"conditions": (MIGRAINE,), "pain_trials": tuple(
         pain_trial(name, name, "migraine") for name in ("topiramate", "propranolol"))}),
    ("migraine_refractory", "cluster headache", "not_applicable",
     {"conditions": (condition("cluster_headache", "headache_other", code="G44.009"),)}),
    ("cluster_headache", "present", "cannot_determine",
     {"conditions": (condition("cluster_headache", code="G44.009"),)}),
    ("cluster_headache", "migraine", "not_applicable", {"conditions": (MIGRAINE,)}),
    ("chronic_spinal", "back pain", "not_supported",
     {"conditions": (condition("low_back_pain", code="M54.50"),)}),
    ("chronic_spinal", "neck pain", "not_supported",
     {"conditions": (condition("neck_pain", code="M54.2"),)}),
    ("chronic_spinal", "absent", "not_applicable", {}),
    ("arthritis", "present", "not_supported",
     {"conditions": (condition("osteoarthritis", code="M17.11"),)}),
    ("arthritis", "resolved", "not_applicable",
     {"conditions": (condition("osteoarthritis", code="M17.11", status="resolved"),)}),
    ("phantom_limb", "two classes", "met", pain(condition("phantom_limb_pain", code="G54.6"))),
    ("phantom_limb", "no pain score", "cannot_determine",
     pain(condition("phantom_limb_pain", code="G54.6"), scores=[])),
    ("sci_pain", "with chronic central pain", "met",
     pain(condition("spinal_cord_injury", code="S14.109S"),
          conditions=(condition("spinal_cord_injury", code="S14.109S"),
                      condition("central_pain_syndrome", code="G89.0")))),
    ("sci_pain", "injury without a pain diagnosis", "cannot_determine",
     pain(condition("spinal_cord_injury", code="S14.109S"))),
    ("cancer_pain", "present", "not_supported",
     {"conditions": (condition("cancer_pain", code="G89.3"),)}),
    ("cancer_pain", "absent", "not_applicable", {}),
    ("opioid_tolerance_periop", "tolerant and no surgery seen", "cannot_determine",
     {"opioids": TOLERANT}),
    ("opioid_tolerance_periop", "long-term code but not tolerant", "not_met",
     {"conditions": (condition("opioid_long_term_use", code="Z79.891"),)}),
    ("opioid_tolerance_periop", "no opioid", "not_applicable", {}),
    ("oih_chronic", "high intake leaves the rest to judge", "cannot_determine",
     ON_OPIOIDS | {"scores": [PAIN]}),
    ("oih_chronic", "long-term code and no opioid on record", "not_met",
     {"conditions": (condition("opioid_long_term_use", code="Z79.891"),)}),
    ("oih_chronic", "49 MME", "not_applicable",
     {"opioids": OpioidIntake(Decimal(49), tolerant=False)}),
    ("oih_chronic", "intake not computable", "cannot_determine",
     {"opioids": OpioidIntake(None, tolerant=None)}),
    ("acute_pain", "opioid-tolerant", "met",
     {"conditions": (condition("acute_pain", code="G89.18"),), "opioids": TOLERANT}),
    ("acute_pain", "sleep apnoea", "met",
     {"conditions": (condition("acute_pain", code="G89.11"), condition("sleep_apnea"))}),
    ("acute_pain", "need not on record", "cannot_determine",
     {"conditions": (condition("acute_pain", code="G89.11"),)}),
    ("acute_pain", "R52 is no acute pain", "not_applicable",
     {"conditions": (condition("acute_pain", code="R52"),)}),
    ("sickle_voc", "inpatient under opioids with pain", "met",
     {"conditions": (condition("sickle_cell_crisis", code="D57.00"),),
      "encounter": encounter("IMP"), "medications": (drug("morphine", "opioid_full_agonist"),),
      "scores": [score("pain_severity_nrs", 8, 0)]}),
    ("sickle_voc", "outpatient", "not_met",
     {"conditions": (condition("sickle_cell_crisis", code="D57.00"),),
      "encounter": encounter("AMB"), "medications": (drug("morphine", "opioid_full_agonist"),)}),
    ("sickle_voc", "disease without a crisis", "cannot_determine",
     {"conditions": (condition(code="D57.1"),), "encounter": encounter("IMP"),
      "medications": (drug("morphine", "opioid_full_agonist"),)}),
    ("sickle_voc", "trait", "not_applicable", {"conditions": (condition(code="D57.3"),)}),
    # seizures
    ("se_refractory", "in intensive care after two drugs", "met",
     {"conditions": (STATUS,), "encounter": encounter("IMP", icu=True),
      "pain_trials": (pain_trial("lorazepam", "benzodiazepine", **SE),
                      pain_trial("levetiracetam", "second-line ASM", **SE))}),
    ("se_refractory", "ambulatory", "not_met",
     {"conditions": (STATUS,), "encounter": encounter("AMB")}),
    ("se_refractory", "drugs not on record", "cannot_determine",
     {"conditions": (STATUS,), "encounter": encounter("IMP", icu=True)}),
    ("se_refractory", "by pattern of the code", "not_met",
     {"conditions": (condition(code="G40.311"),), "encounter": encounter("AMB")}),
    ("se_refractory", "epilepsy without status", "not_applicable",
     {"conditions": (condition("epilepsy", code="G40.909"),)}),
    ("se_super_refractory", "propofol since yesterday", "met",
     {"conditions": (STATUS,), "encounter": encounter("IMP", icu=True),
      "medications": (drug("propofol", "status_epilepticus_anesthetic", since=1),)}),
    ("se_super_refractory", "propofol since today", "cannot_determine",
     {"conditions": (STATUS,), "encounter": encounter("IMP", icu=True),
      "medications": (drug("propofol", "status_epilepticus_anesthetic", since=0),)}),
    ("dre_outpatient", "resistant epilepsy", "not_supported",
     {"conditions": (condition("epilepsy", "epilepsy_drug_resistant", code="G40.919"),)}),
    ("dre_outpatient", "by pattern of the code", "not_supported",
     {"conditions": (condition(code="G40219"),)}),
    ("dre_outpatient", "epilepsy", "not_applicable",
     {"conditions": (condition("epilepsy", code="G40.909"),)}),
    ("labelled_anaesthesia", "never from the chart", "not_applicable", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("indication", "expected", "facts"),
    [pytest.param(i, e, f, id=f"{i}-{s.replace(' ', '-')}") for i, s, e, f in ROWS],
)
def test_verdict(indication: str, expected: str, facts: dict[str, Any]) -> None:
    judged = verdicts(patient(**facts))[indication]
    assert judged.verdict == expected


@pytest.mark.parametrize("facts", [pytest.param(f, id=f"{i}-{s}") for i, s, _, f in ROWS])
def test_every_verdict_has_its_words(facts: dict[str, Any]) -> None:
    asked = case(patient(**facts))
    for judged in verdicts(patient(**facts)).values():
        words = say(candidacy_wording(judged), candidacy_params(judged, asked))
        assert 10 < len(words.summary) < 140
        assert words.detail


def scenario_verdicts() -> Iterator[tuple[str, str]]:
    """What the scenario charts expect of indications."""
    for table in ("pain", "psychiatric/charts"):
        for path in sorted((SCENARIOS / table).glob("*.yaml")):
            rows = read_table(path)
            for row in rows if isinstance(rows, list) else ():
                yield from row["expect"].get("verdicts", {}).items()


def test_every_indication_has_rows() -> None:
    """Of two verdicts, so that a wrong one shows: here, or in the scenario charts."""
    seen: dict[str, set[str]] = {}
    for indication, expected in (*((i, e) for i, _, e, _ in ROWS), *scenario_verdicts()):
        seen.setdefault(indication, set()).add(expected)
    known = load_knowledge().indications
    assert seen.keys() == known.keys()
    for indication, told in seen.items():
        assert len(told) > 1 or known[indication].applies is None


COMBINED = [
    # strict trials, minimum trials, suicidality, phenotype, verdict on TRD
    ("both tiers", TWO, (), (), "met"),
    ("the 4-week tier only",
     (SERTRALINE, trial("venlafaxine", "SNRI", "minimum")), (), (), "met"),
    ("neither tier", (SERTRALINE,), (), (), "not_met"),
    ("psychotic", TWO, (), (mdd("F33.3", "mdd_severe_psychotic"),), "not_met"),
    ("bipolar", TWO, (), (BIPOLAR,), "not_met"),
    ("unknown", (trial("sertraline", "SSRI", "unknown"), trial("venlafaxine", "SNRI", "unknown")),
     (), (), "cannot_determine"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("trials", "signs", "phenotype", "expected"), [pytest.param(*r, id=i) for i, *r in COMBINED]
)
def test_combined_outcome(trials: Any, signs: Any, phenotype: Any, expected: str) -> None:
    """The combined table of the psychiatric digest, as far as it concerns TRD."""
    facts = depressed(*trials) | {"conditions": (mdd(), *signs, *phenotype)}
    judged = verdicts(patient(**facts))[TRD]
    assert judged.verdict == expected


def test_combined_outcome_acute_suicidality_comes_before_any_count() -> None:
    history = patient(**depressed(*TWO) | {"conditions": (mdd(), IDEATION)})
    assert findings(history)["U1"].severity == "critical"
    assert verdicts(history)[ACUTE].verdict == "cannot_determine"
    assert verdicts(history)[TRD].verdict == "met"


def test_surgery_in_the_session_meets_the_perioperative_criteria() -> None:
    judged = verdicts(patient(opioids=TOLERANT), order(setting="operating_room"))
    assert judged["opioid_tolerance_periop"].verdict == "met"


@pytest.mark.parametrize(
    ("service", "verdict"),
    [
        ("Total knee arthroplasty", "met"),
        ("Laparoscopic cholecystectomy", "met"),
        ("Electroconvulsive therapy", "cannot_determine"),
        ("Physical therapy evaluation", "cannot_determine"),
    ],
)
def test_an_operation_is_read_from_the_name_of_the_service(service: str, verdict: str) -> None:
    draft = order(None, ref="ServiceRequest/1", resource_type="ServiceRequest", display=service)
    asked = replace(case(patient(opioids=TOLERANT), order()), drafts=(draft,))
    judged = {c.indication: c for c in candidacy(asked)}["opioid_tolerance_periop"]
    assert judged.verdict == verdict


# --- order, reasons, readings ---------------------------------------------------------------------
def test_the_orders_reason_comes_first_even_when_another_indication_is_met() -> None:
    history = patient(**depressed(*TWO) | {"conditions": (mdd(), CRPS)})
    judged = verdicts(history, order(reason_sets=frozenset({"crps_any"})))
    assert next(iter(judged)) == "crps"
    assert judged["crps"].ordered_for


def test_without_a_reason_what_is_met_comes_first_then_the_stance() -> None:
    history = patient(**pain(NEUROPATHY) | {"conditions": (mdd(), NEUROPATHY)})
    assert list(verdicts(history))[:2] == ["neuropathic_mixed", TRD]


def test_a_reason_without_a_diagnosis_on_record_counts_as_the_diagnosis() -> None:
    judged = verdicts(patient(**TRIED), order(reason_sets=frozenset({"crps_any"})))["crps"]
    assert judged.criteria[0].state == "met"
    assert judged.verdict == "cannot_determine"  # when the pain began is not on record


def test_what_nothing_on_record_speaks_for_comes_behind_what_is_there() -> None:
    history = patient(conditions=(condition("ptsd"),), opioids=OpioidIntake(None))
    judged = verdicts(history)
    assert next(iter(judged)) == "ptsd"
    assert judged["oih_chronic"].verdict == "cannot_determine"


def test_an_indication_that_the_site_switched_off_is_not_judged() -> None:
    assert TRD not in verdicts(patient(**depressed(*TWO)), indications_off=(TRD,))


def test_the_site_may_ask_for_three_trials() -> None:
    facts = depressed(*TWO)
    judged = verdicts(patient(**facts), adequate_trials_required=3)[TRD]
    assert judged.verdict == "not_met"
    assert "number of two trials: 2, met" in (judged.other_reading or "")
    three = depressed(*TWO, BUPROPION)
    assert verdicts(patient(**three), adequate_trials_required=3)[TRD].verdict == "met"


def test_tianeptine_counts_where_it_is_a_medicine() -> None:
    chart = patient(**depressed(SERTRALINE, trial("tianeptine", "other")))
    assert verdicts(chart, jurisdiction="us")[TRD].verdict == "not_met"
    assert verdicts(chart, jurisdiction="eu")[TRD].verdict == "met"


def test_a_fixed_course_is_named_apart_and_leaves_nothing_open() -> None:
    zuranolone = trial("zuranolone", "neurosteroid", "inadequate", fixed_course=True)
    found = verdicts(patient(**depressed(SERTRALINE, zuranolone)))[TRD]
    (counted,) = (c.why for c in found.criteria if c.id == "adequate-trials")
    assert counted is not None
    assert counted.endswith("; counted apart: zuranolone")
    assert found.verdict == "not_met"


def test_the_site_may_ask_for_two_classes() -> None:
    facts = depressed(SERTRALINE, ESCITALOPRAM)
    lenient = verdicts(patient(**facts))[TRD]
    strict = verdicts(patient(**facts), two_classes_required=True)[TRD]
    assert (lenient.verdict, strict.verdict) == ("met", "not_met")
    assert "two classes" in (lenient.other_reading or "")


def test_the_site_may_count_the_current_episode_only() -> None:
    earlier = [trial(t.ingredient, t.drug_class, in_current_episode=False) for t in TWO]
    lenient = verdicts(patient(**depressed(*earlier)))[TRD]
    strict = verdicts(patient(**depressed(*earlier)), lifetime_trials_count=False)[TRD]
    assert (lenient.verdict, strict.verdict) == ("met", "not_met")
    assert "current episode only" in (lenient.other_reading or "")
    assert "over the lifetime" in (strict.other_reading or "")
    unknown = verdicts(patient(**depressed(*TWO)), lifetime_trials_count=False)[TRD]
    assert unknown.verdict == "cannot_determine"


def test_the_strict_tier_is_the_other_reading_of_a_minimum_one() -> None:
    facts = depressed(SERTRALINE, trial("venlafaxine", "SNRI", "minimum"))
    reading = verdicts(patient(**facts))[TRD].other_reading
    assert reading == "Counting only trials of 6 weeks at a full dose: 1 of 2, not met."
    assert verdicts(patient(**depressed(*TWO)))[TRD].other_reading is None


def test_a_partial_response_is_read_otherwise_by_the_delphi_panel() -> None:
    facts = depressed(SERTRALINE, trial("venlafaxine", "SNRI", outcome="partial"))
    reading = verdicts(patient(**facts))[TRD].other_reading
    assert reading == "With a partial response not counted (Delphi panel): 1 of 2, not met."


def test_the_next_step_names_the_short_trial_and_the_untried_class() -> None:
    short = trial("venlafaxine", "SNRI", "inadequate", reason="75 mg/d for 3 weeks: too short")
    steps = verdicts(patient(**depressed(SERTRALINE, short)))[TRD].next_steps
    assert "venlafaxine: 75 mg/d for 3 weeks: too short" in steps
    assert "classes not tried on record: NDRI, NaSSA, TCA" in steps


def test_the_next_step_for_pain_names_the_low_dose_and_the_untried_class() -> None:
    low = pain_trial("duloxetine", "SNRI", adequacy="inadequate", reason="dose too low: 30 mg/d")
    steps = verdicts(patient(**pain(CRPS, pain_trials=(GABAPENTIN, low))))["crps"].next_steps
    assert steps == (
        "an adequate trial of a first-line class",
        "duloxetine: dose too low: 30 mg/d",
        "classes not tried on record: TCA",
    )


def test_not_met_and_unknown_criteria_say_what_gates_them() -> None:
    judged = verdicts(patient(**depressed(*TWO) | {"conditions": (mdd(), BIPOLAR)}))[TRD]
    gate = next(c for c in judged.criteria if c.id == "not-bipolar")
    assert (gate.state, gate.finding, gate.basis) == (
        "not_met",
        "bipolar-outside-labels",
        ("psy:P2",),
    )
    assert gate.source == BIPOLAR.source


def test_severity_is_shown_and_does_not_decide() -> None:
    judged = verdicts(patient(**depressed(*TWO, scores=[score("phq9_total", 6)])))[TRD]
    severity = next(c for c in judged.criteria if c.id == "phq9-severity")
    assert (severity.state, severity.gating, judged.verdict) == ("not_met", False, "met")


def test_physiotherapy_is_shown_and_does_not_decide() -> None:
    shown = verdicts(patient(**pain(CRPS, procedures=(procedure("physical_therapy"),))))["crps"]
    assert next(c for c in shown.criteria if c.id == "rehabilitation").state == "met"


def test_summaries_read_as_a_clinician_would_say_them() -> None:
    def summary(facts: dict[str, Any], indication: str = TRD) -> str:
        asked = case(patient(**facts))
        judged = verdicts(patient(**facts))[indication]
        return say(candidacy_wording(judged), candidacy_params(judged, asked)).summary

    assert summary(depressed(*TWO, BUPROPION)) == (
        "Meets TRD criteria: 3 adequate antidepressant trials failed, 3 classes"
    )
    assert summary(depressed(first_medication_record=None)) == (
        "TRD cannot be determined: the record holds no medication history"
    )
    assert summary(depressed(SERTRALINE)).startswith(
        "Does not meet TRD criteria on this record: 1 of 2 adequate trials (sertraline"
    )
    assert summary(pain(CRPS), "crps") == "Meets the entry criteria for CRPS"
    assert summary({"conditions": (condition("ptsd"),)}, "ptsd") == (
        "Not supported for PTSD: no dose is suggested"
    )


def test_no_indication_found_is_said_as_such() -> None:
    history = patient(opioids=OpioidIntake(None))
    assert {candidacy_wording(c) for c in verdicts(history).values()} == {"candidacy-none"}
    unread = patient(unanswered=["conditions"])
    first = next(iter(verdicts(unread).values()))
    assert candidacy_wording(first) == "candidacy-cannot-determine"


def test_the_regulatory_line_is_of_the_ordered_form_and_the_sites_regulator() -> None:
    facts = depressed(*TWO)
    for form, jurisdiction, expected in (
        ("ketamine", "us", "US: racemic ketamine has no psychiatric approval"),
        ("esketamine", "us", "US: nasal esketamine is approved for adults with TRD, alone or"),
        ("esketamine", "eu", "EU: nasal esketamine is approved for adults with TRD after two"),
    ):
        asked = case(patient(**facts), order(form), jurisdiction=jurisdiction)
        judged = verdicts(patient(**facts), order(form), jurisdiction=jurisdiction)[TRD]
        lines = candidacy_params(judged, asked)["regulatory"]
        assert isinstance(lines, list)
        assert len(lines) == 1
        assert lines[0].startswith(expected)


@pytest.mark.parametrize(
    "coding",
    [
        ("http://hl7.org/fhir/sid/icd-10-cm", "G90.511"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "g90511"),
        ("http://hl7.org/fhir/sid/icd-10", "G90.5"),
    ],
)
def test_a_diagnosis_is_found_by_its_icd_code_however_it_is_written(coding: Any) -> None:
    fact = condition("unlisted", codes=(coding,))
    assert verdicts(patient(**pain(fact)))["crps"].verdict == "met"


def test_a_code_of_another_system_that_looks_like_icd_is_none() -> None:
    fact = condition("unlisted", codes=(("http://example.org/local", "G90.511"),))
    assert verdicts(patient(**pain(fact)))["crps"].verdict == "not_applicable"
