"""Each interaction of the digest, by drugs as a medication list writes them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from chart_notation import assessed

from tests.rows import read_table

ROWS = read_table(Path(__file__).parent / "interacting_drugs.yaml")


@pytest.mark.parametrize(("drug", "oral", "nasal"), ROWS, ids=[row[0] for row in ROWS])
def test_the_row_speaks(drug: str, oral: str, nasal: str) -> None:
    for order, row in (("oral ketamine", oral), ("esketamine", nasal)):
        found = _interactions(drug, order)
        assert (row in found) if row != "-" else not found, (order, found)


def _interactions(drug: str, order: str) -> set[str]:
    taken = {"stated": drug, "sig": "daily", "from": date(2026, 11, 10), "status": "active"}
    chart = {"patient": {"age": 45, "sex": "male"}, "drugs": [taken]}
    said = assessed({"chart": chart, "order": order})
    return {row for f in said["findings"] if f["kind"] == "interaction" for row in f["basis"]}
