"""Requests: what is refused, naming the field, and what is understood although it is not clean."""

from __future__ import annotations

import json

import hooktools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.hooks import schema
from cds.hooks.errors import InvalidRequest
from cds.hooks.read import read_request
from cds.hooks.services import SERVICES

ORDER_SELECT = SERVICES["ketamine-order-select"]


@pytest.fixture(scope="module")
def client():
    return hooktools.app().test_client()


def post(client, body, hook="order-select"):
    return client.post(hooktools.SERVICES[hook], json=body)


def changed(hook="order-select", **members):
    """A valid request with top-level members replaced, or removed by `...`."""
    body = hooktools.request(hook) | members
    return {key: value for key, value in body.items() if value is not ...}


WRONG = [
    # requirement, changed members, the field that the answer names
    ("ERR-2", {"hook": ...}, "hook"),
    ("ERR-2", {"hook": None}, "hook"),
    ("ERR-2", {"hook": 7}, "hook"),
    ("ERR-2", {"hookInstance": ...}, "hookInstance"),
    ("ERR-2", {"hookInstance": None}, "hookInstance"),
    ("ERR-2", {"hookInstance": 12}, "hookInstance"),
    ("ERR-2", {"context": ...}, "context"),
    ("ERR-2", {"context": None}, "context"),
    ("ERR-2", {"context": []}, "context"),
    ("ERR-3", {"hook": "order-sign"}, "hook"),
    ("ERR-3", {"hook": "ORDER-SELECT"}, "hook"),
    ("ERR-4", {"hookInstance": "1"}, "hookInstance"),
    ("ERR-4", {"hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea\n"}, "hookInstance"),
    ("ERR-6", {"fhirAuthorization": {"access_token": "t", "token_type": "Bearer",
               "expires_in": 300, "scope": "s", "subject": "x"}}, "fhirServer"),
    ("ERR-6", {"fhirServer": "https://f.example.org", "fhirAuthorization": {}},
     "fhirAuthorization.access_token"),
    ("ERR-6", {"fhirServer": "https://f.example.org", "fhirAuthorization": {
        "access_token": "t", "token_type": "Bearer", "expires_in": "soon", "scope": "s",
        "subject": "x"}}, "fhirAuthorization.expires_in"),
    ("ERR-6", {"fhirServer": "https://f.example.org", "fhirAuthorization": {
        "access_token": "a b\r\nX: y", "token_type": "Bearer", "expires_in": 1, "scope": "s",
        "subject": "x"}}, "fhirAuthorization.access_token"),
    ("ERR-7", {"prefetch": []}, "prefetch"),
    ("ERR-7", {"prefetch": "none"}, "prefetch"),
    ("ERR-7", {"prefetch": {"patient": "Patient/p1"}}, "prefetch.patient"),
    ("ERR-7", {"prefetch": {"patient": []}}, "prefetch.patient"),
    ("ERR-7", {"prefetch": {"patient": {"resourceType": "Condition"}}}, "prefetch.patient"),
    ("ERR-7", {"prefetch": {"observations": {"resourceType": "Patient"}}}, "prefetch.observations"),
    ("fhirServer", {"fhirServer": "ehr"}, "fhirServer"),
    ("fhirServer", {"fhirServer": "file:///etc/passwd"}, "fhirServer"),
    ("fhirServer", {"fhirServer": "https://user@evil.example.org"}, "fhirServer"),
]  # fmt: skip

WRONG_CONTEXT = [
    # hook, changed members of the context (None removes one), the field that the answer names
    ("patient-view", {"patientId": None}, "context.patientId"),
    ("patient-view", {"userId": None}, "context.userId"),
    ("patient-view", {"patientId": 12}, "context.patientId"),
    ("patient-view", {"patientId": ""}, "context.patientId"),
    ("patient-view", {"patientId": "Patient/"}, "context.patientId"),
    ("patient-view", {"patientId": "../metadata"}, "context.patientId"),
    ("patient-view", {"patientId": ".."}, "context.patientId"),
    ("patient-view", {"patientId": "p1?_count=1"}, "context.patientId"),
    ("patient-view", {"patientId": "p1\n"}, "context.patientId"),
    ("patient-view", {"patientId": "Observation/p1"}, "context.patientId"),
    ("patient-view", {"encounterId": 5}, "context.encounterId"),
    ("patient-view", {"userId": {}}, "context.userId"),
    ("order-sign", {"draftOrders": None}, "context.draftOrders"),
    ("order-sign", {"draftOrders": []}, "context.draftOrders"),
    ("order-sign", {"draftOrders": {"resourceType": "MedicationRequest"}},
     "context.draftOrders.resourceType"),
    ("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": {}}},
     "context.draftOrders.entry"),
    ("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": ["rx1"]}},
     "context.draftOrders.entry[0]"),
    ("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": [{"resource": "rx1"}]}},
     "context.draftOrders.entry[0].resource"),
    ("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": [{"resource": {}}]}},
     "context.draftOrders.entry[0].resource.resourceType"),
    ("order-select", {"selections": None}, "context.selections"),
    ("order-select", {"selections": "MedicationRequest/rx1"}, "context.selections"),
    ("order-select", {"selections": [1]}, "context.selections[0]"),
    ("order-select", {"selections": ["MedicationRequest/other"]}, "context.selections"),
    ("order-select", {"selections": ["ServiceRequest/rx1"]}, "context.selections"),
]  # fmt: skip


