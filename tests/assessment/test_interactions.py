"""Every interaction row of the digests, from the ketamine order and from the other drug's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safety_patients import case, deciding, draft, rows, with_basis

from cards.words import SUMMARY_LIMIT, say
from cds.assessment.case import Case
from cds.assessment.interactions import interactions, interactions_with_treatment
from cds.assessment.model import SEVERITY_ORDER, Finding
from cds.knowledge.load import Knowledge
from tests.replaced import replace

TABLE = rows("interactions.yaml")
NAMES = [f"{row['row']} {row['name']}" for row in TABLE]


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_row(row: dict[str, Any]) -> None:
    findings = with_basis(interactions(case(row)), row["row"])
    if row.get("silent"):
        assert not findings
        return
    severities = [finding.severity for finding in findings]
    assert row["fires"] == min(severities, key=SEVERITY_ORDER.__getitem__)
    if "id" in row:
        assert row["id"] in {finding.id for finding in findings}


def test_every_row_of_the_knowledge_has_its_scenarios(knowledge: Knowledge) -> None:
    entries = knowledge.interactions.values()
    told = {row for entry in entries if not entry.silent for row in deciding(entry)}
    kept = {row for entry in entries if entry.silent for row in deciding(entry)}
    assert told == {row["row"] for row in TABLE if "fires" in row}
    assert told | kept == {row["row"] for row in TABLE if row.get("silent")}


@pytest.mark.parametrize("row", TABLE, ids=NAMES)
def test_words_render_and_fit(row: dict[str, Any]) -> None:
    for finding in interactions(case(row | {"mme": 90, "diazepam_mg": 20})):
        words = say(finding.id, finding.params)
        assert 0 < len(words.summary) <= SUMMARY_LIMIT
        assert words.detail


def test_a_benzodiazepine_says_its_diazepam_equivalent() -> None:
    row = {"medications": ["lorazepam"], "diazepam_mg": "8.1"}
    (finding,) = with_basis(interactions(case(row)), "psy:I1")
    assert "8.1 mg/d as diazepam" in say(finding.id, finding.params).summary
    (finding,) = with_basis(interactions(case(row | {"diazepam_mg": 8})), "psy:I1")
    assert "may blunt" not in say(finding.id, finding.params).summary


def test_an_opioid_says_its_mme() -> None:
    (finding,) = with_basis(interactions(case({"medications": ["oxycodone"], "mme": 90})), "psy:I4")
    assert "90 MME/d" in say(finding.id, finding.params).summary


def test_a_course_that_may_have_ended_is_said() -> None:
    row = {"medications": [{"drug": "theophylline", "current": None}]}
    (finding,) = with_basis(interactions(case(row)), "psy:I23")
    assert "may still be taken" in str(finding.params["found"])


DANGEROUS = re.compile(
    r"\b(stop|discontinue|withhold|hold|omit|skip|pause|taper|wean)\b[^.;:]*\b"
    r"(benzodiazepine|lamotrigine|lithium|valproate|mood|methadone|buprenorphine|agonist|"
    r"naltrexone|antihypertensive|opioid)",
    re.IGNORECASE,
)
NEGATED = re.compile(r"\b(never|not|do not|don't|without)\b", re.IGNORECASE)


def test_no_wording_asks_to_stop_a_treatment_abruptly(knowledge: Knowledge) -> None:
    """psy:X12: the benefit for ketamine is contested, and the harm of stopping is not."""
    for row in TABLE:
        for finding in interactions(case(row | {"mme": 90, "diazepam_mg": 20})):
            words = say(finding.id, finding.params)
            for sentence in re.split(r"(?<=[.;:])\s", f"{words.summary}. {words.detail}"):
                if DANGEROUS.search(sentence):
                    assert NEGATED.search(sentence), sentence


# --- the other side ----------------------------------------------------------------------------


def other_side(drug: str, row: dict[str, Any]) -> Case:
    """A selected order for another drug, in the patient of `row`."""
    return replace(case(row | {"order": None}), order=draft(9, drug))


UNDER_WAY = {"sessions": [{"days_ago": 10}]}


def test_theophylline_ordered_under_treatment() -> None:
    (finding,) = interactions_with_treatment(other_side("theophylline", UNDER_WAY))
    assert (finding.id, finding.severity) == ("theophylline", "critical")
    assert finding.order == "MedicationRequest/draft-9"


@pytest.mark.parametrize(
    ("row", "fires"),
    [
        ({"sessions": [{"days_ago": 30}]}, True),
        ({"sessions": [{"days_ago": 31}]}, False),
        ({"sessions": [{"of": "order", "days_ago": 90, "active_order": True}]}, True),
        ({"drafts": [{"drug": "ketamine", "route": "intravenous"}]}, True),
        ({}, False),
    ],
)
def test_only_while_treatment_is_under_way(row: dict[str, Any], fires: bool) -> None:
    assert bool(interactions_with_treatment(other_side("theophylline", row))) is fires


def test_the_form_and_route_of_the_treatment_decide() -> None:
    nasal = {"sessions": [{"days_ago": 5, "drug": "esketamine", "route": "nasal"}]}
    assert with_basis(interactions_with_treatment(other_side("lorazepam", nasal)), "psy:I2")
    oral = {"sessions": [{"days_ago": 5, "route": "oral"}]}
    assert with_basis(interactions_with_treatment(other_side("clarithromycin", oral)), "psy:I27")
    assert not interactions_with_treatment(other_side("clarithromycin", UNDER_WAY))


def test_what_was_taken_before_is_not_said_again() -> None:
    row = UNDER_WAY | {"medications": ["theophylline"]}
    assert not interactions_with_treatment(other_side("ibuprofen", row))


def test_an_opioid_ordered_beside_a_benzodiazepine() -> None:
    row = UNDER_WAY | {"medications": ["lorazepam"]}
    found = interactions_with_treatment(other_side("oxycodone", row))
    assert {f.id for f in found} == {"opioids", "opioid-and-sedative"}


# --- properties --------------------------------------------------------------------------------

DRUGS = ["lorazepam", "oxycodone", "theophylline", "sertraline", "lamotrigine", "memantine",
         "ibuprofen", "gabapentin", "esketamine", "methylergonovine", "lisinopril"]  # fmt: skip


@given(st.lists(st.sampled_from(DRUGS), max_size=4), st.sampled_from(DRUGS))
def test_one_more_drug_never_lowers_the_worst(drugs: list[str], more: str) -> None:
    before = interactions(case({"medications": drugs}))
    after = interactions(case({"medications": [*drugs, more]}))
    assert {f.id for f in before} <= {f.id for f in after}
    assert _worst(after) <= _worst(before)


def _worst(findings: tuple[Finding, ...]) -> int:
    return min((SEVERITY_ORDER[f.severity] for f in findings), default=9)


@given(st.lists(st.sampled_from(DRUGS), min_size=1, max_size=4))
def test_a_drug_taken_twice_is_one_interaction(drugs: list[str]) -> None:
    once = interactions(case({"medications": sorted(set(drugs))}))
    twice = interactions(case({"medications": sorted(set(drugs)) * 2}))
    assert [f.id for f in once] == [f.id for f in twice]
