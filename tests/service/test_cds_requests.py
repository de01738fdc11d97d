"""Whole requests of other projects, and of the public sandbox: cards, or a clear refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from cds.hooks import schema
from cds.hooks.app import create_app
from cds.hooks.store import Store
from cds.runtime import open_service
from cds.settings import Settings

DRUGS = {
    "draft without a drug": None,
    "an oral pill of its list": ("2123111", "NDA020503 200 ACTUAT Albuterol 0.09 MG/ACTUAT"),
    "ketamine, from an accepted suggestion": (
        "238084",
        "ketamine 50 MG/ML Injectable Solution",
    ),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    database = tmp_path_factory.mktemp("store") / "store.sqlite"
    settings = Settings(auth="off", database_url=f"sqlite:///{database}")
    store = Store(settings)
    store.database.migrate()
    app = create_app(settings, open_service(settings).respond, store)
    app.testing = False  # an exception must become the answer that a client would get
    with app.test_client() as client:
        yield client


def hook_of(text: bytes) -> str:
    try:
        return str(json.loads(text)["hook"])
    except ValueError:
        return "order-sign"


def check(status: int, answer: Any, name: str) -> None:
    """Cards, or a refusal that says which field is at fault."""
    if status == 200:
        assert schema.faults("response", answer) == [], name
        return
    assert status in (400, 412), (name, status, answer)
    assert schema.faults("operation-outcome", answer) == [], name
    assert all(issue["details"]["text"] for issue in answer["issue"]), name


def request_files(shared_dir: Path) -> list[Path]:
    files = sorted((shared_dir / "fhir-data" / "cds-requests").glob("*.json"))
    assert len(files) > 25
    return files


@pytest.mark.shared
def test_every_request_is_answered_or_clearly_refused(
    shared_dir: Path, client: FlaskClient
) -> None:
    for path in request_files(shared_dir):
        text = path.read_bytes()
        url = f"/cds-services/ketamine-{hook_of(text)}"
        answer = client.post(url, data=text, content_type="application/json")
        check(answer.status_code, answer.get_json(), path.name)


@pytest.mark.shared
def test_every_request_is_assessed_once_its_patient_is_known(
    shared_dir: Path, client: FlaskClient
) -> None:
    """The files' prefetch has other keys: with ours, their drafts must go all the way."""
    answered = 0
    for path in request_files(shared_dir):
        body = json.loads(path.read_bytes())
        body["fhirServer"] = "https://fhir.example.org"
        drafts = body["context"].get("draftOrders", {})
        if drafts and drafts.get("resourceType") != "Bundle":
            continue
        ident = body["context"]["patientId"].removeprefix("Patient/")
        empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
        patient = {"resourceType": "Patient", "id": ident, "birthDate": "1970-01-01"}
        body["prefetch"] |= {
            "patient": patient,
            "conditions": empty,
            "medicationRequests": _selected(body),
        }
        answer = client.post(f"/cds-services/ketamine-{body['hook']}", json=body)
        assert answer.status_code == 200, (path.name, answer.get_json())
        check(200, answer.get_json(), path.name)
        answered += 1
    assert answered > 25


def _selected(body: Any) -> Any:
    """The drafts once more, as a server that keeps drafts would return them."""
    entries = body["context"].get("draftOrders", {}).get("entry", [])
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


@pytest.mark.shared
def test_the_same_over_http(shared_dir: Path, demo: str) -> None:
    for path in request_files(shared_dir):
        text = path.read_bytes()
        url = f"{demo}/cds-services/ketamine-{hook_of(text)}"
        answer = requests.post(
            url, data=text, headers={"Content-Type": "application/json"}, timeout=20
        )
        assert answer.headers["Content-Type"] == "application/json", path.name
        check(answer.status_code, answer.json(), path.name)


def sandbox_request(drug: tuple[str, str] | None, ident: str | None) -> Any:
    """What the public sandbox sends: no `intent`, a `category` that is no list, no Bundle type."""
    draft: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "category": {"coding": [{"code": "outpatient"}]},
        "subject": {"reference": "Patient/smart-1288992"},
        "dosageInstruction": [
            {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "{pill}", "code": "{pill}"}}]}
        ],
    }
    if ident:
        draft["id"] = ident
    if drug:
        code, text = drug
        draft["medicationCodeableConcept"] = {"text": text, "coding": [{"code": code}]}
    return {
        "hook": "order-select",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "https://launch.smarthealthit.org/v/r4/fhir",
        "context": {
            "userId": "Practitioner/COREPRACTITIONER1",
            "patientId": "smart-1288992",
            "selections": [f"MedicationRequest/{ident or 'undefined'}"],
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft}]},
        },
        "prefetch": {
            "patient": {"resourceType": "Patient", "id": "smart-1288992", "gender": "male"},
            "conditions": {"resourceType": "Bundle", "type": "searchset", "total": 0},
            "medicationRequests": {"resourceType": "Bundle", "type": "searchset", "total": 0},
        },
    }


@pytest.mark.parametrize("ident", ["request-123", None])
@pytest.mark.parametrize("drug", DRUGS)
def test_the_sandbox_is_never_refused(client: FlaskClient, drug: str, ident: str | None) -> None:
    body = sandbox_request(DRUGS[drug], ident)
    if DRUGS[drug] is None:
        del body["prefetch"]  # the screen opens before anything is fetched
    answer = client.post("/cds-services/ketamine-order-select", json=body)
    assert answer.status_code == 200, answer.get_json()
    check(200, answer.get_json(), drug)
    spoken = bool(answer.get_json()["cards"])
    assert spoken == drug.startswith("ketamine")
