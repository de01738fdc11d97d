"""The patient's local day: shifting a chart and the clock together changes nothing, in any zone.

`written` is a chart with its local times in UTC, which is what it says where a site is not told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.dates import LocalTime, local_days, parse_when
from cds.runtime import open_service, parse_body
from cds.settings import Settings
from cds.web.page import prefetched, request_for
from cds.wire import decode, encode

DAY = fhir_fixtures.ANCHOR
HOURS = (-11, -9.5, -5, 0, 1, 5.75, 11, 14)
NAMES = ("ash", "birch", "elm", "gum", "larch", "juniper")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z")
_NEW_OR_ECHOED = r'"(?:uuid|authoredOn)": ?"[^"]+"'


def offset(hours: float) -> timezone:
    return timezone(timedelta(hours=hours))


def body(name: str) -> dict[str, Any]:
    made = request_for(name, "") | {"prefetch": prefetched(fhir_fixtures.load(name, DAY))}
    del made["fhirServer"]
    return made


def rewritten(value: Any, write: Callable[[datetime], str]) -> Any:
    """The same local times, written in another way; what the server itself stamped stays."""
    return decode(
        _INSTANT.sub(lambda match: write(datetime.fromisoformat(match[1])), encode(value).decode())
    )


def with_offset(zone: tzinfo) -> Callable[[datetime], str]:
    return lambda local: local.replace(tzinfo=zone).isoformat()


def in_utc(zone: tzinfo) -> Callable[[datetime], str]:
    return lambda local: local.replace(tzinfo=zone).astimezone(UTC).isoformat()[:19] + "Z"


def cards(request: dict[str, Any], now: datetime, time_zone: str | None = None) -> Any:
    settings = Settings(auth="off", time_zone=time_zone)
    service = open_service(settings, today=lambda zone: now.astimezone(zone).date())
    found = service.respond(parse_body(decode(encode(request)))).json()
    return re.sub(_NEW_OR_ECHOED, "", encode(found).decode())


def local(zone: tzinfo, hour: int = 12) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=zone)


@cache
def plain_cards(name: str) -> str:
    """With the local times in UTC, at noon."""
    return cards(body(name), local(UTC))


@cache
def plain_report(name: str) -> Any:
    return assess(load(), read_chart(load(), fhir_fixtures.load(name, DAY)), DAY).report()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hours", HOURS)
def test_instants_that_tell_their_offset(name: str, hours: float) -> None:
    zone = offset(hours)
    shifted = rewritten(body(name), with_offset(zone))
    for hour in (0, 8, 23):
        assert cards(shifted, local(zone, hour)) == plain_cards(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "place",
    ["Pacific/Pago_Pago", "America/New_York", "Europe/Zurich", "Asia/Kathmandu",
     "Australia/Sydney", "Pacific/Kiritimati"],
)  # fmt: skip
def test_instants_in_utc_at_a_site_that_says_where_it_is(name: str, place: str) -> None:
    zone = ZoneInfo(place)
    shifted = rewritten(body(name), in_utc(zone))
    for hour in (0, 8, 23):
        assert cards(shifted, local(zone, hour), place) == plain_cards(name)


@pytest.mark.parametrize("hours", HOURS)
def test_the_history_is_the_same(hours: float) -> None:
    """All that is read, and not only what is shown."""
    for name in NAMES:
        bundle = fhir_fixtures.load(name, DAY)
        told = plain_report(name)
        shifted = rewritten(bundle, with_offset(offset(hours)))
        assert assess(load(), read_chart(load(), shifted), DAY).report() == told
        engine = load(zone=offset(hours))
        for write in (in_utc(offset(hours)), with_offset(offset(hours))):
            shifted = rewritten(bundle, write)
            assert assess(engine, read_chart(engine, shifted), DAY).report() == told


# ---- an instant in the past is never later


def morning(written: str) -> dict[str, Any]:
    """A clear candidate, in whom three things were charted this morning."""
    request = body("ash")
    found = request["prefetch"]["observations"]["entry"]

    def add(ident: str, code: str, **value: Any) -> None:
        found.append({"resource": {
            "resourceType": "Observation", "id": ident, "status": "final",
            "subject": {"reference": "Patient/ash"}, "effectiveDateTime": written,
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, **value,
        }})  # fmt: skip

    add("bp", "8480-6", valueQuantity={"value": 195, "unit": "mm[Hg]"})
    add("kg", "29463-7", valueQuantity={"value": 61, "unit": "kg"})
    positive = {"coding": [{"system": "http://snomed.info/sct", "code": "10828004"}]}
    add("hcg", "2106-3", valueCodeableConcept=positive)
    return request


@pytest.mark.parametrize(
    ("written", "now", "place"),
    [
        # half an hour ago, at a site ahead of UTC or behind it
        ("2026-06-02T07:30:00+11:00", "2026-06-01T21:00:00Z", None),
        ("2026-06-02T07:30:00+10:00", "2026-06-01T22:00:00Z", "Australia/Sydney"),
        ("2026-06-01T21:30:00Z", "2026-06-01T22:00:00Z", "Australia/Sydney"),
        ("2026-06-02T00:10:00+14:00", "2026-06-01T10:40:00Z", None),
        ("2026-06-01T10:10:00Z", "2026-06-01T10:40:00Z", "Pacific/Kiritimati"),
        ("2026-06-02T00:05:00+05:45", "2026-06-01T18:50:00Z", None),
        ("2026-06-01T23:30:00-11:00", "2026-06-02T11:00:00Z", None),
        ("2026-06-02T10:30:00Z", "2026-06-02T11:00:00Z", "Pacific/Pago_Pago"),
        ("2026-06-01T19:30:00-04:00", "2026-06-02T00:00:00Z", None),
        ("2026-06-02T03:30:00Z", "2026-06-02T04:00:00Z", "America/New_York"),
        # written by a device at another offset than the site's
        ("2026-06-02T07:30:00+11:00", "2026-06-01T21:00:00Z", "UTC"),
        ("2026-06-02T00:30:00+02:00", "2026-06-01T23:00:00Z", "America/New_York"),
    ],
)
def test_what_was_charted_this_morning_counts(written: str, now: str, place: str | None) -> None:
    found = cards(morning(written), datetime.fromisoformat(now), place)
    assert "195" in found
    assert "61 kg" in found or "30.5 mg" in found
    assert "regnan" in found


# ---- the day of an instant


@pytest.mark.parametrize(
    ("written", "place", "day"),
    [
        ("2026-06-02T07:30:00+11:00", None, "2026-06-02"),
        ("2026-06-01T20:30:00Z", None, "2026-06-01"),
        ("2026-06-01T20:30:00Z", "Australia/Sydney", "2026-06-02"),
        ("2026-06-02T03:59:59Z", "America/New_York", "2026-06-01"),
        ("2026-06-02T04:00:00Z", "America/New_York", "2026-06-02"),
        ("2026-12-02T04:59:59Z", "America/New_York", "2026-12-01"),  # winter time
        ("2026-12-02T05:00:00Z", "America/New_York", "2026-12-02"),
        ("2026-06-02T07:30:00+11:00", "America/New_York", "2026-06-01"),
        ("2026-06-02T23:30:00", "Australia/Sydney", "2026-06-02"),  # a time without a zone
        ("2026-06-02", "Australia/Sydney", "2026-06-02"),
        ("2026-06-02", "Pacific/Pago_Pago", "2026-06-02"),
        ("0001-01-01T00:00:00Z", "America/New_York", None),  # no day has it
        ("9999-12-31T23:59:59Z", "Pacific/Kiritimati", None),
    ],
)
def test_the_day_of_an_instant(written: str, place: str | None, day: str | None) -> None:
    with local_days(LocalTime(ZoneInfo(place)) if place else None):
        found = parse_when(written)
    assert (found and found.day.isoformat()) == day


@pytest.mark.parametrize(
    ("instants", "day_of_the_utc_one"),
    [
        (["2026-06-01T10:00:00+11:00"], "2026-06-02"),
        (["2026-06-01T10:00:00-05:00"], "2026-06-01"),
        (["2026-01-01T10:00:00+11:00", "2026-05-01T10:00:00+00:00"], "2026-06-01"),  # moved
        (["2026-05-01T10:00:00Z"], "2026-06-01"),
        (["2026-05-01T10:00:00"], "2026-06-01"),
        (["2026-05-01"], "2026-06-01"),
    ],
)
def test_an_instant_in_utc_beside_others(instants: list[str], day_of_the_utc_one: str) -> None:
    done = [
        {"resourceType": "Procedure", "id": f"p{number}", "status": "completed",
         "code": {"text": "Ketamine infusion"}, "performedDateTime": written,
         "meta": {"lastUpdated": "2026-06-01T23:00:00-08:00"}}
        for number, written in enumerate([*instants, "2026-06-01T20:30:00Z"])
    ]  # fmt: skip
    chart = read_chart(load(), done)
    days = [entry.when for entry in chart.procedures]
    assert max(day for day in days if day) == date.fromisoformat(day_of_the_utc_one)


@pytest.mark.parametrize(
    ("place", "first", "second", "days"),
    [
        ("America/New_York", "2026-05-20T23:30:00Z", "2026-05-21T00:30:00Z", 1),
        ("America/New_York", "2026-05-21T03:30:00Z", "2026-05-21T04:30:00Z", 2),
        (None, "2026-05-20T19:30:00-04:00", "2026-05-20T20:30:00-04:00", 1),
        (None, "2026-05-20T23:30:00-04:00", "2026-05-21T00:30:00-04:00", 2),
        ("Australia/Sydney", "2026-05-20T22:00:00Z", "2026-05-21T06:00:00Z", 1),
        ("Australia/Sydney", "2026-05-20T09:00:00+10:00", "2026-05-20T16:00:00+10:00", 1),
        ("Pacific/Kiritimati", "2026-05-20T09:00:00Z", "2026-05-20T11:00:00Z", 2),
    ],
)
def test_sessions_of_one_local_evening(
    place: str | None, first: str, second: str, days: int
) -> None:
    engine = load(zone=ZoneInfo(place) if place else None)
    ketamine = {"text": "ketamine 50 mg/mL injectable solution"}
    given = [
        {"resourceType": "MedicationAdministration", "id": ident, "status": "completed",
         "medicationCodeableConcept": ketamine, "effectiveDateTime": start,
         "dosage": {"route": {"text": "IV"}, "dose": {"value": 35, "unit": "mg"}}}
        for ident, start in (("a", first), ("b", second))
    ]  # fmt: skip
    answer = assess(engine, read_chart(engine, given), date(2026, 6, 1))
    sessions = answer.assessment.history.ketamine_sessions
    assert len({session.when for session in sessions}) == days


def test_a_zone_that_is_none() -> None:
    with pytest.raises(ValueError, match="IANA"):
        Settings(auth="off", time_zone="Mars/Olympus")
