"""Daily doses, by the table that a pharmacist can extend."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.dosage.read import read_dosages
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.phase import Phase
from cds.history.medications.strength import Product
from cds.units import Quantity
from cds.wire import decode, encode
from tests.rows import read_table

TABLE = read_table(Path(__file__).parent / "tables" / "dosages.yaml")


def product(row: dict[str, Any]) -> Product:
    value, _, unit = row["product"].partition(" ")
    return Product(
        strength=None if value == "unknown" else Quantity(Decimal(value), unit),
        rate_kept=row.get("route") == "opioid patch",
        combination=row.get("combination", False),
        may_assume_one=not row.get("hurts", False) and "/" not in unit and value != "unknown",
    )


def said(phase: Phase) -> str:
    if phase.low is None or phase.high is None:
        return "unknown"
    return str(phase.low) if phase.low == phase.high else f"{phase.low.value}-{phase.high}"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_daily_dose(row: dict[str, Any]) -> None:
    dosages = decode(encode(row.get("dosages") or [row["dosage"]]))  # numbers as from the wire
    (phase,) = phases_of(read_dosages(dosages), product(row))
    assert said(phase) == row["dose"]
    assert (str(phase.up_to) if phase.up_to else None) == row.get("as needed")
    if "why" in row:
        assert row["why"] in " ".join(phase.notes)


def test_steps_with_lengths_follow_each_other() -> None:
    def step(number: int, tablets: int, days: int | None) -> dict[str, Any]:
        repeat: dict[str, Any] = {"frequency": 1, "period": 1, "periodUnit": "d"}
        if days:
            repeat["boundsDuration"] = {"value": days, "unit": "d"}
        dose = {"doseQuantity": {"value": tablets, "unit": "tablet"}}
        return {"sequence": number, "timing": {"repeat": repeat}, "doseAndRate": [dose]}

    steps = [step(2, 2, None), step(1, 1, 7)]
    phases = phases_of(read_dosages(steps), Product(Quantity(Decimal(50), "mg")))
    assert [(said(p), p.days) for p in phases] == [("50 mg/d", 7), ("100 mg/d", None)]


numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
junk = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([
            "text", "timing", "repeat", "frequency", "period", "periodUnit", "doseAndRate", "code",
            "doseQuantity", "doseRange", "low", "high", "value", "unit", "asNeededBoolean", "when",
            "maxDosePerPeriod", "numerator", "denominator", "rateRatio", "sequence", "count",
            "boundsPeriod", "boundsDuration", "start", "end", "dayOfWeek", "type", "coding",
        ]),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(junk)
def test_junk_never_raises_and_never_makes_a_negative_dose(dosages: object) -> None:
    for phase in phases_of(
        read_dosages(dosages), Product(Quantity(Decimal(50), "mg"), may_assume_one=True)
    ):
        assert phase.low is None or phase.low.value > 0