@pytest.mark.parametrize(("requirement", "members", "field"), WRONG)
def test_ERR_2_ERR_3_ERR_4_ERR_6_ERR_7_wrong_members_are_named(client, requirement, members, field):
    response = post(client, changed(**members))
    assert response.status_code == 400, requirement
    assert field in hooktools.expressions(response)


@pytest.mark.parametrize(("hook", "members", "field"), WRONG_CONTEXT)
def test_ERR_5_wrong_context_fields_are_named(client, hook, members, field):
    response = post(client, hooktools.request(hook, **members), hook)
    assert response.status_code == 400
    assert hooktools.expressions(response) == [field]


def test_a_draft_of_another_patient_is_refused(client):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": hooktools.draft(patient="p2")}]}
    response = post(client, hooktools.request(draftOrders=bundle))
    assert response.status_code == 400
    assert hooktools.expressions(response) == ["context.draftOrders.entry[0].resource.subject"]


def test_several_faults_are_all_told(client):
    response = post(client, {"hook": "order-select", "context": {"userId": 1}})
    assert {"hookInstance", "context.patientId", "context.userId", "context.selections"} <= set(
        hooktools.expressions(response)
    )


SECRET = "Jane-Doe-19800101"


@pytest.mark.parametrize(
    "body",
    [
        changed(hook=SECRET),
        changed(hookInstance=SECRET),
        changed(fhirServer=SECRET),
        changed(prefetch=SECRET),
        changed(prefetch={"patient": SECRET, SECRET: 1}),
        hooktools.request(patientId=f"{SECRET}?"),
        hooktools.request(selections=[SECRET]),
        hooktools.request(draftOrders=SECRET),
        hooktools.request(draftOrders={"resourceType": SECRET}),
    ],
)
def test_ERR_11_an_error_never_quotes_what_was_sent(client, body):
    response = post(client, body)
    assert response.status_code == 400
    assert SECRET not in response.get_data(as_text=True)


def test_ERR_9_unknown_service_and_path_and_method(client):
    assert client.post("/cds-services/nope", json={}).status_code == 404
    assert client.post("/cds-services/nope/feedback", json={}).status_code == 404
    for path in ("/nope", "/cds-services/", "//cds-services", "/cds-services/a/b/c"):
        response = client.get(path)
        assert response.status_code == 404, path
        hooktools.outcome(response)
    response = client.get(hooktools.SERVICES["order-select"])
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    hooktools.outcome(response)
    assert client.delete("/cds-services").status_code == 405


def test_ERR_10_errors_are_operation_outcomes(client):
    response = post(client, {})
    assert schema.faults("operation-outcome", hooktools.outcome(response)) == []


def test_ERR_11_an_unexpected_fault_shows_no_trace():
    def fail(_request):
        raise RuntimeError(SECRET)

    client = hooktools.app(fail).test_client()
    response = post(client, hooktools.request())
    assert response.status_code == 500
    text = response.get_data(as_text=True)
    assert SECRET not in text
    assert "Traceback" not in text
    assert response.headers["X-Request-Id"] in text


def test_each_answer_has_a_request_id(client):
    kept = client.get("/healthz", headers={"X-Request-Id": "abc-1.2_3"})
    assert kept.headers["X-Request-Id"] == "abc-1.2_3"
    replaced = client.get("/nope", headers={"X-Request-Id": "no good <script>"})
    assert len(replaced.headers["X-Request-Id"]) == 32


def test_CALL_9_unknown_extensions_are_no_error(client):
    extension = {"org.example.site": {"a": [1, None]}}
    body = changed(extension=extension) | {"unknown": 1}
    body["context"]["extension"] = extension
    assert post(client, body).status_code == 200


def test_CALL_11_prefetch_keys_nobody_asked_for_are_no_error(client):
    body = hooktools.request()
    body["prefetch"] |= {"item1": None, "item2": {}, "item3": "text"}
    assert post(client, body).status_code == 200


def read(**members):
    return read_request(ORDER_SELECT, changed(**members))


def test_prefetch_values_that_are_not_clean():
    wrapped = {"response": {"status": "200"}, "resource": hooktools.PATIENT}
    request = read(prefetch={"patient": wrapped, "conditions": {}, "allergies": None, "item1": {}})
    assert request.prefetch.read() == {"patient": hooktools.PATIENT, "allergies": None}


@pytest.mark.parametrize(
    "user", ["Practitioner/a", "PractitionerRole/b", "Patient/c", "RelatedPerson/d"]
)
def test_each_type_of_user_is_understood(user):
    assert read_request(ORDER_SELECT, hooktools.request(userId=user)).user_id == user


