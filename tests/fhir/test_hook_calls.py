"""What a hook call answers when the FHIR server fails: over HTTP, from the EHR's side."""

from __future__ import annotations

import copy
import json
import threading

import pytest

from cds.fhir.queries import QUERIES
from cds.fhir.server.connection import CALLS, THREADS
from cds.hooks.app import create_app
from cds.runtime import open_service
from cds.settings import Settings
from tests.fhir.faulty_server import PATIENCE_S, PATIENT, FaultyServer, about, searchset, serving
from tests.fhir.lying_lists import labelled, listed, match
from tests.fhir.test_faults import (
    FAULTS,
    circle,
    endless,
    only,
    optional,
    silent,
    ten_thousand,
)

DRAFT = {
    "resourceType": "MedicationRequest",
    "id": "draft-1",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": f"Patient/{PATIENT}"},
    "medicationCodeableConcept": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "238084"}],
        "text": "ketamine 50 MG/ML Injectable Solution",
    },
}
DEADLINE_MS = 2000


def app_for(ehr, folder, deadline_ms=DEADLINE_MS):
    settings = Settings(
        auth="off",
        database_url=f"sqlite:///{folder}/store.sqlite",
        fhir_servers=(ehr.base,),
        deadline_ms=deadline_ms,
    )
    return create_app(settings, open_service(settings).respond)


def body_for(ehr, draft=DRAFT, server=None, **access):
    body = {
        "hook": "order-select",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": server or ehr.base,
        "context": {
            "userId": "Practitioner/p-1",
            "patientId": PATIENT,
            "selections": ["MedicationRequest/draft-1"],
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft}]},
        },
    }
    if access:
        given = {"access_token": "t", "token_type": "Bearer", "subject": "s", **access}
        body["fhirAuthorization"] = given
    return body


def post(app, body):
    return app.test_client().post("/cds-services/ketamine-order-select", json=body)


def call(ehr, folder, draft=DRAFT, server=None, **access):
    return post(app_for(ehr, folder), body_for(ehr, draft, server, **access))


def words(answer):
    assert answer.status_code == 200
    return json.dumps(answer.get_json(), ensure_ascii=False)


HAD_IN_PART = {endless, circle, ten_thousand}


@pytest.mark.parametrize("name", FAULTS)
def test_a_failing_optional_query_leaves_the_cards_and_is_said(name, tmp_path):
    with serving(FaultyServer(fault=FAULTS[name][0], when=optional)) as ehr:
        text = words(call(ehr, tmp_path))
    assert "abdominal aortic aneurysm" in text.lower()
    in_part = f"Not seen in full: allergies ({FAULTS[name][2]})"
    assert (in_part if FAULTS[name][0] in HAD_IN_PART else "Not seen: allergies") in text


@pytest.mark.parametrize(
    "name", ["silent", "dripping body", "401", "500", "HTML", "truncated JSON"]
)
def test_a_failing_required_query_is_412_with_its_key_and_what_was_tried(name, tmp_path):
    fault, _, said = FAULTS[name]
    with serving(FaultyServer(fault=fault, when=only("MedicationRequest"))) as ehr:
        answer = call(ehr, tmp_path)
    assert answer.status_code == 412
    [issue] = answer.get_json()["issue"]
    assert issue["expression"] == ["prefetch.medicationRequests"]
    assert said in json.dumps(answer.get_json())


def test_out_of_scope_is_said_on_the_card(tmp_path):
    scope = "patient/Patient.r patient/Condition.rs patient/MedicationRequest.rs"
    with serving(FaultyServer()) as ehr:
        text = words(call(ehr, tmp_path, scope=scope, expires_in=300))
    assert "Not seen: allergies" in text
    assert ehr.count("AllergyIntolerance") == 0


def test_an_expired_token_is_412_and_is_not_sent(tmp_path):
    with serving(FaultyServer()) as ehr:
        answer = call(ehr, tmp_path, scope="patient/*.read", expires_in=0)
    assert answer.status_code in (400, 412)
    assert ehr.asked == []


@pytest.mark.parametrize("digits", ["1" + "0" * 400, "-1" + "0" * 400, "0", "1" + "0" * 30])
def test_a_token_of_an_absurd_life_is_no_fault_of_ours(tmp_path, digits):
    with serving(FaultyServer()) as ehr:
        body = json.dumps(body_for(ehr, scope="patient/*.read", expires_in=424242))
        answer = (
            app_for(ehr, tmp_path)
            .test_client()
            .post(
                "/cds-services/ketamine-order-select",
                data=body.replace("424242", digits),
                content_type="application/json",
            )
        )
    assert answer.status_code in (200, 400, 412)
    assert bool(ehr.asked) is (answer.status_code == 200)


def test_a_server_that_is_not_listed_is_not_asked(tmp_path):
    other = FaultyServer()
    with serving(other), serving(FaultyServer()) as ehr:
        for server in (other.base, ehr.base + "../evil", ehr.base.replace("http:", "https:")):
            assert call(ehr, tmp_path, server=server).status_code == 412
    assert other.asked == ehr.asked == []


