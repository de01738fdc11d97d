"""Every contraindication row of the digests: it fires, and does not on the near miss."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safety_patients import AS_OF, case, deciding, rows, with_basis

from cards.parts import told
from cards.words import SUMMARY_LIMIT, say
from cds.assessment.contraindications import contraindications
from cds.assessment.model import SEVERITY_ORDER, Finding
from cds.assessment.rules import evaluate
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates.care import OrderTest
from tests.replaced import replace

TABLE = rows("contraindications.yaml")


@pytest.mark.parametrize("row", TABLE, ids=[f"{r['row']} {r['name']}" for r in TABLE])
def test_row(row: dict[str, Any]) -> None:
    findings = with_basis(contraindications(case(row)), row["row"])
    if row.get("silent"):
        assert not findings
        return
    severities = [finding.severity for finding in findings]
    assert row["fires"] == min(severities, key=SEVERITY_ORDER.__getitem__)
    if "id" in row:
        assert row["id"] in {finding.id for finding in findings}
    if "withholds" in row:
        assert any(finding.stops_dose for finding in findings) is row["withholds"]


def test_every_row_of_the_knowledge_has_a_scenario_that_fires(knowledge: Knowledge) -> None:
    fires = {row["row"] for row in TABLE if "fires" in row}
    assert {row for e in knowledge.contraindications.values() for row in deciding(e)} == fires


def test_every_row_has_a_near_miss() -> None:
    silent = {row["row"] for row in TABLE if row.get("silent")}
    covered_by_a_sibling = {
        "psy:P10", "psy:P11", "pain:age_old", "pain:pregnancy", "pain:breastfeeding",
        "pain:hypersensitivity", "pain:hyperthyroid", "pain:no_escort",
    }  # fmt: skip
    assert {row["row"] for row in TABLE} - silent == covered_by_a_sibling


@pytest.mark.parametrize("row", TABLE, ids=[f"{r['row']} {r['name']}" for r in TABLE])
def test_words_render_and_fit(row: dict[str, Any]) -> None:
    for finding in contraindications(case(row)):
        words = say(finding.id, finding.params)
        assert 0 < len(words.summary) <= SUMMARY_LIMIT


def test_an_entry_is_not_known_when_nothing_was_seen(knowledge: Knowledge) -> None:
    """No data at all never reads as not met, except for what only the order can say."""
    blank = case({"person": {"age": None, "sex": "unknown"}})
    blank = replace(blank, history=replace(blank.history, answered=frozenset()))
    for entry in knowledge.contraindications.values():
        for rule in entry.rules:
            if isinstance(rule.when, OrderTest):
                continue
            assert evaluate(rule.when, blank).state == "unknown", (entry.id, rule.basis)


def test_what_is_critical_stops_and_what_withholds_the_dose_says_so() -> None:
    for row in TABLE:
        for finding in contraindications(case(row)):
            if finding.severity == "critical":
                assert finding.stops_dose
            elif finding.stops_dose:
                detail = " ".join(say(finding.id, finding.params).detail.split())
                assert re.search(
                    r"No (dose|further session) is suggested|no dose is suggested", detail
                )


def test_what_was_found_heads_the_line_before_the_sessions_beside_it() -> None:
    row = {
        "observations": [{"kind": "alp", "value": 241, "high": 120}],
        "sessions": [{"days_ago": 20}, {"days_ago": 13}],
    }
    (finding,) = with_basis(contraindications(case(row)), "upd:N2.03")
    said = [str(each) for each in finding.params["found"]]
    assert said[0].startswith("ALP 241 U/L")
    assert [each.split(", last")[0] for each in said[1:]] == ["ketamine (2 times"]


def test_a_text_match_and_an_unconfirmed_diagnosis_are_said() -> None:
    row = {"conditions": [{"icd10": "I71.4", "text": "AAA?", "verification": "provisional"}]}
    (finding,) = with_basis(contraindications(case(row)), "psy:C1")
    assert "provisional" in str(finding.params["found"])


def test_chart_text_stays_inert() -> None:
    row = {"conditions": [{"icd10": "I71.4", "text": "**AAA** <b>[x](http://e.org)</b>"}]}
    (finding,) = with_basis(contraindications(case(row)), "psy:C1")
    ((part, *_),) = told([finding], headed=True)
    detail = part.text
    assert r"\*\*AAA\*\* &lt; b&gt;\[x\] (http:/ /e. org)" in detail


# --- properties --------------------------------------------------------------------------------

NOT_EXCLUDED = "contraindications-not-excluded"
CHARTS = [
    {k: v for k, v in row.items() if k in ("conditions", "observations", "allergies")}
    for row in TABLE
    if row.get("fires") and row["row"] != "psy:X13" and not {"person", "medications"} & {*row}
]


def _merged(*charts: dict[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = {"conditions": [], "observations": [], "allergies": []}
    for chart in charts:
        for key, entries in chart.items():
            merged[key] = [*merged[key], *entries]
    return merged


def _worst(findings: tuple[Finding, ...]) -> int:
    return min((SEVERITY_ORDER[f.severity] for f in findings), default=9)


@given(
    st.lists(st.sampled_from(CHARTS), max_size=4),
    st.sampled_from([chart for chart in CHARTS if "observations" not in chart]),
)
def test_one_more_contraindication_never_lowers_the_worst(
    charts: list[dict[str, Any]], more: dict[str, Any]
) -> None:
    before = contraindications(case(_merged(*charts)))
    after = contraindications(case(_merged(*charts, more)))
    # what was not looked at is another thing: a diagnosis shows that the list of them was had
    assert _worst(after) <= _worst(tuple(f for f in before if f.id != NOT_EXCLUDED))
    still = {f.id for f in after if f.stops_dose}
    lost = {f.id for f in before if f.stops_dose} - still
    # values that ask what the liver has are answered by the diagnosis
    assert lost <= ({"low-liver-function"} if "severe-liver-impairment" in still else set())


@given(st.lists(st.sampled_from(CHARTS), min_size=1, max_size=4), st.randoms())
def test_the_order_of_the_chart_does_not_matter(charts: list[dict[str, Any]], random: Any) -> None:
    patient = case(_merged(*charts))
    history = patient.history
    shuffled = [*history.conditions]
    random.shuffle(shuffled)
    other = replace(patient, history=replace(history, conditions=tuple(shuffled)))
    assert {(f.id, f.severity, f.basis, f.source) for f in contraindications(patient)} == {
        (f.id, f.severity, f.basis, f.source) for f in contraindications(other)
    }


@given(st.lists(st.sampled_from(CHARTS), min_size=1, max_size=3))
def test_data_that_were_not_had_are_said(charts: list[dict[str, Any]]) -> None:
    """Losing the problem list loses findings, and says so with a warning."""
    patient = case(_merged(*charts))
    blind = replace(
        patient,
        history=replace(
            patient.history, conditions=(), answered=patient.history.answered - {"conditions"}
        ),
    )
    (said,) = (f for f in contraindications(blind) if f.id == NOT_EXCLUDED)
    assert said.severity == "warning"
    assert "diagnoses" in str(said.params["unseen"])


def test_the_day_is_passed_in() -> None:
    row = {"conditions": [{"icd10": "I21.9", "days_ago": 180}]}
    patient = case(row)
    later = replace(patient, history=replace(patient.history, as_of=AS_OF.replace(year=2027)))
    assert with_basis(contraindications(patient), "pain:severe_cardiac")
    assert not with_basis(contraindications(later), "pain:severe_cardiac")
