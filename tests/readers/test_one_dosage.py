"""A dosage says the same to an order and to a history: there is one reader of it.

Each row is a Timing, a route or an amount that two readers once read differently.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from cds.dosage.quantity import Problems
from cds.dosage.read import read_dosage
from cds.fhir.record.patient_record import gather
from cds.history.ketamine.sessions import read_ketamine_sessions
from cds.history.medications.daily_dose import phases_of
from cds.history.medications.strength import Product
from cds.knowledge.load import load_knowledge
from cds.orders.dosage import ordered
from cds.terminology.lookup import Terminology
from cds.units import Quantity
from cds.wire import decode, encode

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


def on_the_wire(value: Any) -> Any:
    return decode(encode(value))


@pytest.mark.parametrize(("timing", "per_day"), TIMINGS, ids=str)
def test_a_timing_is_one_frequency(timing: Json, per_day: str | None) -> None:
    dosage = on_the_wire({"timing": timing, "doseAndRate": ONE})
    order = ordered(dosage, "dosageInstruction[0]", Problems())
    (phase,) = phases_of([dosage], TABLET)
    rate = None if per_day is None else Fraction(per_day)
    assert order.schedule.per_day == rate
    assert phase.units_per_day == rate


def test_two_frequencies_in_one_timing_are_both_kept() -> None:
    """The code says twice, its words say once: the lower counts for a trial, and it is said."""
    code = {"coding": [{"code": "BID"}], "text": "once daily"}
    dosage = on_the_wire({"timing": {"code": code}, "doseAndRate": ONE})
    (phase,) = phases_of([dosage], TABLET)
    assert (str(phase.low), str(phase.high)) == ("10 mg/d", "20 mg/d")
    assert phase.doubts == {"differs"}
    assert ordered(dosage, "d", Problems()).schedule.per_day == 2


@pytest.mark.parametrize("value", [35, 35.0, Decimal("35"), Decimal("35.0")], ids=repr)
def test_a_number_of_any_kind_is_a_number(value: object) -> None:
    """Not from the wire only: a caller in process may hold a float."""
    dosage: Json = {"doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg"}}]}
    order = ordered(dosage, "d", Problems())
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
    order = ordered({"route": coded}, "d", Problems())
    assert order.route == (None if code == "zzz" else route)


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
    record = gather([{"resourceType": "Patient", "id": "p"}, on_the_wire(given)])
    return read_ketamine_sessions(record, terminology, load_knowledge(), date(2026, 11, 22), [])
