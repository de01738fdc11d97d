"""Any chart, moved with its clock to any zone, says what it said."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_charts import DAY, DRAFTS, PATIENT, Patient, patients

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.fhir.record.patient_record import gather
from cds.wire import decode, encode
from tests.examples import examples

Json = dict[str, Any]
ZONES = st.integers(-11 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(hours=quarters / 4)))
_DATE = re.compile(r'"(\d{4}-\d\d-\d\d)"')
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z")
_DATES_OF_THE_PATIENT = ("birthDate",)


def at_a_time(resources: list[Json], clock: str) -> Any:
    """With a local time at every date but the birth date, so that there is something to shift."""

    def timed(value: Any, key: str = "") -> Any:
        if isinstance(value, list):
            return [timed(item, key) for item in value]
        if isinstance(value, dict):
            return {name: timed(item, name) for name, item in value.items()}
        dated = isinstance(value, str) and key not in _DATES_OF_THE_PATIENT
        return f"{value}T{clock}Z" if dated and _DATE.fullmatch(f'"{value}"') else value

    return timed(resources)


def moved(value: Any, zone: timezone, *, in_utc: bool) -> Any:
    def write(match: re.Match[str]) -> str:
        there = datetime.fromisoformat(match[1]).replace(tzinfo=zone)
        return there.astimezone(UTC).isoformat()[:19] + "Z" if in_utc else there.isoformat()

    return decode(_INSTANT.sub(write, encode(value).decode()))


def told(resources: Any, order: Json, patient: str, zone: timezone | None = None) -> Json:
    engine = load(zone=zone)
    chart = read_chart(engine, gather(decode(encode(resources)), patient_id=patient))
    report = assess(engine, chart, DAY, [decode(encode(order))]).report()
    for card in report["cards"]:
        card.pop("suggestions", None)  # the draft as it came, with its own instants
    return report


@given(
    patients(),
    DRAFTS,
    ZONES,
    st.sampled_from(["00:00:00", "00:30:00", "07:30:00", "12:00:00", "19:30:00", "23:59:59"]),
)
@examples(15)
def test_a_chart_and_its_clock_in_any_zone(
    patient: Patient, order: Json, zone: timezone, clock: str
) -> None:
    same_in(zone, at_a_time(patient.resources, clock), order, PATIENT)


@pytest.mark.parametrize("name", fhir_fixtures.names())
@pytest.mark.parametrize("quarters", [-11 * 4, 14 * 4])
def test_the_fixtures_at_either_end_of_the_world(name: str, quarters: int) -> None:
    resources = [entry["resource"] for entry in fhir_fixtures.load(name, DAY)["entry"]]
    order = decode((fhir_fixtures.orders() / f"{name}.json").read_bytes())
    clock = "23:30:00" if quarters > 0 else "00:15:00"
    zone = timezone(timedelta(hours=quarters / 4))
    same_in(zone, at_a_time(resources, clock), order, name)


def same_in(zone: timezone, resources: Any, order: Json, patient: str) -> None:
    """Whether the offset is written or the site's setting tells it."""
    base = told(resources, order, patient)
    there = moved(resources, zone, in_utc=False), moved(order, zone, in_utc=False)
    assert told(*there, patient) == base
    assert told(*there, patient, zone) == base
    utc = moved(resources, zone, in_utc=True), moved(order, zone, in_utc=True)
    assert told(*utc, patient, zone) == base
