"""The whole path against a real FHIR server: HAPI FHIR JPA, loaded with the fixture patients."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
import requests
from click.testing import CliRunner

import fhir_fixtures
from cds.cli import main
from cds.fhir.access import MissingData, Wanted, record_for
from cds.fhir.fetch import fetch
from cds.fhir.plan import Job
from cds.fhir.server.addresses import Guard
from cds.fhir.server.client import FhirClient, FhirError
from cds.fhir.server.connection import Server

pytestmark = pytest.mark.integration

KEYS = {
    "patient", "conditions", "medicationRequests", "medicationStatements", "medicationDispenses",
    "medicationAdministrations", "observations", "allergies", "procedures",
}  # fmt: skip
TODAY = datetime.now(UTC).date()


def client_of(server: Server, seconds: float = 20) -> FhirClient:
    return FhirClient(server, deadline=time.monotonic() + seconds)


def patient_id(name: str) -> str:
    bundle = fhir_fixtures.load(name, TODAY)
    return next(
        entry["resource"]["id"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Patient"
    )


@pytest.fixture(scope="module")
def server(hapi):
    """The server, its capability read."""
    server = Server(hapi, Guard())
    record_for(Wanted(patient_id("ash"), None, {}), client_of(server))
    end = time.monotonic() + 20
    while not server.capability.offers and time.monotonic() < end:
        time.sleep(0.05)
    assert server.capability.version == "4.0.1"
    return server


@pytest.mark.parametrize("name", fhir_fixtures.names())
def test_a_patients_whole_record_is_read(server, name):
    """Nothing is lost between the fixture and the record, and nothing is unavailable."""
    record = record_for(Wanted(patient_id(name), None, {}), client_of(server))
    assert record.unavailable == {}
    assert record.answered == KEYS
    held: dict[str, set[str]] = {}
    for entry in fhir_fixtures.load(name, TODAY)["entry"]:
        held.setdefault(entry["resource"]["resourceType"], set()).add(entry["resource"]["id"])
    for kind in ("Condition", "MedicationRequest", "AllergyIntolerance", "Procedure", "Medication"):
        read = {one["id"] for one in record.resources.get(kind, ())}
        assert read == held.get(kind, set())
    assert {one["id"] for one in record.resources.get("Observation", ())} <= held["Observation"]


def test_medications_come_with_their_requests(hapi, server):
    put(hapi, {"resourceType": "Patient", "id": "with-medication"})
    drug = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312940"}
    put(hapi, {"resourceType": "Medication", "id": "by-id", "code": {"coding": [drug]}})
    request = {
        "resourceType": "MedicationRequest", "id": "by-reference", "status": "active",
        "intent": "order", "subject": {"reference": "Patient/with-medication"},
        "medicationReference": {"reference": "Medication/by-id"},
    }  # fmt: skip
    put(hapi, request)
    client = client_of(server)
    included = record_for(Wanted("with-medication", None, {}), client)
    assert not any(one.query.startswith("GET Medication/") for one in client.asked)
    fresh = client_of(Server(hapi, Guard()))  # whose capability is not known yet
    read = record_for(Wanted("with-medication", None, {}), fresh)
    assert any(one.query == "GET Medication/by-id" for one in fresh.asked)
    for record in (included, read):
        assert record.referred.resolve("Medication/by-id")["code"]["coding"][0]["code"] == "312940"


def put(hapi, resource):
    url = f"{hapi}/{resource['resourceType']}/{resource['id']}"
    text = json.dumps(resource)
    headers = {"Content-Type": "application/fhir+json"}
    assert requests.put(url, text, headers=headers, timeout=30).ok


def test_pages_are_followed_to_the_end(server):
    job = Job("conditions", f"Condition?patient={patient_id('ash')}&_count=1")
    [fetched] = fetch(client_of(server), [job])
    whole = client_of(server).get(f"Condition?patient={patient_id('ash')}&_count=500")
    assert fetched.error is None
    assert len(fetched.pages) == len(whole["entry"]) > 1


def test_a_batch_is_answered_in_order(server):
    client = client_of(server)
    patient = patient_id("ash")
    wanted = [f"Patient/{patient}", f"Condition?patient={patient}", "Patient/nobody"]
    found = client.batch(wanted, client.deadline)
    assert found[0]["resourceType"] == "Patient"
    assert found[1]["resourceType"] == "Bundle"
    assert isinstance(found[2], FhirError)
    assert str(found[2]) == "HTTP 404"


def test_a_patient_who_is_not_there_is_missing(server):
    with pytest.raises(MissingData, match="patient: HTTP 404"):
        record_for(Wanted("nobody", None, {}), client_of(server))


def test_a_server_that_is_not_listed_by_its_address_is_refused(hapi, monkeypatch):
    import socket

    port = int(hapi.rpartition(":")[2].partition("/")[0])
    place = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: place)
    renamed = Server(f"http://fhir.example.org:{port}/fhir", Guard())
    with pytest.raises(MissingData, match="address of the server is refused"):
        record_for(Wanted(patient_id("ash"), None, {}), client_of(renamed))


def test_the_clear_candidate_gets_the_same_cards_as_from_prefetch(hapi):
    result = call("--fhir-server", hapi, "--patient", patient_id("ash"), "--json")
    summaries = [card["summary"] for card in json.loads(result.output)["cards"]]
    assert any(text.startswith("Meets") for text in summaries)
    assert any("over 40 min" in text for text in summaries)


def test_patients_with_a_condition_are_listed(hapi):
    listed = call("--fhir-server", hapi, "--list-patients", "--has", "depressive").output
    assert patient_id("ash") in {line.partition("\t")[0] for line in listed.splitlines()}


def test_a_transcript_of_a_real_call_names_nobody(hapi, tmp_path):
    file = tmp_path / "transcript.json"
    call("--fhir-server", hapi, "--patient", patient_id("ash"), "--save", str(file), "--timing")
    transcript = json.loads(file.read_text())
    assert all(one["outcome"] == "ok" for one in transcript["queries"])
    assert transcript["request"]["context"]["patientId"] == "[patient]"
    assert set(transcript["found"]) == KEYS


def call(*options):
    result = CliRunner().invoke(main, ["call", *options])
    assert result.exit_code == 0, result.output
    return result
