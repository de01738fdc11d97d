"""One session is one session, however many resources it left behind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from cds.history.ketamine.sessions import ketamine_sessions
from cds.units import Quantity
from tests.charts.fhir import AS_OF, RXNORM, SNOMED, concept, quantity, record
from tests.charts.reading import chart_of

KETAMINE = concept(RXNORM, "6130", "ketamine")
ESKETAMINE = concept(RXNORM, "2119365", "esketamine")
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
IV = concept(SNOMED, "47625008")


def administration(ident="a1", start="2026-11-10T09:00:00Z", end="2026-11-10T09:40:00Z", **fields):
    return {
        "resourceType": "MedicationAdministration", "id": ident, "status": "completed",
        "medicationCodeableConcept": KETAMINE, "effectivePeriod": {"start": start, "end": end},
        "dosage": {"route": IV, "dose": quantity(35, "mg", "mg")},
    } | fields  # fmt: skip


def infusion_procedure(ident="p1", day="2026-11-10", **fields):
    return {
        "resourceType": "Procedure", "id": ident, "status": "completed",
        "code": {"text": "IV ketamine infusion"}, "performedDateTime": day,
    } | fields  # fmt: skip


def dispense(ident="d1", day="2026-11-10", drug=ESKETAMINE, **fields):
    return {
        "resourceType": "MedicationDispense", "id": ident, "status": "completed",
        "medicationCodeableConcept": drug, "whenHandedOver": day,
    } | fields  # fmt: skip


def visit(ident="v1", day="2026-11-10"):
    return {
        "resourceType": "Procedure", "id": ident, "status": "completed",
        "code": concept(HCPCS, "G2083"), "performedDateTime": day,
    }  # fmt: skip


def order(ident="r1", day="2026-11-01", drug=KETAMINE, **fields):
    return {
        "resourceType": "MedicationRequest", "id": ident, "status": "active", "intent": "order",
        "medicationCodeableConcept": drug, "authoredOn": day,
    } | fields  # fmt: skip


@pytest.fixture
def read(terminology, knowledge):
    def reader(*resources, skipped=None):
        found = [] if skipped is None else skipped
        chart = chart_of(record(*resources), terminology)
        return ketamine_sessions(chart.medications, chart.procedures, knowledge, AS_OF, found)

    return reader


def test_an_administration_with_dose_route_and_duration(read):
    (session,) = read(administration())
    assert (session.drug, session.kind, session.route) == (
        "ketamine",
        "administration",
        "intravenous",
    )
    assert session.when == date(2026, 11, 10)
    assert session.dose == Quantity(Decimal(35), "mg")
    assert session.duration_min == 40


def test_administration_procedure_and_dispense_of_a_day_are_one_session(read):
    resources = (administration(), infusion_procedure(), dispense(drug=KETAMINE))
    for shuffled in permutations(resources):
        (session,) = read(*shuffled)
        assert session.kind == "administration"
        assert session.dose == Quantity(Decimal(35), "mg")
        assert session.source == (
            "MedicationAdministration/a1", "MedicationDispense/d1", "Procedure/p1",
        )  # fmt: skip


def test_bolus_and_infusion_of_a_day_add_up(read):
    bolus = administration("a2", dosage={"route": IV, "dose": quantity(5, "mg", "mg")})
    (session,) = read(administration(), bolus)
    assert session.dose == Quantity(Decimal(40), "mg")


@pytest.mark.parametrize(
    ("note", "sessions"),
    [
        ("RSI in ED", 0),
        ("for procedural sedation, fracture reduction", 0),
        ("induction of anaesthesia", 0),
        ("emergency intubation", 0),
        ("no intubation, tolerated well", 1),
        ("sedation resolved after 2 hours", 1),
        ("induction phase, session 3", 1),
        ("anaesthesia on call informed", 1),
    ],
)
def test_what_was_given_for_an_anaesthesia_is_no_session(read, note, sessions):
    skipped = []
    found = read(administration(note=[{"text": note}]), skipped=skipped)
    assert len(found) == sessions
    assert len(skipped) == 1 - sessions


def test_a_dose_that_is_not_known_makes_the_sum_unknown(read):
    (session,) = read(administration(), administration("a2", dosage={"route": IV}))
    assert session.dose is None


def test_two_routes_of_a_day_are_two_sessions(read):
    by_mouth = administration("a2", dosage={"route": {"text": "Oral"}})
    assert len(read(administration(), by_mouth)) == 2


def test_esketamine_and_ketamine_are_never_one_session(read):
    assert {s.drug for s in read(administration(), visit())} == {"ketamine", "esketamine"}


def test_a_billed_esketamine_visit_is_a_session(read):
    (session,) = read(visit())
    assert (session.drug, session.kind, session.route) == ("esketamine", "procedure", "intranasal")


def test_a_dispense_before_a_session_is_its_supply(read):
    (session,) = read(visit(day="2026-11-10"), dispense(day="2026-11-05"))
    assert session.source == ("MedicationDispense/d1", "Procedure/v1")


def test_a_dispense_long_before_or_after_a_session_stands_alone(read):
    assert len(read(visit(day="2026-11-10"), dispense(day="2026-11-02"))) == 2
    assert len(read(visit(day="2026-11-10"), dispense(day="2026-11-11"))) == 2


def test_what_is_dated_later_is_no_session(read):
    """What was not given at all is decided once for everybody: tests/readers."""
    skipped = []
    later = administration(start="2026-11-23", end="2026-11-23")
    assert read(later, skipped=skipped) == ()
    assert len(skipped) == 1


@pytest.mark.parametrize(
    ("words", "drug"),
    [
        ("IV ketamine infusion", "ketamine"),
        ("Infusion of ketamine", "ketamine"),
        ("Spravato treatment", "esketamine"),
        ("Ketamine drug screen", None),
        ("Infusion therapy", None),
    ],
)
def test_procedures_by_their_words(read, words, drug):
    found = read(infusion_procedure(code={"text": words}))
    assert [s.drug for s in found] == ([drug] if drug else [])


@pytest.mark.parametrize(
    ("fields", "active"),
    [
        ({}, True),
        ({"status": "completed"}, False),
        ({"status": "stopped"}, False),
        ({"authoredOn": "2024-01-01"}, None),
        ({"dispenseRequest": {"validityPeriod": {"end": "2026-11-10"}}}, False),
    ],
)
def test_orders_stand_for_themselves(read, fields, active):
    (session,) = read(order(**fields))
    assert session.kind == "order"
    assert session.active_order is active


@pytest.mark.parametrize(
    ("words", "active"),
    [
        ("ketamine - do not bolus", True),
        ("ketamine - on hold", None),
        ("? ketamine", None),
    ],
)
def test_an_order_that_its_words_doubt_is_perhaps_active(read, words, active):
    (session,) = read(
        order(drug={"text": words}, dispenseRequest={"validityPeriod": {"end": "2027-01-01"}})
    )
    assert session.active_order is active


@pytest.mark.parametrize(
    ("words", "sessions"),
    [
        ("IV ketamine infusion, no complications", 1),
        ("no ketamine infusion", 0),
        ("ketamine infusion declined", 0),
        ("mother had ketamine infusion", 0),
        ("Ketamine infusion cancelled", 0),
        ("Ketamine infusion not done", 0),
        ("Ketamine infusion - no show", 0),
        ("Ketamine infusion postponed", 0),
        ("Ketamine infusion deferred", 0),
        ("Ketamine infusion scheduled", 0),
        ("Planned ketamine infusion", 0),
        ("Consultation about ketamine infusion", 0),
        ("Ketamine infusion education", 0),
        ("Ketamine infusion follow-up visit", 0),
        ("Consent for ketamine infusion", 0),
        ("Referral for ketamine infusion", 0),
        ("discussed ketamine infusion", 0),
        ("Spravato treatment cancelled", 0),
        ("Ketamine infusion aborted", 1),  # some of it was given
        ("Ketamine infusion, consent obtained", 1),
        ("Ketamine infusion as planned", 1),
        ("Ketamine infusion done, next one scheduled", 1),
        # a session by any of its names; an anaesthesia with ketamine is none
        ("IV ketamine #2", 1),
        ("Ketamine IV", 1),
        ("ketamine tx #3", 1),
        ("IM ketamine, dose 4", 1),
        ("Ketamine assisted psychotherapy", 1),
        ("no IV ketamine", 0),
        ("IV ketamine #2 cancelled", 0),
        ("Procedural sedation, IV ketamine", 0),
        ("RSI with IV ketamine", 0),
        ("IV ketamine induction", 0),
    ],
)
def test_a_procedure_that_its_words_deny_is_none(read, words, sessions):
    assert len(read(infusion_procedure(code={"text": words}))) == sessions


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("History of ketamine infusion", "statement"),
        ("Ketamine infusion in 2019", "statement"),
        ("Ketamine infusion 2026", "procedure"),
        ("Ketamine infusion, history of depression", "procedure"),
        ("Ketamine infusion", "procedure"),
    ],
)
def test_what_a_procedure_tells_of_the_past_is_no_session_of_its_date(read, words, kind):
    (session,) = read(infusion_procedure(code={"text": words}))
    assert session.kind == kind
    assert (session.when is None) == (kind == "statement")


@pytest.mark.parametrize(
    "fields",
    [{"status": "draft"}, {"status": "cancelled"}, {"intent": "proposal"}, {"doNotPerform": True}],
)
def test_what_is_no_order(read, fields):
    assert read(order(**fields)) == ()


@pytest.mark.parametrize(
    ("dosage", "expected"),
    [
        ({"dose": quantity(Decimal("0.035"), "g", "g")}, "35"),
        ({"rateQuantity": quantity(52, "mg/h", "mg/h")}, None),
        ({"rateQuantity": quantity(60, "mg/h", "mg/h")}, "40"),
        ({"dose": quantity(35, None)}, None),
        ({"dose": quantity(2, "{spray}")}, None),
        # an entry of g for mg is no dose
        ({"dose": quantity(5, "g", "g")}, "5000"),
        ({"dose": quantity(Decimal("5.001"), "g", "g")}, None),
        ({"dose": quantity(35, "g", "g")}, None),
    ],
)
def test_dose_in_milligrams_or_none(read, dosage, expected):
    (session,) = read(administration(dosage=dosage))
    if expected is not None:
        assert session.dose == Quantity(Decimal(expected), "mg")
    elif "rateQuantity" not in dosage:
        assert session.dose is None
