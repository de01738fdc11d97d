"""The course, row by row: fires, does not fire on the near miss, unknown when data are absent."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from treatment_cases import KEYS, ago, case, ill, order, seen, session, treated

from cards.words import has_wording, say
from cds.assessment.course import course
from cds.assessment.workup import workup
from cds.chart.entries import ServiceRequest
from cds.orders.model import Order

MDD = [ill("mdd_any")]
CRPS = [ill("crps_any")]
FOUR = [session(days) for days in (15, 12, 8, 5)]
SIX = [session(days) for days in (19, 16, 12, 9, 5, 2)]
SPRAY = [session(days, "esketamine") for days in (12, 9, 5, 2)]


def found(*args, conditions=MDD, **kwargs):
    return {f.id: f for f in course(case(*args, conditions=conditions, **kwargs))}


def scores(scale, *pairs):
    return [seen(scale, days, value) for days, value in pairs]


@pytest.mark.parametrize(
    ("rows", "ident", "scale", "before", "now"),
    [
        (["psy:R1"], "course-response", "madrs_total", 30, 15),
        (["psy:R2"], "course-response", "phq9_total", 20, 10),
        (["psy:R12"], "course-partial-response", "phq9_total", 20, 11),
        (["psy:R12"], "course-partial-response", "phq9_total", 20, 15),
        (["psy:R24", "psy:R25", "psy:R26", "psy:R13"], "course-no-response", "phq9_total", 20, 16),
        (["psy:R24"], "course-worse", "phq9_total", 20, 21),
        (["psy:R3", "psy:R6", "psy:R1"], "course-remission", "madrs_total", 30, 10),
        (["psy:R3", "psy:R4", "psy:R6"], "course-remission", "madrs_total", 30, 9),
        (["psy:R3", "psy:R4", "psy:R5"], "course-remission", "madrs_total", 30, 7),
        (["psy:R6", "psy:R1"], "course-response", "madrs_total", 30, 12),
        (["psy:R7", "psy:R2"], "course-remission", "phq9_total", 20, 5),
        (["psy:R8"], "course-remission", "qids_total", 20, 5),
        (["psy:R8"], "course-response", "qids_total", 20, 6),
        (["psy:R9"], "course-response", "caps5_total", 40, 28),
        (["psy:R12"], "course-partial-response", "caps5_total", 40, 29),
        (["psy:R10"], "course-response", "ybocs_total", 20, 13),
        (["psy:R11"], "course-response", "lsas_total", 100, 65),
    ],
)
def test_response_partial_and_remission(rows, ident, scale, before, now):
    facts = scores(scale, (20, str(before)), (1, str(now)))
    finding = found(order(), facts, sessions=FOUR)[ident]
    assert set(rows) <= set(finding.basis)


@pytest.mark.parametrize(
    ("row", "scale", "now"),
    [
        ("psy:R1", "madrs_total", "15.1"),
        ("psy:R2", "phq9_total", "11"),
        ("psy:R3", "madrs_total", "11"),
        ("psy:R4", "madrs_total", "10"),
        ("psy:R5", "madrs_total", "8"),
        ("psy:R6", "madrs_total", "13"),
        ("psy:R7", "phq9_total", "6"),
        ("psy:R9", "caps5_total", "29"),
        ("psy:R10", "ybocs_total", "14"),
        ("psy:R11", "lsas_total", "66"),
        ("psy:R12", "phq9_total", "16"),
    ],
)
def test_near_misses(row, scale, now):
    start = {"madrs_total": "30", "caps5_total": "40", "lsas_total": "100"}.get(scale, "21")
    facts = scores(scale, (20, start), (1, now))
    states = [f for f in found(order(), facts, sessions=FOUR).values() if "change" in f.params]
    assert states
    assert all(row not in f.basis for f in states)


@pytest.mark.parametrize(
    ("scale", "now", "ident"),
    [
        ("pain_severity_nrs", "4", "course-response"),
        ("pain_severity_nrs", "5.6", "course-partial-response"),
        ("pain_severity_nrs", "5.7", "course-no-response"),
        ("peg_mean", "4", "course-response"),
        ("bpi_severity", "5", "course-partial-response"),
    ],
)
def test_pain_response_at_30_and_50_percent(scale, now, ident):
    facts = found(order(), scores(scale, (20, "8"), (1, now)), sessions=FOUR, conditions=CRPS)
    assert ident in facts
    if ident != "course-no-response":
        assert "pain:pain_response" in facts[ident].basis


@pytest.mark.parametrize(
    ("days_before_first", "known", "old"),
    [(0, True, False), (14, True, False), (15, True, True), (30, True, True), (31, False, None)],
)
def test_the_baseline_is_the_last_score_before_the_first_session(days_before_first, known, old):
    facts = scores("phq9_total", (15 + days_before_first, "20"), (1, "8"))
    findings = found(order(), facts, sessions=FOUR)
    assert ("course-response" in findings) == known
    assert ("course-response-unknown" in findings) != known
    if known:
        assert findings["course-response"].params["baseline_old"] is old


def test_the_last_of_several_earlier_scores_is_the_baseline():
    facts = scores("phq9_total", (25, "24"), (16, "20"), (1, "8"))
    assert found(order(), facts, sessions=FOUR)["course-response"].params["baseline"] == 20


def test_a_score_that_is_not_usable_is_no_score():
    facts = [seen("phq9_total", 16, "20"), seen("phq9_total", 1, None, problem="no value")]
    assert "course-response-unknown" in found(order(), facts, sessions=FOUR)


def test_infusion_five_of_six_reads_like_the_design():
    facts = scores("phq9_total", (20, "21"), (1, "9"))
    finding = found(order(sessions=6), facts, sessions=SIX[:5])["course-response"]
    summary = say(finding.id, finding.params).summary
    assert summary == "Infusion 5 of 6; PHQ-9 21 to 9 (-57.1 %): responding"


@pytest.mark.parametrize(
    ("sessions", "now", "fires"),
    [
        (FOUR, "17", True),  # 15 %
        (FOUR, "20", True),
        (FOUR, "16", False),  # 20 %
        (FOUR[1:], "17", False),  # three infusions
        ([session(d, route="oral") for d in (15, 12, 8, 5)], "17", False),
        (SPRAY, "17", False),
    ],
)
def test_e1_r19_under_20_percent_after_four_infusions(sessions, now, fires):
    drug = sessions[0].drug
    facts = scores("phq9_total", (16, "20"), (1, now))
    findings = found(order(drug), facts, sessions=sessions)
    assert ("course-stop" in findings) == fires
    if fires:
        assert {"psy:E1", "psy:R19"} <= set(findings["course-stop"].basis)
        assert findings["course-stop"].severity == "warning"


def test_e1_does_not_hold_for_pain():
    facts = scores("pain_severity_nrs", (16, "8"), (1, "8"))
    assert "course-stop" not in found(order(), facts, sessions=FOUR, conditions=CRPS)


def test_m25_a_score_is_due_after_four_infusions():
    old_score = scores("phq9_total", (16, "20"), (10, "15"))
    assert "psy:M25" in found(order(), old_score, sessions=FOUR)["course-score-due"].basis
    unknown = found(order(), sessions=FOUR)["course-response-unknown"]
    assert (unknown.severity, unknown.basis) == ("warning", ("psy:M25",))
    assert found(order(), sessions=FOUR[1:])["course-response-unknown"].severity == "info"


def test_response_is_unknown_when_observations_were_not_had():
    findings = found(order(), sessions=FOUR, answered=KEYS - {"observations"})
    assert findings["course-response-unknown"].params["seen"] is False


@pytest.mark.parametrize(
    ("first", "now", "fires"),
    [(2, "20", True), (27, "11", True), (28, "20", False), (2, "10", False)],
)
def test_e2_r20_too_early_to_stop_esketamine(first, now, fires):
    sessions = [session(first, "esketamine")]
    facts = scores("phq9_total", (first, "20"), (1, now))
    findings = found(order("esketamine"), facts, sessions=sessions)
    assert ("course-esketamine-early" in findings) == fires
    if fires:
        assert {"psy:E2", "psy:R20"} <= set(findings["course-esketamine-early"].basis)


@pytest.mark.parametrize(
    ("first", "pairs", "ident"),
    [
        (28, [(29, "20"), (1, "16")], "course-esketamine-no-benefit"),
        (28, [(29, "20"), (1, "15")], None),
        (27, [(28, "20"), (1, "16")], None),
        (28, [], "course-esketamine-no-evidence"),
        (27, [], None),
    ],
)
def test_e3_r21_benefit_by_week_4(first, pairs, ident):
    sessions = [session(days, "esketamine") for days in (first, 14, 3)]
    findings = found(order("esketamine"), scores("phq9_total", *pairs), sessions=sessions)
    reviewed = [i for i in findings if i.startswith("course-esketamine-no-")]
    assert reviewed == ([ident] if ident else [])
    if ident:
        assert {"psy:E3", "psy:R21"} <= set(findings[ident].basis)


@pytest.mark.parametrize(
    ("chart", "fires"),
    [
        ({"sessions": [session(14, "esketamine")]}, True),
        ({"sessions": [session(15, "esketamine")]}, False),
        ({"sessions": [session(90, "esketamine", "order", active_order=True)]}, True),
        ({"sessions": [session(90, "esketamine", "order", active_order=False)]}, False),
        ({"sessions": [session(5)]}, False),
        ({"procedures": [treated("ect", 14)]}, True),
        ({"procedures": [treated("ect", 15)]}, False),
        ({"procedures": [treated("tms", 3)]}, True),
        (
            {
                "drafts": [
                    Order("ServiceRequest/1", "ServiceRequest", procedure_sets=frozenset({"ect"}))
                ]
            },
            True,
        ),
        ({"drafts": [Order("MedicationRequest/2", "MedicationRequest", drug="esketamine")]}, True),
        ({"drafts": [Order("MedicationRequest/2", "MedicationRequest", drug="ketamine")]}, False),
        (
            {"service_orders": [ServiceRequest(frozenset({"ect"}), "active", ago(3), ("S/1",))]},
            True,
        ),
    ],
)
def test_e4_two_treatments_at_once(chart, fires):
    findings = found(order(), **chart)
    assert ("course-concurrent" in findings) == fires
    if fires:
        finding = findings["course-concurrent"]
        assert finding.basis == ("psy:E4",)
        assert (finding.severity, finding.stops_dose) == ("critical", True)


def test_e4_on_the_chart_alone():
    both = [session(3), session(5, "esketamine")]
    assert "course-concurrent" in found(None, sessions=both)
    assert "course-concurrent" not in found(None, sessions=[session(3)])
    assert "course-concurrent" not in found(None, procedures=[treated("ect", 3)])


@pytest.mark.parametrize(
    ("drug", "days", "start", "fires"),
    [
        ("esketamine", (5, 2), None, True),  # two in the week
        ("esketamine", (9, 2), None, False),
        ("esketamine", (7, 2), None, False),  # seven days ago is another week
        ("esketamine", (5, 2), -2, False),  # ordered for the day that is free
        ("esketamine", (30, 16, 9, 5), None, True),  # week 5: once a week
        ("esketamine", (30, 16, 9, 7), None, False),
        ("esketamine", (2, 0), None, True),
        ("ketamine", (6, 4, 2), None, True),
        ("ketamine", (6, 2), None, False),
        ("ketamine", (0,), None, True),
        ("ketamine", (40,), None, False),  # a new course
    ],
)
def test_next_session_too_early(drug, days, start, fires):
    draft = order(drug, course_start=None if start is None else ago(start))
    findings = found(draft, sessions=[session(d, drug) for d in days])
    assert ("course-too-early" in findings) == fires


def test_too_early_says_when_it_is_free():
    finding = found(order("esketamine"), sessions=[session(d, "esketamine") for d in (5, 2)])[
        "course-too-early"
    ]
    assert finding.params["free"] == ago(-2)
    assert "psy:esk-trd-us-induction" in finding.basis


@pytest.mark.parametrize(
    ("drug", "days", "fires"),
    [
        ("esketamine", (15, 8), False),  # weeks 1 to 4: the schedule goes on (N1.09)
        ("esketamine", (27, 26), False),
        ("esketamine", (28, 11), True),  # weeks 5 to 8
        ("esketamine", (28, 10), False),
        ("esketamine", (60, 45, 22), True),
        ("esketamine", (60, 45, 21), False),
        ("ketamine", (12, 8), True),
        ("ketamine", (20, 18, 16, 14, 12, 9), False),  # the series is complete
    ],
)
def test_next_session_late(drug, days, fires):
    findings = found(None, sessions=[session(d, drug) for d in days])
    assert ("course-late" in findings) == fires


@pytest.mark.parametrize(
    ("drug", "days", "fires"),
    [
        ("esketamine", (60, 28), False),
        ("esketamine", (60, 29), True),
        ("esketamine", (200, 170), True),
        ("ketamine", (60, 29), False),  # the label is of esketamine
    ],
)
def test_n1_11_a_lapse_is_shown_and_induction_asked_about(drug, days, fires):
    sessions = [session(d, drug) for d in days]
    findings = found(order(drug), sessions=sessions)
    assert ("course-lapse" in findings) == fires
    # one question about the pause, and none without an order
    assert not fires or "course-late" not in findings
    assert "course-lapse" not in found(None, sessions=sessions)
    # the first dose anew, or the one that was reached: none stands beside the question
    assert not fires or findings["course-lapse"].stops_dose


def test_n1_11_twice_a_week_after_a_lapse_is_no_excess():
    weekly = (90, 83, 76, 69)
    again = found(order("esketamine"), sessions=[session(d, "esketamine") for d in (32, 3)])
    assert "course-too-early" not in again
    going_on = [session(d, "esketamine") for d in (*weekly, 62, 55, 48, 41, 34, 27, 20, 13, 3)]
    assert "course-too-early" in found(order("esketamine"), sessions=going_on)


def test_n1_10_a_pause_in_maintenance_lets_the_earlier_frequency_be_considered():
    def said(*days):
        late = found(None, sessions=[session(d, "esketamine") for d in days])["course-late"]
        return say("course-late", late.params).detail, set(late.basis)

    maintenance, rows = said(60, 45, 22)
    assert "earlier frequency" in maintenance
    assert "upd:N1.10" in rows
    assert "earlier frequency" not in said(28, 11)[0]


@pytest.mark.parametrize(
    ("days", "conditions", "row"),
    [
        ((7,), MDD, "psy:R14"),
        ((6,), MDD, None),
        ((9, 7), MDD, None),
        ((40, 37, 33, 30, 26, 18), MDD, "psy:R15"),
        ((40, 37, 33, 30, 26, 17), MDD, None),
        ((50, 47, 43, 40, 36, 27), [ill("ptsd")], "psy:R16"),
        ((120,), MDD, None),
    ],
)
def test_r14_to_r16_the_effect_fades(days, conditions, row):
    findings = found(None, sessions=[session(d) for d in days], conditions=conditions)
    finding = findings.get("course-fading")
    assert (finding.basis if finding else None) == ((row,) if row else None)


def test_nothing_fades_where_nothing_worked():
    facts = scores("phq9_total", (9, "20"), (1, "19"))
    assert "course-fading" not in found(None, facts, sessions=[session(8)])


def test_r17_r18_a_response_that_was_lost():
    facts = scores("phq9_total", (20, "20"), (9, "8"), (1, "14"))
    finding = found(order(), facts, sessions=SIX)["course-response-lost"]
    assert {"psy:R17", "psy:R18"} <= set(finding.basis)
    still = scores("phq9_total", (20, "20"), (9, "8"), (1, "10"))
    assert "course-response-lost" not in found(order(), still, sessions=SIX)


@pytest.mark.parametrize(
    ("drug", "days", "row"),
    [
        ("esketamine", (56, 40, 25, 10), "psy:R22"),
        ("esketamine", (55, 40, 25, 10), None),
        ("ketamine", (40, 33, 26, 19, 12, 8, 3), "psy:R23"),
        ("ketamine", (33, 26, 19, 12, 8, 3), None),
    ],
)
def test_r22_r23_maintenance(drug, days, row):
    finding = found(None, sessions=[session(d, drug) for d in days]).get("course-maintenance")
    assert (finding.basis if finding else None) == ((row,) if row else None)


@pytest.mark.parametrize(
    ("pairs", "days", "ident"),
    [
        ([(25, "8"), (15, "5")], (20,), None),
        ([(25, "8"), (15, "6")], (20,), "course-repeat-without-response"),
        ([], (20,), "course-repeat-unknown"),
        ([], (6,), None),
        ([], (), None),
    ],
)
def test_repeated_infusion_response(pairs, days, ident):
    findings = found(
        order(),
        scores("pain_severity_nrs", *pairs),
        sessions=[session(d) for d in days],
        conditions=CRPS,
    )
    repeats = [i for i in findings if i.startswith("course-repeat")]
    assert repeats == ([ident] if ident else [])
    if ident:
        assert findings[ident].basis == ("pain:repeated_infusion_response",)


LIVER = ("alt", "ast", "alp")


@pytest.mark.parametrize(
    ("sessions", "tested", "fires"),
    [
        (SIX, None, True),
        (SIX[1:], None, False),
        (SIX, 20, True),
        (SIX, 18, False),
        ([session(d, "esketamine") for d in (19, 16, 12, 9, 5, 2)], None, False),
    ],
)
def test_m28_liver_tests_with_repeated_treatment(sessions, tested, fires):
    facts = [] if tested is None else [seen(kind, tested) for kind in LIVER]
    findings = found(None, facts, sessions=sessions)
    assert ("course-liver-due" in findings) == fires
    if fires:
        finding = findings["course-liver-due"]
        assert {"psy:M28", "pain:monitoring/course-4", "psy:M7"} <= set(finding.basis)
        assert finding.workup == "liver-tests"


@pytest.mark.parametrize(
    ("kinds", "lacking"),
    [((), ()), (("alt",), ("AST", "ALP")), (("alt", "ast"), ("ALP",)), (LIVER, ())],
)
def test_m28_the_liver_test_that_was_never_done_is_named(kinds, lacking):
    facts = [seen(kind, 20) for kind in kinds]
    assert found(None, facts, sessions=SIX)["course-liver-due"].params["lacking"] == lacking


def test_the_work_up_does_not_ask_again_for_liver_tests():
    assert "missing-liver-tests" not in {
        f.id for f in workup(case(order(), sessions=SIX, conditions=MDD))
    }


@pytest.mark.parametrize(("sessions", "fires"), [(SIX, True), (SIX[1:], False)])
def test_m27_m29_m30_long_term(sessions, fires):
    findings = found(None, sessions=sessions)
    assert ("course-long-term-check" in findings) == fires
    if fires:
        rows = {"psy:M27", "psy:M29", "psy:M30", "upd:N9.05"}
        assert set(findings["course-long-term-check"].basis) == rows


@pytest.mark.parametrize(
    ("ident", "oldest", "fires"),
    [
        ("course-long-term-check", 364, True),
        ("course-long-term-check", 365, False),
        ("course-withdrawal", 27, True),
        ("course-withdrawal", 28, False),
    ],
)
def test_sessions_count_for_a_year_or_for_four_weeks(ident, oldest, fires):
    enough = SIX if ident == "course-long-term-check" else SIX[1:]
    findings = found(None, sessions=[session(oldest), *enough[1:]])
    assert (ident in findings) == fires


def test_course_5_withdrawal_after_more_than_weekly_use():
    finding = found(None, sessions=SIX[:5])["course-withdrawal"]
    assert finding.basis == ("pain:monitoring/course-5",)
    assert "course-withdrawal" not in found(None, sessions=FOUR)
    assert "course-withdrawal" not in found(None, sessions=[*SPRAY, session(1, "esketamine")])


def test_a_long_pause_begins_a_new_course():
    def count(*days):
        finding = found(order(), sessions=[session(d) for d in days])["course-response-unknown"]
        return finding.params["count"]

    assert count(40, 10) == 2
    assert count(41, 10) == 1


def test_a_multi_day_infusion_ends_when_it_ends():
    long = session(45, end=ago(40))
    finding = found(order(), sessions=[long, session(10)])["course-response-unknown"]
    assert finding.params["count"] == 2


def test_orders_without_sessions_can_not_be_counted():
    findings = found(None, sessions=[session(30, kind="order", active_order=False)])
    assert set(findings) == {"course-sessions-unknown"}


def test_home_dispenses_of_racemic_ketamine_are_no_sessions():
    findings = found(order(), sessions=[session(9, kind="dispense", route="oral")])
    assert set(findings) == {"course-sessions-unknown"}


def test_nothing_without_earlier_treatment():
    assert found(order()) == {}
    assert found(None) == {}


def test_the_score_is_the_same_whatever_the_order_of_sessions():
    facts = scores("phq9_total", (20, "21"), (1, "9"))
    one = found(order(), facts, sessions=SIX)
    other = found(order(), facts[::-1], sessions=SIX[::-1])
    assert one.keys() == other.keys()


def test_a_count_from_part_of_the_record_says_so():
    findings = found(order(), sessions=FOUR, answered=KEYS - {"procedures"})
    finding = findings["course-response-unknown"]
    assert finding.params["unseen"] == ("procedures",)
    assert "may be too low: procedures" in say(finding.id, finding.params).detail


def test_every_row_of_the_course_is_in_the_knowledge(knowledge):
    rows = {row for rule in knowledge.response.values() for row in rule.basis}
    assert {f"psy:R{n}" for n in range(1, 27)} | {f"psy:E{n}" for n in range(1, 5)} <= rows


def test_every_finding_has_short_words():
    charts = [
        {"sessions": SIX},
        {"sessions": SPRAY},
        {"sessions": SIX, "observations": scores("phq9_total", (20, "21"), (9, "8"), (1, "20"))},
        {"sessions": SIX, "observations": scores("phq9_total", (20, "21"), (1, "5"))},
        {"sessions": [session(40, "esketamine"), session(3, "esketamine")]},
        {"sessions": [session(8)], "procedures": [treated("ect", 3)]},
        {"sessions": [session(30, kind="statement")]},
        {
            "sessions": FOUR,
            "conditions": CRPS,
            "observations": scores("peg_mean", (20, "8"), (1, "8")),
        },
    ]
    for chart in charts:
        for draft in (order(), order("esketamine"), None):
            rest = {"conditions": MDD} | {k: v for k, v in chart.items() if k != "observations"}
            for finding in course(case(draft, chart.get("observations", ()), **rest)):
                assert has_wording(finding.id)
                words = say(finding.id, finding.params)
                assert len(words.summary) < 140
                assert words.detail
                assert not re.search(r"\bNone\b|  ", words.summary), words.summary
                assert isinstance(finding.params.get("change", Decimal(0)), Decimal)
