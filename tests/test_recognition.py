"""`terminology check`: what becomes of the entries of charts, by kind and system."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cds.api import load, read_chart
from cds.commands.terminology import terminology
from cds.fhir.record.patient_record import gather
from cds.recognition import NO_CODE, Outcome, Recognition, recognition
from cds.terminology.codes import systems
from tests.charts.fhir import one_patient

Json = dict[str, Any]
LOCAL = "http://x"


def coded(system: str, code: str, **text: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": "Jane's secret"}]} | text


def found(*resources: Json) -> Recognition:
    made = [one | {"id": f"r{n}", "subject": {"reference": "Patient/p"}}
            for n, one in enumerate(resources)]  # fmt: skip
    record = one_patient(*made)
    return recognition([read_chart(load(), record)])


def medication(concept: Json, kind: str = "MedicationRequest", **fields: Any) -> Json:
    return {"resourceType": kind, "status": "active", "medicationCodeableConcept": concept} | fields


def condition(concept: Json, **fields: Any) -> Json:
    return {"resourceType": "Condition", "code": concept} | fields


def observation(concept: Json, **fields: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": concept} | fields


def allergy(concept: Json, **fields: Any) -> Json:
    return {"resourceType": "AllergyIntolerance", "code": concept} | fields


KG = {"valueQuantity": {"value": 70, "unit": "kg"}}
REFUTED = {"verificationStatus": {"coding": [{"code": "refuted"}]}}
ROWS: list[tuple[Json, str, Outcome]] = [
    # the resource, its system, what becomes of it
    (medication(coded(systems.RXNORM, "6130")), systems.RXNORM, Outcome.CODE),
    (medication(coded(systems.RXNORM, "6130"), "MedicationDispense", status="completed"),
     systems.RXNORM, Outcome.CODE),
    (medication({"text": "ketamine"}), NO_CODE, Outcome.TEXT),
    (medication(coded(LOCAL, "7", text="ketamine")), NO_CODE, Outcome.TEXT),
    (medication(coded(LOCAL, "7")), LOCAL, Outcome.UNREAD),
    (medication({"text": "xyzzy"}), NO_CODE, Outcome.UNREAD),
    (medication(coded(systems.RXNORM, "6130"), status="entered-in-error"), NO_CODE,
     Outcome.SET_ASIDE),
    (medication({"text": "no benzodiazepines"}), NO_CODE, Outcome.SET_ASIDE),
    (condition(coded(systems.ICD10CM, "F33.2")), systems.ICD10CM, Outcome.CODE),
    (condition({"text": "MDD"}), NO_CODE, Outcome.TEXT),
    (condition(coded(systems.ICD10CM, "H61.21")), systems.ICD10CM, Outcome.IRRELEVANT),
    (condition({"text": "sore toe"}), NO_CODE, Outcome.IRRELEVANT),
    (condition({"text": "sore xyzzy"}), NO_CODE, Outcome.UNREAD),
    (condition(coded(LOCAL, "7")), LOCAL, Outcome.UNREAD),
    (condition({"text": "no xyzzy"}), NO_CODE, Outcome.IRRELEVANT),
    (condition({"text": "MDD, xyzzy"}), NO_CODE, Outcome.UNREAD),
    (condition({}), NO_CODE, Outcome.UNREAD),
    (condition(coded(systems.ICD10CM, "F33.2"), **REFUTED), NO_CODE, Outcome.SET_ASIDE),
    (observation(coded(systems.LOINC, "29463-7"), **KG), systems.LOINC, Outcome.CODE),
    (observation(coded(systems.LOINC, "29463-7")), systems.LOINC, Outcome.UNREAD),
    (observation(coded(systems.LOINC, "718-7")), systems.LOINC, Outcome.IRRELEVANT),
    (observation({"text": "mood of the day"}), NO_CODE, Outcome.IRRELEVANT),
    (observation({}), NO_CODE, Outcome.UNREAD),
    (allergy(coded(systems.RXNORM, "6130")), systems.RXNORM, Outcome.CODE),
    (allergy({"text": "peanut"}), NO_CODE, Outcome.IRRELEVANT),
    (allergy({"text": "NKDA"}), NO_CODE, Outcome.IRRELEVANT),
    (allergy({"text": "xyzzy"}), NO_CODE, Outcome.UNREAD),
    (allergy({}), NO_CODE, Outcome.UNREAD),
    ({"resourceType": "Procedure", "status": "completed", "code": coded(systems.HCPCS, "G2083")},
     systems.HCPCS, Outcome.CODE),
    ({"resourceType": "Procedure", "status": "completed", "code": {"text": "ketamine infusion"}},
     NO_CODE, Outcome.TEXT),
    ({"resourceType": "Procedure", "status": "completed", "code": {"text": "tooth cleaning"}},
     NO_CODE, Outcome.IRRELEVANT),
    ({"resourceType": "Procedure", "status": "completed", "code": {"text": "xyzzy session"}},
     NO_CODE, Outcome.UNREAD),
    ({"resourceType": "ServiceRequest", "status": "active", "code": coded(LOCAL, "9")}, LOCAL,
     Outcome.IRRELEVANT),
    ({"resourceType": "ServiceRequest", "status": "completed", "code": coded(LOCAL, "9")}, NO_CODE,
     Outcome.SET_ASIDE),
    ({"resourceType": "Encounter", "status": "cancelled"}, NO_CODE, Outcome.SET_ASIDE),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "system", "outcome"), ROWS, ids=str)
def test_an_entry_is_counted_once(resource: Json, system: str, outcome: Outcome) -> None:
    assert found(resource).outcomes == {(resource["resourceType"], system, outcome): 1}


def test_codes_are_listed_where_no_table_knows_them() -> None:
    told = found(
        medication(coded(LOCAL, "7")), medication(coded(LOCAL, "7")),
        medication(coded(LOCAL, "8", text="ketamine")), medication(coded(systems.RXNORM, "6130")),
        observation(coded(systems.LOINC, "718-7")), condition(coded(systems.ICD10CM, "H61.21")),
    )  # fmt: skip
    assert told.codes == {
        ("MedicationRequest", LOCAL, "7", Outcome.UNREAD): 2,
        ("MedicationRequest", LOCAL, "8", Outcome.TEXT): 1,
        ("Observation", systems.LOINC, "718-7", Outcome.IRRELEVANT): 1,
        ("Condition", systems.ICD10CM, "H61.21", Outcome.IRRELEVANT): 1,
    }
    assert told.reasons == {("MedicationRequest", "drug not recognised"): 2}


def test_shares_add_up_and_what_says_nothing_is_no_part() -> None:
    told = found(
        condition(coded(systems.ICD10CM, "F33.2")), condition({"text": "MDD"}),
        condition({"text": "sore toe"}), condition({"text": "xyzzy"}),
        condition({"text": "xyzzy"}, **REFUTED), allergy({"text": "NKDA"}),
    )  # fmt: skip
    shares = {name: (total, became) for name, total, became in told.shares()}
    assert shares["diagnoses"] == (
        4,
        {Outcome.CODE: 1, Outcome.TEXT: 1, Outcome.IRRELEVANT: 1, Outcome.UNREAD: 1},
    )
    assert shares["allergies"] == (1, {Outcome.IRRELEVANT: 1})
    assert shares["drugs"] == (0, {})


def test_what_the_file_left_out_is_counted_once_however_many_its_patients() -> None:
    charts = [
        read_chart(load(), gather([{"resourceType": "Patient", "id": ident}, 7]))  # type: ignore[list-item]
        for ident in ("a", "b")
    ]
    (said,) = recognition(charts).reasons.items()
    assert said[1] == 1


# ---- the command ---------------------------------------------------------------------------------


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], Result]:
    def run(text: str, name: str = "chart.json") -> Result:
        path = tmp_path / name
        path.write_text(text)
        return CliRunner().invoke(terminology, ["check", str(path)])

    return run


def test_it_prints_kinds_systems_codes_and_reasons_and_no_text(check: Any) -> None:
    resources = [
        condition(coded(systems.ICD10CM, "F33.2")), condition(coded(LOCAL, "77")),
        condition(coded(LOCAL, "77")), condition({"text": "Jane's secret"}),
        medication(coded(LOCAL, "5"), note=[{"text": "Jane's secret"}]),
        medication({"text": "ketamine"}, dosageInstruction=[{"text": "1 xyzzy Jane daily"}]),
        observation(coded(systems.LOINC, "29463-7"),
                    valueQuantity={"value": 70, "unit": "secret"}),
    ]  # fmt: skip
    entries = [{"resource": one | {"id": f"r{n}"}} for n, one in enumerate(resources)]
    result = check(json.dumps({"resourceType": "Bundle", "entry": entries}))
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines()]
    assert ["Condition", "ICD-10-CM", "1", "0", "0", "0", "0"] in lines
    assert ["Condition", LOCAL, "0", "0", "0", "2", "0"] in lines
    assert ["2", "Condition", LOCAL, "77", "(unread)"] in lines
    assert ["2", "Condition", "diagnosis", "not", "recognised"] not in lines
    assert ["3", "Condition", "diagnosis", "not", "recognised"] in lines
    assert ["diagnoses", "4", "25.0%", "0.0%", "0.0%", "75.0%"] in lines
    assert ["results", "1", "0.0%", "0.0%", "0.0%", "100.0%"] in lines
    assert ["1", "MedicationRequest", LOCAL, "5", "(unread)"] in lines
    assert ["1", "MedicationRequest", "drug", "not", "recognised"] in lines
    assert ["1", "Observation", "a", "result", "without", "a", "usable", "value"] in lines
    assert "written dosage instructions" in result.output
    for hidden in ("secret", "Jane", "xyzzy"):
        assert hidden not in result.output


def test_lines_of_an_export_that_are_no_json_are_counted(check: Any) -> None:
    result = check('{"resourceType": "Patient", "id": "p"}\nnonsense\n', "a.ndjson")
    assert result.exit_code == 0
    assert "cut off: no whole JSON" in result.output


def test_a_file_that_is_no_json_is_refused(check: Any) -> None:
    result = check("nonsense")
    assert result.exit_code == 1
    assert "chart.json" in result.output


@pytest.mark.parametrize(
    ("code", "listed"), [("29463-7", False), ("99999-9", True)], ids=["known", "unknown"]
)
def test_a_known_code_whose_value_is_unread_is_not_an_unknown_one(code: str, listed: bool) -> None:
    unread = {
        "resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-01-01",
        "code": coded(systems.LOINC, code), "valueString": "see the attached sheet",
    }  # fmt: skip
    report = found(unread)
    assert any(row[2] == code for row in report.codes) is listed
    assert (("Observation", "a result without a usable value") in report.reasons) is not listed
