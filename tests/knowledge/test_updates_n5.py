"""Each row of the updates of November 2026 is taken in, or left out with a reason.

`GROUPS` are the groups of these updates that this test has; another group joins by its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.load import Knowledge
from cds.knowledge.model.base import EvidenceRow, Record

GROUPS = (5, 6, 7, 8, 9)
MOST_WORDS = 60


def rows_of(group: int) -> dict[str, EvidenceRow]:
    return {i: row for i, row in load_evidence().items() if i.startswith(f"upd:N{group}.")}


def based(record: Record) -> Iterator[str]:
    """The rows that a record and all that is in it rest on."""
    yield from getattr(record, "basis", ())
    for name in type(record).model_fields:
        value = getattr(record, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Record):
                yield from based(part)


@pytest.mark.parametrize("group", GROUPS)
def test_each_row_is_the_basis_of_a_fact_or_of_a_reasoned_decision(
    group: int, knowledge: Knowledge
) -> None:
    resting = {
        row for subject, fact in knowledge.facts() if subject != "decisions" for row in based(fact)
    }
    decided = {
        row
        for decision in knowledge.decisions.values()
        if decision.default and decision.positions
        for row in decision.basis
    }
    rows = rows_of(group)
    assert rows
    assert rows.keys() - resting - decided == set()


@pytest.mark.parametrize("group", GROUPS)
def test_no_fact_rests_on_a_row_that_is_not_there(group: int, knowledge: Knowledge) -> None:
    named = {row for _, fact in knowledge.facts() for row in based(fact)}
    assert {row for row in named if row.startswith(f"upd:N{group}.")} <= rows_of(group).keys()


def test_a_row_is_short() -> None:
    for group in GROUPS:
        for row in rows_of(group).values():
            assert len(row.statement.split()) <= MOST_WORDS, row.id


def test_what_was_recalled_gives_no_dose(knowledge: Knowledge) -> None:
    recalled = {i for g in GROUPS for i, row in rows_of(g).items() if row.status == "recalled"}
    dosing = (*knowledge.regimens.values(), *knowledge.limits.values())
    assert {fact.id for fact in dosing if recalled & set(based(fact))} == set()


# --- against the updates themselves, where they are at hand --------------------------------------


@lru_cache(maxsize=1)
def updates(path: Path) -> dict[str, dict[str, Any]]:
    document = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return {f"upd:{fact['id']}": fact for fact in document["facts"]}


def figures(value: object) -> Iterator[str]:
    """The numbers of a value, as they are written."""
    if isinstance(value, dict):
        for part in value.values():
            yield from figures(part)
    elif isinstance(value, list):
        for part in value:
            yield from figures(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:g}"


TOLD_OTHERWISE = {
    "upd:N5.01": {"15"},  # class C: 10 points or more
    "upd:N5.10": {"6"},  # three of six
    "upd:N8.01": {"35"},  # cannabis: 3 to 5 weeks
}
"""figures that a statement tells in another way"""


@pytest.mark.shared
@pytest.mark.parametrize("group", GROUPS)
def test_a_row_has_status_grade_and_figures_of_the_update(group: int, shared_dir: Path) -> None:
    known = updates(shared_dir / "clinical" / "updates-2026-11.yaml")
    expected = {i: fact for i, fact in known.items() if i.startswith(f"upd:N{group}.")}
    rows = rows_of(group)
    assert rows.keys() == expected.keys()
    for ident, fact in expected.items():
        row = rows[ident]
        assert (row.status, row.grade) == (fact["status"], fact["grade"]), ident
        mixed = any(fact.get(f"{part}_part") for part in ("recalled", "proposal", "unverified"))
        assert bool(row.unverified) or not mixed, ident
        told = set(re.findall(r"\d+(?:\.\d+)?", " ".join((row.statement, *row.against))))
        told |= {number.rstrip("0").rstrip(".") for number in told if "." in number}
        assert set(figures(fact["value"])) - TOLD_OTHERWISE.get(ident, set()) <= told, ident