def test_ids_with_their_type_are_understood():
    body = hooktools.request(patientId="Patient/p1", encounterId="Encounter/e1")
    request = read_request(ORDER_SELECT, body)
    assert (request.patient_id, request.encounter_id) == ("p1", "e1")


@pytest.mark.parametrize("encounter", [None, ""])
def test_no_encounter(encounter):
    body = hooktools.request()
    body["context"]["encounterId"] = encounter
    assert read_request(ORDER_SELECT, body).encounter_id is None


@pytest.mark.parametrize("selection", ["MedicationRequest/rx1", "rx1", "urn:uuid:1"])
def test_a_selection_names_a_draft_in_several_ways(selection):
    entry = {"fullUrl": "urn:uuid:1", "resource": hooktools.draft()}
    other = {"resource": hooktools.draft("rx2")}
    bundle = {"resourceType": "Bundle", "entry": [other, entry]}
    request = read_request(
        ORDER_SELECT, hooktools.request(selections=[selection], draftOrders=bundle)
    )
    assert [order["id"] for order in request.selected_orders] == ["rx1"]
    assert [order["id"] for order in request.draft_orders] == ["rx2", "rx1"]
    assert request.draft_entries == (other, entry)


def test_on_order_sign_all_drafts_are_the_subject():
    request = read_request(SERVICES["ketamine-order-sign"], hooktools.request("order-sign"))
    assert request.selected_orders == request.draft_orders
    assert request.selections == ()


def test_null_stands_for_absent():
    request = read(fhirServer=None, fhirAuthorization=None, prefetch=None, extension=None)
    assert request.fhir_server is None
    assert request.fhir_authorization is None
    assert request.prefetch.read() == {}


def test_fhir_access_is_read_and_never_shown():
    access = {"access_token": "s3cret", "token_type": "bearer", "expires_in": 300, "scope": "x",
              "subject": "me", "patient": "Patient/p1"}  # fmt: skip
    request = read(fhirServer="https://f.example.org/r4/", fhirAuthorization=access)
    assert request.fhir_server == "https://f.example.org/r4"
    assert request.fhir_authorization is not None
    assert request.fhir_authorization.patient == "p1"
    assert request.fhir_authorization.expires_in == 300
    assert "s3cret" not in repr(request.fhir_authorization) + repr(request)


def sandbox_draft(ident):
    """What the public sandbox sends as soon as its order screen opens."""
    return {
        "resourceType": "MedicationRequest",
        **({"id": ident} if ident else {}),
        "status": "draft",
        "category": {"coding": [{"code": "outpatient"}]},
        "subject": {"reference": "Patient/p1"},
        "dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": 1, "code": "{pill}"}}]}],
    }


@pytest.mark.parametrize("ident", ["order-123", None])
def test_CALL_14_the_sandbox_s_first_draft_is_understood(client, ident):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": sandbox_draft(ident)}]}
    body = hooktools.request(
        userId="Practitioner/COREPRACTITIONER1",
        draftOrders=bundle,
        selections=[f"MedicationRequest/{ident or 'undefined'}"],
    )
    assert post(client, body).status_code == 200


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@st.composite
def mutated(draw):
    """A valid message with one or two members replaced, or removed."""
    name, message = draw(st.sampled_from(MESSAGES))
    message = json.loads(json.dumps(message))
    for _ in range(draw(st.integers(0, 2))):
        holder = message
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(holder[key], dict | list) and draw(st.booleans()):
                holder = holder[key]
                continue
            if draw(st.booleans()):
                holder[key] = draw(JSON_VALUES)
            else:
                del holder[key]
            break
    return name, message


MESSAGES = [
    *((f"request-{hook}", hooktools.request(hook)) for hook in hooktools.SERVICES),
    ("request-order-select", changed(fhirServer="https://f.example.org", fhirAuthorization={
        "access_token": "t", "token_type": "Bearer", "expires_in": 3, "scope": "s",
        "subject": "x"})),
    ("feedback", {"feedback": [
        {"card": "a", "outcome": "accepted", "acceptedSuggestions": [{"id": "b"}],
         "outcomeTimestamp": "2026-11-24T10:00:00Z"},
        {"card": "a", "outcome": "overridden", "outcomeTimestamp": "2026-11-24T10:00:00Z",
         "overrideReason": {"reason": {"code": "c", "system": "s"}, "userComment": "d"}}]}),
]  # fmt: skip


@given(mutated())
def test_the_fast_reading_of_a_schema_agrees_with_jsonschema(case):
    name, message = case
    fast = schema._accepts(name)(message)
    assert fast == (schema.faults(name, message) == [])


def test_an_unknown_keyword_can_t_be_compiled():
    from cds.hooks.accept import compiled

    with pytest.raises(KeyError):
        compiled({"multipleOf": 3})


@given(
    st.dictionaries(st.sampled_from(["hook", "hookInstance", "context", "prefetch"]), JSON_VALUES)
)
def test_any_object_is_read_or_refused(body):
    with pytest.raises(InvalidRequest):
        read_request(ORDER_SELECT, body)
