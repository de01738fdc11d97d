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
Answers = dict[str, list[tuple[str, Json]]]
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
        "dosageInstruction": [{"text": row["order"]}] if row["order"] else [],
        "encounter": {"reference": "Encounter/e"} if "at" in row else {},
        "requester": {"display": row.get("by", "Dr B")},
        "groupIdentifier": {"value": row["panel"]} if "panel" in row else {},
    }
    if reason := row.get("for"):
        coded = re.match(r"[A-Z]\d", reason)
        order["reasonCode"] = [
            {"coding": [{"system": ICD, "code": reason}]} if coded else {"text": reason}
        ]
    chart = {"encounter": row["at"]} if "at" in row else {}
    chart |= {"problems": row["problems"]} if "problems" in row else {}
    return {
        "chart": row.get("chart", "trd"),
        "chart_too": chart | {"stay": row.get("stay", [])},
        "order": {key: value for key, value in order.items() if value},
        "drafts": list(_drafts(row)),
    }


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Of each use, the name of each row and what the command prints for it."""
    folder = tmp_path_factory.mktemp("uses")
    return {
        use: [(row["name"], assessed(scenario(row), folder)) for row in rows]
        for use, rows in ROWS.items()
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
def test_an_order_is_for(use: str, answers: Answers) -> None:
    told = [(name, printed["uses"][0]) for name, printed in answers[use]]
    assert [(name, said) for name, said in told if said["use"] != use] == []


@pytest.mark.parametrize("use", sorted(set(ROWS) - {"elective"}))
def test_nothing_of_elective_treatment_is_said_of(use: str, answers: Answers) -> None:
    said = []
    for name, printed in answers[use]:
        for card in printed["cards"]:
            text = f"{card['summary']}\n{card.get('detail', '')}"
            if hit := OF_TREATMENT.search(text):
                said.append((name, hit[0], text))
        offered = [dose for dose in printed["doses"] if dose["dose_mg"] is not None]
        said += [(name, dose["regimen"], "") for dose in offered]
    assert said == []


def test_every_use_of_the_knowledge_is_in_the_table() -> None:
    assert set(ROWS) == {"elective", *load_knowledge().uses}
    assert set(CHARTS) >= {row.get("chart", "trd") for rows in ROWS.values() for row in rows}


def test_every_sign_of_the_knowledge_tells_a_row(answers: Answers) -> None:
    told = {
        sign
        for rows in answers.values()
        for _, printed in rows
        for sign in printed["uses"][0]["signs"]
    }
    names = {sign.name for sign in load_knowledge().use_signs.values() if sign.uses}
    assert names - told == set()


HELD: dict[str, tuple[str | None, ...]] = {
    # use: what an aneurysm, atrial fibrillation, preeclampsia and an allergy to ketamine count for
    "elective": ("critical", "warning", "critical", "critical"),
    "acute_pain": ("critical", "warning", "critical", "critical"),
    "anaesthesia": ("warning", "info", "warning", "critical"),
    "procedural_sedation": ("warning", "info", "warning", "critical"),
    "burns": ("warning", "info", "warning", "critical"),
    "intubation": ("info", "info", "info", "critical"),
    "agitation": ("info", "info", "info", "critical"),
    "icu_sedation": ("info", "info", "info", "critical"),
    "status_epilepticus": ("info", "info", "info", "critical"),
    "status_asthmaticus": ("info", "info", "info", "critical"),
    "palliative": ("info", "info", "info", "critical"),
    "obstetric": ("info", "info", "warning", "critical"),
    "unclear": ("warning", "warning", "warning", "critical"),
}


@pytest.mark.parametrize("use", HELD)
def test_a_reason_to_wait_counts_for(use: str, tmp_path: Path) -> None:
    row = ROWS[use][0] | {"problems": ["F33.2", "I71.40", "I48.91", "O14.10", "I11.0"]}
    sent = scenario(row)
    sent["chart_too"] |= {"allergic": "ketamine"}
    found = {f["id"]: f["severity"] for f in assessed(sent, tmp_path)["findings"]}
    asked = ("aneurysm", "arrhythmia", "preeclampsia", "hypersensitivity")
    assert tuple(found.get(ident) for ident in asked) == HELD[use]


def test_what_is_of_treatment_alone_is_silent_in_a_hospital(tmp_path: Path) -> None:
    drinking = {"problems": ["F33.2", "F10.20", "F31.9"]}
    for use, rows in ROWS.items():
        found = {f["id"] for f in assessed(scenario(rows[0] | drinking), tmp_path)["findings"]}
        assert ("substance-use-disorder" in found) is (use == "elective"), use


def test_diagnoses_that_were_not_seen_are_named_where_they_count(tmp_path: Path) -> None:
    for use, rows in ROWS.items():
        sent = scenario(rows[0])
        sent["chart_too"] |= {"allergic": "latex", "problems": [], "stay": []}
        found = {f["id"] for f in assessed(sent, tmp_path)["findings"]}
        waits = use == "elective" or load_knowledge().uses[use].reasons_to_wait in ("hold", "ask")
        assert ("contraindications-not-excluded" in found) is waits, use


ASKED: list[tuple[str, Json, str | None]] = [
    # what only treatment forbids: a stop in a clinic, a question where the use is not clear
    ("a clinic", {"order": "0.5 mg/kg IV push", "at": ["AMB", "Clinic"]}, "critical"),
    ("nothing said", {"order": "0.5 mg/kg IV push"}, "warning"),
    ("nothing said, nothing on record", {"order": "0.5 mg/kg IV push", "problems": []}, "warning"),
    ("a ward", {"order": "0.5 mg/kg IV push", "at": ["IMP", "Ward 5"]}, None),
    ("its reason", {"order": "0.5 mg/kg IV push", "for": "F33.2"}, "critical"),
    ("an emergency department", {"order": "0.5 mg/kg IV push", "at": ["EMER", "ED"]}, None),
]


@pytest.mark.parametrize(("row", "severity"), [r[1:] for r in ASKED], ids=[r[0] for r in ASKED])
def test_an_infusion_dose_as_a_push_is(row: Json, severity: str | None, tmp_path: Path) -> None:
    found = {f["id"]: f for f in assessed(scenario(row), tmp_path)["findings"]}
    said = found.get("order-infusion-as-push", {"severity": None})
    assert said["severity"] == severity
    info_of_treatment = {"order-incomplete", "order-low-total"} & set(found)
    assert not info_of_treatment or severity == "critical"


def test_a_muscle_relaxant_is_told_in_any_use(tmp_path: Path) -> None:
    row = next(r for r in ROWS["intubation"] if "with" in r)
    found = {f["id"]: f["severity"] for f in assessed(scenario(row), tmp_path)["findings"]}
    assert found["neuromuscular-blockers"] == "info"
    ssri = scenario(row)
    ssri["chart_too"] |= {"takes": [[312941, 2, 90, 0]]}
    found = {f["id"]: f["severity"] for f in assessed(ssri, tmp_path)["findings"]}
    assert "ssri-snri" not in found
