"""Orders as different EHRs write them, through `ketamine-cds assess`, against the digests.

Each scenario names the rows of the digests (or, where there is none, the findings) that must
speak, with their severity; no other warning or stop about the order may be there. `quiet` rows
must not speak at all. `doses` are proposals that must stand, by regimen and weight basis, with
exactly these numbers.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from order_charts import AS_OF, bundle, draft

from cds.cli import main
from tests.rows import read_table

HERE = Path(__file__).parent
CHARTS = read_table(HERE / "charts.yaml")
SCENARIOS = [
    pytest.param(row, id=f"{path.stem}: {row['name']}")
    for path in sorted(HERE.glob("*_orders.yaml"))
    for row in read_table(path)["orders"]
]
Json = dict[str, Any]


def assessed(row: Json, folder: Path) -> Json:
    """What the command prints for the chart and the order."""
    chart, orders = folder / "chart.json", folder / "orders.json"
    chart.write_text(json.dumps(bundle(CHARTS[row["chart"]] | row.get("chart_too", {}))))
    drafts = [draft(order, n) for n, order in enumerate([row["order"], *row.get("drafts", [])], 1)]
    sent = {"resourceType": "Bundle", "type": "collection"}
    orders.write_text(json.dumps(sent | {"entry": [{"resource": d} for d in drafts]}))
    arguments = ["assess", str(chart), "--order", str(orders), "--json", "--as-of", str(AS_OF)]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    printed: Json = json.loads(result.output, parse_float=Decimal)
    return printed


def about(printed: Json) -> list[Json]:
    """What is said of the first order."""
    ours = ("MedicationRequest/draft-1", "ServiceRequest/draft-1")
    found = [f for f in printed["findings"] if f["kind"] == "order_error"]
    return [finding for finding in found if finding["order"] in ours]


@pytest.mark.parametrize("row", SCENARIOS)
def test_the_order_is_judged_as_the_digests_say(row: Json, tmp_path: Path) -> None:
    printed = assessed(row, tmp_path)
    found, expected = about(printed), row.get("says", {})
    severities = {name: f["severity"] for f in found for name in (f["id"], *f["basis"])}
    assert {b: severities.get(b) for b in expected} == expected, [f["summary"] for f in found]
    assert not set(row.get("quiet", ())) & set(severities), [f["summary"] for f in found]
    unexplained = [
        f["summary"]
        for f in found
        if f["severity"] != "info" and not {f["id"], *f["basis"]} & set(expected)
    ]
    assert not unexplained
    _check_doses(row, printed)


def _check_doses(row: Json, printed: Json) -> None:
    stopped = any(f["severity"] == "critical" for f in about(printed))
    if stopped:
        assert all(d["dose_mg"] is None and d["why_not"] for d in printed["doses"])
    for dose in printed["doses"]:
        assert (dose["dose_mg"] is None) == (dose["why_not"] is not None)
    for wanted in row.get("doses", ()):
        regimen, basis = wanted["regimen"], wanted.get("weight_basis")
        same = [
            dose
            for dose in printed["doses"]
            if dose["regimen"] == regimen and basis in (None, dose["weight_basis"])
        ]
        assert len(same) == 1, [(d["regimen"], d["weight_basis"]) for d in printed["doses"]]
        for key, value in wanted.items():
            actual = same[0][key]
            if key == "why_not" and value is not None:
                assert value in actual
            elif isinstance(value, int | float) and not isinstance(value, bool):
                assert actual is not None, (key, same[0]["why_not"])
                assert Decimal(str(actual)) == Decimal(str(value)), key
            else:
                assert actual == value, key
    if "no_doses" in row:
        assert printed["doses"] == []


def test_there_are_enough_scenarios() -> None:
    assert len(SCENARIOS) >= 80
