"""Charts as an outside evaluator would write them, with what the digests expect of each.

A scenario is a chart in the notation of `chart_notation` and what the assessment must say. What is
not named under `expect` is not judged here, except the wording, which is read in every scenario.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from chart_notation import assessed

from tests.rows import read_table

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "charts"
EXPECTATIONS = {
    "trials", "no_trials", "adequate", "augmentation", "diazepam", "verdicts", "criteria",
    "findings", "absent", "dose", "card", "reads",
}  # fmt: skip
SEVERITIES = ("critical", "warning", "info")


def _scenarios() -> list[Any]:
    rows = []
    common = read_table(FOLDER / "common.yaml")
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name == "common.yaml":
            continue
        for scenario in read_table(path):
            rows.append(pytest.param(_whole(scenario, common), id=f"{path.stem}:{scenario['id']}"))
    return rows


def _whole(scenario: Json, common: Json) -> Json:
    """The scenario with the common parts that it names put in front of its own lines."""
    chart: Json = {}
    for part in (*(common[name] for name in scenario.get("with", ())), scenario.get("chart", {})):
        for field, lines in part.items():
            chart[field] = [*chart.get(field, []), *lines] if isinstance(lines, list) else lines
    return {**scenario, "chart": chart}


@pytest.mark.parametrize("scenario", _scenarios())
def test_scenario(scenario: Json) -> None:
    said = assessed(scenario)
    expected = scenario["expect"]
    assert set(expected) <= EXPECTATIONS, "an expectation that nothing judges"
    wrong = [
        *_wrong_trials(said, expected),
        *_wrong_verdicts(said, expected),
        *_wrong_findings(said, expected),
        *_wrong_wording(said),
    ]
    assert not wrong, "\n".join([scenario["id"], *wrong])


def _wrong_trials(said: Json, expected: Json) -> list[str]:
    wrong = []
    for name, words in expected.get("trials", {}).items():
        found = [t for t in said["antidepressant_trials"] if t["ingredient"] == name]
        several = words if isinstance(words, list) else [words]
        if len(found) != len(several):
            wrong.append(f"trials of {name}: {len(found)}, not {len(several)}")
        for trial, want in zip(found, several, strict=False):
            fields = want if isinstance(want, dict) else {"says": want}
            wrong += _wrong_trial(trial, fields)
    for name, adequacy in expected.get("augmentation", {}).items():
        judged = [t["adequacy"] for t in said["augmentation_trials"] if t["ingredient"] == name]
        if judged != [adequacy]:
            wrong.append(f"augmentation by {name}: {judged}, not {adequacy}")
    listed = {t["ingredient"] for t in said["antidepressant_trials"]}
    wrong += [f"trial of {n} listed" for n in expected.get("no_trials", ()) if n in listed]
    if "adequate" in expected:
        want = dict(expected["adequate"])
        got = {key: said["adequate_trials"][key] for key in want}
        if got != want:
            wrong.append(f"adequate: {got}, not {want}")
    if "diazepam" in expected and said["diazepam_equivalent_mg_per_day"] != expected["diazepam"]:
        wrong.append(
            f"diazepam: {said['diazepam_equivalent_mg_per_day']}, not {expected['diazepam']}"
        )
    return wrong


def _wrong_trial(trial: Json, want: Json) -> list[str]:
    """`says` names adequacy, outcome and adherence in any order; other keys are fields."""
    wrong = []
    shown = {key: trial[key] for key in ("adequacy", "outcome", "adherence", "weeks", "reason")}
    words = str(want.get("says", "")).split()
    fields = ("adequacy", "outcome", "adherence")
    if words and words != [trial[key] for key in fields[: len(words)]]:
        wrong.append(f"{trial['ingredient']}: {shown}, not {' '.join(words)}")
    for key, value in want.items():
        if key == "basis":
            missing = [row for row in value if row not in trial["basis"]]
            wrong += [f"{trial['ingredient']}: basis {trial['basis']} lacks {missing}"] * bool(
                missing
            )
        elif key != "says" and str(trial[key]) != str(value):
            wrong.append(f"{trial['ingredient']}: {key} {trial[key]}, not {value}: {shown}")
    return wrong


def _wrong_verdicts(said: Json, expected: Json) -> list[str]:
    wrong = []
    judged = {c["indication"]: c for c in said["candidacy"]}
    for name, verdict in expected.get("verdicts", {}).items():
        if judged[name]["verdict"] != verdict:
            states = {c["id"]: c["state"] for c in judged[name]["criteria"]}
            wrong.append(f"{name}: {judged[name]['verdict']}, not {verdict}: {states}")
    for name, states in expected.get("criteria", {}).items():
        got = {c["id"]: c["state"] for c in judged[name]["criteria"]}
        for criterion, state in states.items():
            if got.get(criterion) != state:
                wrong.append(f"{name}/{criterion}: {got.get(criterion)}, not {state}")
    return wrong


def _wrong_findings(said: Json, expected: Json) -> list[str]:
    wrong = []
    worst: dict[str, str] = {}
    for finding in said["findings"]:
        for row in (*finding["basis"], finding["id"]):
            severity = finding["severity"]
            if SEVERITIES.index(worst.get(row, "info")) >= SEVERITIES.index(severity):
                worst[row] = severity
    for row, severity in expected.get("findings", {}).items():
        if worst.get(row) != severity:
            wrong.append(f"{row}: {worst.get(row)}, not {severity}")
    for row in expected.get("absent", ()):
        if row in worst:
            ids = [f["id"] for f in said["findings"] if row in f["basis"] or row == f["id"]]
            wrong.append(f"{row} is found: {ids}")
    summaries = [card["summary"] for card in said["cards"]]
    if not any(expected.get("card", "") in summary for summary in summaries or [""]):
        wrong.append(f"no card {expected['card']!r}: {summaries}")
    details = "\n".join(finding["detail"] for finding in said["findings"])
    wrong += [f"no detail {text!r}" for text in expected.get("reads", ()) if text not in details]
    if expected.get("dose") == "none":
        given = [d["regimen"] for d in said["doses"] if d["dose_mg"] is not None]
        wrong += [f"doses: {given}"] * bool(given)
    return wrong


def _trials(said: Json) -> list[Json]:
    kinds = ("antidepressant_trials", "augmentation_trials", "pain_trials")
    return [trial for kind in kinds for trial in said[kind]]


PROMISES = re.compile(
    r"\b(will (help|improve|work|prevent)|prevents suicide|cures?|guarantee)", re.I
)
CLUMSY = re.compile(
    r"  |\bNone\b|\{\{|\}\}|(?<![\d.])1 (weeks|trials|days|infusions|sessions)\b| ,| \.(\s|$)"
)


def _wrong_wording(said: Json) -> list[str]:
    wrong = []
    lines = [("finding " + f["id"], f["summary"]) for f in said["findings"]]
    lines += [("card", c["summary"]) for c in said["cards"]]
    for where, text in lines:
        if len(text) >= 140 or "\n" in text or not text.strip():
            wrong.append(f"{where}: summary of {len(text)} characters: {text!r}")
    lines += [
        (f"{c['indication']}/{k['id']}", k["why"]) for c in said["candidacy"] for k in c["criteria"]
    ]
    lines += [(t["ingredient"], t["reason"]) for t in said["antidepressant_trials"]]
    lines += [("detail of " + f["id"], f["detail"].replace("\n  ", "\n")) for f in said["findings"]]
    lines += [("dose", dose["why_not"] or "") for dose in said["doses"]]
    lines += [(trial["ingredient"], "; ".join(trial["remarks"])) for trial in _trials(said)]
    for where, text in lines:
        for pattern in (PROMISES, CLUMSY):
            if pattern.search(text):
                wrong.append(f"{where}: {text!r}")
    return wrong
