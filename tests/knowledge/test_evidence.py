"""Every fact rests on rows of evidence that are there, and is no surer than they are."""

from __future__ import annotations

from collections.abc import Iterator

from cds.knowledge.check.references import records_in
from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.load import Knowledge

SURER_THAN_THEIR_ROWS = {
    # the digest lists these ratios without a source; the facts cite the reports of cases
    ("parameters", "ratio-100"),
    ("parameters", "ratio-10"),
    ("parameters", "ratio-2"),
}
"""to be decided by who reviews them: no fact is to join them"""
WITHOUT_A_ROW = {("uses", "status_asthmaticus"), ("measurements", "uds_etg")}
"""read in sources of the updates, whose rows they do not name yet"""


def _named(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """(subject, fact, row) for each row that a fact, or a rule or criterion in it, names."""
    for subject, fact in knowledge.facts():
        for record, _ in records_in(fact):
            for row in getattr(record, "basis", ()):
                yield subject, fact.id, row


def test_every_row_that_is_named_is_there(knowledge: Knowledge) -> None:
    rows = load_evidence()
    assert [named for named in _named(knowledge) if named[2] not in rows] == []


def test_what_names_no_row_is_a_proposal_of_ours(knowledge: Knowledge) -> None:
    without = {(s, f.id) for s, f in knowledge.facts() if not f.basis and f.status != "proposal"}
    assert without <= WITHOUT_A_ROW


def test_every_source_of_a_row_is_there(knowledge: Knowledge) -> None:
    for row in load_evidence().values():
        assert row.sources, row.id
        assert not [name for name in row.sources if name not in knowledge.sources], row.id


def test_what_rests_on_nothing_that_was_read_is_not_called_read(knowledge: Knowledge) -> None:
    rows = load_evidence()
    surer = {
        (subject, fact.id)
        for subject, fact in knowledge.facts()
        if fact.verified
        and fact.basis
        and not any(rows[name].status == "seen" for name in fact.basis if name in rows)
    }
    assert surer == SURER_THAN_THEIR_ROWS


def test_a_statement_is_short_and_closed() -> None:
    """One or two sentences, about sixty words at most."""
    for row in load_evidence().values():
        assert len(row.statement.split()) <= 66, row.id
        assert row.statement.endswith((".", "!", "?")), row.id
        assert not [said for said in row.against if not said.endswith(".")], row.id
