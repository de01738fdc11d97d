"""What an order is for, as the chart has it: by its own entry, with its status."""

from __future__ import annotations

from typing import Any

import pytest

from cds.api import assess, load, read_chart
from cds.terminology.lookup import Terminology
from tests.charts.fhir import ICD10CM, concept, on_the_wire, one_patient
from tests.charts.reading import chart_of, medications_of, order_of
from tests.orders.test_encounter_of_an_order import DAY, PATIENT, PUSH, WEIGHT, draft

Json = dict[str, Any]
MDD = {"code": concept(ICD10CM, "F33.2", "Major depressive disorder, recurrent severe")}
RSI = {"code": {"text": "Rapid sequence intubation"}}
SHOWN = "Major depressive disorder"


def so(verification: str) -> Json:
    return {"verificationStatus": {"coding": [{"code": verification}]}}


ROWS: list[tuple[str, str, Json, str | None, str, str]] = [
    # the resource, the display of the reference; a word of the reason's text, and the problem
    ("a diagnosis", "Condition", MDD, None, "depressive", ""),
    ("confirmed", "Condition", MDD | so("confirmed"), None, "depressive", ""),
    ("provisional", "Condition", MDD | so("provisional"), None, "depressive", ""),
    ("refuted", "Condition", MDD | so("refuted"), SHOWN, "", "Condition, refuted"),
    ("an error", "Condition", MDD | so("entered-in-error"), SHOWN, "",
     "Condition, entered-in-error"),
    ("no code", "Condition", {}, SHOWN, "depressive", ""),
    ("no code, no display", "Condition", {}, None, "", ""),
    ("a local code", "Condition", {"code": concept("urn:local", "77")}, SHOWN, "depressive", ""),
    ("a procedure", "Procedure", RSI | {"status": "in-progress"}, None, "intubation", ""),
    ("to be done", "Procedure", RSI | {"status": "preparation"}, None, "intubation", ""),
    ("not done", "Procedure", RSI | {"status": "not-done"}, "intubation", "",
     "Procedure, status not-done"),
    ("a procedure in error", "Procedure", RSI | {"status": "entered-in-error"}, "intubation", "",
     "Procedure, status entered-in-error"),
    ("an order", "ServiceRequest", RSI | {"status": "active"}, None, "intubation", ""),
    ("an order taken back", "ServiceRequest", RSI | {"status": "revoked"}, "intubation", "",
     "ServiceRequest, revoked"),
    ("an order in error", "ServiceRequest", RSI | {"status": "entered-in-error"}, None, "",
     "ServiceRequest, entered-in-error"),
    ("a score", "Observation", {"status": "final", "code": concept("http://loinc.org", "44261-6")},
     SHOWN, "depressive", ""),
    ("a score in error", "Observation", {"status": "entered-in-error", "code": {"text": "PHQ-9"}},
     SHOWN, "", "Observation, entered-in-error"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
@pytest.mark.parametrize("field", ["reasonReference", "R5's reason"])
def test_a_reason_counts_as_the_chart_has_it(
    kind: str, field: str, row: Any, terminology: Terminology
) -> None:
    _, of_what, fields, display, word, problem = row
    target = {"resourceType": of_what, "id": "x", "subject": {"reference": "Patient/p"}} | fields
    reference = {"reference": f"{of_what}/x"} | ({"display": display} if display else {})
    chart = chart_of(one_patient(target), terminology)
    r4, r5 = {"reasonReference": [reference]}, {"reason": [{"reference": reference}]}
    order = order_of(draft(kind, **(r4 if field in r4 else r5)), terminology, chart)
    assert word in order.reason_text.lower()
    assert bool(order.reason_text) is bool(word)
    assert ("mdd_any" in order.reason_sets or "depression_any" in order.reason_sets) is (
        word == "depressive"
    )
    path = "reasonReference[0]" if field in r4 else "reason[0].reference"
    assert [p for p in order.problems if "reason" in p] == (
        [f"{path}: no reason: {problem}"] if problem else []
    )


@pytest.mark.parametrize(("fields", "known"), [(MDD, True), (MDD | so("refuted"), False)])
def test_what_an_order_contains_is_read_the_same(
    fields: Json, known: bool, terminology: Terminology
) -> None:
    inside = {"resourceType": "Condition", "id": "x"} | fields
    made = draft(contained=[inside], reasonReference=[{"reference": "#x", "display": SHOWN}])
    assert ("mdd_any" in order_of(made, terminology).reason_sets) is known


@pytest.mark.parametrize(("fields", "known"), [(MDD, True), (MDD | so("refuted"), False)])
def test_a_medication_on_record_is_for_what_the_chart_has(
    fields: Json, known: bool, terminology: Terminology
) -> None:
    target = {"resourceType": "Condition", "id": "x", "subject": {"reference": "Patient/p"}}
    order = draft(reasonReference=[{"reference": "Condition/x"}]) | {"status": "active"}
    (entry,) = medications_of(one_patient(target | fields, order), terminology)
    assert ("mdd_any" in entry.reasons.sets) is known


@pytest.mark.parametrize(("status", "asked"), [("in-progress", False), ("not-done", True)])
def test_an_induction_dose_for_what_was_not_done_is_asked_about(status: str, asked: bool) -> None:
    engine = load()
    target = RSI | {"resourceType": "Procedure", "id": "x", "status": status,
                    "subject": {"reference": "Patient/p"}}  # fmt: skip
    depressed = MDD | {"resourceType": "Condition", "id": "c", "clinicalStatus": {"text": "active"},
                       "subject": {"reference": "Patient/p"}}  # fmt: skip
    order = draft(dosageInstruction=[PUSH], reasonReference=[{"reference": "Procedure/x"}])
    chart = read_chart(engine, on_the_wire([PATIENT, WEIGHT, depressed, target]))
    found = assess(engine, chart, DAY, [on_the_wire(order)]).assessment.findings
    assert any(finding.id == "order-anaesthetic-dose" for finding in found) is asked


@pytest.mark.parametrize(("fields", "candidate"), [({}, True), (so("refuted"), False),
                                                    (so("entered-in-error"), False)])  # fmt: skip
def test_a_refuted_diagnosis_makes_no_candidate(fields: Json, candidate: bool) -> None:
    engine = load()
    target = MDD | {"resourceType": "Condition", "id": "c", "clinicalStatus": {"text": "active"},
                    "subject": {"reference": "Patient/p"}} | fields  # fmt: skip
    order = draft(reasonReference=[{"reference": "Condition/c"}])
    chart = read_chart(engine, on_the_wire([PATIENT, WEIGHT, target]))
    found = assess(engine, chart, DAY, [on_the_wire(order)]).assessment
    assert any(one.ordered_for for one in found.candidacy) is candidate
