"""Numbers as laboratories write them in a string: flags, bounds, commas, lists of a panel."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds.api import load, read_chart
from cds.chart.entries import Result

ENGINE = load()


def read(name: str, **value: Any) -> list[Result]:
    observation: dict[str, Any] = {
        "resourceType": "Observation", "id": "o", "status": "final", "code": {"text": name},
        "effectiveDateTime": "2026-11-22", **value,
    }  # fmt: skip
    return list(read_chart(ENGINE, [observation]).results)


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("Bilirubin total", "4.8 mg/dL", "4.8"),
        ("Bilirubin total", "4.8 mg/dL (H)", "4.8"), ("Bilirubin total", "4.8 mg/dL H", "4.8"),
        ("Bilirubin total", "H 4.8 mg/dL", "4.8"), ("Bilirubin total", "4.8 mg/dL *", "4.8"),
        ("Bilirubin total", "*4.8 mg / dL", "4.8"), ("Bilirubin total", "4,8 mg/dL", "4.8"),
        ("INR", "2.4", "2.4"), ("INR", "2.4 H", "2.4"), ("INR", "2,4", "2.4"),
        ("INR", "2.4 HIGH", "2.4"), ("INR", "2.4 [crit]", "2.4"),
        ("Albumin", "2.2 g/dL (L)", "2.2"), ("Albumin", "2.2 g/dL L", "2.2"),
        ("Albumin", "22 g/l", "2.2"),
        ("ALT", "1,200 U/L", "1200"), ("ALT", "20 ukat/L", "1200"), ("ALT", "20 µkat/l", "1200"),
        ("Lithium", "0,850 mmol/L", "0.85"),
        ("SpO2", "88% RA", "88"), ("SpO2", "88 % on room air", "88"), ("SpO2", "88% on 2 L", "88"),
        ("SpO2", "88% on exertion", None), ("SpO2", "88% yesterday", None),
        ("PHQ-9 total", "21/27", "21"), ("PHQ-9 total", "21 / 27", "21"),
        ("PHQ-9 total", "21/21", None), ("GAD-7 total", "12/21", "12"), ("INR", "2/4", None),
        # no unit is no number, and neither is anything else
        ("Bilirubin total", "4.8", None), ("Bilirubin total", "4.8 H", None),
        ("Albumin", "2.2 L", None), ("Bilirubin total", "4.8 g", None),
        ("INR", "2.4 to 2.6", None), ("INR", "2.4?", None), ("INR", "1,2,3", None),
        ("INR", "12,345", None), ("Bilirubin total", "4.8 mg/dL yesterday", None),
    ],
)  # fmt: skip
def test_a_number_with_a_flag_or_a_comma(name: str, written: str, expected: str | None) -> None:
    (result,) = read(name, valueString=written)
    assert result.value == (Decimal(expected) if expected else None)
    assert (result.problem is None) is (expected is not None)


@pytest.mark.parametrize(
    ("name", "written", "at_least", "at_most"),
    [
        ("Bilirubin total", ">30 mg/dL", "30", None),
        ("Bilirubin total", "> 30 mg/dL (H)", "30", None),
        ("INR", ">8.0", "8.0", None), ("Albumin", "<1.5 g/dL", None, "1.5"),
        ("ALT", ">= 5,000 U/L", "5000", None),
        ("Bilirubin total", ">30", None, None), ("Albumin", "<1.5 mmHg", None, None),
    ],
)  # fmt: skip
def test_a_bound_is_no_number(
    name: str, written: str, at_least: str | None, at_most: str | None
) -> None:
    (result,) = read(name, valueString=written)
    assert result.value is None
    assert result.problem
    told = (at_least and Decimal(at_least), at_most and Decimal(at_most))
    assert (result.at_least, result.at_most) == told


def test_a_bound_by_comparator() -> None:
    (result,) = read("INR", valueQuantity={"value": 8, "comparator": ">"})
    assert (result.value, result.at_least) == (None, 8)


def test_a_limit_beside_a_string_has_its_unit() -> None:
    (result,) = read("ALT", valueString="1200 U/L", referenceRange=[{"high": {"value": 40}}])
    assert result.upper_limit == 40


_NO_PRESSURE = {"blood_pressure_panel": None, "blood_pressure_systolic": None}
_VITALS = {"blood_pressure_panel": None, "blood_pressure_systolic": "190",
           "blood_pressure_diastolic": "115", "oxygen_saturation": "97"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("Labs", "ALT 1200 U/L AST 1100 U/L Tbili 6 mg/dL (H)",
         {"alt": "1200", "ast": "1100", "bilirubin_total": "6"}),
        ("LFTs", "ALT: 1,200 U/L; INR: 2.4.", {"alt": "1200", "inr": "2.4"}),
        ("CMP", "Na 140, K 4.1, CO2 24, ALT 1200 U/L", {"alt": "1200"}),
        ("Vital signs", "BP: 190/115 mmHg, SpO2 97%", {"blood_pressure_panel": None,
         "blood_pressure_systolic": "190", "blood_pressure_diastolic": "115",
         "oxygen_saturation": "97"}),
        # seen, and without a unit no number
        ("Hepatic Function Panel", "T bili 4.8, albumin 2.2, INR 2.4",
         {"bilirubin_total": None, "albumin_serum": None, "inr": "2.4"}),
        ("CMP", "ALT 1200 AST 1100", {"alt": None, "ast": None}),
        # words between the values are of the value before them
        ("Vital signs", "BP 190/115 sitting HR 90 SpO2 97%", _VITALS | {"heart_rate": None}),
        ("Vitals", "190/115 HR 90 bpm, SpO2 97%", _VITALS | {"heart_rate": "90"}),
        ("VS", "BP: 190/115, P: 90, T 36.8, SpO2 97%", _VITALS),
        # seen, and not readable for what stands beside it: named, and no number
        ("Vital signs", "BP 190/115 yesterday", _NO_PRESSURE),
        ("Vital signs", "Pt refused. BP 190/115", _NO_PRESSURE),
        ("LFTs", "ALT 1200 U/L, haemolysed", {"alt": None}),
        ("Labs", "ALT was 1200 U/L, INR 2.4", {"alt": None, "inr": "2.4"}),
        ("Labs", "INR 2.4 on 5/3/2026", {"inr": None}),
        # nothing of a known name, another specimen, another time, no panel
        ("CMP", "see note", {}), ("Labs", "last INR 2.4", {}),
        ("Labs vs last year", "190/115", {}), ("Chemistry", "190/115, INR 2.4", {"inr": None}),
        ("Urine panel", "albumin 22 g/L", {}), ("Lab goals", "INR 2.4", {}),
        ("Nursing note", "INR 2.4", {}),
    ],
)  # fmt: skip
def test_values_listed_under_a_panel(
    name: str, written: str, expected: dict[str, str | None]
) -> None:
    found = {result.kind: result.value for result in read(name, valueString=written)}
    assert found == {kind: value and Decimal(value) for kind, value in expected.items()}
