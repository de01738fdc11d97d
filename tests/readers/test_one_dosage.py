"""A dosage says the same to an order and to a history: there is one reader of it.

Each row is a Timing, a route or an amount that two readers once read differently.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from cds.dosage.quantity import Problems
from cds.dosage.read import read_dosage, read_dosages
from cds.history.ketamine.sessions import ketamine_sessions
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.strength import Product
from cds.knowledge.load import load_knowledge
from cds.orders.dosage import ordered
from cds.terminology.lookup import Terminology
from cds.units import Quantity
from tests.charts.fhir import on_the_wire, one_patient
from tests.charts.reading import medications_of

Json = dict[str, Any]
TABLET = Product(Quantity(Decimal(10), "mg"), form="Oral Tablet")
ONE = [{"doseQuantity": {"value": 1, "unit": "tablet"}}]

DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}

TIMINGS = [
    # Timing, administrations a day (None: not said, or nonsense)
    ({"repeat": DAILY | {"dayOfWeek": ["mon", "wed", "fri"]}}, "3/7"),
    ({"repeat": {"dayOfWeek": ["mon", "wed", "fri"]}}, "3/7"),
    ({"repeat": {"period": 1, "periodUnit": "wk", "dayOfWeek": ["mon", "wed", "fri"]}}, "3/7"),
    ({"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"]}}, "1/7"),
    ({"repeat": {"frequency": 0, "period": 1, "periodUnit": "d"}}, None),
    ({"repeat": {"frequency": 1, "period": 0, "periodUnit": "d"}}, None),
    ({"repeat": {"when": ["MORN", "HS"]}}, "2"),
    ({"repeat": {"when": ["MORN", "MORN"]}}, "1"),
    ({"repeat": {"timeOfDay": ["08:00:00", "14:00:00", "20:00:00"]}}, "3"),
    ({"repeat": {"frequency": 2.0, "period": 1.0, "periodUnit": "d"}}, "2"),
    ({"repeat": {"frequency": 1, "period": 72, "periodUnit": "h"}}, "1/3"),
    ({"repeat": {"frequency": 2, "period": 1, "periodUnits": "d"}}, "2"),
    ({"code": {"coding": [{"code": "HS"}]}}, "1"),
    ({"code": {"coding": [{"code": "Q72H"}]}}, "1/3"),
    ({"code": {"coding": [{"code": "Q8H"}]}}, "3"),
    ({"code": {"coding": [{"code": "QHS"}]}}, "1"),
    ({"code": {"text": "BID"}}, "2"),
    ({"code": {"text": "twice daily"}}, "2"),
    ({"code": {"coding": [{"code": "QOD"}]}}, "1/2"),
]  # fmt: skip


@pytest.mark.parametrize(("timing", "per_day"), TIMINGS, ids=str)
def test_a_timing_is_one_frequency(timing: Json, per_day: str | None) -> None:
    dosage = on_the_wire({"timing": timing, "doseAndRate": ONE})
    order = ordered(read_dosage(dosage), "dosageInstruction[0]", Problems())
    (phase,) = phases_of(read_dosages([dosage]), TABLET)
    rate = None if per_day is None else Fraction(per_day)
    assert order.schedule.per_day == rate
    assert phase.units_per_day == rate


MINUTES = [
    # duration, unit, minutes (None: not read), whether it is there and can't be read
    (40, "min", 40, False), (40, "minutes", 40, False), (40, "Minute", 40, False),
    (1, "hours", 60, False), ("40", "min", None, True), (40, "foo", None, True),
    (40, None, None, True), (0, "min", None, False), (None, "min", None, False),
]  # fmt: skip


@pytest.mark.parametrize(("value", "unit", "minutes", "unread"), MINUTES, ids=str)
def test_a_time_that_cannot_be_read_is_not_the_same_as_none(
    value: object, unit: str | None, minutes: int | None, unread: bool
) -> None:
    repeat = {"duration": value, "durationUnit": unit}
    problems = Problems()
    order = ordered(read_dosage(on_the_wire({"timing": {"repeat": repeat}})), "d", problems)
    assert (order.duration_min, order.duration_unread) == (minutes, unread)
    assert bool(problems) is (minutes is None and value is not None)


def test_words_can_give_the_time_that_the_fields_do_not() -> None:
    repeat = {"duration": "40", "durationUnit": "min"}
    dosage = on_the_wire({"text": "35 mg over 40 min", "timing": {"repeat": repeat}})
    order = ordered(read_dosage(dosage), "d", Problems())
    assert (order.duration_min, order.duration_unread) == (40, False)


EVENTS = [
    # days of December, sessions of a week (None: not said)
    (range(1, 15), "7"),
    ([1, 4, 8, 11, 15, 18], "2"),
    ([1, 3, 5, 8, 15, 22], "3"),  # the fullest week counts
    ([1, 7], "2"), ([1, 8], "1"),
    ([1, 1], "2"),
    ([1], None), ([], None),
]  # fmt: skip


@pytest.mark.parametrize(("days", "weekly"), EVENTS, ids=str)
def test_moments_that_are_listed_are_a_frequency(days: Any, weekly: str | None) -> None:
    dosage = on_the_wire({"timing": {"event": [f"2026-12-{day:02}" for day in days]}})
    schedule = ordered(read_dosage(dosage), "d", Problems()).schedule
    rate = None if schedule.per_day is None else schedule.per_day * 7
    assert rate == (None if weekly is None else Fraction(weekly))
    assert schedule.sessions == (len(days) or None)


def test_a_moment_that_cannot_be_read_still_counts_as_one() -> None:
    dosage = on_the_wire({"timing": {"event": ["2026-12-01", "soon", "2026-12-02"]}})
    schedule = ordered(read_dosage(dosage), "d", Problems()).schedule
    assert (schedule.sessions, schedule.per_day) == (3, Fraction(2, 7))


@pytest.mark.parametrize(("most", "said"), [(11, False), (12, False), (13, True), (60, True)])
def test_two_counts_far_apart_are_no_number(most: int, said: bool) -> None:
    problems = Problems()
    dosage = on_the_wire({"timing": {"repeat": {"count": 6, "countMax": most}}})
    assert ordered(read_dosage(dosage), "d", problems).schedule.sessions == most
    assert bool(problems) is said


FOUR_A_DAY = {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}}
AS_NEEDED_CODE = {"coding": [{"system": "http://snomed.info/sct", "code": "225761000"}]}

ASIDES = [
    # what stands beside 1 tablet four times a day, as needed, mg/d at least and at most
    ({}, False, "40 mg/d", None),
    ({"additionalInstruction": [{"text": "As needed for pain"}]}, True, None, "40 mg/d"),
    ({"additionalInstruction": [AS_NEEDED_CODE]}, True, None, "40 mg/d"),
    ({"additionalInstruction": [{"text": "only when required"}]}, True, None, "40 mg/d"),
    ({"asNeededBoolean": False, "additionalInstruction": [{"text": "prn"}]}, True, None, "40 mg/d"),
    ({"method": {"text": "prn"}}, True, None, "40 mg/d"),
    ({"text": "take 1 tablet 4 times daily", "patientInstruction": "if needed"},
     True, None, "40 mg/d"),
    ({"timing": {"code": {"text": "QID PRN"}}}, True, None, "40 mg/d"),
    ({"timing": {"code": {"coding": [{"code": "QIDPRN"}]}}}, True, None, "40 mg/d"),
    ({"additionalInstruction": [{"text": "maximum 2 tablets per day"}]}, False, "20 mg/d", None),
    ({"additionalInstruction": [{"text": "max 30 mg/day"}]}, False, "30 mg/d", None),
    ({"additionalInstruction": [{"text": "no more than 3 doses a day"}]}, False, "30 mg/d", None),
    ({"additionalInstruction": [{"text": "as needed, max 2 tablets per day"}]},
     True, None, "20 mg/d"),
    # advice changes nothing, and so does what is said of another dose
    ({"additionalInstruction": [{"text": "Take with food"}, {"text": "May cause drowsiness"}]},
     False, "40 mg/d", None),
    ({"additionalInstruction": [{"text": "Warning: zzz qqq"}]}, False, "40 mg/d", None),
    ({"additionalInstruction": [{"text": "Do not take with grapefruit juice"}]},
     False, "40 mg/d", None),
    ({"additionalInstruction": [{"text": "1 extra tablet if needed"}]}, False, "40 mg/d", None),
]  # fmt: skip


@pytest.mark.parametrize(("beside", "needed", "dose", "up_to"), ASIDES, ids=str)
def test_words_beside_an_instruction_say_as_needed_and_how_much(
    beside: Json, needed: bool, dose: str | None, up_to: str | None
) -> None:
    dosage = on_the_wire({"timing": FOUR_A_DAY, "doseAndRate": ONE} | beside)
    (phase,) = phases_of(read_dosages([dosage]), TABLET)
    assert phase.as_needed is needed
    assert (phase.low and str(phase.low), phase.up_to and str(phase.up_to)) == (dose, up_to)
    assert (ordered(read_dosage(dosage), "d", Problems()).as_needed or False) is needed


def test_an_instruction_not_to_take_it_counts_wherever_it_stands() -> None:
    taken = {"timing": FOUR_A_DAY, "doseAndRate": ONE}
    beside = on_the_wire(taken | {"additionalInstruction": [{"text": "Do not take"}]})
    inside = on_the_wire(taken | {"text": "Do not take"})
    assert phases_of(read_dosages([beside]), TABLET) == phases_of(read_dosages([inside]), TABLET)
    problems = Problems()
    ordered(read_dosage(beside), "d", problems)
    assert problems.told() == ("d.additionalInstruction: says that it is not to be given",)


def test_two_frequencies_in_one_timing_are_both_kept() -> None:
    """The code says twice, its words say once: the lower counts for a trial, and it is said."""
    code = {"coding": [{"code": "BID"}], "text": "once daily"}
    dosage = on_the_wire({"timing": {"code": code}, "doseAndRate": ONE})
    (phase,) = phases_of(read_dosages([dosage]), TABLET)
    assert (str(phase.low), str(phase.high)) == ("10 mg/d", "20 mg/d")
    assert phase.doubts == {"differs"}
    assert ordered(read_dosage(dosage), "d", Problems()).schedule.per_day == 2


@pytest.mark.parametrize("value", [35, 35.0, Decimal("35"), Decimal("35.0")], ids=repr)
def test_a_number_of_any_kind_is_a_number(value: object) -> None:
    """Not from the wire only: a caller in process may hold a float."""
    dosage: Json = {"doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg"}}]}
    order = ordered(read_dosage(dosage), "d", Problems())
    assert order.dose is not None
    assert order.dose.value == 35
    assert read_dosage(dosage).fields.doses[0].low == order.dose


ROUTES = [
    ("IV", "intravenous"), ("418114005", "intravenous"), ("C38276", "intravenous"),
    ("47625008", "intravenous"), ("IM", "intramuscular"), ("C28161", "intramuscular"),
    ("SC", "subcutaneous"), ("NASINHL", "intranasal"), ("46713006", "intranasal"),
    ("26643006", "oral"), ("PO", "oral"), ("20045000", "intravenous"),
    ("20049000", "intranasal"), ("20066000", "subcutaneous"), ("37839007", "sublingual"),
    ("zzz", "injectable"),
]  # fmt: skip
"""A route by code; of an unknown one, what the form of an injection tells"""


@pytest.mark.parametrize(("code", "route"), ROUTES)
def test_a_route_is_the_same_for_an_order_and_a_session(
    code: str, route: str, terminology: Terminology
) -> None:
    coded = {"coding": [{"code": code}]}
    (session,) = sessions({"dosage": {"route": coded}}, terminology)
    assert session.route == route
    order = ordered(read_dosage({"route": coded}), "d", Problems())
    assert order.route == (None if code == "zzz" else route)


SAID_ROUTES = [
    # dosage of an administration, the route of the session
    ({"text": "35 mg intranasally"}, "intranasal"),
    ({"text": "50 mg IM"}, "intramuscular"),
    ({"text": "35 mg IV or IM"}, "injectable"),
    ({"text": "35 mg"}, "injectable"),
    ({"text": "35 mg IM", "route": {"text": "IV"}}, "intravenous"),
    ({"route": {"coding": [{"code": "47625008"}], "text": "IM"}}, "injectable"),
    ({"text": "35 mg IM", "route": {"coding": [{"code": "IV"}, {"code": "PO"}]}}, "injectable"),
]  # fmt: skip


@pytest.mark.parametrize(("dosage", "route"), SAID_ROUTES, ids=str)
def test_the_words_of_a_dosage_tell_the_route_of_a_session(
    dosage: Json, route: str, terminology: Terminology
) -> None:
    (session,) = sessions({"dosage": dosage}, terminology)
    assert session.route == route


IN_FORTY_MINUTES = {
    "numerator": {"value": 35, "unit": "mg"},
    "denominator": {"value": 40, "unit": "min"},
}

GIVEN = [
    # dosage of an administration, mg, minutes
    ({"dose": {"value": 35, "unit": "mg"}}, "35", None),
    ({"dose": {"value": 35.0, "unit": "mg"}}, "35", None),
    ({"dose": {"value": 0.7, "unit": "mL"}}, "35", None),
    ({"text": "35 mg IV over 40 min"}, "35", 40),
    ({"text": "0.7 mL IV over 40 minutes"}, "35", 40),
    ({"text": "0.5 mg/kg IV over 40 min"}, None, 40),
    ({"text": "35 mg, then 20 mg"}, None, None),
    ({"rateRatio": IN_FORTY_MINUTES, "text": "over 40 minutes"}, "35", 40),
    ({"dose": {"value": 35, "unit": "drops"}}, None, None),
    ({}, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("dosage", "mg", "minutes"), GIVEN, ids=str)
def test_what_was_given_is_read_as_what_is_ordered(
    dosage: Json, mg: str | None, minutes: int | None, terminology: Terminology
) -> None:
    (session,) = sessions({"dosage": dosage}, terminology)
    found = None if session.dose is None else session.dose.to("mg").value
    assert found == (None if mg is None else Decimal(mg))
    assert session.duration_min == minutes


def sessions(fields: Json, terminology: Terminology) -> Any:
    """The sessions of a chart with one administration of ketamine 50 mg/mL."""
    from datetime import date

    code = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "238084"}
    given = {
        "resourceType": "MedicationAdministration", "id": "a1", "status": "completed",
        "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-11-01",
        "medicationCodeableConcept": {"coding": [code]}, **fields,
    }  # fmt: skip
    record = one_patient(given)
    entries = medications_of(record, terminology)
    return ketamine_sessions(entries, (), load_knowledge(), date(2026, 11, 22), [])


WRITTEN = [
    # words, administrations a day for the order (its upper end), mg a day for the history (10 mg)
    ("1 tablet bid", "2", "20 mg/d"),
    ("1 tablet BID", "2", "20 mg/d"),
    ("1-2 tablets every 4-6 hours", "6", "40 mg/d"),
    ("half a tablet at bedtime", "1", "5 mg/d"),
    ("1 tab mane and nocte", "2", "20 mg/d"),
    ("one daily", "1", "10 mg/d"),
    ("1 tablet Mon, Wed, Fri", "3/7", "4.2857 mg/d"),
    ("1 tablet with meals and at bedtime", "4", "40 mg/d"),
]


@pytest.mark.parametrize(("words", "per_day", "daily"), WRITTEN)
def test_written_instructions_say_the_same(words: str, per_day: str, daily: str) -> None:
    dosage = on_the_wire({"text": words})
    order = ordered(read_dosage(dosage), "d", Problems())
    assert order.stated.per_day == Fraction(per_day)
    (phase,) = phases_of(read_dosages([dosage]), TABLET)
    assert str(phase.low) == daily
