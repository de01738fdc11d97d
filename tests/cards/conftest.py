"""Answers to many charts: the fixtures, the scenario tables in part, and generated ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import fhir_fixtures
from cds.api import Answer, Engine, assess, load, read_chart
from cds.wire import decode, encode

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "golden"), str(TESTS / "properties")]
EACH = 5
"""of the scenario charts, one in so many"""


@pytest.fixture(scope="session")
def answers() -> dict[str, Answer]:
    """An answer to the draft order of each chart, by the name of the chart."""
    from corpus import DAY, scenario_charts

    charts = [
        (name, fhir_fixtures.load(name, DAY), [json.loads(order.read_text())])
        for name in fhir_fixtures.names()
        for order in [fhir_fixtures.orders() / f"{name}.json"]
    ]
    charts += [chart for chart in [*scenario_charts()][::EACH] if chart[2]]
    engine: Engine = load()
    return {
        name: assess(
            engine, read_chart(engine, decode(encode(bundle))), DAY, decode(encode(drafts))
        )
        for name, bundle, drafts in charts
    }
