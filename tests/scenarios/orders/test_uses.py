"""Which use an order is for, from the chart as an EHR sends it; and what is then silent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from order_charts import ICD
from test_order_scenarios import CHARTS, assessed

from cds.knowledge.load import load_knowledge

Json = dict[str, Any]
ROWS = yaml.safe_load((Path(__file__).parent / "uses.yaml").read_text())
OF_TREATMENT = re.compile(
    r"(?i)TRD|antidepressant trials|electroconvulsive|PHQ|scale|drug screen|escort|driv|fasting"
    r"|consent"
)
"""what belongs to elective treatment and nowhere else"""


def scenario(row: Json) -> Json:
    """The row as an order scenario."""
    order: Json = {
        "medicationCodeableConcept": {"text": row.get("product", "ketamine 50 mg/mL injection")},
        "dosageInstruction": [{"text": row["order"]}],
        "encounter": {"reference": "Encounter/e"} if "at" in row else {},
        "requester": {"display": row.get("by", "Dr B")},
    }
    if reason := row.get("for"):
        coded = re.match(r"[A-Z]\d", reason)
        order["reasonCode"] = [
            {"coding": [{"system": ICD, "code": reason}]} if coded else {"text": reason}
        ]
    chart = {"encounter": row["at"]} if "at" in row else {}
    return {
        "chart": row.get("chart", "trd"),
        "chart_too": chart | {"stay": row.get("stay", [])},
        "order": {key: value for key, value in order.items() if value},
        "drafts": list(_drafts(row)),
    }


def _drafts(row: Json) -> Iterator[Json]:
    for other in row.get("with", ()):
        if other.startswith("do "):
            yield {"resourceType": "ServiceRequest", "code": {"text": other.removeprefix("do ")}}
        else:
            name, _, instruction = other.partition(": ")
            yield {
                "medicationCodeableConcept": {"text": name},
                "dosageInstruction": [{"text": instruction}],
            }


@pytest.mark.parametrize("use", ROWS)
def test_an_order_is_for(use: str, tmp_path: Path) -> None:
    wrong = []
    for row in ROWS[use]:
        printed = assessed(scenario(row), tmp_path)
        told = printed["uses"][0]
        if told["use"] != use:
            wrong.append((row["name"], told))
    assert wrong == []


@pytest.mark.parametrize("use", sorted(set(ROWS) - {"elective"}))
def test_nothing_of_elective_treatment_is_said_of(use: str, tmp_path: Path) -> None:
    said = []
    for row in ROWS[use]:
        printed = assessed(scenario(row), tmp_path)
        for card in printed["cards"]:
            text = f"{card['summary']}\n{card.get('detail', '')}"
            said += [
                f"{row['name']}: {hit[0]} in {text}" for hit in [OF_TREATMENT.search(text)] if hit
            ]
        offered = [dose for dose in printed["doses"] if dose["dose_mg"] is not None]
        said += [(row["name"], dose["regimen"], "") for dose in offered]
    assert said == []


def test_every_use_of_the_knowledge_is_in_the_table() -> None:
    assert set(ROWS) == {"elective", *load_knowledge().uses}
    assert set(CHARTS) >= {row.get("chart", "trd") for rows in ROWS.values() for row in rows}


def test_every_sign_of_the_knowledge_tells_a_row(tmp_path: Path) -> None:
    told = {
        sign
        for rows in ROWS.values()
        for row in rows
        for sign in assessed(scenario(row), tmp_path)["uses"][0]["signs"]
    }
    names = {sign.name for sign in load_knowledge().use_signs.values()}
    assert names - told == set()
