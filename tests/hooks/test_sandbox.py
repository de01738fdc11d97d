"""A session of the public CDS Hooks sandbox, as it was seen to talk, with the real service."""

from __future__ import annotations

from uuid import uuid4

import hooktools
import pytest
from hooktools import bearer, token

from cds.hooks.app import create_app
from cds.hooks.services import SERVICES
from cds.runtime import open_service
from cds.settings import Settings

ORIGIN = "https://sandbox.cds-hooks.org"
KEYS = "https://sandbox.cds-hooks.org/.well-known/jwks.json"
SELECT = hooktools.SERVICES["order-select"]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """The service, as a test site would set it up for the sandbox; its key is a stand-in."""
    trusted = {"iss": ORIGIN, "jku": KEYS, "jwks": {"keys": [hooktools.jwk("ES384")]}}
    settings = Settings(
        base_url=hooktools.BASE,
        clients=[trusted],
        cors_origins=[ORIGIN],
        database_url=f"sqlite:///{tmp_path_factory.mktemp('sandbox')}/store.sqlite",
    )
    return create_app(settings, open_service(settings).respond).test_client()


def send(sandbox, path, body=None):
    """Preflight, then the call with a fresh token; what the page may read of the answer."""
    method = "GET" if body is None else "POST"
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": method}
    preflight = sandbox.options(path, headers=asked)
    assert preflight.status_code == 204
    headers = bearer(token(path, header={"jku": KEYS}, iss=ORIGIN)) | {"Origin": ORIGIN}
    response = sandbox.open(path, method=method, json=body, headers=headers)
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    return response


def order_select(draft):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": draft}]}
    return {
        "hook": "order-select",
        "hookInstance": str(uuid4()),
        "fhirServer": "https://launch.smarthealthit.org/v/r4/fhir",
        "context": {
            "patientId": "p1",
            "userId": "Practitioner/COREPRACTITIONER1",
            "selections": [f"MedicationRequest/{draft.get('id', 'undefined')}"],
            "draftOrders": bundle,
        },
    }


def incomplete(**members):
    """The draft before a drug is chosen: no medication, no intent, category an object."""
    return {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "authoredOn": "2026-11-24",
        "category": {"coding": [{"code": "outpatient"}]},
        "subject": {"reference": "Patient/p1"},
        **members,
    }


def test_it_finds_the_services(sandbox):
    found = send(sandbox, "/cds-services").get_json()["services"]
    assert [service["id"] for service in found] == list(SERVICES)


@pytest.mark.parametrize("ident", ["order-1", None])
def test_CALL_14_the_first_draft_draws_no_card_and_no_error(sandbox, ident):
    draft = incomplete(**({"id": ident} if ident else {}))
    response = send(sandbox, SELECT, order_select(draft))
    assert response.status_code == 200
    assert response.get_json() == {"cards": []}


def test_CALL_14_a_pill_that_has_nothing_to_do_with_ketamine_draws_none_either(sandbox):
    lisinopril = {
        "text": "Lisinopril 10 MG Oral Tablet",
        "coding": [
            {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "314076"},
        ],
    }
    dose = {"doseQuantity": {"value": 1, "system": "http://unitsofmeasure.org", "code": "{pill}"}}
    instruction = [{"doseAndRate": [dose], "timing": {"repeat": {"frequency": 1, "period": 1}}}]
    draft = incomplete(medicationCodeableConcept=lisinopril, dosageInstruction=instruction)
    response = send(sandbox, SELECT, order_select(draft))
    assert response.get_json() == {"cards": []}


def ketamine_cards(sandbox):
    """An accepted ketamine suggestion comes back as a draft."""
    ketamine = {
        "text": "ketamine 50 MG/ML Injectable Solution",
        "coding": [
            {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "238084"},
        ],
    }
    body = order_select(incomplete(id="order-1", medicationCodeableConcept=ketamine))
    body["prefetch"] = hooktools.prefetch()
    response = send(sandbox, SELECT, body)
    assert response.status_code == 200
    return response.get_json()["cards"]


def test_an_accepted_ketamine_suggestion_draws_cards(sandbox):
    cards = ketamine_cards(sandbox)
    assert cards
    assert all(card["uuid"] and card["overrideReasons"] for card in cards)


def test_its_feedback_is_stored(sandbox):
    reason = {"code": "contraindicated", "system": "http://example.org"}
    given = {
        "feedback": [
            {
                "card": ketamine_cards(sandbox)[0]["uuid"],
                "outcome": "overridden",
                "overrideReason": {"reason": reason, "userComment": "seen"},
                "outcomeTimestamp": "2026-11-24T10:00:00.000Z",
            }
        ]
    }
    response = send(sandbox, f"{SELECT}/feedback", given)
    assert response.get_json() == {"stored": 1}
