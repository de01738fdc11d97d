"""What holds for every entry of every chart: no JSON in it, no day in it, and it can be kept."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import msgspec
import pytest

import fhir_fixtures
from cds import api
from cds.chart.drafts import DraftReader, name_draft
from cds.chart.entries import Chart
from cds.fhir.record.referred import Referred
from cds.terminology.lookup import Terminology
from cds.wire import Json, decode
from tests.charts.everything import DAY, drafts, fixture, records
from tests.charts.fhir import one_patient
from tests.charts.reading import NOBODY, chart_of
from tests.replaced import replace

PLAIN = (str, int, Decimal, Fraction, date, datetime, Enum, type(None))
MAPPINGS = ("unavailable", "unknown_observations", "by_key", "named")
"""fields of a Chart that are mappings; what they hold is plain, or entries"""
DAYS = [DAY + timedelta(days=73 * step) for step in range(-24, 6)]


@pytest.fixture(scope="module")
def charts(terminology: Terminology) -> dict[str, Chart]:
    return {name: chart_of(record, terminology) for name, record in records()}


def odd(value: object, path: str) -> Iterator[str]:
    """Where a value is anything but plain, a tuple, a set or a frozen record of such."""
    if isinstance(value, msgspec.Struct):
        if not value.__struct_config__.frozen or hasattr(value, "__dict__"):
            yield f"{path}: {type(value).__name__} is not frozen and slotted"
        for name in value.__struct_fields__:
            yield from odd(getattr(value, name), f"{path}.{name}")
    elif is_dataclass(value):
        if not type(value).__dataclass_params__.frozen or hasattr(value, "__dict__"):  # type: ignore[attr-defined]
            yield f"{path}: {type(value).__name__} is not frozen and slotted"
        for field in fields(value):
            yield from odd(getattr(value, field.name), f"{path}.{field.name}")
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from odd(item, f"{path}[]")
    elif not isinstance(value, PLAIN):
        yield f"{path}: {type(value).__name__}"


def odd_entries(chart: Chart) -> Iterator[str]:
    """Of all but `referred`, which is there for drafts and holds what they may refer to."""
    for field in fields(chart):
        value = getattr(chart, field.name)
        if field.name in MAPPINGS:
            value = tuple(value.items())
        if field.name != "referred":
            yield from odd(value, field.name)


def test_no_entry_holds_json(charts: dict[str, Chart]) -> None:
    assert len(charts) > 500
    for kind in ("conditions", "results", "medications"):
        assert sum(len(getattr(chart, kind)) for chart in charts.values()) > 500, kind
    assert [f"{name}: {at}" for name, chart in charts.items() for at in odd_entries(chart)] == []


def test_no_draft_holds_json(terminology: Terminology) -> None:
    made = list(drafts())
    assert len(made) > 200
    read = DraftReader(NOBODY, terminology)
    for draft in made:
        for entry in (name_draft(draft, terminology, Referred()), read.read(draft)):
            assert list(odd(entry, "draft")) == []
            assert pickle.loads(pickle.dumps(entry)) == entry


@pytest.mark.parametrize("kind", ["conditions", "medications", "by_key"])
def test_a_dict_would_be_found(kind: str, charts: dict[str, Chart]) -> None:
    chart = next(iter(charts.values()))
    for held in ({"code": "x"}, [{"code": "x"}]):
        there = {"key": held} if kind in MAPPINGS else (*getattr(chart, kind), held)
        said = list(odd_entries(replace(chart, **{kind: there})))
        assert [line.rpartition(": ")[2] for line in said] == [type(held).__name__]


def test_a_chart_can_be_pickled(charts: dict[str, Chart]) -> None:
    for chart in charts.values():
        assert pickle.loads(pickle.dumps(chart)) == chart


def test_what_a_chart_keeps_of_the_json_is_what_a_draft_may_refer_to(
    charts: dict[str, Chart], terminology: Terminology
) -> None:
    kinds = ("Medication", "Location", "Condition", "Encounter", "Procedure", "Observation")
    record = one_patient(*({"resourceType": kind, "id": "x"} for kind in kinds))
    made = [*charts.values(), chart_of(record, terminology)]
    kept = {one["resourceType"] for chart in made for one in chart.referred.index.values()}
    assert {"Medication", "Location"} <= kept
    assert kept <= {"Location", "Medication", "Practitioner", "PractitionerRole", "Substance"}


@pytest.mark.parametrize("name", fhir_fixtures.names())
def test_one_chart_serves_thirty_days(name: str) -> None:
    """Each day from the one chart is the day from a fresh read, whatever was asked before."""
    engine = api.load()
    chart = api.read_chart(engine, fixture(name))
    order = fhir_fixtures.orders() / f"{name}.json"
    asked: list[Json] = [decode(order.read_bytes())] if order.exists() else []
    seen = set()
    for day in [*DAYS[::2], *DAYS[1::2]]:
        found = api.assess(engine, chart, day, asked)
        fresh = api.assess(engine, api.read_chart(engine, fixture(name)), day, asked)
        assert found == fresh
        assert pickle.loads(pickle.dumps(found)) == found
        history = found.assessment.history
        seen.add((history.person.age, len(history.conditions), len(history.medications)))
    assert chart == api.read_chart(engine, fixture(name))
    assert len(seen) > 3  # the days do differ
