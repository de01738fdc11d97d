"""The whole history of a chart: every reader is asked, and nothing that lacks reads as absent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from medication_charts import TABLE, chart

from cds.fhir.queries import QUERIES
from cds.fhir.record.patient_record import (
    PatientRecord,
    gather,
    records_from_bundle,
    records_from_ndjson,
)
from cds.history.model.history import History
from cds.knowledge.load import Knowledge, load_knowledge
from cds.terminology.lookup import Terminology, load_terminology
from cds.wire import decode, encode
from tests.charts.fhir import concept
from tests.charts.reading import history_of

AS_OF = date(2026, 11, 22)
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-05-02"}
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


CHART: list[dict[str, Any]] = [
    PATIENT,
    {"resourceType": "Condition", "id": "c", "code": concept(SNOMED, "370143000"),
     "clinicalStatus": {"coding": [{"code": "active"}]}, "onsetDateTime": "2024-08-23"},
    {"resourceType": "Observation", "id": "w", "status": "final", "code": concept(LOINC, "29463-7"),
     "effectiveDateTime": "2026-11-10",
     "valueQuantity": {"value": 70, "unit": "kg", "code": "kg"}},
    {"resourceType": "MedicationRequest", "id": "s", "status": "completed", "intent": "order",
     "medicationCodeableConcept": concept(RXNORM, "312938"), "authoredOn": "2025-01-10",
     "dosageInstruction": [{"text": "1 tablet daily"}],
     "dispenseRequest": {"quantity": {"value": 84}}},
    {"resourceType": "MedicationRequest", "id": "f", "status": "active", "intent": "order",
     "medicationCodeableConcept": concept(RXNORM, "197696"), "authoredOn": "2026-11-01",
     "dosageInstruction": [{"text": "apply 1 patch every 72 hours"}]},
    {"resourceType": "MedicationRequest", "id": "l", "status": "active", "intent": "order",
     "medicationCodeableConcept": concept(RXNORM, "197901"), "authoredOn": "2026-11-01",
     "dosageInstruction": [{"text": "1 tablet twice daily"}]},
]  # fmt: skip


def history(record: PatientRecord, as_of: date = AS_OF) -> History:
    return history_of(record, load_terminology(), load_knowledge(), as_of)


def test_every_part_is_read() -> None:
    found = history(gather(decode(encode(CHART))))
    assert (found.person.id, found.person.age) == ("p", 46)
    assert [c.ingredient for c in found.medications] == ["fentanyl", "lorazepam", "sertraline"]
    (trial,) = found.antidepressant_trials
    assert (trial.ingredient, str(trial.weeks), trial.adequacy) == ("sertraline", "12.0", "strict")
    assert found.opioids.mme_per_day == 180  # a 75 ug/h patch
    assert found.sedatives.diazepam_equivalent_mg_per_day is not None
    weight = found.latest("body_weight")
    assert weight is not None
    assert weight.value == 70
    assert found.first_medication_record == date(2025, 1, 10)
    assert found.episode_start == date(2024, 8, 23)


def test_what_was_not_seen_is_named() -> None:
    record = gather([PATIENT], answered={"patient", "conditions"})
    record.unavailable["allergies"] = "the server did not answer"
    found = history(record)
    assert "allergies: not seen (the server did not answer)" in found.unknown
    for key in QUERIES.keys() - {"patient", "conditions", "allergies"}:
        assert f"{key}: not seen" in found.unknown
    assert found.opioids.mme_per_day is None
    assert found.first_medication_record is None


def test_no_opioid_on_record_is_zero_and_not_unknown() -> None:
    assert history(gather([PATIENT], answered=QUERIES)).opioids.mme_per_day == 0


def test_an_unusable_resource_is_said_once() -> None:
    wrong = {**CHART[3], "id": "e", "status": "entered-in-error"}
    found = history(gather([*CHART, wrong]))
    assert [s.resource for s in found.skipped] == ["MedicationRequest/e"]


@given(st.lists(st.sampled_from(CHART[1:]), max_size=5), st.permutations(CHART))
def test_order_and_duplicates_change_nothing(
    again: list[dict[str, Any]], order: list[dict[str, Any]]
) -> None:
    assert history(gather([*again, *order])) == history(gather(CHART))


@given(st.sets(st.sampled_from(sorted(QUERIES))))
def test_an_unanswered_key_never_makes_a_zero(answered: set[str]) -> None:
    """Property 3: without medication data, opioids and sedatives are unknown, never none."""
    found = history(gather([PATIENT], answered=answered))
    asked = any(key.startswith("medication") for key in answered)
    assert (found.opioids.mme_per_day is None) is not asked
    assert (found.sedatives.diazepam_equivalent_mg_per_day is None) is not asked


@given(st.sampled_from(TABLE["cases"]), st.dates(date(2024, 1, 1), date(2027, 1, 1)))
def test_any_day_can_be_asked_for(case: dict[str, Any], day: date) -> None:
    found = history(gather(decode(encode([PATIENT, *chart(case)]))), day)
    assert all(c.end is None or c.end <= day for c in found.medications)


@pytest.mark.shared
def test_every_chart_of_the_research_folder(
    shared_dir: Path, terminology: Terminology, knowledge: Knowledge
) -> None:
    """No exception, and each chart becomes a history of its own patient."""
    folder = shared_dir / "fhir-data"
    records = [
        record
        for path in sorted(folder.glob("*/*.json"))
        for record in records_from_bundle(decode(path.read_bytes()))
    ]
    lines = [line for p in folder.glob("bulk-r4/*.ndjson") for line in p.read_bytes().splitlines()]
    records += records_from_ndjson(lines)
    assert len(records) > 100
    for record in records:
        found = history_of(record, terminology, knowledge, AS_OF)
        assert found.person.id != "unknown" or record.patient is None
        for course in found.medications:
            assert course.source
            assert course.undated or course.segments
