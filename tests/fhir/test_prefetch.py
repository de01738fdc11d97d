"""Prefetch in every shape that EHRs send: what counts as an answer, and what is used."""

from __future__ import annotations

import pytest

from cds.fhir.access import MissingData
from cds.fhir.prefetch import read_prefetch
from cds.fhir.queries import OBSERVATION_CODES
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import load_terminology
from tests.charts.fhir import LOINC, concept
from tests.fhir.faulty_server import PATIENT, FaultyServer, about, searchset, serving
from tests.fhir.fhirtools import access_to, fetched, server_of

PERSON = {"resourceType": "Patient", "id": PATIENT}
EMPTY = {"resourceType": "Bundle", "type": "searchset"}
REQUIRED = {"patient": PERSON, "conditions": EMPTY, "medicationRequests": EMPTY}
ALLERGY = about("AllergyIntolerance", "a-1")
CONDITION = about("Condition", "c-1")
SCALES_WITHOUT_A_CODE = {"hamd_total",
    "ymrs_total", "cssrs", "ybocs_total", "caps5_total", "qids_total", "bpi_severity", "lsas_total",
    "moca_total", "madrs_total",
}  # fmt: skip
"""kinds of which the tables hold no LOINC code"""
BASE = "https://ehr.example.org/fhir/"


def outcome(severity, code="processing"):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}


def bundle(*resources, **links):
    return searchset(list(resources), **links)


def stranger(kind, ident="s-1"):
    return {**about(kind, ident), "subject": {"reference": "Patient/somebody-else"}}


