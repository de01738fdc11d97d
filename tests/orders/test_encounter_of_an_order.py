"""The encounter in which an order is placed, and what it says of where the drug is given."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import assess, load, read_chart
from cds.chart.drafts import DraftReader
from cds.orders.read import read_order
from cds.terminology.lookup import Terminology
from tests.charts.fhir import on_the_wire, one_patient
from tests.charts.reading import chart_of

Json = dict[str, Any]
DAY = date(2026, 6, 1)
CPT = "http://www.ama-assn.org/go/cpt"


def located(*places: tuple[str, str]) -> list[Json]:
    return [{"location": {"display": name}, "status": status} for name, status in places]


def encounter(**fields: Any) -> Json:
    made = {"resourceType": "Encounter", "id": "e", "status": "in-progress", "class": "AMB",
            "subject": {"reference": "Patient/p"}} | fields  # fmt: skip
    return {key: value for key, value in made.items() if value is not None}


def draft(kind: str = "MedicationRequest", **fields: Any) -> Json:
    what = {
        "code" if kind == "ServiceRequest" else "medicationCodeableConcept": {
            "text": "ketamine infusion" if kind == "ServiceRequest" else "ketamine 50 mg/mL"
        }
    }
    return {"resourceType": kind, "id": "d", "status": "draft", "intent": "order",
            "subject": {"reference": "Patient/p"}} | what | fields  # fmt: skip


LEFT_ICU = located(("Medical ICU", "completed"), ("Infusion clinic", "active"))
IN_ICU = located(("Infusion clinic", "completed"), ("Medical ICU", "active"))
LEFT_THEATRE = located(("Operating room 3", "completed"), ("Psychiatric ward", "active"))
IN_THEATRE = located(("Operating room 3", "active"))

SETTINGS: list[tuple[str, Json, str | None]] = [
    ("its class", {}, "outpatient"),
    ("a class in small letters", {"class": {"code": "imp"}}, "inpatient"),
    ("a class in capitals", {"class": {"code": "AMBULATORY"}}, "outpatient"),
    ("a class as a word", {"class": "emergency"}, "emergency"),
    ("a visit code in the place of the class", {"class": {"system": CPT, "code": "99205"}}, None),
    ("no class", {"class": None}, None),
    ("in intensive care", {"location": IN_ICU}, "icu"),
    ("was in intensive care", {"location": LEFT_ICU}, "outpatient"),
    ("intensive care by its service", {"serviceType": {"text": "Critical care"}}, "icu"),
    ("in theatre", {"class": {"code": "IMP"}, "location": IN_THEATRE}, "operating_room"),
    ("was in theatre", {"class": {"code": "IMP"}, "location": LEFT_THEATRE}, "inpatient"),
    ("to be in theatre", {"status": "planned", "location": located(("OR 1, operating room",
     "planned"))}, "operating_room"),
    ("not in theatre yet", {"location": located(("Operating room 3", "planned"))}, "outpatient"),
    ("entered in error", {"status": "entered-in-error", "location": IN_ICU}, None),
    ("cancelled", {"status": "cancelled", "location": IN_ICU}, None),
    ("finished", {"status": "finished", "location": IN_ICU}, None),
    ("ended, and nobody closed it", {"period": {"start": "2019-01-01", "end": "2019-01-03"}}, None),
    ("never closed", {"period": {"start": "2019-01-01"}}, None),
    ("planned", {"status": "planned", "period": {"start": "2026-09-01"}}, "outpatient"),
    ("no status", {"status": None}, "outpatient"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "setting"), [r[1:] for r in SETTINGS],
                         ids=[r[0] for r in SETTINGS])  # fmt: skip
@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
def test_an_order_is_given_where_its_encounter_is(
    kind: str, fields: Json, setting: str | None, terminology: Terminology
) -> None:
    made = encounter(**fields)
    chart = chart_of(one_patient(made), terminology)
    named = draft(kind, encounter={"reference": "Encounter/e"})
    inside = draft(kind, encounter={"reference": "#e"}, contained=[made])
    for one in (named, inside):
        read = DraftReader(chart, terminology).read(on_the_wire(one))
        assert read_order(read, terminology, DAY).setting == setting


@pytest.mark.parametrize("field", ["encounter", "context"])  # `context` is STU3's
@pytest.mark.parametrize("reference", [
    {"reference": "Encounter/e"}, {"reference": "https://ehr.example/fhir/Encounter/e/_history/2"},
    {"type": "Encounter", "identifier": {"system": "urn:visit", "value": "7"}},
    {"identifier": {"system": "urn:visit", "value": "7"}},
])  # fmt: skip
@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
def test_the_encounter_is_found_by_every_key(
    kind: str, field: str, reference: Json, terminology: Terminology
) -> None:
    made = encounter(location=IN_ICU, identifier=[{"system": "urn:visit", "value": "7"}])
    chart = chart_of(one_patient(made), terminology)
    read = DraftReader(chart, terminology).read(draft(kind, **{field: reference}))
    assert read_order(read, terminology, DAY).setting == "icu"


def test_what_is_no_encounter_says_nothing_of_the_place(terminology: Terminology) -> None:
    other = {"resourceType": "Procedure", "id": "e", "code": {"text": "ICU"}, "status": "completed"}
    chart = chart_of(one_patient(other), terminology)
    read = DraftReader(chart, terminology).read(draft(context={"reference": "Procedure/e"}))
    assert read_order(read, terminology, DAY).setting is None


PUSH = {"doseAndRate": [{"doseQuantity": {"value": 105, "unit": "mg"}}],
        "text": "IV push once"}  # fmt: skip
PATIENT = {"resourceType": "Patient", "id": "p", "birthDate": "1985-01-01"}
WEIGHT = {"resourceType": "Observation", "id": "w", "status": "final",
          "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-05-30",
          "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
          "valueQuantity": {"value": 70, "unit": "kg"}}  # fmt: skip


IN_2019 = {"class": "IMP", "type": [{"text": "ICU stay"}], "status": "finished",
           "period": {"start": "2019-01-01", "end": "2019-01-03"}}  # fmt: skip
NOT_CLOSED = IN_2019 | {"status": "in-progress"}
NEXT_YEAR = IN_2019 | {"status": "planned", "period": {"start": "2027-01-01"}}


@pytest.mark.parametrize(
    ("fields", "named", "said"),
    [
        ({"class": "IMP", "location": IN_ICU}, True, None),
        ({"class": "IMP", "location": IN_ICU}, False, None),  # in the file alone
        ({"location": LEFT_ICU}, True, "critical"),
        ({"location": LEFT_ICU}, False, "critical"),
        ({"location": LEFT_THEATRE}, True, "critical"),
        (IN_2019, True, "warning"),  # where it is given is not known: it is asked
        (IN_2019, False, "warning"),
        (NOT_CLOSED, True, "warning"),
        (NOT_CLOSED, False, "warning"),
        (NEXT_YEAR, True, None),  # an order may be placed for what is still to come
        (NEXT_YEAR, False, "warning"),
    ],
)
def test_an_induction_dose_is_critical_where_nobody_is_anaesthetised(
    fields: Json, named: bool, said: str | None
) -> None:
    engine = load()
    order = draft(dosageInstruction=[PUSH], priority="stat")
    if named:
        order["encounter"] = {"reference": "Encounter/e"}
    made = encounter(**fields)
    depressed = {"resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/p"},
                 "code": {"text": "Major depressive disorder, recurrent, severe"},
                 "clinicalStatus": {"text": "active"}}  # fmt: skip
    chart = read_chart(engine, on_the_wire([PATIENT, WEIGHT, depressed, made]))
    found = assess(engine, chart, DAY, [on_the_wire(order)]).assessment.findings
    severity = {finding.id: finding.severity for finding in found}
    assert severity.get("order-anaesthetic-dose") == said
