"""The marks of ICD-10-GM: confirmed, suspected, excluded, state after."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.chart.entries import Condition
from cds.fhir.record.patient_record import Skipped
from cds.knowledge.load import load_knowledge
from cds.terminology.codes.diagnosis_marks import marked
from cds.terminology.lookup import Terminology
from cds.terminology.model import Said
from tests.charts.fhir import one_patient
from tests.charts.reading import history_of

GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
CM = "http://hl7.org/fhir/sid/icd-10-cm"
SURE = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"


def coding(code: str, mark: str | None = None, system: str = GM) -> dict[str, Any]:
    extension = [{"url": SURE, "valueCoding": {"code": mark}}] if mark else []
    return {"coding": [{"system": system, "code": code, "extension": extension}]}


@pytest.mark.parametrize(
    ("concept", "said"),
    [
        (coding("I71.4"), None),
        (coding("I71.4 G"), None),
        (coding("I71.4V"), Said.DOUBTFUL),
        (coding("I71.4A"), Said.DENIED),
        (coding("I71.4 Z"), Said.PAST),
        (coding("M17.1VL"), Said.DOUBTFUL),
        (coding("M17.1RV"), Said.DOUBTFUL),
        (coding("M17.1R"), None),
        (coding("I71.4", "A"), Said.DENIED),
        (coding("I71.4", "V"), Said.DOUBTFUL),
        (coding("I71.4", "G"), None),
        (coding("F32.A", system=CM), None),  # in ICD-10-CM a letter is part of the code
        (coding("O99.A", system=CM), None),
        ({"text": "I71.4A"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_the_marks_say(concept: object, said: Said | None) -> None:
    assert marked(concept) == said


def test_marks_that_differ_are_doubt() -> None:
    both = {"coding": [*coding("I71.4A")["coding"], *coding("I71.4G")["coding"]]}
    assert marked(both) is Said.DOUBTFUL


def facts(
    concept: dict[str, Any], terminology: Terminology
) -> tuple[list[Condition], list[Skipped]]:
    condition = {
        "resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p"},
        "recordedDate": "2026-11-01", "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": concept,
    }  # fmt: skip
    record = one_patient(condition)
    history = history_of(record, terminology, load_knowledge(), date(2026, 11, 22))
    return list(history.conditions), list(history.skipped)


def test_an_excluded_diagnosis_is_none(terminology: Terminology) -> None:
    found, skipped = facts(coding("I71.4A"), terminology)
    assert found == []
    assert [s.reason for s in skipped] == ["excluded"]
    assert not skipped[0].lost


def test_a_suspected_one_is_unconfirmed_and_a_past_one_is_history(terminology: Terminology) -> None:
    ((suspected,), _), ((past,), _) = (facts(coding(c), terminology) for c in ("I71.4V", "I71.4Z"))
    ((sure,), _) = facts(coding("I71.4G"), terminology)
    assert (suspected.verification, sure.verification) == ("unconfirmed", "unknown")
    assert (past.history_of, sure.history_of) == (True, False)
    assert suspected.sets == past.sets == sure.sets
