"""What is not used is named: by reference, kind, reason, and what the chart calls it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.chart.entries import NO_RESULT, Chart
from cds.chart.read import read_chart
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology
from tests.charts.fhir import concept, one_patient
from tests.replaced import replace

LOINC = "http://loinc.org"
GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"


@pytest.fixture
def read(terminology: Terminology, knowledge: Knowledge):
    def reader(*resources: dict[str, Any]) -> Chart:
        record = one_patient(*resources)
        return read_chart(record, terminology, knowledge.measurements)

    return reader


@pytest.mark.parametrize(
    ("kind", "fields", "why", "name", "when"),
    [
        ("Condition", {"verificationStatus": "refuted", "code": {"text": "AAA"}},
         "refuted", "AAA", None),
        ("Condition", {"onsetDateTime": "2026-05"}, "no code and no text", "", date(2026, 5, 1)),
        ("Condition", {"code": concept(GM, "I71.4A"), "recordedDate": "2026-05-02"},
         "excluded", "I71.4A", date(2026, 5, 2)),
        ("Observation", {"status": "cancelled", "code": {"text": "Weight"}},
         "cancelled", "Weight", None),
        ("Observation", {"status": "final", "effectiveDateTime": "2026-05-02"},
         "no code and no text", "", date(2026, 5, 2)),
        ("QuestionnaireResponse",
         {"status": "in-progress",
          "item": [{"linkId": "/44260-8", "answer": [{"valueInteger": 1}]}]},
         "form is in-progress", "", None),
        ("AllergyIntolerance", {"code": {"text": "ketamine"}, "verificationStatus": "refuted"},
         "refuted", "ketamine", None),
        ("AllergyIntolerance", {"recordedDate": "2026-05-02"},
         "no code and no text", "", date(2026, 5, 2)),
        ("Procedure", {"status": "not-done", "code": {"text": "ECT"}},
         "status not-done", "ECT", None),
        ("Procedure", {"status": "completed", "code": {"text": "ECT cancelled"},
                       "performedDateTime": "2026-05-02"},
         "its words say that it was not done, or only planned", "ECT cancelled",
         date(2026, 5, 2)),
        ("ServiceRequest", {"status": "entered-in-error", "code": {"text": "hCG"}},
         "entered-in-error", "hCG", None),
        ("Encounter", {"status": "cancelled"}, "status cancelled", "", None),
    ],
)  # fmt: skip
def test_each_is_an_entry_with_its_reason(read, kind, fields, why, name, when) -> None:
    chart = read({"resourceType": kind, "id": "x"} | fields)
    (unread,) = chart.unread
    assert (unread.reference, unread.kind, unread.why) == (f"{kind}/x", kind, why)
    assert (unread.name, unread.when) == (name, when)
    alone = Chart(chart.person, unread=chart.unread, answered=chart.answered)
    assert set(chart.named.values()) <= {unread}
    assert replace(chart, named={}) == alone


def observation(code: dict[str, Any], ident: str, **fields: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": ident, "status": "final", "code": code} | fields


def test_observations_that_no_rule_asks_about_are_counted_by_code(read) -> None:
    chart = read(
        observation(concept(LOINC, "99999-9"), "a"),
        observation(concept("urn:oid:2.16.840.1.113883.6.1", "99999-9"), "b"),  # LOINC, by its OID
        observation({"text": "hat size"}, "c"),
        observation(concept(LOINC, "29463-7"), "d"),
    )
    assert chart.unknown_observations == {(LOINC, "99999-9"): 2, ("", ""): 1}
    assert [result.kind for result in chart.results] == ["body_weight"]
    assert chart.unread == ()


@pytest.mark.parametrize(
    "resource",
    [
        observation(concept(LOINC, "85354-9"), "a", hasMember=[{"reference": "Observation/b"}]),
        {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed",
         "item": [{"linkId": "/44250-9", "answer": [{"valueInteger": 1}]}]},
    ],
    ids=["panel", "form"],
)  # fmt: skip
def test_what_says_nothing_itself_is_an_entry_too(read, resource) -> None:
    (result,) = read(resource).results
    assert (result.value, result.problem) == (None, NO_RESULT)
