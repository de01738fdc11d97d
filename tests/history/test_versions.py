"""Older FHIR versions: renamed fields are read, other shapes are refused, nothing is misread."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cds.fhir.record.patient_record import gather, records_from_bundle
from cds.fhir.record.versions import Refused, as_r4
from cds.knowledge.load import Knowledge
from cds.terminology.lookup import Terminology
from cds.wire import decode
from tests.charts.reading import history_of


def code_of(concept: Any) -> str:
    return str(concept["coding"][0]["code"])


def test_condition_of_stu3_and_dstu2() -> None:
    stu3 = as_r4({
        "resourceType": "Condition", "clinicalStatus": "active", "verificationStatus": "confirmed",
        "context": {"reference": "Encounter/e"}, "assertedDate": "2017-01-01",
    })  # fmt: skip
    assert (code_of(stu3["clinicalStatus"]), code_of(stu3["verificationStatus"])) == (
        "active",
        "confirmed",
    )
    assert stu3["recordedDate"] == "2017-01-01"
    assert stu3["encounter"] == {"reference": "Encounter/e"}
    dstu2 = as_r4({
        "resourceType": "Condition", "clinicalStatus": "resolved", "dateRecorded": "2015-01-01",
        "patient": {"reference": "Patient/p"}, "category": {"coding": [{"code": "problem"}]},
    })  # fmt: skip
    assert dstu2["subject"] == {"reference": "Patient/p"}
    assert dstu2["recordedDate"] == "2015-01-01"
    assert dstu2["category"] == [{"coding": [{"code": "problem"}]}]


def test_dosage_of_stu3() -> None:
    dosage = {"doseQuantity": {"value": Decimal(50), "unit": "mg"}, "text": "x"}
    read = as_r4({"resourceType": "MedicationRequest", "dosageInstruction": [dosage]})
    assert read["dosageInstruction"][0]["doseAndRate"] == [{"doseQuantity": dosage["doseQuantity"]}]
    simple = {"doseSimpleQuantity": dosage["doseQuantity"]}
    read = as_r4({"resourceType": "MedicationStatement", "dosage": [simple], "taken": "y"})
    assert read["dosage"][0]["doseAndRate"] == [{"doseQuantity": dosage["doseQuantity"]}]


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        ({"resourceType": "MedicationStatement", "status": "active", "taken": "n"}, "not-taken"),
        ({"resourceType": "MedicationStatement", "status": "active", "taken": "unk"}, "unknown"),
        ({"resourceType": "MedicationStatement", "status": "active", "taken": "y"}, "active"),
        ({"resourceType": "MedicationDispense", "status": "x", "notDone": True}, "declined"),
        ({"resourceType": "MedicationAdministration", "status": "x", "notGiven": True}, "not-done"),
        ({"resourceType": "Procedure", "status": "completed", "notDone": True}, "not-done"),
        ({"resourceType": "Procedure", "status": "completed", "notPerformed": True}, "not-done"),
    ],
)  # fmt: skip
def test_negations_of_older_versions(resource: dict[str, Any], status: str) -> None:
    assert as_r4(resource)["status"] == status


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "MedicationOrder", "patient": {"reference": "Patient/p"}},
        {"resourceType": "MedicationStatement", "patient": {}, "wasNotTaken": False},
        {"resourceType": "MedicationDispense", "patient": {"reference": "Patient/p"}},
        {"resourceType": "MedicationAdministration", "patient": {}, "wasNotGiven": False},
        {"resourceType": "MedicationRequest", "medication": {"concept": {"text": "sertraline"}}},
        {"resourceType": "MedicationStatement", "medication": {"reference": {"reference": "M/1"}}},
    ],
    ids=lambda r: r["resourceType"],
)
def test_refused_with_a_reason(resource: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"(DSTU2|R5) \w+: not read"):
        as_r4(resource)


def test_what_was_refused_is_unknown_and_not_absent() -> None:
    order = {"resourceType": "MedicationOrder", "id": "o", "patient": {"reference": "Patient/p"}}
    record = gather(
        [{"resourceType": "Patient", "id": "p"}, order], answered={"patient", "medicationRequests"}
    )
    assert record.unavailable == {"medicationRequests": "DSTU2 MedicationOrder: not read"}
    assert record.answered == {"patient"}


def test_the_reason_does_not_depend_on_what_came_first() -> None:
    old = {"resourceType": "MedicationOrder", "id": "o", "patient": {"reference": "Patient/p"}}
    new = {"resourceType": "MedicationRequest", "id": "n", "medication": {"concept": {"text": "x"}}}
    first, second = (gather(listed, answered=set()) for listed in ([old, new], [new, old]))
    assert first.unavailable == second.unavailable != {}


def test_r4_is_left_as_it_is() -> None:
    for resource in (
        {"resourceType": "Condition", "clinicalStatus": {"coding": [{"code": "active"}]}},
        {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p"}},
        {"resourceType": "MedicationRequest", "dosageInstruction": [{"doseAndRate": []}]},
        {"resourceType": "Observation", "category": [{}]},
    ):
        assert as_r4(resource) is resource


def test_allergy_of_dstu2() -> None:
    read = as_r4({
        "resourceType": "AllergyIntolerance", "status": "refuted", "criticality": "CRITH",
        "substance": {"text": "ketamine"}, "patient": {"reference": "Patient/p"},
    })  # fmt: skip
    assert code_of(read["verificationStatus"]) == "refuted"
    assert (read["criticality"], read["code"]) == ("high", {"text": "ketamine"})


OLD = ("pain-dstu2", "other-versions")


@pytest.mark.shared
@pytest.mark.parametrize("folder", OLD)
def test_charts_of_older_servers(
    folder: str, shared_dir: Path, terminology: Terminology, knowledge: Knowledge
) -> None:
    """Survived, and no drug of a DSTU2 order is taken for absent or for taken."""
    for path in sorted((shared_dir / "fhir-data" / folder).glob("*.json")):
        (record,) = records_from_bundle(decode(path.read_bytes()))
        history = history_of(record, terminology, knowledge, date(2026, 11, 22))
        dstu2 = "dstu2" in folder or path.name.startswith("dstu2")
        if dstu2:
            assert "medicationRequests" not in history.answered
            assert not any("MedicationRequest" in s for c in history.medications for s in c.source)
            assert "MedicationOrder: not read" in history.unavailable["medicationRequests"]
        assert history.person.id != "unknown"
        assert bool(history.conditions) == bool(list(record.of("Condition")))
