"""The candidacy knowledge is whole: every row of the digests, every reference, every word."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cards.words import has_wording
from cds.assessment.candidacy.rules import RULES
from cds.knowledge.indications_page import indications_page
from cds.knowledge.load import Knowledge
from cds.knowledge.model.criteria import AllOf, AnyCriterion, AnyOf, CriterionSpec, RecentScore
from cds.knowledge.site import SiteProtocol

SUBJECTS = ("indications", "candidacy_rules", "failure_definitions", "decisions", "claims")
DOCS = Path(__file__).resolve().parents[3] / "docs" / "indications.md"


def bases(knowledge: Knowledge, *subjects: str) -> set[str]:
    return {
        basis
        for subject in subjects
        for fact in getattr(knowledge, subject).values()
        for basis in fact.basis
    }


def criteria(knowledge: Knowledge) -> list[CriterionSpec]:
    def within(criterion: AnyCriterion) -> list[CriterionSpec]:
        parts = criterion.of if isinstance(criterion, AnyOf | AllOf) else ()
        return [criterion, *(inner for part in parts for inner in within(part))]

    found = []
    for indication in knowledge.indications.values():
        for criterion in (*indication.criteria, *indication.trigger_when, indication.applies):
            if criterion is not None:
                found += within(criterion)
    return found


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
        card = expected[rule.basis[0]]
        assert rule.severity == (card if card != "none" else "info")


@pytest.mark.shared
def test_condition_sets_exist(shared_dir: Path, knowledge: Knowledge) -> None:
    lines = (shared_dir / "terminology/conditions_sets.csv").read_text("utf-8").splitlines()[1:]
    known = {line.split(",", 1)[0] for line in lines}
    for criterion in criteria(knowledge):
        match = getattr(criterion, "match", None)
        if match is not None:
            used = {*match.sets, *match.not_sets, *match.unconfirmed_sets}
            assert used - known == set(), criterion.id


def test_every_spoken_rule_has_a_function_and_words(knowledge: Knowledge) -> None:
    spoken = {r.id for r in knowledge.candidacy_rules.values() if r.said_by == "candidacy"}
    assert spoken == RULES.keys()
    assert all(has_wording(ident) for ident in spoken)


def test_sources_parameters_and_settings_exist(knowledge: Knowledge) -> None:
    cited = set()
    for subject in SUBJECTS:
        for fact in getattr(knowledge, subject).values():
            cited |= set(fact.sources) | set(getattr(fact, "pages", ()))
            for part in ("evidence", "regulatory", "positions"):
                cited |= {s for entry in getattr(fact, part, ()) for s in entry.sources}
    assert cited - knowledge.sources.keys() == set()
    windows = {c.window for c in criteria(knowledge) if isinstance(c, RecentScore)}
    assert windows <= knowledge.parameters.keys()
    switches = {c.gating_setting for c in criteria(knowledge)} - {None}
    switches |= {d.setting for d in knowledge.decisions.values()} - {None}
    assert switches <= SiteProtocol.model_fields.keys()


def test_criteria_of_one_indication_have_their_own_ids(knowledge: Knowledge) -> None:
    for indication in knowledge.indications.values():
        ids = [criterion.id for criterion in indication.criteria]
        assert len(ids) == len(set(ids)), indication.id


def test_findings_that_gate_a_criterion_are_known(knowledge: Knowledge) -> None:
    named = {c.finding for c in criteria(knowledge)} - {None}
    assert named <= {*knowledge.candidacy_rules, *knowledge.contraindications}


def test_a_claim_without_a_rule_says_why(knowledge: Knowledge) -> None:
    for claim in knowledge.claims.values():
        assert claim.reason
        if not claim.covered_by:
            assert (
                claim.verdict in ("not_supported", "not_used") or "no rule follows" in claim.reason
            )


def test_what_covers_a_claim_exists(knowledge: Knowledge) -> None:
    everything = {
        b for subject, fact in knowledge.facts() if subject != "claims" for b in fact.basis
    }
    covering = {row for claim in knowledge.claims.values() for row in claim.covered_by}
    assert covering - everything == set()


def test_the_page_of_indications_is_current(knowledge: Knowledge) -> None:
    """Rewrite it with `python -m cds.knowledge.indications_page > docs/indications.md`."""
    assert DOCS.read_text("utf-8") == indications_page(knowledge)
