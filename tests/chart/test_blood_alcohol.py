"""Alcohol in blood and breath as it is written: with its unit, in its name, or by convention."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds.api import load, read_chart
from tests.charts.fhir import on_the_wire

ENGINE = load()


def read(name: str, value: Any, unit: str | None = None) -> tuple[set[Decimal], str | None]:
    """The values in mg/dL, and how it is told what could not be read."""
    entry: dict[str, Any] = {"resourceType": "Observation", "id": "o", "status": "final",
                             "code": {"text": name}, "effectiveDateTime": "2026-11-20"}  # fmt: skip
    if isinstance(value, str) and unit is None:
        entry["valueString"] = value
    elif value is not None:
        entry["valueQuantity"] = {"value": Decimal(value)} | ({"unit": unit} if unit else {})
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}, entry]))
    found = [result for result in chart.results if result.kind == "blood_ethanol"]
    values = {Decimal(one.value).normalize() for one in found if one.value is not None}
    return values, next((one.written for one in found if one.problem and not values), None)


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        # by the convention of the name, up to what a person survives
        ("BAC", Decimal("0.18"), None, "180"),
        ("BAC", "0.18", None, "180"),
        ("BAC", "0.18 H", None, "180"),
        ("Blood alcohol content", Decimal("0.08"), None, "80"),
        ("BAC", Decimal("0.59"), None, "590"),
        ("BrAC", Decimal("0.08"), None, "80"),
        ("Breathalyzer", "0.08", None, "80"),
        ("BAC (breath)", Decimal("0.08"), None, "80"),
        # the unit beside it, or in the name
        ("BAC", "0.18", "%", "180"),
        ("BAC", "0.18%", None, "180"),
        ("BAC", "0.18 g/dL", None, "180"),
        ("BAC", "180", "mg/dL", "180"),
        ("BAC (g/dL)", Decimal("0.18"), None, "180"),
        ("BAC %", Decimal("0.18"), None, "180"),
        ("Ethanol [mg/dL]", Decimal("180"), None, "180"),
        ("Breath alcohol", "0.08", "g/210L", "80"),
        ("Breath alcohol", "0.08", "g/210 L", "80"),
        ("Breath alcohol", "0.08 g/210L", None, "80"),
        ("Blood alcohol", "1.8", "‰", "180"),
        ("Blood alcohol", "1.8", "per mille", "180"),
        # name and number in one text
        ("BAC 0.18", None, None, "180"),
        ("BAC: 0.18%", None, None, "180"),
        ("BrAC 0.08 g/210L", None, None, "80"),
        ("Alcohol", "BAC 0.18", None, "180"),
        ("Alcohol level", "BAL 180 mg/dL", None, "180"),
        # nothing is nothing in every unit
        ("BAC", Decimal("0"), None, "0"),
        ("Ethanol", "0", None, "0"),
    ],
)
def test_it_is_read(name: str, value: Any, unit: str | None, expected: str) -> None:
    assert read(name, value, unit) == ({Decimal(expected).normalize()}, None)


@pytest.mark.parametrize(
    ("name", "value", "unit", "shown"),
    [
        ("BAC", Decimal("0.6"), None, "0.6"),  # of what, from here on?
        ("BAC", Decimal("180"), None, "180"),
        ("Ethanol", Decimal("0.18"), None, "0.18"),
        ("Ethanol", "180", None, "180"),
        ("ETOH 180", None, None, "180"),
        ("BAC", "elevated", None, "elevated"),
        # what is in a litre of breath is not what is in a litre of blood
        ("BrAC", "0.4", "mg/L", "0.4 mg/L"),
        ("Breath alcohol content", "40", "ug/100mL", "40 ug/100mL"),
    ],
)
def test_what_is_not_read_is_named(name: str, value: Any, unit: str | None, shown: str) -> None:
    assert read(name, value, unit) == (set(), shown)


def test_the_unit_of_another_kind_stands_in_its_name_too() -> None:
    entry = {"resourceType": "Observation", "id": "o", "status": "final",
             "code": {"text": "Weight (lb)"}, "effectiveDateTime": "2026-11-20",
             "valueQuantity": {"value": 172}}  # fmt: skip
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}, entry]))
    (weight,) = chart.results
    assert weight.value is not None
    assert round(weight.value) == 78


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ({"valueCodeableConcept": {"text": "Positive"}}, {"positive"}),
        ({"valueQuantity": {"value": Decimal("10"), "unit": "mg/dL"}}, {"positive"}),
        ({"valueQuantity": {"value": Decimal("9.9"), "unit": "mg/dL"}}, {"negative"}),
        ({"valueQuantity": {"value": Decimal("2.2"), "unit": "mmol/L"}}, {"positive"}),  # 10.1
        ({"valueQuantity": {"value": Decimal("2.1"), "unit": "mmol/L"}}, {"negative"}),  # 9.7
        ({"valueString": "<10 mg/dL"}, {"negative"}),
        ({"valueQuantity": {"value": Decimal("50")}}, set()),
    ],
)
def test_ethanol_in_urine_is_read_by_word_or_amount(
    value: dict[str, Any], answer: set[str]
) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "5645-7"}]}
    entry = {"resourceType": "Observation", "id": "o", "status": "final", "code": code,
             "effectiveDateTime": "2026-11-20", **value}  # fmt: skip
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}, entry]))
    (result,) = chart.results
    assert (result.kind, result.concept) == ("uds_ethanol", answer)
