"""Each antidepressant just below and at its bars of dose and time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from chart_notation import assessed

from tests.rows import read_table

ROWS = read_table(Path(__file__).parent / "antidepressant_rows.yaml")


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_bars_of_dose_and_time(row: list[Any]) -> None:
    product, ingredient, drug_class, below, minimum, strict = row
    expected = {
        (below, 60): "inadequate",
        (minimum, 27): "inadequate",
        (minimum, 28): "minimum",
        (strict, 28): "minimum",
        (strict, 41): "minimum",
        (strict, 42): "strict",
        (minimum, 60): "strict" if minimum == strict else "minimum",
    }
    for (dose, days), adequacy in expected.items():
        course = {
            "order": product,
            "take": f"{dose} mg daily",
            "from": date(2026, 1, 1),
            "days": days,
        }
        said = assessed({"chart": {"drugs": [course]}})
        found = [
            (trial["ingredient"], trial["class"], trial["adequacy"])
            for trial in said["antidepressant_trials"]
        ]
        assert found == [(ingredient, drug_class, adequacy)], (dose, days)
