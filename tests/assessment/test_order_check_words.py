"""What a clinician reads of each mistake in an order, with its figures, by a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from order_cases import case

from cards.words import say
from cds.assessment.order_check import check_order
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).parent / "order_check_words.yaml")


@pytest.mark.parametrize("group", TABLE)
def test_each_mistake_is_told_with_its_figures(group: str) -> None:
    def check(row: dict[str, Any]) -> None:
        found = {finding.id: finding for finding in check_order(case(row))}
        told = {ident: say(ident, found[ident].params) for ident in row["told"] if ident in found}
        assert {ident: words.summary for ident, words in told.items()} == row["told"]
        first = found[next(iter(told))]
        lines = told[first.id].detail.splitlines()
        assert [line for line in row.get("beside", ()) if line not in lines] == []
        assert [line for line in lines if row.get("not_beside", "\n") in line] == []
        figures = row.get("figures", {})
        assert {name: str(first.params[name]) for name in figures} == figures
        if "corrected" in row:
            offered = {name: str(meant) for name, meant in (first.correction or {}).items()}
            assert (offered or "none") == row["corrected"]

    check_each(TABLE[group], check, lambda row: str(row["order"] or row["fhir"]))
