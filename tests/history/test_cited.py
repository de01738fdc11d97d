"""What tells the drug and the reason of a medication stands among the sources of what it proves."""

from __future__ import annotations

from typing import Any

import pytest

from cds.api import assess, load, read_chart
from cds.terminology.lookup import Terminology
from tests.charts.fhir import AS_OF, on_day, on_the_wire, one_patient

DRUG = {"text": "sertraline 100 mg tablet"}
PAIN = {"text": "chronic low back pain"}
OTHERS = [
    {"resourceType": "Medication", "id": "vial", "code": DRUG},
    {"resourceType": "Medication", "id": "bag", "code": {"text": "house mixture 7"},
     "ingredient": [{"itemReference": {"reference": "Medication/vial"}}]},
    {"resourceType": "Medication", "id": "number", "code": {"text": "lot 17"}},
    {"resourceType": "Condition", "id": "c", "code": PAIN},
    {"resourceType": "Condition", "id": "refuted", "code": PAIN,
     "verificationStatus": {"coding": [{"code": "refuted"}]}},
    {"resourceType": "Procedure", "id": "p", "status": "completed",
     "code": {"text": "hip replacement"}},
]  # fmt: skip
INSIDE = [
    {"resourceType": "Medication", "id": "m", "code": DRUG},
    {"resourceType": "Condition", "id": "c", "code": PAIN},
    {"resourceType": "Medication", "id": "mix",
     "ingredient": [{"itemReference": {"reference": "Medication/vial"}}]},
]  # fmt: skip


def of(reference: str, **more: Any) -> dict[str, Any]:
    return {"medicationReference": {"reference": reference} | more}


def because(reference: str) -> dict[str, Any]:
    return {"medicationCodeableConcept": DRUG, "reasonReference": [{"reference": reference}]}


CITED = [
    # what an order says, what stands beside it among the sources
    ({"medicationCodeableConcept": DRUG}, []),
    (of("Medication/vial"), ["Medication/vial"]),
    (of("https://ehr.example/fhir/Medication/vial"), ["Medication/vial"]),
    (of("Medication/bag"), ["Medication/bag", "Medication/vial"]),
    (of("Medication/number", display="sertraline 100 mg tablet"), ["Medication/number"]),
    (of("Medication/elsewhere", display="sertraline 100 mg tablet"), []),
    (of("#m"), []),  # part of the order
    (of("m"), []),
    (of("#mix"), ["Medication/vial"]),
    (because("Condition/c"), ["Condition/c"]),
    (because("Procedure/p"), ["Procedure/p"]),
    (because("Condition/refuted"), []),  # it is no reason
    (because("Condition/elsewhere"), []),
    (because("#c"), []),
    (of("Medication/vial") | {"reasonReference": [{"reference": "Condition/c"}] * 2},
     ["Medication/vial", "Condition/c"]),
]  # fmt: skip


@pytest.mark.parametrize(("says", "cited"), CITED)
def test_what_a_course_and_its_trial_cite(
    says: dict[str, Any], cited: list[str], terminology: Terminology
) -> None:
    order = {
        "resourceType": "MedicationRequest", "id": "rec", "status": "active", "intent": "order",
        "authoredOn": "2026-01-10", "contained": INSIDE,
        "dosageInstruction": [{"text": "1 tablet daily"}],
    } | says  # fmt: skip
    found = on_day(one_patient(order, *OTHERS), terminology)
    (course,), (trial,) = found.medications, found.antidepressant_trials
    sources = ("MedicationRequest/rec", *cited)
    assert (course.source, trial.source) == (sources, sources)
    assert course.segments[0].source == sources
    assert course.entries == ("MedicationRequest/rec",)


def entry(kind: str, **fields: Any) -> dict[str, Any]:
    drug = {"medicationReference": {"reference": "Medication/drug"}}
    status = {"status": "completed" if kind in ("Dispense", "Administration") else "active"}
    return {"resourceType": f"Medication{kind}", "id": kind, "intent": "order"} | status | drug | {
        "authoredOn": "2026-11-01", "whenHandedOver": "2026-11-02",
        "effectiveDateTime": "2026-11-20",
    } | fields  # fmt: skip


TOTALS = [
    # the drug, who tells of it, the fact that rests on it
    ("oxycodone 10 mg tablet", entry("Request"), lambda f: f.opioids.source),
    ("oxycodone 10 mg tablet", entry("Statement"), lambda f: f.opioids.source),
    ("lorazepam 1 mg tablet", entry("Dispense"), lambda f: f.sedatives.source),
    ("ketamine 50 mg/mL injection", entry("Administration"),
     lambda f: f.ketamine_sessions[0].source),
    ("zzz-17", entry("Request"), lambda f: f.unread_drugs[0].source),
]  # fmt: skip


@pytest.mark.parametrize(("drug", "told", "fact"), TOTALS)
def test_what_a_total_a_session_and_an_unread_drug_cite(
    drug: str, told: dict[str, Any], fact: Any, terminology: Terminology
) -> None:
    medication = {"resourceType": "Medication", "id": "drug", "code": {"text": drug}}
    told = told | {"reasonReference": [{"reference": "Condition/c"}]}
    found = on_day(one_patient(told, medication, *OTHERS), terminology)
    # it rests on the drug, whatever it is for
    assert set(fact(found)) == {f"{told['resourceType']}/{told['id']}", "Medication/drug"}


def test_an_order_and_its_dispense_cite_their_medication_once(terminology: Terminology) -> None:
    medication = {"resourceType": "Medication", "id": "drug", "code": DRUG}
    filled = entry("Dispense", authorizingPrescription=[{"reference": "MedicationRequest/Request"}])
    (course,) = on_day(one_patient(entry("Request"), filled, medication), terminology).medications
    cited = ["MedicationDispense/Dispense", "MedicationRequest/Request", "Medication/drug"]
    assert sorted(course.source) == sorted(cited)
    assert all(sorted(segment.source) == sorted(cited) for segment in course.segments)


@pytest.mark.parametrize(
    "drug",
    ["ketamine 50 mg/mL injection", "lorazepam 2 mg/mL injection", "methadone 10 mg tablet",
     "sertraline 100 mg tablet", "zzz-17"],
)  # fmt: skip
def test_where_drug_and_reason_stand_changes_no_finding(drug: str) -> None:
    """An order is no other than itself, and what a drug is for no diagnosis of the drug's."""
    engine = load()
    medication = {"resourceType": "Medication", "id": "drug", "code": {"text": drug}}

    def findings(says: dict[str, Any]) -> list[Any]:
        order = {
            "resourceType": "MedicationRequest", "id": "o", "status": "active", "intent": "order",
            "authoredOn": "2026-11-01", "dosageInstruction": [{"text": "zap"}],
        } | says  # fmt: skip
        chart = read_chart(engine, one_patient(order, medication, *OTHERS))
        answer = assess(engine, chart, AS_OF, on_the_wire([order | {"status": "draft"}]),
                        others=on_the_wire([medication]))  # fmt: skip
        report: Any = on_the_wire(answer.report())
        verdicts = [(c.indication, c.verdict) for c in answer.assessment.candidacy]
        found = [(f.id, f.severity) for f in answer.assessment.findings]
        return [*found, *verdicts, *report["unread"]]

    inside = {"medicationCodeableConcept": {"text": drug}, "reasonCode": [PAIN]}
    outside = of("Medication/drug") | {"reasonReference": [{"reference": "Condition/c"}]}
    assert findings(inside) == findings(outside)