def test_a_drugs_reference_to_another_server_is_not_followed(tmp_path):
    other = FaultyServer()
    with serving(other), serving(FaultyServer()) as ehr:
        draft = {key: value for key, value in DRAFT.items() if key != "medicationCodeableConcept"}
        draft["medicationReference"] = {"reference": f"{other.base}Medication/med-1"}
        assert call(ehr, tmp_path, draft).status_code == 200
        draft["medicationReference"] = {"reference": "Medication/../../admin"}
        assert call(ehr, tmp_path, draft).status_code == 200
    assert other.asked == ehr.asked == []


def test_an_order_of_a_mixture_is_known_by_what_the_server_says_of_it(tmp_path):
    with serving(FaultyServer()) as ehr:
        (bag,) = ehr.resources["Medication"]
        ketamine = bag | {"id": "vial", "code": {"text": "ketamine 50 MG/ML Injectable Solution"}}
        bag["code"] = {"text": "infusion no. 7"}
        bag["ingredient"] = [{"itemReference": {"reference": "Medication/vial"}}]
        ehr.resources["Medication"].append(ketamine)
        draft = {key: value for key, value in DRAFT.items() if key != "medicationCodeableConcept"}
        draft["medicationReference"] = {"reference": "Medication/med-1"}
        assert call(ehr, tmp_path, draft).get_json()["cards"]


EMPTY = {"resourceType": "Bundle", "type": "searchset"}
WHOLE = {
    "patient": {"resourceType": "Patient", "id": PATIENT, "birthDate": "1980-02-03"},
    **dict.fromkeys(QUERIES.keys() - {"patient", "encounter"}, EMPTY),
}


def test_calls_that_hang_cost_few_threads_and_hold_up_nobody(tmp_path):
    """Twenty calls wait for a server that hangs; those with a whole prefetch go on beside them."""
    with serving(FaultyServer(fault=silent)) as ehr:
        app = app_for(ehr, tmp_path, deadline_ms=10_000)
        before = {t.ident for t in threading.enumerate()}
        callers = [threading.Thread(target=post, args=(app, body_for(ehr))) for _ in range(20)]
        for caller in callers:
            caller.start()
        ehr.wait_until_silent(THREADS)
        for _ in range(5):
            assert post(app, body_for(ehr) | {"prefetch": WHOLE}).status_code == 200
        assert sum(caller.is_alive() for caller in callers) >= CALLS
        new = [t for t in threading.enumerate() if t.ident not in before]
        assert sum(t.name.startswith("fhir") for t in new) == THREADS
        ehr.over.set()
        for caller in callers:
            caller.join(PATIENCE_S)
        assert not any(caller.is_alive() for caller in callers)


def test_a_list_that_is_not_whole_is_said_with_how_much_of_it_came(tmp_path):
    """Prefetched or fetched: what was seen of it counts, and the dose is nobody's next click."""
    for given in ({}, {"prefetch": {"allergies": listed(1, 2, total=57)}}):
        answer = status_200(listed(1, 2, total=57))
        with serving(FaultyServer(fault=answer, when=optional)) as ehr:
            text = words(post(app_for(ehr, tmp_path), body_for(ehr) | given))
        assert "Contraindications not excluded: allergies" in text or "aneurysm" in text.lower()
        assert "Not seen in full: allergies (" in text
        assert "2 of 57 entries came" in text


@pytest.mark.parametrize(
    ("key", "said"),
    [("patient", "Not seen in full: the patient's own data (it is shortened)"),
     ("allergies", "Not seen in full: allergies (its entries are shortened)"),
     ("procedures", "Not seen in full: procedures (its entries are shortened)"),
     ("author", "")],
)  # fmt: skip
def test_what_is_shortened_costs_its_own_list_and_no_other(tmp_path, key, said):
    """Of one label the card says whose it is; diagnoses and prescriptions stay seen."""
    patient = copy.deepcopy(WHOLE["patient"])
    given = WHOLE | {"patient": patient}
    if key == "patient":
        given["patient"] = labelled(patient)
    elif key == "author":
        given["procedures"] = searchset([labelled({"resourceType": "Practitioner", "id": "p"})])
        given["procedures"]["entry"][0]["search"]["mode"] = "include"
        given["procedures"]["entry"].append(match(about("Procedure", "x", status="completed")))
    else:
        kind = QUERIES[key].resource_type
        given[key] = searchset([labelled(about(kind, "x", code={"text": "peanut"}))])
    with serving(FaultyServer(fault=status_200(EMPTY), when=lambda path: True)) as ehr:
        app = app_for(ehr, tmp_path)
        body = {name: value for name, value in body_for(ehr).items() if name != "fhirServer"}
        text = words(post(app, body | {"prefetch": given}))
    assert said in text
    assert text.count("Not seen in full") == bool(said)
    assert "diagnoses" not in text.partition("Not seen in full")[2][:60]


def status_200(body):
    return lambda handler: handler.answer(200, body)
