"""Discovery and prefetch templates."""

from __future__ import annotations

import re

import hooktools
import pytest
from response_rules import duplicate_members

from cds.hooks import schema
from cds.hooks.services import OF_HOOK, SERVICES

# FHIR R4 search parameters of the types that are asked for, as far as a template may use them
R4_PARAMETERS = {
    "Condition": {"patient", "code", "clinical-status", "category", "recorded-date"},
    "MedicationRequest": {"patient", "status", "intent", "authoredon", "code"},
    "MedicationStatement": {"patient", "status", "effective", "code"},
    "MedicationDispense": {"patient", "status", "whenhandedover", "code"},
    "MedicationAdministration": {"patient", "status", "effective-time", "code"},
    "Observation": {"patient", "code", "category", "date", "status"},
    "AllergyIntolerance": {"patient", "clinical-status", "code"},
    "Procedure": {"patient", "code", "date", "status"},
}
LIBRARY = {
    "allergyintolerance-create", "appointment-book", "encounter-discharge", "encounter-start",
    "medication-refill", "order-dispatch", "order-select", "order-sign", "patient-view",
    "problem-list-item-create",
}  # fmt: skip
KEYS = {
    "patient", "conditions", "medicationRequests", "medicationStatements", "medicationDispenses",
    "medicationAdministrations", "observations", "allergies", "procedures", "encounter",
}  # fmt: skip


@pytest.fixture(scope="module")
def response():
    return hooktools.app().test_client().get("/cds-services")


@pytest.fixture(scope="module")
def services(response):
    return response.get_json()["services"]


def each_template(services):
    return [(s["hook"], key, query) for s in services for key, query in s["prefetch"].items()]


def test_HTTP_1_answers_are_json_in_utf8(response):
    assert response.content_type == "application/json"
    response.data.decode("utf-8")


def test_HTTP_2_default_base_url_is_loopback_and_documented_to_be_https_elsewhere():
    # TLS ends at the proxy or at the server; what we can hold is that keys are never fetched in the
    # open and that a FHIR server or client URL without a scheme is refused
    with pytest.raises(ValueError, match="https"):
        hooktools.app(clients=[{"iss": "x", "jku": "http://ehr.example.org/jwks"}])
    with pytest.raises(ValueError, match="absolute"):
        hooktools.app(base_url="cds.example.org")


def test_HTTP_5_no_member_stands_twice(response):
    assert not duplicate_members(response.data)
    assert duplicate_members(b'{"a": {"b": 1, "b": 2}}')


def test_DISC_1_discovery_answers_200(response):
    assert response.status_code == 200


def test_DISC_2_services_is_an_array(response, services):
    assert isinstance(services, list)
    assert schema.faults("discovery", response.get_json()) == []


def test_DISC_3_each_service_has_a_hook(services):
    assert [s["hook"] for s in services] == [s.hook for s in SERVICES.values()]


def test_DISC_4_each_service_has_a_description(services):
    assert all(len(s["description"]) > 40 for s in services)


def test_DISC_5_each_id_is_one_path_segment_that_answers(services):
    client = hooktools.app().test_client()
    for service in services:
        assert re.fullmatch(r"[a-z0-9-]+", service["id"])
        body = hooktools.request(service["hook"])
        assert client.post(f"/cds-services/{service['id']}", json=body).status_code == 200


def test_DISC_6_optional_members_are_strings(services):
    assert all(isinstance(s[m], str) for s in services for m in ("usageRequirements", "version"))


def test_DISC_7_prefetch_maps_keys_to_queries(services):
    for service in services:
        assert {"patient", "conditions", "medicationRequests"} <= set(service["prefetch"]) <= KEYS
        assert all(isinstance(query, str) and query for query in service["prefetch"].values())


def test_DISC_8_each_service_has_a_title(services):
    assert all(s["title"] for s in services)


def test_DISC_9_the_same_answer_twice():
    client = hooktools.app().test_client()
    assert client.get("/cds-services").data == client.get("/cds-services").data


def test_DISC_10_no_id_stands_twice(services):
    assert len({s["id"] for s in services}) == len(services) == len(SERVICES)


def test_DISC_11_no_member_that_the_specification_does_not_define(services):
    defined = {"hook", "title", "description", "id", "prefetch", "usageRequirements", "version"}
    assert all(set(s) <= defined for s in services)


def test_DISC_12_hooks_are_of_the_library(services):
    assert all(s["hook"] in LIBRARY or "." in s["hook"] for s in services)


def test_DISC_13_version_is_that_of_the_specification(services):
    assert {s["version"] for s in services} == {"3.0.0"}


def test_PRE_1_tokens_are_balanced(services):
    for _, _, query in each_template(services):
        assert query.count("{{") == query.count("}}")


def test_PRE_2_and_PRE_3_tokens_are_context_fields_of_every_hook(services):
    for hook, _, query in each_template(services):
        tokens = set(re.findall(r"{{(.*?)}}", query))
        assert tokens <= {f"context.{field.name}" for field in OF_HOOK[hook].context}
        assert tokens


def test_PRE_4_templates_are_reads_or_type_searches(services):
    for _, _, query in each_template(services):
        assert re.fullmatch(r"[A-Z][A-Za-z]+(/{{[a-zA-Z.]+}}|\?[^?]+)", query), query


def test_PRE_5_and_PRE_6_search_parameters_are_unmodified_and_exist_in_r4(services):
    for _, _, query in each_template(services):
        kind, _, search = query.partition("?")
        for parameter in filter(None, search.split("&")):
            name, _, _ = parameter.partition("=")
            assert ":" not in name
            assert name in R4_PARAMETERS[kind]


def test_PRE_7_prefetch_is_not_empty_and_each_query_fits_a_url(services):
    for _, _, query in each_template(services):
        assert len(query) < 2000


def test_observations_are_asked_for_by_loinc_code(services):
    query = services[0]["prefetch"]["observations"]
    codes = query.partition("&code=")[2].split(",")
    assert all(re.fullmatch(r"\d{1,7}-\d", code) for code in codes)
    needed = "29463-7 8302-2 85354-9 8867-4 44261-6 44260-8 1742-6 1920-8 2324-2 2118-8 2106-3"
    assert set(needed.split()) <= set(codes)
