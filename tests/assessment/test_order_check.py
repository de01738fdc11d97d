"""Every order check on written-out orders, right ones and mistaken ones."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from order_cases import case

from cards.words import SUMMARY_LIMIT, has_wording, say
from cds.assessment.case import Case
from cds.assessment.model import Finding
from cds.assessment.order_check import check_order
from tests.replaced import replace
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).parent / "order_checks.yaml")
MISTAKES = [name for name in TABLE if name[0] in "EO" and name[1:].isdigit()]


def named(row: dict[str, Any]) -> str:
    return row["order"] or str(row.get("fhir", "nothing yet"))


@pytest.mark.parametrize("group", TABLE)
def test_the_checks_say_of_the_order(group: str) -> None:
    check_each(TABLE[group], says_what_it_must, named)


def says_what_it_must(row: dict[str, Any]) -> None:
    judged = case(row)
    findings = check_order(judged)
    assert {f.id: f.severity for f in findings} == row["says"]
    basis = {b for f in findings for b in f.basis}
    assert basis >= set(row.get("rows", []))
    assert not basis & set(row.get("not_rows", []))
    for finding in findings:
        assert finding.kind == "order_error"
        assert finding.order == "MedicationRequest/draft-1"
        stops = (
            finding.severity == "critical"
            or finding.id in row.get("asks", ())
            or _asks(finding, judged)
        )
        assert finding.stops_dose == bool(stops), finding.id
    if "missing" in row:
        assert findings[0].params["missing"] == row["missing"]
    corrections = [f.correction for f in findings if f.correction]
    if "correction" in row:
        said = {name: str(value) for name, value in corrections[0].items()}
        assert said == {name: str(value) for name, value in row["correction"].items()}
        assert all(c == corrections[0] for c in corrections)


_ASKED = frozenset(
    {"order-time-not-stated", "order-infusion-as-push", "order-concentration-unknown",
     "order-undiluted", "order-neuraxial", "order-nasal-or-im", "order-enantiomer",
     "order-duplicate", "order-rate-too-high", "order-mg-per-kg"}
)  # fmt: skip
"""Warnings of an order that is dangerous under one sane reading: no dose beside them."""


def _asks(finding: Finding, judged: Case) -> bool:
    if finding.id == "order-unclear":
        return judged.order is not None and judged.order.contradictory
    return finding.id in _ASKED or bool(finding.params.get("asks"))


@pytest.mark.parametrize("group", TABLE)
def test_every_finding_has_its_words(group: str) -> None:
    check_each(TABLE[group], has_its_words, named)


def has_its_words(row: dict[str, Any]) -> None:
    for finding in check_order(case(row)):
        assert has_wording(finding.id)
        words = say(finding.id, finding.params)
        assert words.summary
        assert len(words.summary) <= SUMMARY_LIMIT
        assert "None" not in words.summary + words.detail
        assert not words.summary.endswith("…"), words.summary


def test_the_table_holds_at_least_three_mistakes_of_every_rule() -> None:
    assert [f"E{n:02}" for n in range(1, 23)] + [f"O{n}" for n in range(1, 13)] == MISTAKES
    caught = Counter(
        basis
        for rows in TABLE.values()
        for row in rows
        for basis in {b for f in check_order(case(row)) for b in f.basis}
    )
    for name in MISTAKES:
        assert caught[f"{'pain' if name[0] == 'E' else 'psy'}:{name}"] >= 3, name


def test_without_an_order_for_ketamine_there_is_nothing_to_check() -> None:
    made = case({"order": "50 mg by mouth daily", "product": "sertraline 50 mg"})
    assert made.order is not None
    assert made.order.drug is None
    assert check_order(made) == ()
    assert check_order(replace(made, order=None)) == ()


def test_a_second_dosage_instruction_is_checked_too() -> None:
    instructions = [{"text": "35 mg IV over 40 min"}, {"text": "350 mg IV over 40 min"}]
    findings = check_order(case({"order": "", "fhir": {"dosageInstruction": instructions}}))
    assert {f.id for f in findings} == {"order-psychiatric-dose", "order-rate-too-high"}


@pytest.mark.parametrize(
    ("local", "says"),
    [
        ({}, {"0.4": None, "0.9": "warning 0.5", "1.1": "critical 1"}),
        ({"warn_above": "0.3"}, {"0.3": None, "0.4": "warning 0.3", "1.1": "critical 1"}),
        ({"stop_above": "0.8"}, {"0.8": "warning 0.5", "0.9": "critical 0.8"}),
        # a wider warning needs its reason
        ({"warn_above": "0.7"}, {"0.6": "warning 0.5"}),
        ({"warn_above": "0.7", "reason": "x"}, {"0.6": None, "0.9": "warning 0.7"}),
        # no stop is raised, whatever the reason
        ({"stop_above": "9", "reason": "local"}, {"1": "warning 0.5", "1.1": "critical 1"}),
    ],
)
def test_a_site_narrows_a_limit_and_never_raises_a_stop(
    local: dict[str, str], says: dict[str, str | None]
) -> None:
    """On a ward, where nothing but the limit speaks of the rate."""
    limits = [{"limit": "iv_infusion_ward_pain", **local}] if local else []
    row = {"for": "neuropathy", "category": "inpatient", "site": {"limits": limits}}
    for rate, expected in says.items():
        found = check_order(case(row | {"order": f"{rate} mg/kg/h IV for 3 hours"}))
        above = [f for f in found if f.id == "order-above-limit"]
        told = [f"{f.severity} {f.params['bound']}" for f in above]
        assert told == ([] if expected is None else [expected]), rate


def test_the_figures_reach_the_card() -> None:
    (finding,) = check_order(case({"order": "20 mg/min IV infusion", "for": "crps"}))
    assert finding.params["rate"] == Decimal("17.1")
    assert "was 20 mg/h meant" in say(finding.id, finding.params).summary


def test_without_a_weight_the_card_says_that_it_computed_for_the_heaviest_adult() -> None:
    (finding, _) = check_order(case({"order": "20 mg/min IV infusion", "for": "crps", "kg": 0}))
    said = say(finding.id, finding.params)
    assert said.summary.startswith("Rate 20 mg/min is 6 mg/kg/h even at 200 kg")
    assert "No weight is known" in said.detail
    assert finding.correction is None
