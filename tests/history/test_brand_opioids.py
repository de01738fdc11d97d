"""From the brand in a medication list to the morphine equivalents of a day."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_unread_drugs import history, taken

TABLE = Path(__file__).parent / "tables" / "brand_opioids.yaml"
ROWS = yaml.load(TABLE.read_text("utf-8"), Loader=yaml.CBaseLoader)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"])
def test_a_brand_has_its_morphine_equivalents(row: dict[str, Any]) -> None:
    found = history(taken(row["text"], dosageInstruction=[{"text": row["sig"]}]))
    expected = None if row["mme"] == "unknown" else Decimal(row["mme"])
    assert found.unread_drugs == ()
    assert found.opioids.mme_per_day == expected
