"""What holds for every entry of every chart: no JSON in it, no day in it, and it can be kept."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum

import pytest
from all_charts import DAY, fixture, records

import fhir_fixtures
from cds.chart.entries import Chart
from cds.chart.read import read_chart
from cds.history.build import build_history
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology

PLAIN = (str, int, Decimal, date, datetime, Enum, type(None))
DAYS = [DAY + timedelta(days=73 * step) for step in range(-24, 6)]


@pytest.fixture(scope="module")
def charts(terminology: Terminology, knowledge: Knowledge) -> dict[str, Chart]:
    return {
        name: read_chart(record, terminology, knowledge.measurements) for name, record in records()
    }


def odd(value: object, path: str) -> Iterator[str]:
    """Where a value is anything but plain, a tuple, a set or a frozen record of such."""
    if is_dataclass(value):
        if not type(value).__dataclass_params__.frozen or hasattr(value, "__dict__"):  # type: ignore[attr-defined]
            yield f"{path}: {type(value).__name__} is not frozen and slotted"
        for field in fields(value):
            yield from odd(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from odd(item, f"{path}[]")
    elif not isinstance(value, PLAIN):
        yield f"{path}: {type(value).__name__}"


def without_mappings(chart: Chart) -> Iterator[str]:
    for field in fields(chart):
        value = getattr(chart, field.name)
        if field.name in ("unavailable", "unknown_observations"):
            value = tuple(value.items())
        yield from odd(value, field.name)


def test_no_entry_holds_json(charts: dict[str, Chart]) -> None:
    assert len(charts) > 500
    assert sum(len(chart.conditions) + len(chart.results) for chart in charts.values()) > 1000
    assert [
        f"{name}: {at}" for name, chart in charts.items() for at in without_mappings(chart)
    ] == []


def test_a_dict_would_be_found(charts: dict[str, Chart]) -> None:
    chart = next(iter(charts.values()))
    for json in ({"code": "x"}, [{"code": "x"}]):
        broken = Chart(chart.person, conditions=(*chart.conditions, json))  # type: ignore[arg-type]
        assert list(without_mappings(broken)) == [f"conditions[]: {type(json).__name__}"]


def test_a_chart_can_be_pickled(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        assert pickle.loads(pickle.dumps(chart)) == chart


@pytest.mark.parametrize("name", fhir_fixtures.names())
def test_one_chart_serves_thirty_days(
    name: str, terminology: Terminology, knowledge: Knowledge
) -> None:
    """Each day from the one chart is the day from a fresh read, whatever was asked before."""
    record = fixture(name)
    chart = read_chart(record, terminology, knowledge.measurements)
    seen = set()
    for day in [*DAYS[::2], *DAYS[1::2]]:
        fresh = fixture(name)
        read = read_chart(fresh, terminology, knowledge.measurements)
        found = build_history(chart, record, terminology, knowledge, day)
        assert found == build_history(read, fresh, terminology, knowledge, day)
        seen.add((found.person.age, len(found.conditions), len(found.medications)))
    assert chart == read_chart(fixture(name), terminology, knowledge.measurements)
    assert len(seen) > 3  # the days do differ
