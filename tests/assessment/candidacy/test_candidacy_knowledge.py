"""The candidacy knowledge is whole: every row of the digests, every reference, every word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from cds.assessment.candidacy.rules import RULES
from cds.knowledge.indications_page import indications_page
from cds.knowledge.load import Knowledge
from cds.knowledge.model.criteria import Criterion
from cds.knowledge.model.predicates import Predicate
from cds.knowledge.model.predicates.combined import parts_of
from cds.knowledge.model.predicates.facts import ConditionTest

SUBJECTS = ("indications", "candidacy_rules", "failure_definitions", "decisions", "claims")
ROOT = Path(__file__).resolve().parents[3]
TRIALS = ROOT / "cds" / "history" / "trials"
DOCS = ROOT / "docs" / "indications.md"


def bases(knowledge: Knowledge, *subjects: str) -> set[str]:
    return {
        basis
        for subject in subjects
        for fact in getattr(knowledge, subject).values()
        for basis in fact.basis
    }


def criteria(knowledge: Knowledge) -> list[Criterion]:
    found = [c for indication in knowledge.indications.values() for c in indication.criteria]
    return found + [i.applies for i in knowledge.indications.values() if i.applies is not None]


def asked(knowledge: Knowledge) -> list[Predicate]:
    """Every predicate of the indications and the candidacy rules, with all of its parts."""
    whole = [criterion.when for criterion in criteria(knowledge)]
    whole += [r.when for r in knowledge.candidacy_rules.values() if r.when is not None]
    whole += [when for i in knowledge.indications.values() for when in i.trigger_when]
    return [part for one in whole for part in parts_of(one)]


@pytest.mark.shared
def test_every_row_of_both_digests_has_its_entry(shared_dir: Path, knowledge: Knowledge) -> None:
    psychiatric = yaml.load(
        (shared_dir / "clinical" / "psychiatric.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
    )
    pain = yaml.load(
        (shared_dir / "clinical" / "pain-safety.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader
    )
    expected = {
        f"psy:{row['id']}"
        for part in ("indications", "candidacy_rules", "disagreements", "seed_claims")
        for row in psychiatric[part]
    }
    expected |= {
        f"pain:{row['id']}"
        for part in ("indications", "treatment_failure_definitions")
        for row in pain[part]
    }
    expected |= {f"pain:seed_claims/{n}" for n in range(1, len(pain["seed_claims"]) + 1)}
    assert expected - bases(knowledge, *SUBJECTS) == set()


STANCES = {
    "supported": "supported",
    "supported-with-limits": "conditional",
    "specialist-only-limited": "conditional",
    "not-recommended": "not_supported",
    "not-recommended-routine": "not_supported",
    "investigational-only": "investigational",
}


@pytest.mark.shared
def test_stances_are_those_of_the_digests(shared_dir: Path, knowledge: Knowledge) -> None:
    clinical = shared_dir / "clinical"
    psychiatric = yaml.safe_load((clinical / "psychiatric.yaml").read_text("utf-8"))
    pain = yaml.safe_load((clinical / "pain-safety.yaml").read_text("utf-8"))
    expected = {row["id"]: STANCES[row["stance"]] for row in psychiatric["indications"]}
    expected |= {row["id"]: row["recommendation"] for row in pain["indications"]}
    ours = {i.id: i.stance for i in knowledge.indications.values()}
    assert expected.items() <= ours.items()


@pytest.mark.shared
def test_severities_are_those_of_the_digest(shared_dir: Path, knowledge: Knowledge) -> None:
    psychiatric = yaml.safe_load((shared_dir / "clinical/psychiatric.yaml").read_text("utf-8"))
    expected = {f"psy:{row['id']}": row["indicator"] for row in psychiatric["candidacy_rules"]}
    for rule in knowledge.candidacy_rules.values():
        if rule.basis[0].startswith("psy:"):
            card = expected[rule.basis[0]]
            assert rule.severity == (card if card != "none" else "info")


@pytest.mark.shared
def test_condition_sets_exist(shared_dir: Path, knowledge: Knowledge) -> None:
    lines = (shared_dir / "terminology/conditions_sets.csv").read_text("utf-8").splitlines()[1:]
    known = {line.split(",", 1)[0] for line in lines}
    for test in asked(knowledge):
        if isinstance(test, ConditionTest):
            used = {*test.sets, *test.not_sets, *test.unconfirmed_sets, *test.ended_by}
            assert used - known == set(), test


def test_every_rule_holds_in_exactly_one_way(knowledge: Knowledge) -> None:
    """By a predicate, by a function of its id, or said by another part."""
    for entry in knowledge.candidacy_rules.values():
        ways = (entry.when is not None, entry.id in RULES, entry.said_by is not None)
        assert sum(ways) == 1, entry.id
    assert RULES.keys() <= knowledge.candidacy_rules.keys()


def test_what_another_part_says_is_there(knowledge: Knowledge) -> None:
    """The part has the row of the rule: an entry of the knowledge, or the count of trials."""
    trials = "".join(path.read_text("utf-8") for path in TRIALS.glob("*.py"))
    rows = {
        "contraindications": {
            row for c in knowledge.contraindications.values() for r in c.rules for row in r.basis
        },
        "course": bases(knowledge, "response"),
        "trials": {f"psy:{row}" for row in re.findall(r'"(?:psy:)?(A\d+)"', trials)},
    }
    for entry in knowledge.candidacy_rules.values():
        if entry.said_by is not None:
            assert set(entry.basis) <= rows[entry.said_by], entry.id


def test_a_claim_without_a_rule_says_why(knowledge: Knowledge) -> None:
    for claim in knowledge.claims.values():
        assert claim.reason
        if not claim.covered_by:
            assert (
                claim.verdict in ("not_supported", "not_used") or "no rule follows" in claim.reason
            )


def test_the_page_of_indications_is_current(knowledge: Knowledge) -> None:
    """Rewrite it with `python -m cds.knowledge.indications_page > docs/indications.md`."""
    assert DOCS.read_text("utf-8") == indications_page(knowledge)
