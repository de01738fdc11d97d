"""What the day makes of an entry: the day before, on the day, the day after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cds.chart.encounter_entry import Encounter
from cds.chart.entries import (
    NO_RESULT,
    Allergy,
    Condition,
    Person,
    Procedure,
    Result,
    Unread,
)
from cds.dates import parse_when
from cds.fhir.record.skipped import DATED_LATER
from cds.history.conditions import conditions_on
from cds.history.dated import not_used, up_to
from cds.history.encounter import encounter_on
from cds.history.person import person_on
from cds.history.results import results_on
from tests.charts import entries

DAY = date(2026, 11, 22)
BEFORE, AFTER = DAY - timedelta(1), DAY + timedelta(1)
NONE: frozenset[str] = frozenset()


def condition(**fields) -> Condition:
    stated = fields.get("stated") or "unknown"
    return entries.condition(**{"clinical": stated, "source": ("Condition/c",)} | fields)


ENTRIES = {
    "onset": lambda day: condition(onset=day, onset_latest=day, recorded=date(2030, 1, 1)),
    "recorded": lambda day: condition(recorded=day),
    "result": lambda day: Result("body_weight", day, ("Observation/o",)),
    "allergy": lambda day: Allergy(NONE, NONE, "", None, ("AllergyIntolerance/a",), recorded=day),
    "procedure": lambda day: Procedure(NONE, "ECT", day, ("Procedure/p",)),
}


@pytest.mark.parametrize("kind", ENTRIES)
@pytest.mark.parametrize(
    ("dated", "is_there"), [(BEFORE, True), (DAY, True), (AFTER, False), (None, True)]
)
def test_what_is_dated_later_is_not_there(kind, dated, is_there):
    entry = ENTRIES[kind](dated)
    if kind == "onset" and dated is None:
        entry = condition()
    assert list(up_to([entry], DAY)) == ([entry] if is_there else [])
    said = list(not_used([entry], (), DAY, entry.source[0].partition("/")[0]))
    assert [one.reason for one in said] == ([] if is_there else [DATED_LATER])


@pytest.mark.parametrize(
    ("dated", "reason"), [(BEFORE, "why"), (DAY, "why"), (AFTER, DATED_LATER), (None, "why")]
)
def test_what_is_not_read_is_not_there_either_before_its_day(dated, reason):
    unread = Unread("Condition/c", "Condition", "why", when=dated)
    assert [one.reason for one in not_used((), [unread], DAY, "Condition")] == [reason]
    assert list(not_used((), [unread], DAY, "Procedure")) == []


def test_what_is_not_used_comes_by_kind_and_reference_those_without_an_id_last():
    unread = [
        Unread(reference, reference.partition("/")[0], "why")
        for reference in ("Procedure/1", "Condition", "Condition/9", "Condition/10")
    ]
    later = [condition(onset=AFTER, source=("Condition/5",))]
    said = not_used(later, unread, DAY, "Condition", "Procedure")
    assert [one.resource for one in said] == [
        "Condition/10", "Condition/5", "Condition/9", "Condition", "Procedure/1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "ends", "clinical"),
    [
        # stated, abatement as written, clinical state the day before, on the day, the day after
        (None, "2026-11-22", ("active", "resolved", "resolved")),
        ("unknown", "2026-11-22", ("unknown", "resolved", "resolved")),
        ("active", "2026-11-22", ("active", "inactive", "inactive")),
        ("recurrence", "2026-11-22", ("recurrence", "inactive", "inactive")),
        ("resolved", "2026-11-22", ("active", "resolved", "resolved")),
        ("remission", "2026-11-22", ("active", "remission", "remission")),
        ("active", "2026-11", ("active", "active", "active")),  # perhaps still to come
        (None, "2026-11", ("unknown", "unknown", "unknown")),
        ("active", None, ("active", "active", "active")),
    ],
)
def test_the_clinical_state_follows_the_abatement(stated, ends, clinical):
    when = parse_when(ends)
    entry = condition(
        stated=stated,
        abatement=when.earliest if when else None,
        abatement_latest=when.latest if when else None,
    )
    for day, expected in zip((BEFORE, DAY, AFTER), clinical, strict=True):
        (found,) = conditions_on([entry], day)
        assert found.clinical == expected
        assert found.abatement == (when.earliest if when and when.earliest <= day else None)


@pytest.mark.parametrize(
    ("day", "clinical"),
    [("2026-10-31", "active"), ("2026-11-01", "unknown"), ("2026-11-29", "unknown"),
     ("2026-11-30", "resolved"), ("2026-12-01", "resolved")],
)  # fmt: skip
def test_an_end_in_some_month_is_over_when_the_month_is(day, clinical):
    entry = condition(abatement=date(2026, 11, 1), abatement_latest=date(2026, 11, 30))
    assert conditions_on([entry], date.fromisoformat(day))[0].clinical == clinical


@pytest.mark.parametrize("day", [BEFORE, DAY, AFTER])
def test_a_partial_onset_may_be_no_later_than_the_day(day):
    entry = condition(onset=date(2026, 1, 1), onset_latest=DAY, recorded=DAY)
    (found,) = conditions_on([entry], day)
    assert found.onset_latest == min(day, DAY)
    assert found.recorded == (DAY if day >= DAY else None)
    assert entry.onset_latest == DAY  # the chart's own entry stays


def test_nothing_is_made_anew_where_the_day_changes_nothing():
    entry = condition(onset=BEFORE, onset_latest=BEFORE, recorded=DAY)
    assert conditions_on([entry], DAY)[0] is entry


@pytest.mark.parametrize(
    ("written", "day", "age"),
    [
        ("1980-11-22", BEFORE, 45), ("1980-11-22", DAY, 46), ("1980-11-22", AFTER, 46),
        ("1980-11", date(2026, 10, 31), 45), ("1980-11", DAY, None),
        ("1980-11", date(2026, 11, 30), 46),
        ("1896-11-22", DAY, 130), ("1896-11-22", date(2027, 11, 22), None),
        ("2026-11-22", DAY, 0), ("2026-11-22", BEFORE, None),
    ],
)  # fmt: skip
def test_age_on_the_day(written, day, age):
    assert person_on(Person("p", born=parse_when(written)), day).age == age


@pytest.mark.parametrize(
    ("said", "died", "deceased"),
    [(None, BEFORE, True), (None, DAY, True), (None, AFTER, False), (None, None, None),
     (True, None, True), (False, None, False), (True, AFTER, True)],
)  # fmt: skip
def test_death_from_its_day_on(said, died, deceased):
    assert (
        person_on(Person("p", deceased=said, died=died and parse_when(str(died))), DAY).deceased
        is deceased
    )


@pytest.mark.parametrize(
    ("start", "end", "in_context"),
    [
        (BEFORE, None, True), (DAY, None, True), (AFTER, None, False), (None, None, False),
        (BEFORE, BEFORE, False), (BEFORE, DAY, True), (BEFORE, AFTER, True),
        (DAY - timedelta(365), None, True), (DAY - timedelta(366), None, True),
        (DAY - timedelta(367), None, False), (DAY - timedelta(367), DAY, True),
    ],
)  # fmt: skip
def test_an_encounter_that_covers_the_day_is_in_context(start, end, in_context):
    entry = Encounter("IMP", source=("Encounter/e",), open=True, start=start, end=end)
    assert encounter_on([entry], DAY, asked_for=False) == (entry if in_context else None)
    assert encounter_on([entry, entry], DAY, asked_for=True) == (entry if in_context else None)


@pytest.mark.parametrize(
    ("fields", "in_context"),
    [
        ({}, True),  # no period
        ({"planned": True}, False),  # for some day, and nobody says which
        ({"start": BEFORE}, True), ({"start": DAY}, True),
        ({"start": AFTER}, False), ({"start": AFTER, "planned": True}, False),
        ({"end": BEFORE}, False), ({"end": DAY}, True), ({"end": AFTER}, True),
        ({"start": BEFORE, "end": BEFORE}, False),
        ({"start": DAY - timedelta(366)}, True), ({"start": DAY - timedelta(367)}, False),
        ({"open": False}, False), ({"open": False, "start": DAY, "end": DAY}, False),
    ],
)  # fmt: skip
def test_a_single_encounter_is_in_context_if_it_may_cover_the_day(fields, in_context):
    entry = Encounter("IMP", **({"source": ("Encounter/e",), "open": True} | fields))
    over = Encounter("AMB", source=("Encounter/a",), start=BEFORE, end=BEFORE)
    for others in ((), (over,)):  # what is over changes nothing
        found = encounter_on([entry, *others], DAY, asked_for=True)
        assert found == (entry if in_context else None)


def test_results_of_a_day_are_those_up_to_it_each_once():
    one, two = (Result("alt", DAY, (f"Observation/{n}",), value=n, unit="U/L") for n in (1, 2))
    again = Result("alt", DAY, ("Observation/0",), value=1, unit="U/L", preliminary=True)
    later = Result("alt", AFTER, ("Observation/9",), value=9, unit="U/L")
    found = results_on([one, two, again, later], DAY)["alt"]
    assert [(r.value, r.source, r.preliminary) for r in found] == [
        (1, ("Observation/0", "Observation/1"), False),
        (2, ("Observation/2",), False),
    ]
    assert [r.value for r in results_on([later, one], AFTER)["alt"]] == [9, 1]


def test_what_says_nothing_itself_is_no_result_and_is_said_where_it_is_later():
    panel = Result("blood_pressure_panel", DAY, ("Observation/o",), problem=NO_RESULT)
    assert results_on([panel], DAY) == {}
    assert list(not_used([panel], (), DAY, "Observation")) == []
    assert [one.reason for one in not_used([panel], (), BEFORE, "Observation")] == [DATED_LATER]
