"""What counts as given, handed over, ordered, told or not at all, for doses and sessions alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ketamine_orders import DAY, RXNORM, entry, findings, ketamine

from cds.chart.standing import standing
from cds.fhir.record.patient_record import gather
from cds.history.model.history import History
from tests.charts.fhir import one_patient
from tests.charts.reading import history_of

DRUG = {"coding": [{"system": RXNORM, "code": "238084"}]}
DOSE = {"value": 35, "unit": "mg"}
SHORT = {
    "administration": "MedicationAdministration",
    "dispense": "MedicationDispense",
    "order": "MedicationRequest",
    "statement": "MedicationStatement",
    "procedure": "Procedure",
}
NOW = "2026-11-20T09:00:00Z"
DATED = {
    "administration": {"effectiveDateTime": NOW, "dosage": {"dose": DOSE}},
    "dispense": {"whenHandedOver": NOW, "daysSupply": {"value": 14, "unit": "d"}},
    "order": {"authoredOn": NOW, "intent": "order"},
    "statement": {"effectivePeriod": {"start": NOW}},
    "procedure": {"performedDateTime": NOW, "code": {"text": "IV ketamine infusion"}},
}
PREPARED = {"whenHandedOver": None, "whenPrepared": NOW}
HOME = {"intent": "plan", "reportedBoolean": True}


def resource(kind: str, status: str | None, fields: dict[str, Any] | None = None) -> dict[str, Any]:
    made = {"resourceType": SHORT[kind], "id": "x", "subject": {"reference": "Patient/p"}}
    made |= {} if kind == "procedure" else {"medicationCodeableConcept": DRUG}
    made |= {"status": status} | DATED[kind] | (fields or {})
    return {name: value for name, value in made.items() if value is not None}


TABLE = [
    ("administration", "completed", {}, "given"),
    ("administration", "in-progress", {}, "given"),
    ("administration", "stopped", {}, "given"),
    ("administration", "on-hold", {}, "given"),  # begun, and paused
    ("administration", None, {}, "given"),
    ("administration", "given", {}, "given"),  # of no version: nothing says that it was not
    ("administration", "unknown", {}, "void"),
    ("administration", "not-done", {}, "void"),
    ("administration", "entered-in-error", {}, "void"),
    ("administration", "completed", {"notGiven": True}, "void"),
    ("administration", "completed", {"wasNotGiven": True}, "void"),
    ("administration", "completed", {"notGiven": False}, "given"),
    ("dispense", "completed", {}, "handed over"),
    ("dispense", "completed", PREPARED, "handed over"),
    ("dispense", "in-progress", {}, "handed over"),
    ("dispense", None, {}, "handed over"),
    ("dispense", "on-hold", {}, "handed over"),  # it says when
    ("dispense", "on-hold", PREPARED, "void"),
    ("dispense", "stopped", {}, "handed over"),
    ("dispense", "stopped", PREPARED, "void"),
    ("dispense", "unknown", {}, "handed over"),
    ("dispense", "unknown", PREPARED, "void"),
    ("dispense", "preparation", {}, "void"),
    ("dispense", "declined", {}, "void"),
    ("dispense", "cancelled", {}, "void"),
    ("dispense", "completed", {"notDone": True}, "void"),
    ("dispense", "in-progress", {"notDone": True}, "void"),
    ("dispense", "completed", {"notDone": False}, "handed over"),
    ("dispense", "completed", {"notDoneCodeableConcept": {"text": "patient refused"}}, "void"),
    ("dispense", "completed", {"notDoneReference": {"reference": "DetectedIssue/1"}}, "void"),
    ("order", "active", {}, "ordered"),
    ("order", "on-hold", {}, "ordered"),
    ("order", "completed", {}, "ordered"),
    ("order", "stopped", {}, "ordered"),
    ("order", "unknown", {}, "ordered"),
    ("order", None, {}, "ordered"),
    ("order", "draft", {}, "void"),
    ("order", "cancelled", {}, "void"),
    ("order", "entered-in-error", {}, "void"),
    ("order", "active", {"intent": "instance-order"}, "ordered"),
    ("order", "active", {"intent": "proposal"}, "void"),
    ("order", "active", {"intent": "option"}, "void"),
    ("order", "active", {"intent": "plan"}, "void"),
    ("order", "active", HOME, "told"),
    ("order", "active", {"intent": "plan", "reportedReference": {"display": "her"}}, "told"),
    ("order", "active", {"intent": "plan", "reportedBoolean": False}, "void"),
    ("order", "active", {"reportedBoolean": True}, "told"),
    ("order", "draft", HOME, "void"),
    ("order", "active", {"doNotPerform": True}, "void"),
    ("order", "active", {"doNotPerform": False}, "ordered"),
    ("statement", "active", {}, "told"),
    ("statement", "on-hold", {}, "told"),
    ("statement", "unknown", {}, "told"),
    ("statement", "recorded", {}, "told"),
    ("statement", "not-taken", {}, "void"),
    ("statement", "intended", {}, "void"),
    ("statement", "entered-in-error", {}, "void"),
    ("statement", "active", {"taken": "n"}, "void"),
    ("statement", "active", {"taken": "y"}, "told"),
    ("statement", "active", {"wasNotTaken": True}, "void"),
    ("procedure", "completed", {}, "given"),
    ("procedure", "in-progress", {}, "given"),
    ("procedure", "stopped", {}, "given"),
    ("procedure", "not-done", {}, "void"),
    ("procedure", "preparation", {}, "void"),
    ("procedure", "completed", {"notDone": True}, "void"),
]
_SESSION = {
    "given": {"administration", "procedure"}, "handed over": {"dispense"},
    "ordered": {"order"}, "told": {"statement"},
}  # fmt: skip
"""by standing: what it is among the ketamine sessions"""


@pytest.fixture
def history(terminology, knowledge):
    def reader(*resources: dict[str, Any]) -> History:
        chart = one_patient(*resources)
        return history_of(chart, terminology, knowledge, DAY)

    return reader


@pytest.mark.parametrize(("kind", "status", "fields", "counts"), TABLE)
def test_a_resource_stands_for_the_same_everywhere(history, kind, status, fields, counts) -> None:
    made = resource(kind, status, fields)
    (read,) = gather([made]).of(SHORT[kind])
    assert standing(read).counts == counts
    seen = history(made)
    taken = [c for c in seen.medications if c.ingredient == "ketamine"]
    done = seen.procedures if kind == "procedure" else taken
    if counts == "void":
        assert seen.ketamine_sessions == ()
        assert not done
        assert [s.resource for s in seen.skipped] == [f"{SHORT[kind]}/x"]
    else:
        (session,) = seen.ketamine_sessions
        assert session.kind in _SESSION[counts]
        assert len(done) == 1
        assert seen.skipped == ()


def test_what_is_void_is_named_with_its_reason_once(history) -> None:
    for made, reason in (
        (resource("administration", "not-done"), "status not-done"),
        (resource("dispense", "on-hold", PREPARED), "status on-hold"),
        (resource("order", "active", {"intent": "plan"}), "intent plan"),
        (resource("order", "active", {"doNotPerform": True}), "an order not to give the drug"),
        (resource("procedure", "not-done"), "status not-done"),
    ):
        (skipped,) = history(made).skipped
        assert skipped.reason == reason


def test_what_may_have_been_given_is_counted_as_lost_and_what_was_not_is_not(history) -> None:
    assert history(resource("administration", "unknown")).skipped[0].lost
    assert history(resource("dispense", "on-hold", PREPARED)).skipped[0].lost
    assert not history(resource("administration", "not-done")).skipped[0].lost


def test_reported_ketamine_is_treatment_and_no_order_to_be_doubled() -> None:
    """The patient says that somebody gives it: that is asked about, and is no duplicate order."""
    told = ketamine("home", **HOME)
    said = findings([entry(told)], ketamine("new", "draft"))
    assert "order-duplicate" not in said
    assert "second-ketamine-order" in said
    assert "order-duplicate" in findings([entry(ketamine("rx"))], ketamine("new", "draft"))


@pytest.mark.parametrize(
    ("day", "status", "asked"),
    [(-2, "completed", False), (-1, "completed", False), (-1, "in-progress", True),
     (0, "completed", False), (0, "in-progress", True)],
)  # fmt: skip
def test_a_session_of_yesterday_is_no_order_to_be_doubled(
    day: int, status: str, *, asked: bool
) -> None:
    """What may still run is asked about; what is over, today as well, was no order."""
    given = {
        "resourceType": "MedicationAdministration", "id": "given", "status": status,
        "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"text": "ketamine"},
        "effectiveDateTime": (DAY + timedelta(days=day)).isoformat(),
        "dosage": {"dose": {"value": 35, "unit": "mg"}, "route": {"text": "IV"}},
    }  # fmt: skip
    said = findings([entry(given)], ketamine("new", "draft"))
    assert ("second-ketamine-order" in said) is asked
