"""CapabilityStatements: what is asked because of them, and what is not."""

from __future__ import annotations

import pytest

from cds.fhir.plan import plan
from cds.fhir.queries import QUERIES
from cds.fhir.server.capability import UNKNOWN, Capability, Offer, read_capability
from tests.fhir.faulty_server import FaultyServer, serving
from tests.fhir.fhirtools import access_to, fetched, server_of


def statement(*resources, **more):
    rest = {"mode": "server", "resource": list(resources)}
    return {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [rest], **more}


def planned(capability, **token):
    server = server_of("https://fhir.example.org/r4")
    server._capability = capability
    return plan(access_to(server, **token), QUERIES, "p-1", "e-1")


def urls(capability, **token):
    return {job.key: job.url for job in planned(capability, **token).jobs}


@pytest.mark.parametrize(
    "odd", [{}, {"resourceType": "Patient"}, {"resourceType": "CapabilityStatement", "rest": 3}]
)
def test_an_odd_statement_says_nothing(odd):
    assert read_capability(odd).offers == UNKNOWN.offers
    assert len(urls(read_capability(odd))) == len(QUERIES)


def test_without_a_statement_everything_is_asked_plainly():
    asked = urls(UNKNOWN)
    assert asked["conditions"] == "Condition?patient=p-1&_count=500"
    assert asked["patient"] == "Patient/p-1"
    assert asked["encounter"] == "Encounter/e-1"
    assert not any("_include" in url for url in asked.values())


def test_a_type_that_is_not_offered_is_not_asked_for_unless_it_must_be_had():
    found = planned(read_capability(statement({"type": "Observation"})))
    assert {job.key for job in found.jobs} == {
        "patient", "conditions", "medicationRequests", "observations",
    }  # fmt: skip
    assert found.refused["allergies"] == "the FHIR server does not offer AllergyIntolerance"


def test_a_type_that_can_only_be_read_is_not_searched():
    read_only = {"type": "AllergyIntolerance", "interaction": [{"code": "read"}]}
    assert "allergies" in planned(read_capability(statement(read_only))).refused


def test_medications_are_included_where_the_server_can_and_the_token_may():
    offer = {"type": "MedicationRequest", "searchInclude": ["MedicationRequest:medication"]}
    capability = read_capability(statement(offer))
    include = "&_include=MedicationRequest:medication"
    assert urls(capability)["medicationRequests"].endswith(include)
    narrow = "patient/Patient.r patient/MedicationRequest.rs"
    assert not urls(capability, scope=narrow)["medicationRequests"].endswith(include)


def test_parameters_that_the_server_lacks_are_not_used():
    observation = {"type": "Observation", "searchParam": [{"name": "patient"}]}
    condition = {"type": "Condition", "searchParam": [{"name": "subject"}]}
    asked = urls(read_capability(statement(observation, condition)))
    assert asked["observations"] == "Observation?patient=p-1&_count=500"
    assert asked["conditions"] == "Condition?subject=Patient/p-1&_count=500"


def test_a_server_that_refuses_what_it_does_not_know_is_asked_plainly():
    """Medplum answers 400 to parameters that other servers pass over."""

    def strict(handler):
        status = 400 if "_count" in handler.path else 200
        handler.answer(status, handler.found(handler.path)[1])

    with serving(FaultyServer(fault=strict)) as ehr:
        record = fetched(access_to(server_of(ehr.base)))
    assert "conditions" in record.answered
    assert ehr.count("/Condition?") == 2


@pytest.mark.parametrize(
    ("version", "foreign"),
    [("4.0.1", None), ("4.3.0", None), (None, None), ("3.0.2", "3.0.2"), ("5.0.0", "5.0.0")],
)
def test_versions(version, foreign):
    assert Capability(version).foreign == foreign


def test_batch_is_said_for_the_whole_server():
    rest = [{"mode": "server", "interaction": [{"code": "batch"}]}]
    assert read_capability(statement() | {"rest": rest}).batch
    assert not read_capability(statement()).batch
    assert Offer().takes("anything")
