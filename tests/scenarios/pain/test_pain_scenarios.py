"""What the service says about whole pain charts, against what the digest makes one expect.

Each chart goes the way of `ketamine-cds assess --json`: FHIR in, the printed object out. The
expected values stand beside the chart in the YAML tables and are compared by digest row, so that
they do not depend on the names that the program gives to its rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pain_charts import AS_OF, bundle, orders, tables

from cds.api import assess, load, read_chart
from cds.fhir.record.patient_record import records_from_bundle
from cds.wire import decode, encode

CHARTS = [pytest.param(row, id=f"{table}-{row['id']}") for table, row in tables()]
SEVERITIES = ("info", "warning", "critical")
# An action that is missing, or a general sheet, says nothing about this patient's risks.
RISKS = {"contraindication", "interaction", "caution", "order_error", "course"}


def assessed(chart: Mapping[str, Any]) -> dict[str, Any]:
    """The object that `assess --json` prints for the chart."""
    (record,) = records_from_bundle(decode(encode(bundle(chart))))
    drafts = [decode(encode(draft)) for draft in orders(chart)]
    engine = load()
    answer = assess(engine, read_chart(engine, record), AS_OF, drafts)
    printed = decode(encode(answer.report()))
    assert isinstance(printed, dict)
    return printed


@pytest.mark.parametrize("chart", CHARTS)
def test_chart(chart: Mapping[str, Any]) -> None:
    printed = assessed(chart)
    wrong: list[str] = []
    for name, expected in chart["expect"].items():
        wrong += COMPARE[name](printed, expected)
    assert not wrong, "\n".join([chart.get("why", ""), *wrong])


def _value(key: str) -> Any:
    def compare(printed: Mapping[str, Any], expected: Any) -> list[str]:
        found: Any = printed
        for step in key.split("."):
            found = found[step]
        if found is not None and isinstance(expected, int | float):
            same = not isinstance(found, bool) and abs(float(found) - expected) < 0.005
            same = same if not isinstance(expected, bool) else found is expected
        else:
            same = found == expected
        return [] if same else [f"{key}: {found}, expected {expected}"]

    return compare


def _not_convertible(printed: Mapping[str, Any], expected: list[str]) -> list[str]:
    found = sorted(
        item["ingredient"] if isinstance(item, dict) else str(item)
        for item in printed["opioids"]["not_convertible"]
    )
    same = len(found) == len(expected) and all(
        want in have for want, have in zip(sorted(expected), found, strict=True)
    )
    return [] if same else [f"not convertible: {found}, expected {sorted(expected)}"]


def _trials(printed: Mapping[str, Any], expected: Mapping[str, str | None]) -> list[str]:
    wrong = []
    for name, adequacy in expected.items():
        group, ingredient = name.split("/")
        found = [
            trial["adequacy"]
            for trial in printed["pain_trials"]
            if trial["group"] == group and trial["ingredient"] == ingredient
        ]
        if found != ([] if adequacy is None else [adequacy]):
            wrong.append(f"trial {name}: {found}, expected {adequacy}")
    return wrong


def _verdicts(printed: Mapping[str, Any], expected: Mapping[str, str]) -> list[str]:
    found = {judged["indication"]: judged for judged in printed["candidacy"]}
    wrong = []
    for name, verdict in expected.items():
        have = found[name]["verdict"] if name in found else "not listed"
        if have != verdict:
            states = {c["id"]: (c["state"], c["why"]) for c in found[name]["criteria"]}
            wrong.append(f"{name}: {have}, expected {verdict}; {states}")
    return wrong


def _criteria(printed: Mapping[str, Any], expected: Mapping[str, Mapping[str, str]]) -> list[str]:
    found = {
        (judged["indication"], criterion["id"]): criterion
        for judged in printed["candidacy"]
        for criterion in judged["criteria"]
    }
    return [
        f"{name}/{criterion}: {found.get((name, criterion))}, expected {state}"
        for name, states in expected.items()
        for criterion, state in states.items()
        if found.get((name, criterion), {}).get("state") != state
    ]


def _by_row(printed: Mapping[str, Any]) -> dict[str, str]:
    """The most severe finding about the patient for each digest row."""
    severest: dict[str, str] = {}
    for finding in printed["findings"]:
        if finding["kind"] in RISKS and not finding["id"].startswith("process-"):
            for row in finding["basis"]:
                severest[row] = max(
                    severest.get(row, "info"), finding["severity"], key=SEVERITIES.index
                )
    return severest


def _findings(printed: Mapping[str, Any], expected: Mapping[str, str]) -> list[str]:
    found = _by_row(printed)
    return [
        f"{row}: {found.get(row, 'silent')}, expected {severity}"
        for row, severity in expected.items()
        if found.get(row) != severity
    ]


def _absent(printed: Mapping[str, Any], expected: list[str]) -> list[str]:
    found = _by_row(printed)
    return [f"{row}: {found[row]}, expected silence" for row in expected if row in found]


def _dose(printed: Mapping[str, Any], expected: bool) -> list[str]:
    doses = [dose["dose_mg"] for dose in printed["doses"] if dose["dose_mg"] is not None]
    return [] if bool(doses) is expected else [f"doses: {doses}, expected some: {expected}"]


def _card_says(printed: Mapping[str, Any], expected: list[str]) -> list[str]:
    said = [card["summary"] for card in printed["cards"]]
    return [
        f"no card says {words!r}: {said}"
        for words in expected
        if not any(words in summary for summary in said)
    ]


def _card_lacks(printed: Mapping[str, Any], expected: list[str]) -> list[str]:
    said = [card["summary"] for card in printed["cards"]]
    return [
        f"a card says {words!r}: {said}"
        for words in expected
        if any(words in summary for summary in said)
    ]


COMPARE: dict[str, Any] = {
    "mme": _value("opioids.mme_per_day"),
    "tolerant": _value("opioids.tolerant"),
    "open_by": _value("opioids.tolerance_why"),
    "not_convertible": _not_convertible,
    "diazepam": _value("diazepam_equivalent_mg_per_day"),
    "weight": _value("weight_kg.value"),
    "trials": _trials,
    "verdicts": _verdicts,
    "criteria": _criteria,
    "findings": _findings,
    "absent": _absent,
    "dose": _dose,
    "card_says": _card_says,
    "card_lacks": _card_lacks,
}
