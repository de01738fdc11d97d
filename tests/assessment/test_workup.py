"""The work-up, row by row: fires, does not fire on the near miss, asks when data are absent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from treatment_cases import AS_OF, KEYS, ago, case, ill, order, seen, session, taking

from cards.words import has_wording, say
from cds.assessment.workup import workup
from cds.chart.encounter_entry import Encounter
from cds.chart.entries import ServiceRequest
from cds.history.model.patient_state import ReproductiveState
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from tests.replaced import replace

PSY = [ill("mdd_any")]
PAIN = [ill("crps_any")]


def ids(*args, **kwargs) -> set[str]:
    return {finding.id for finding in workup(case(*args, **kwargs))}


def find(ident, *args, **kwargs):
    return next((f for f in workup(case(*args, **kwargs)) if f.id == ident), None)


@pytest.mark.parametrize(
    ("rows", "item", "fresh", "stale", "drug", "conditions"),
    [
        (["psy:M5", "psy:M13", "psy:B1", "psy:B4"], "blood-pressure", 1, 2, "ketamine", PSY),
        (["psy:M5", "psy:M13", "psy:B1"], "blood-pressure", 1, 2, "esketamine", PSY),
        (["psy:M4", "pain:monitoring/before-2"], "weight", 30, 31, "ketamine", PAIN),
        (["psy:M5"], "heart-rate", 1, 2, "ketamine", PSY),
        (["pain:monitoring/before-2"], "oxygen-saturation", 1, 2, "ketamine", PAIN),
        (["pain:monitoring/before-2"], "respiratory-rate", 1, 2, "ketamine", PAIN),
        (["pain:monitoring/before-2"], "pain-score", 14, 15, "ketamine", PAIN),
        (["psy:M7", "pain:monitoring/before-5"], "liver-tests", 90, 91, "ketamine", PSY),
        (["psy:M7"], "ggt", 90, 91, "ketamine", PSY),
        (["psy:M9"], "drug-screen", 30, 31, "ketamine", PSY),
        (["psy:M2"], "depression-scale", 14, 15, "esketamine", PSY),
        (["psy:M3"], "suicide-risk", 7, 8, "esketamine", PSY),
    ],
)
def test_missing_stale_or_fresh(knowledge, rows, item, fresh, stale, drug, conditions):
    ident, kinds = f"missing-{item}", knowledge.monitoring[item].kinds

    def finding(*days):
        facts = [seen(kind, day) for kind in kinds for day in days]
        return find(ident, order(drug), facts, conditions=conditions)

    assert finding(fresh) is None
    assert finding(fresh, stale) is None
    assert set(rows) <= set(finding().basis)
    assert finding().params["last"] is None
    assert finding(stale).params["last"] == ago(stale)
    assert finding().workup == item


@pytest.mark.parametrize(
    ("item", "drug", "conditions"),
    [
        ("weight", "esketamine", PSY),  # psy:M4 is about doses by weight
        ("liver-tests", "esketamine", PSY),  # psy:M7 is about racemic ketamine
        ("respiratory-rate", "ketamine", PSY),
        ("pain-score", "ketamine", PSY),
        ("depression-scale", "ketamine", PAIN),
        ("drug-screen", "ketamine", PAIN),
    ],
)
def test_not_asked_for_another_drug_or_purpose(item, drug, conditions):
    assert f"missing-{item}" not in ids(order(drug), conditions=conditions)


def test_the_order_s_reason_goes_before_the_diagnoses():
    for_pain = order(reason_sets=frozenset({"crps_any"}))
    assert "missing-pain-score" in ids(for_pain, conditions=PSY)
    assert "missing-depression-scale" not in ids(for_pain, conditions=PSY)


def test_without_any_reason_both_are_asked():
    assert {"missing-pain-score", "missing-depression-scale"} <= ids(order())


def test_only_one_of_two_pressures_is_no_blood_pressure():
    assert "missing-blood-pressure" in ids(order(), [seen("blood_pressure_systolic", 0)])


def test_what_the_first_dose_must_not_go_without_is_a_warning():
    warned = {f.id for f in workup(case(order(), sex="female")) if f.severity == "warning"}
    assert warned == {"missing-blood-pressure", "missing-weight", "missing-pregnancy-test"}


def test_the_site_sets_the_age_of_the_weight():
    site = SiteProtocol(weight_max_age_days=7)
    assert "missing-weight" in ids(order(), [seen("body_weight", 8)], site=site)
    assert "missing-weight" not in ids(order(), [seen("body_weight", 7)], site=site)


@pytest.mark.parametrize(
    ("sex", "age", "state", "asked"),
    [
        ("female", 30, {}, True),
        ("female", 12, {}, True),
        ("female", 50, {}, True),
        ("female", None, {}, True),
        ("unknown", 30, {}, True),
        ("male", 30, {}, False),
        ("female", 11, {}, False),
        ("female", 51, {}, False),
        ("female", 30, {"hysterectomy_or_sterile": True}, False),
        ("female", 30, {"pregnant": True, "last_test": ago(90)}, False),
        ("female", 30, {"last_test": ago(7)}, False),
        ("female", 30, {"last_test": ago(8)}, True),
    ],
)
def test_m8_pregnancy_test(sex, age, state, asked):
    finding = find(
        "missing-pregnancy-test", order(), sex=sex, age=age, reproductive=ReproductiveState(**state)
    )
    assert (finding is not None) == asked
    if finding is not None:
        assert {"psy:M8", "pain:monitoring/before-7"} <= set(finding.basis)


@pytest.mark.parametrize(
    ("draft", "sessions", "conditions", "asked"),
    [
        (order(), [], [], True),
        (order(sessions=6), [], [], True),
        (order(single=True), [], [], False),
        (order(sessions=1), [], [], False),
        (order(sessions=1), [session(60)], [], True),
        (order(single=True), [], [ill("hepatitis")], True),
        (order(single=True), [], [ill("hepatitis", clinical="resolved")], False),
    ],
)
def test_m7_liver_tests_before_repeated_treatment(draft, sessions, conditions, asked):
    found = ids(draft, sessions=sessions, conditions=conditions)
    assert ("missing-liver-tests" in found) == asked


@pytest.mark.parametrize(
    ("item", "row", "yes", "no"),
    [
        ("urinalysis", "psy:M11", {"conditions": [ill("lower_urinary_tract_symptoms")]}, {}),
        (
            "urinalysis",
            "pain:monitoring/before-6",
            {"conditions": [ill("cystitis_any", clinical="unknown")]},
            {"conditions": [ill("cystitis_any", clinical="resolved")]},
        ),
        ("ecg", "psy:M6", {"conditions": [ill("ischemic_heart_disease")]}, {}),
        (
            "ecg",
            "pain:monitoring/before-4",
            {"conditions": [ill("arrhythmia")]},
            {"conditions": [ill("hypertension_any")]},
        ),
        ("cognition", "psy:M10", {"age": 65}, {"age": 64}),
        ("cognition", "psy:M10", {"conditions": [ill("mild_cognitive_impairment", "mdd_any")]}, {}),
    ],
)
def test_asked_for_only_with_a_reason(item, row, yes, no):
    assert row in find(f"missing-{item}", order(), **yes).basis
    assert find(f"missing-{item}", order(), **no) is None


def test_an_unusable_result_is_named_and_does_not_count():
    bad = seen("body_weight", 3, None, problem="no unit")
    finding = find("missing-weight", order(), [bad])
    assert finding.params["unusable"] == "no unit"
    assert "no unit" in say(finding.id, finding.params).detail


def test_data_that_were_not_had_are_missing():
    finding = find("missing-weight", order(), answered=KEYS - {"observations"})
    assert finding.params["seen"] is False
    assert "not seen" in say(finding.id, finding.params).summary


@pytest.mark.parametrize(("days", "pending"), [(5, True), (90, True), (91, False)])
def test_what_is_ordered_on_the_chart_is_pending(days, pending):
    asked = ServiceRequest(
        frozenset({"hcg_urine_qualitative"}), "active", ago(days), ("ServiceRequest/1",)
    )
    findings = {f.id: f for f in workup(case(order(), sex="female", service_orders=[asked]))}
    assert ("missing-pregnancy-test" not in findings) == pending
    if pending:
        assert "pregnancy test" in findings["workup-pending"].params["names"]


def test_what_is_drafted_in_this_session_is_pending():
    draft = Order("ServiceRequest/1", "ServiceRequest", test_sets=frozenset({"ecg_report"}))
    heart = [ill("ischemic_heart_disease")]
    assert "missing-ecg" not in ids(order(), conditions=heart, drafts=[draft])


def test_an_empty_allergy_list_is_asked_about():
    assert "missing-allergy-list" in ids(order(), allergies=())
    assert "missing-allergy-list" not in ids(order())
    # the contraindications say so when the list itself was not had
    assert "missing-allergy-list" not in ids(order(), allergies=(), answered=KEYS - {"allergies"})


@pytest.mark.parametrize(
    ("draft", "conditions", "ident", "rows"),
    [
        (
            order("esketamine"),
            PSY,
            "process-esketamine",
            {"psy:M14", "psy:M18", "psy:M21", "psy:M23", "psy:M24", "psy:B3", "psy:M26", "psy:M31"},
        ),
        (
            order(),
            PSY,
            "process-infusion",
            {"psy:M1", "psy:M12", "psy:M15", "psy:M19", "psy:M20", "psy:M25", "psy:B5", "psy:M22"},
        ),
        (
            order(),
            PAIN,
            "process-infusion",
            {
                f"pain:monitoring/{row}"
                for row in (
                    "before-1",
                    "before-8",
                    "before-9",
                    "during-1",
                    "during-2",
                    "during-4",
                    "during-6",
                    "after-1",
                    "discharge-3",
                    "discharge-4",
                    "course-1",
                )
            },
        ),
    ],
)
def test_the_steps_stand_in_one_finding(draft, conditions, ident, rows):
    found = [f for f in workup(case(draft, conditions=conditions)) if f.id.startswith("process-")]
    assert [f.id for f in found] == [ident]
    assert rows <= set(found[0].basis)
    assert found[0].severity == "info"


@pytest.mark.parametrize(
    ("row", "draft", "with_it", "without"),
    [
        ("psy:M16", order(), {"medications": [taking("benzodiazepine")]}, {}),
        ("psy:M17", order("esketamine"), {"medications": [taking("antihypertensive_ccb")]}, {}),
    ],
)
def test_a_step_for_those_who_take_a_drug(row, draft, with_it, without):
    def rows(**kwargs):
        return next(
            f.basis
            for f in workup(case(draft, conditions=PSY, **kwargs))
            if f.id.startswith("process-")
        )

    assert row in rows(**with_it)
    assert row not in rows(**without)


def test_course_6_take_home_warning_by_route():
    assert "pain:monitoring/course-6" in find("process-infusion", order(route="oral")).basis
    assert "pain:monitoring/course-6" not in find("process-infusion", order()).basis


def test_a_site_can_switch_the_steps_off():
    site = SiteProtocol(process_order_set=False)
    assert not any(i.startswith("process-") for i in ids(order(), site=site))


FRESH = [
    seen(kind, 0)
    for kind in ("blood_pressure_systolic", "blood_pressure_diastolic", "body_weight", "heart_rate",
                 "oxygen_saturation", "alt", "ast", "alp", "ggt", "phq9_total", "phq9_item9",
                 "uds_panel", "body_height")
]  # fmt: skip


@given(st.sets(st.sampled_from(range(len(FRESH)))), st.sets(st.sampled_from(range(len(FRESH)))))
def test_removing_results_never_removes_a_question(some, removed):
    def asked(chosen):
        facts = [FRESH[i] for i in sorted(chosen)]
        return {i for i in ids(order(), facts, conditions=PSY) if i.startswith("missing-")}

    assert asked(some) <= asked(some - removed)


def test_nothing_without_an_order_for_ketamine():
    assert ids(None) == set()
    assert (
        ids(Order("MedicationRequest/1", "MedicationRequest", ingredients=("sertraline",))) == set()
    )


def test_every_finding_has_its_words():
    for draft in (order(), order("esketamine")):
        for finding in workup(case(draft, sex="female", allergies=(), age=70)):
            words = say(finding.id, finding.params)
            assert words.summary
            assert words.detail
            assert not re.search(r"\s{2}|None", words.summary)


def test_m_and_b_rows_are_all_in_the_knowledge(knowledge):
    rows = {row for item in knowledge.monitoring.values() for row in item.basis}
    wanted = {f"psy:M{n}" for n in range(1, 32)} | {f"psy:B{n}" for n in range(1, 6)}
    assert wanted <= rows


def test_every_missing_item_can_be_ordered_and_said(knowledge):
    for item in knowledge.monitoring.values():
        if not item.is_step:
            assert item.order_code, item.id
            assert item.order_display, item.id
            assert has_wording(f"missing-{item.id}"), item.id


def test_the_day_is_the_orders_own():
    assert "missing-heart-rate" not in ids(order(), [seen("heart_rate", 0)])
    assert seen("heart_rate", 0).when == AS_OF


def test_an_inconclusive_test_is_no_old_one():
    def told(days):
        fact = seen("hcg_serum_qualitative", days, None, concept=frozenset({"unknown"}))
        finding = find("missing-pregnancy-test", order(), [fact], sex="female")
        return say(finding.id, finding.params).detail

    assert f"the result of {ago(7)} is inconclusive" in told(7)
    assert f"last on {ago(8)}, 8 days ago; wanted within 7 days" in told(8)


HOME = re.compile(r"escort|driv|responsible adult|transport|enrolled|takes you home")


@pytest.mark.parametrize("drug", ["ketamine", "esketamine"])
@pytest.mark.parametrize(
    ("setting", "encounter", "stays"),
    [
        ("inpatient", None, True),
        ("icu", None, True),
        (None, "IMP", True),
        (None, "ACUTE", True),
        (None, "NONAC", True),
        (None, "OBSENC", True),
        ("operating_room", "IMP", True),
        ("operating_room", None, False),
        ("outpatient", "IMP", False),
        ("emergency", "EMER", False),
        (None, "EMER", False),
        (None, "AMB", False),
        (None, "SS", False),
        (None, "HH", False),
        (None, None, False),
    ],
)
def test_what_is_for_the_way_home_is_told_to_those_who_may_go_home(drug, setting, encounter, stays):
    asked = case(replace(order(drug), setting=setting))
    where = Encounter(encounter) if encounter else None
    asked = replace(asked, history=replace(asked.history, encounter=where))
    (found,) = (f for f in workup(asked) if f.id.startswith("process-"))
    said = " ".join(say(found.id, found.params).summary.split())
    told = " ".join([said, say(found.id, found.params).detail, *found.params["patient_texts"]])
    ways_home = set(HOME.findall(told.replace("patients are not enrolled", "")))
    assert bool(ways_home) is not stays, ways_home
    if drug == "esketamine":
        in_hospital = stays or (encounter == "EMER" and setting in (None, "emergency"))
        assert ("no form is sent" in told) is in_hospital
