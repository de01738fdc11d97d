"""Rules T, S, U and P: each fires, not on the near miss, and says nothing when unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from candidacy_cases import (
    BUPROPION,
    ESCITALOPRAM,
    SERTRALINE,
    VENLAFAXINE,
    condition,
    days_ago,
    drug,
    encounter,
    findings,
    mdd,
    order,
    patient,
    score,
    trial,
)

from cards.words import say
from cds.orders.model import Order

ESKETAMINE = order("esketamine")
BIPOLAR = condition("bipolar_any", "bipolar_depressed", code="F31.30")
PTSD = condition("ptsd", code="F43.10")
AFTER_A_BIRTH = condition("perinatal_depression", code="F53.0")
MIRTAZAPINE = trial("mirtazapine", "NaSSA", "minimum")
ARIPIPRAZOLE = trial("aripiprazole", "augmentation", group="augmentation")
EU = {"jurisdiction": "eu"}
EARLIER = {"in_current_episode": False}
NOW = {"in_current_episode": True}


@dataclass(frozen=True)
class Row:
    rule: str
    story: str
    fires: bool
    facts: dict[str, Any]
    order: Order | None = None
    site: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.rule}-{self.story.replace(' ', '-')}"


def row(rule: str, story: str, fires: bool, order: Order | None = None, **facts: Any) -> Row:
    return Row(rule, story, fires, facts, order)


def depressed(*trials: Any, **facts: Any) -> dict[str, Any]:
    return {"conditions": (mdd(),), "antidepressant_trials": trials} | facts


ROWS = [
    # TRD status
    row("T1", "two adequate trials", True, **depressed(SERTRALINE, VENLAFAXINE)),
    row("T1", "one of them answered", False,
        **depressed(SERTRALINE, trial("venlafaxine", "SNRI", outcome="responded"))),
    row("T1", "one drug twice counts once", False,
        **depressed(SERTRALINE, trial("sertraline", "SSRI", start=days_ago(900)))),
    row("T1", "one not tolerated does not count", False,
        **depressed(SERTRALINE, trial("venlafaxine", "SNRI", "not_tolerated"))),
    row("T1", "the second cannot be judged", False,
        **depressed(SERTRALINE, trial("venlafaxine", "SNRI", "unknown", "unknown"))),
    row("T1", "no depression on record", False, antidepressant_trials=(SERTRALINE, VENLAFAXINE)),
    row("T2", "two trials of one class", True, **depressed(SERTRALINE, ESCITALOPRAM)),
    row("T2", "two classes", False, **depressed(SERTRALINE, VENLAFAXINE)),
    row("T2", "one trial only", False, **depressed(SERTRALINE)),
    row("T3", "both before the episode", True,
        **depressed(trial("sertraline", "SSRI", **EARLIER),
                    trial("venlafaxine", "SNRI", **EARLIER))),
    row("T3", "both in the episode", False,
        **depressed(trial("sertraline", "SSRI", **NOW), trial("venlafaxine", "SNRI", **NOW))),
    row("T3", "episode onset unknown", False, **depressed(SERTRALINE, VENLAFAXINE)),
    row("T4", "four trials", True,
        **depressed(SERTRALINE, VENLAFAXINE, BUPROPION, MIRTAZAPINE)),
    row("T4", "three trials", False, **depressed(SERTRALINE, VENLAFAXINE, BUPROPION)),
    row("T5", "no trial", True, **depressed()),
    row("T5", "one trial and one too short", True,
        **depressed(SERTRALINE, trial("venlafaxine", "SNRI", "inadequate"))),
    row("T5", "two trials", False, **depressed(SERTRALINE, VENLAFAXINE)),
    row("T5", "an undecided trial could count", False,
        **depressed(SERTRALINE, trial("venlafaxine", "SNRI", "unknown", "unknown"))),
    row("T5", "no medication history", False, **depressed(first_medication_record=None)),
    row("T5", "prescriptions not readable", False,
        **depressed(unanswered=["medicationRequests"])),
    row("T6", "two trials and an augmentation", True,
        **depressed(SERTRALINE, VENLAFAXINE, augmentation_trials=(ARIPIPRAZOLE,))),
    row("T6", "augmentation too short", False,
        **depressed(SERTRALINE, VENLAFAXINE, augmentation_trials=(
            trial("aripiprazole", "augmentation", "inadequate", group="augmentation"),))),
    row("T7", "no medication history", True, **depressed(first_medication_record=None)),
    row("T7", "history of 83 days", True, **depressed(first_medication_record=days_ago(83))),
    row("T7", "history of 84 days", False, **depressed(first_medication_record=days_ago(84))),
    # severity
    row("S1", "PHQ-9 of 15", True, **depressed(scores=[score("phq9_total", 15)])),
    row("S1", "PHQ-9 of 14", False, **depressed(scores=[score("phq9_total", 14)])),
    row("S1", "PHQ-9 five weeks old", False, **depressed(scores=[score("phq9_total", 20, 35)])),
    row("S2", "MADRS of 21", True, **depressed(scores=[score("madrs_total", 21)])),
    row("S2", "MADRS of 20", False, **depressed(scores=[score("madrs_total", 20)])),
    row("S3", "PHQ-9 of 9", True, **depressed(scores=[score("phq9_total", 9)])),
    row("S3", "PHQ-9 of 10", False, **depressed(scores=[score("phq9_total", 10)])),
    row("S3", "no score", True, **depressed()),
    row("S3", "only an old score", True, **depressed(scores=[score("phq9_total", 20, 60)])),
    row("S3", "a MADRS instead", False, **depressed(scores=[score("madrs_total", 24)])),
    # suicidality
    row("U1", "item 9 of 1", True, scores=[score("phq9_item9", 1)]),
    row("U1", "item 9 of 0", False, scores=[score("phq9_item9", 0)]),
    row("U1", "item 9 a year old", False, scores=[score("phq9_item9", 2, 365)]),
    row("U1", "positive C-SSRS", True,
        scores=[score("cssrs", None, concept=frozenset({"positive"}))]),
    row("U1", "negative C-SSRS", False,
        scores=[score("cssrs", None, concept=frozenset({"negative"}))]),
    row("U1", "ideation on record", True,
        conditions=(condition("suicidal_ideation", code="R45.851"),)),
    row("U1", "ideation of unknown status", True,
        conditions=(condition("suicidal_ideation", code="R45.851", status="unknown"),)),
    row("U1", "ideation resolved", False,
        conditions=(condition("suicidal_ideation", code="R45.851", status="resolved"),)),
    row("U1", "attempt last month though resolved", True,
        conditions=(condition("suicide_attempt_or_self_harm", code="T14.91", status="resolved",
                              recorded=days_ago(30)),)),
    row("U1", "attempt years ago", False,
        conditions=(condition("suicide_attempt_or_self_harm", code="T14.91", status="resolved",
                              recorded=days_ago(2000)),)),
    row("U1", "ordered for ideation", True, order(reason_sets=frozenset({"suicidal_ideation"}))),
    row("U1", "ordered for an attempt", True,
        order(reason_sets=frozenset({"suicide_attempt_or_self_harm"}))),
    row("U1", "ordered for depression", False, order(reason_sets=frozenset({"mdd_any"}))),
    row("U1", "nothing on record", False),
    row("C32", "item 9 of 2", True, scores=[score("phq9_item9", 2)]),
    Row("upd:N1.25", "EU, nothing taken", True, depressed(), ESKETAMINE, EU),
    Row("upd:N1.25", "EU, bupropion alone", True,
        depressed(medications=(drug("bupropion", "antidepressant_ndri"),)), ESKETAMINE, EU),
    Row("upd:N1.25", "EU, an SSRI", False,
        depressed(medications=(drug("sertraline", "antidepressant_ssri"),)), ESKETAMINE, EU),
    Row("upd:N1.25", "EU, racemic", False, depressed(), order(), EU),
    Row("upd:N1.25", "US", False, depressed(), ESKETAMINE),
    row("U2", "ideation and esketamine", True, ESKETAMINE, scores=[score("phq9_item9", 1)]),
    row("U2", "ideation and racemic", False, order(), scores=[score("phq9_item9", 1)]),
    row("U2", "esketamine alone", False, ESKETAMINE, **depressed()),
    row("U3", "aged 24 on sertraline", True, order(), age=24,
        medications=(drug("sertraline", "antidepressant_ssri"),)),
    row("U3", "aged 18 on sertraline", True, order(), age=18,
        medications=(drug("sertraline", "antidepressant_ssri"),)),
    row("U3", "aged 25 on sertraline", False, order(), age=25,
        medications=(drug("sertraline", "antidepressant_ssri"),)),
    row("U3", "aged 24 after sertraline", False, order(), age=24,
        medications=(drug("sertraline", "antidepressant_ssri", current=False),)),
    row("U3", "aged 24 or 25 on sertraline", True, order(), age=(24, 25),
        medications=(drug("sertraline", "antidepressant_ssri"),)),
    row("U3", "aged 25 or 26 on sertraline", False, order(), age=(25, 26),
        medications=(drug("sertraline", "antidepressant_ssri"),)),
    row("U3", "age unknown", False, order(), age=None,
        medications=(drug("sertraline", "antidepressant_ssri"),)),
    # phenotype
    row("P1", "psychotic features", True, conditions=(mdd("F33.3", "mdd_severe_psychotic"),)),
    row("P1", "status unknown", True,
        conditions=(mdd("F33.3", "mdd_severe_psychotic", status="unknown"),)),
    row("P1", "resolved", False,
        conditions=(mdd("F33.3", "mdd_severe_psychotic", status="resolved"),)),
    row("P1", "severe without psychosis", False,
        conditions=(mdd("F33.2", "mdd_severe_no_psychosis"),)),
    row("P2", "bipolar disorder", True, conditions=(BIPOLAR,)),
    row("P2", "in remission still bipolar", True,
        conditions=(condition("bipolar_any", "bipolar_remission", code="F31.76",
                              status="remission"),)),
    row("P2", "a past episode still counts", True,
        conditions=(condition("bipolar_any", code="F31.60", status="resolved"),)),
    row("P2", "recurrent unipolar depression", False, conditions=(mdd(),)),
    row("P2", "cyclothymia", False,
        conditions=(condition("bipolar_any", "cyclothymia", code="F34.0"),)),
    row("P3", "no mood stabiliser", True, conditions=(BIPOLAR,)),
    row("P3", "in remission without one", True,
        conditions=(condition("bipolar_any", code="F31.9", status="remission"),)),
    row("P3", "a past episode", False,
        conditions=(condition("bipolar_any", code="F31.60", status="resolved"),)),
    row("P3", "on lithium", False, conditions=(BIPOLAR,),
        medications=(drug("lithium", "mood_stabilizer", "lithium"),)),
    row("P3", "lithium perhaps still taken", False, conditions=(BIPOLAR,),
        medications=(drug("lithium", "mood_stabilizer", current=None),)),
    row("P3", "lithium stopped", True, conditions=(BIPOLAR,),
        medications=(drug("lithium", "mood_stabilizer", current=False),)),
    row("P3", "prescriptions not readable", False, conditions=(BIPOLAR,),
        unanswered=["medicationRequests"]),
    row("P4", "PTSD alone", True, conditions=(PTSD,)),
    row("P4", "PTSD with depression", False, conditions=(PTSD, mdd())),
    row("P4", "PTSD with unspecified depression", False,
        conditions=(PTSD, condition("depression_any", "depression_unspecified", code="F32.A"))),
    row("P5", "PTSD with TRD", True, conditions=(PTSD, mdd()),
        antidepressant_trials=(SERTRALINE, VENLAFAXINE)),
    row("P5", "PTSD with one trial", False, conditions=(PTSD, mdd()),
        antidepressant_trials=(SERTRALINE,)),
    row("P6", "OCD alone", True, conditions=(condition("ocd", code="F42.2"),)),
    row("P6", "generalised anxiety alone", True,
        conditions=(condition("generalized_anxiety_disorder", code="F41.1"),)),
    row("P6", "OCD beside depression", False,
        conditions=(condition("ocd", code="F42.2"), mdd())),
    row("P6", "OCD beside depression but ordered for OCD", True,
        order(reason_sets=frozenset({"ocd"})),
        conditions=(condition("ocd", code="F42.2"), mdd())),
    row("P6", "panic disorder", False, conditions=(condition("panic_disorder", code="F41.0"),)),
    row("P7", "alcohol use disorder alone", True,
        conditions=(condition("alcohol_use_disorder_active", code="F10.20"),)),
    row("P7", "cocaine as the reason", True,
        order(reason_sets=frozenset({"cocaine_use_disorder_active"})),
        conditions=(condition("cocaine_use_disorder_active", code="F14.20"), mdd())),
    row("P7", "opioid use disorder as the reason", True,
        order(reason_sets=frozenset({"opioid_use_disorder_active"})),
        conditions=(condition("opioid_use_disorder_active", code="F11.20"),)),
    row("P7", "in remission", False,
        conditions=(condition("alcohol_use_disorder_remission", code="F10.21"),)),
    row("P7", "beside depression", False,
        conditions=(condition("alcohol_use_disorder_active", code="F10.20"), mdd())),
    row("upd:N9.09", "depression after a birth", True, conditions=(AFTER_A_BIRTH,)),
    row("upd:N9.09", "on record and the reason of the order", True,
        order(reason_sets=frozenset({"perinatal_depression"})), conditions=(AFTER_A_BIRTH,)),
    row("upd:N9.09", "over", False,
        conditions=(condition("perinatal_depression", code="F53.0", status="resolved"),)),
    row("upd:N9.09", "blues after a birth", False,
        conditions=(condition("perinatal_depression", code="O90.6"),)),
    row("upd:N9.09", "another depression", False, conditions=(mdd(),)),
    row("upd:N9.09", "ordered for pain", False,
        order(reason_sets=frozenset({"crps_any"})),
        conditions=(AFTER_A_BIRTH, condition("crps_any", code="G90.511"))),
    row("P9", "psychotic", True, conditions=(mdd("F33.3", "mdd_severe_psychotic"),)),
    row("P9", "catatonic", True, conditions=(mdd(), condition("catatonia", code="F06.1"))),
    row("P9", "inpatient", True, conditions=(mdd(),), encounter=encounter("IMP")),
    row("P9", "very severe", True, conditions=(mdd(severity="Very severe"),)),
    row("P9", "outpatient and moderate", False, conditions=(mdd(),), encounter=encounter("AMB")),
    row("P9", "inpatient without depression", False, encounter=encounter("IMP")),
    row("P9", "catatonia without depression", False,
        conditions=(condition("catatonia", code="F20.2"),)),
]  # fmt: skip

SEVERITIES = {
    "T1": "info", "T2": "info", "T3": "info", "T4": "info", "T5": "warning", "T6": "info",
    "T7": "info", "S1": "info", "S2": "info", "S3": "info", "U1": "critical", "U2": "info",
    "U3": "warning", "P1": "warning", "P2": "warning", "P3": "critical", "P4": "warning",
    "P5": "info", "P6": "info", "P7": "info", "P9": "warning", "C32": "critical",
    "upd:N9.09": "warning", "upd:N1.25": "info",
}  # fmt: skip


@pytest.mark.parametrize("scenario", ROWS, ids=str)
def test_a_rule_fires_when_and_only_when_its_trigger_holds(scenario: Row) -> None:
    found = findings(patient(**scenario.facts), scenario.order, **scenario.site)
    assert (scenario.rule in found) is scenario.fires


@pytest.mark.parametrize("scenario", [r for r in ROWS if r.fires], ids=str)
def test_a_rule_that_fires_has_its_severity_and_its_words(scenario: Row) -> None:
    found = findings(patient(**scenario.facts), scenario.order, **scenario.site)
    finding = found[scenario.rule]
    words = say(finding.id, finding.params)
    assert finding.severity == SEVERITIES[scenario.rule]
    assert 10 < len(words.summary) < 140
    assert "…" not in words.summary
    assert words.detail


@pytest.mark.parametrize("rule", sorted(SEVERITIES))
def test_every_rule_has_a_row_that_fires_and_a_near_miss(rule: str) -> None:
    fires = {r.fires for r in ROWS if r.rule == rule}
    assert fires >= ({True} if rule == "C32" else {True, False})


NO_DOSE = [
    ("P1", {"conditions": (mdd("F33.3", "mdd_severe_psychotic"),)}, True),
    ("P2", {"conditions": (BIPOLAR,)}, True),
    ("P3", {"conditions": (BIPOLAR,)}, True),
    ("P4", {"conditions": (PTSD,)}, True),
    ("P6", {"conditions": (condition("ocd"),)}, True),
    ("P7", {"conditions": (condition("alcohol_use_disorder_active"),)}, True),
    ("T5", depressed(SERTRALINE), True),
    ("T1", depressed(SERTRALINE, VENLAFAXINE), False),
    ("T7", depressed(first_medication_record=None), False),
    ("P9", {"conditions": (mdd(),), "encounter": encounter("IMP")}, False),
    ("U1", {"scores": [score("phq9_item9", 3)]}, False),
]


@pytest.mark.parametrize(("rule", "facts", "stops"), NO_DOSE)
def test_which_rules_leave_no_dose(rule: str, facts: dict[str, Any], stops: bool) -> None:
    """Suicidality asks for an assessment first and is no reason to withhold treatment."""
    assert findings(patient(**facts))[rule].stops_dose is stops


def test_too_few_trials_stop_no_dose_for_another_indication() -> None:
    crps = condition("crps_any", code="G90.511")
    assert not findings(
        patient(
            conditions=(mdd(), crps),
            age=44,
            pain_trials=(
                trial("gabapentin", "gabapentinoid", group="neuropathic"),
                trial("duloxetine", "SNRI", group="neuropathic"),
            ),
        )
    )["T5"].stops_dose


def test_bipolar_disorder_stops_no_dose_for_pain() -> None:
    crps = condition("crps_any", code="G90.511")
    found = findings(patient(conditions=(BIPOLAR, crps)), PAIN_ORDER)
    assert not found["P2"].stops_dose


PAIN_ORDER = order(reason_sets=frozenset({"crps_any"}))


def test_an_order_for_pain_hears_nothing_of_trials_but_of_suicidality() -> None:
    history = patient(
        conditions=(mdd(), condition("crps_any", code="G90.511"), BIPOLAR),
        scores=[score("phq9_item9", 2)],
    )
    assert findings(history, PAIN_ORDER).keys() == {"U1", "C32", "P2", "P3"}


def test_suicidality_wording_promises_nothing() -> None:
    finding = findings(patient(scores=[score("phq9_item9", 3)]))["U1"]
    words = say(finding.id, finding.params)
    assert "neither has been shown to prevent suicide" in words.detail
    assert "no reason to refuse" in words.detail


def test_chart_text_stays_inert() -> None:
    psychotic = mdd("F33.3", "mdd_severe_psychotic", display="[free](https://x.example) *dose*")
    finding = findings(patient(conditions=(psychotic,)))["P1"]
    assert "\\[free\\]" in say(finding.id, finding.params).detail