ANSWERED = {
    "an empty searchset": EMPTY,
    "an empty Bundle without a type": {"resourceType": "Bundle"},
    "a Bundle whose entry is null": {"resourceType": "Bundle", "entry": None},
    "a searchset": bundle(ALLERGY),
    "a single resource": ALLERGY,
    "a Bundle in a Bundle": bundle(bundle(ALLERGY)),
    "with included resources": bundle(ALLERGY, {"resourceType": "Practitioner", "id": "p"}),
    "with a warning": bundle(ALLERGY, outcome("warning")),
    "an empty search with information": bundle(outcome("information")),
    "the same twice": bundle(ALLERGY, ALLERGY),
    "with its own search in self": bundle(
        ALLERGY, self=f"{BASE}AllergyIntolerance?patient={PATIENT}&_count=50&_format=json"
    ),
    "searched by POST": bundle(self=f"{BASE}AllergyIntolerance/_search?patient=Patient/{PATIENT}"),
}
NOT_ANSWERED = {
    "null": (None, None),
    "nothing": ({}, None),
    "an OperationOutcome": (outcome("error"), None),
    "an error among the entries": (bundle(ALLERGY, outcome("error")), "reported an error"),
    "withheld data": (bundle(ALLERGY, outcome("information", "suppressed")), "reported an error"),
    "another type": (bundle(about("Procedure", "p-1")), "it held no AllergyIntolerance"),
    "another search": (
        bundle(self=f"{BASE}Procedure?patient={PATIENT}"), "it answers a search for another type",
    ),
    "a narrower search": (
        bundle(ALLERGY, self=f"{BASE}AllergyIntolerance?patient={PATIENT}&criticality=high"),
        "it answers a narrower search",
    ),
    "a search for another patient": (
        bundle(self=f"{BASE}AllergyIntolerance?patient=somebody-else"),
        "it answers a search for another patient",
    ),
    "another patient's": (
        bundle({**ALLERGY, "patient": {"reference": f"{BASE}Patient/somebody-else"}}),
        "it held resources of another patient",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer(name):
    record = fetched(None, REQUIRED | {"allergies": ANSWERED[name]})
    assert "allergies" in record.answered
    assert len(record.resources.get("AllergyIntolerance", ())) <= 1


@pytest.mark.parametrize("name", NOT_ANSWERED)
def test_no_answer(name):
    value, said = NOT_ANSWERED[name]
    record = fetched(None, REQUIRED | {"allergies": value})
    assert "allergies" not in record.answered
    assert (said or "not prefetched") in record.unavailable["allergies"]


@pytest.mark.parametrize("name", NOT_ANSWERED)
def test_what_was_no_answer_is_fetched(name):
    with serving(FaultyServer()) as ehr:
        given = REQUIRED | {"allergies": NOT_ANSWERED[name][0]}
        record = fetched(access_to(server_of(ehr.base)), given)
    assert "allergies" in record.answered
    assert "allergies" not in record.unavailable
    assert ehr.count("/AllergyIntolerance?") == 1
    assert ehr.count("/Condition?") == 0


ODD = (
    [], 3, "text", {"resourceType": ["Bundle"]}, {"resourceType": 3}, {"resource": None},
    {"resourceType": "Bundle", "entry": {}, "link": 3},
    {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": ["x"]}}]},
    {"resourceType": "Bundle", "link": [{"relation": "next", "url": "http://[::"}]},
    {"resourceType": "Bundle", "link": [{"relation": "self", "url": "http://[::?patient=1"}]},
    bundle({"resourceType": "OperationOutcome", "issue": [3]}),
    {"resourceType": "AllergyIntolerance", "patient": {"reference": 3}},
    {"resourceType": "AllergyIntolerance", "id": {}, "patient": []},
)  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_odd_values_never_raise(value):
    with serving(FaultyServer()) as ehr:
        record = fetched(access_to(server_of(ehr.base)), REQUIRED | {"allergies": value})
    assert ("allergies" in record.answered) != ("allergies" in record.unavailable)


def test_another_patients_data_are_refused_and_said():
    given = REQUIRED | {"conditions": bundle(CONDITION, stranger("Condition"))}
    record = fetched(None, given)
    assert [one["id"] for one in record.resources["Condition"]] == ["c-1"]
    said = {one.resource: one.reason for one in record.skipped}
    assert said["Condition/s-1"] == "belongs to another patient"
    assert record.unavailable["conditions"] == "it held resources of another patient"


def test_only_another_patients_data_are_no_data():
    given = REQUIRED | {"conditions": bundle(stranger("Condition"))}
    with pytest.raises(MissingData, match="conditions: it held resources of another patient"):
        fetched(None, given)


def test_another_patient_is_not_the_patient():
    given = REQUIRED | {"patient": {"resourceType": "Patient", "id": "somebody-else"}}
    with pytest.raises(MissingData, match="patient: it held resources of another patient"):
        fetched(None, given)


def test_a_resource_under_two_keys_counts_once():
    twice = {"conditions": bundle(CONDITION), "procedures": bundle(CONDITION)}
    record = fetched(None, REQUIRED | twice)
    assert len(record.resources["Condition"]) == 1
    assert "procedures" not in record.answered


def test_observations_by_fewer_codes_are_not_all():
    def asked(codes):
        url = f"{BASE}Observation?patient={PATIENT}&code={','.join(codes)}"
        return REQUIRED | {"observations": bundle(about("Observation", "o-1"), self=url)}

    with_systems = [f"http://loinc.org|{code}" for code in OBSERVATION_CODES]
    assert "observations" in fetched(None, asked([*with_systems, "1234-5"])).answered
    assert "observations" not in fetched(None, asked(OBSERVATION_CODES[:5])).answered


def test_every_kind_of_result_that_a_rule_asks_about_is_asked_for():
    known = load_knowledge()
    named = ("measurements", "use_signs")  # a RASS target in an order's words is no result
    facts = [fact.model_dump() for subject, fact in known.facts() if subject not in named]
    wanted = {text for fact in facts for text in texts_of(fact)} & known.measurements.keys()
    wanted |= {"pregnancy_edd", "gestational_age"}  # read without a rule of their own
    asked = {
        kind
        for code in OBSERVATION_CODES
        for kind in load_terminology().observation(concept(LOINC, code)).sets
    }
    assert wanted - asked == SCALES_WITHOUT_A_CODE


def texts_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_of(part)


def test_a_first_page_without_a_server_is_not_all():
    given = REQUIRED | {"conditions": bundle(CONDITION, next=f"{BASE}?page=2")}
    record = fetched(None, given)
    assert record.unavailable["conditions"] == "a further page did not come"
    assert record.resources["Condition"]


def test_the_next_page_is_fetched_from_the_same_server():
    with serving(FaultyServer()) as ehr:
        page = bundle(CONDITION, next=f"{ehr.base}Condition?patient={PATIENT}&_page=2")
        record = fetched(access_to(server_of(ehr.base)), REQUIRED | {"conditions": page})
    assert {one["id"] for one in record.resources["Condition"]} == {"c-1", "cond-1"}
    assert "conditions" in record.answered
    assert ehr.count("/Condition?") == 1


def test_the_next_page_at_another_server_is_not_fetched():
    elsewhere = FaultyServer()
    with serving(elsewhere), serving(FaultyServer()) as ehr:
        page = bundle(CONDITION, next=f"{elsewhere.base}Condition?page=2")
        record = fetched(access_to(server_of(ehr.base)), REQUIRED | {"conditions": page})
    assert elsewhere.asked == []
    assert record.unavailable["conditions"] == "the address is not on the FHIR server"
    assert record.resources["Condition"]


def test_a_whole_prefetch_asks_nothing():
    with serving(FaultyServer()) as ehr:
        keys = ("medicationStatements", "medicationDispenses", "medicationAdministrations",
                "observations", "allergies", "procedures")  # fmt: skip
        fetched(access_to(server_of(ehr.base)), REQUIRED | dict.fromkeys(keys, EMPTY))
    assert ehr.asked == []


def test_an_encounter_is_fetched_where_the_hook_names_one():
    with serving(FaultyServer()) as ehr:
        ehr.resources = {**ehr.resources, "Encounter": [about("Encounter", "enc-1")]}
        record = fetched(access_to(server_of(ehr.base)), REQUIRED, encounter="enc-1")
    assert record.resources["Encounter"]
    assert ehr.count("GET /fhir/Encounter/enc-1") == 1


# ---- more than is read ---------------------------------------------------------------------------


def dated(number, **more):
    return {**about("Condition", f"c{number}"), "recordedDate": f"20{number:02}-01-01", **more}


@pytest.mark.parametrize("backwards", [False, True])
def test_of_too_many_the_newest_that_stand_are_read(monkeypatch, backwards):
    monkeypatch.setattr("cds.fhir.prefetch.MAX_RESOURCES", 3)
    over = {"clinicalStatus": {"coding": [{"code": "resolved"}]}}
    odd = about("Condition", "undated") | {"status": {"odd": []}}
    listed = [dated(10), dated(24, **over), dated(21), odd, dated(22)]
    listed = listed[::-1] if backwards else listed
    answers = read_prefetch({"conditions": bundle(*listed)}, PATIENT)
    kept = [resource["id"] for resource in answers.resources]
    assert sorted(kept) == ["c21", "c22", "undated"]
    assert kept == [one["id"] for one in listed if one["id"] in kept], "in their order"
    assert "conditions" in answers.partial
    assert "conditions" not in answers.answered


def test_up_to_the_limit_all_are_read(monkeypatch):
    monkeypatch.setattr("cds.fhir.prefetch.MAX_RESOURCES", 3)
    answers = read_prefetch({"conditions": bundle(*map(dated, (10, 11, 12)))}, PATIENT)
    assert len(list(answers.resources)) == 3
    assert "conditions" in answers.answered
