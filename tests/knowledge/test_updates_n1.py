"""The updates of November 2026 on labels, antidepressants, opioids, law, payers and codes: each row
of N1 to N4 and N10 to N12 stands in a fact, or in a decision that says why not."""

from __future__ import annotations

import pytest

from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import EvidenceRow, Fact
from cds.knowledge.model.decisions import Decision
from tests.rows import check_each

GROUPS = {"N1": 26, "N2": 8, "N3": 21, "N4": 9, "N10": 8, "N11": 11, "N12": 17}
"""rows of each group of the updates"""


def rows_of(group: str) -> list[EvidenceRow]:
    rows = load_evidence().items()
    return [row for ident, row in rows if ident.startswith(f"upd:{group}.")]


@pytest.mark.parametrize("group", GROUPS)
def test_each_row_stands_in_a_fact_or_in_a_decision_with_its_reason(
    group: str, knowledge: Knowledge
) -> None:
    def check(row: EvidenceRow) -> None:
        facts = [fact for _, fact in knowledge.facts() if row.id in fact.basis]
        assert facts, "in no fact and no decision"
        left_out = all(isinstance(fact, Decision) for fact in facts)
        assert not left_out or any(fact.note for fact in facts), "left out without a reason"

    rows = rows_of(group)
    assert len(rows) == GROUPS[group]
    check_each(rows, check, lambda row: row.id)


def test_a_row_is_short_and_names_its_sources() -> None:
    def check(row: EvidenceRow) -> None:
        assert len(row.statement.split()) <= 60
        assert row.sources

    check_each([row for group in GROUPS for row in rows_of(group)], check, lambda row: row.id)


def test_what_was_proposed_or_recalled_is_not_seen_in_a_fact(knowledge: Knowledge) -> None:
    evidence = load_evidence()

    def check(fact: Fact) -> None:
        read = [evidence[row].status == "seen" for row in fact.basis if row in evidence]
        assert not fact.verified or any(read)

    new = [fact for _, fact in knowledge.facts() if all(row[:4] == "upd:" for row in fact.basis)]
    check_each([fact for fact in new if fact.basis], check, lambda fact: fact.id)


def test_what_was_recalled_or_proposed_makes_no_dose(knowledge: Knowledge) -> None:
    of_groups = {row.id: row for group in GROUPS for row in rows_of(group)}
    for regimen in knowledge.regimens.values():
        for row in of_groups.keys() & {*regimen.basis}:
            assert of_groups[row].status == "seen", row
