"""What is dated after the day is left out and said, and nothing else is said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.fhir.record.skipped import DATED_LATER
from cds.terminology.lookup import Terminology
from tests.charts.fhir import on_day, one_patient

DAY = date(2026, 6, 15)
BEFORE, AFTER = "2026-06-14", "2026-06-16"
DRUGS = {
    "a drug": {"text": "sertraline 50 mg tablet"},
    "ketamine": {"text": "ketamine 50 mg/mL injection"},
    "a drug that nobody knows": {"text": "zzz-17"},
    "a drug that no rule asks about": {"text": "amoxicillin 500 mg capsule"},
    "no drug": {"text": "not taking sertraline"},
}


def medication(kind: str, drug: str = "a drug", **fields: Any) -> dict[str, Any]:
    status = "completed" if kind in ("Dispense", "Administration") else "active"
    return {
        "resourceType": f"Medication{kind}", "id": "x", "status": status, "intent": "order",
        "medicationCodeableConcept": DRUGS[drug],
    } | fields  # fmt: skip


def starts(day: str) -> list[dict[str, Any]]:
    return [{"text": "1 tablet daily", "timing": {"repeat": {"boundsPeriod": {"start": day}}}}]


def asserted(day: str, begins: str) -> dict[str, Any]:
    return {"dateAsserted": day, "effectivePeriod": {"start": begins}}


LATER = {"authoredOn": AFTER, "dateAsserted": AFTER, "effectiveDateTime": AFTER,
         "whenHandedOver": AFTER}  # fmt: skip
KINDS = ("Request", "Statement", "Dispense", "Administration")


@pytest.mark.parametrize("drug", DRUGS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [None, "entered-in-error", "cancelled", "not-done"])
def test_every_medication_that_is_dated_later(
    kind: str, drug: str, status: str | None, terminology: Terminology
) -> None:
    entry = medication(kind, drug, **LATER, **({"status": status} if status else {}))
    found = on_day(one_patient(entry), terminology, as_of=DAY)
    assert [(one.resource, one.reason) for one in found.skipped] == [
        (f"Medication{kind}/x", DATED_LATER)
    ]
    assert (found.medications, found.unread_drugs, found.ketamine_sessions) == ((), (), ())
    assert found.first_medication_record is None


PARTS = [
    # the entry, is it there on the day, is it said to be dated later
    (medication("Request", authoredOn=BEFORE), True, False),
    (medication("Request", authoredOn=str(DAY)), True, False),
    (medication("Request", authoredOn="2026-06"), True, False),
    (medication("Request", authoredOn="2026"), True, False),
    (medication("Request", authoredOn="2026-07"), False, True),
    (medication("Request"), True, False),  # no date tells that it lies ahead
    (medication("Request", dosageInstruction=starts(AFTER)), False, True),
    (medication("Request", dispenseRequest={"validityPeriod": {"start": AFTER}}), False, True),
    # written in time, to begin later
    (medication("Request", authoredOn=BEFORE, dosageInstruction=starts(AFTER)), False, False),
    (medication("Statement", **asserted(BEFORE, AFTER)), False, False),
    (medication("Dispense", whenPrepared=BEFORE, whenHandedOver=AFTER), False, False),
    # begun in time, written down later
    (medication("Request", authoredOn=AFTER, dosageInstruction=starts(BEFORE)), True, False),
    (medication("Statement", **asserted(AFTER, BEFORE)), True, False),
    (medication("Statement", effectivePeriod={"end": AFTER}), True, False),
    (medication("Dispense", whenPrepared=AFTER), False, True),
    (medication("Administration", effectivePeriod={"start": AFTER}), False, True),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "is_there", "said"), PARTS)
def test_which_date_tells(
    entry: dict[str, Any], is_there: bool, said: bool, terminology: Terminology
) -> None:
    found = on_day(one_patient(entry), terminology, as_of=DAY)
    assert bool(found.medications) is is_there
    assert [one.reason for one in found.skipped] == ([DATED_LATER] if said else [])


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("2026-06-14", date(2026, 6, 14)), ("2026-05", date(2026, 5, 31)),
        ("2026-06", DAY), ("2026", DAY),  # the shortest time that they allow, as for the course
        ("2026-07", None), ("2026-06-16", None),
    ],
)  # fmt: skip
def test_the_first_record_is_as_old_as_its_course(
    written: str, first: date | None, terminology: Terminology
) -> None:
    entry = medication("Request", authoredOn=written)
    found = on_day(one_patient(entry), terminology, as_of=DAY)
    assert found.first_medication_record == first
    assert [course.start for course in found.medications] == ([first] if first else [])


WEIGHT = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
REFUTED = {"coding": [{"code": "refuted"}]}
UNREAD = [
    # a resource that is not used on any day, and its date
    ("Condition", {"verificationStatus": REFUTED, "code": {"text": "AAA"}}, "onsetDateTime"),
    ("Condition", {}, "recordedDate"),
    ("Observation", {"status": "cancelled", "code": WEIGHT}, "effectiveDateTime"),
    ("Observation", {"status": "final"}, "effectiveDateTime"),
    ("QuestionnaireResponse", {"status": "in-progress"}, "authored"),
    ("QuestionnaireResponse", {"status": "completed"}, "authored"),
    ("AllergyIntolerance", {"verificationStatus": REFUTED, "code": {"text": "nuts"}},
     "recordedDate"),
    ("AllergyIntolerance", {}, "recordedDate"),
    ("Procedure", {"status": "not-done", "code": {"text": "ECT"}}, "performedDateTime"),
    ("Procedure", {"status": "completed"}, "performedDateTime"),
    ("ServiceRequest", {"status": "entered-in-error", "code": {"text": "hCG"}}, "authoredOn"),
    ("Encounter", {"status": "cancelled"}, "period"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "dated"), UNREAD)
def test_what_is_not_used_was_not_there_either(
    kind: str, fields: dict[str, Any], dated: str, terminology: Terminology
) -> None:
    def reason(day: str) -> str:
        on = {"start": day} if dated == "period" else day
        resource = {"resourceType": kind, "id": "x", **fields, dated: on}
        (one,) = on_day(one_patient(resource), terminology, as_of=DAY).skipped
        return one.reason

    assert reason(AFTER) == DATED_LATER
    assert reason(BEFORE) == reason(str(DAY)) == reason("2026") != DATED_LATER
