"""The real service behind the real endpoints: how it gets its data, and what it does without."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import hooktools
import pytest
from fhir.resources.R4B import get_fhir_model_class
from response_rules import violations

import fhir_fixtures
from cds.fhir.queries import QUERIES
from cds.hooks import schema
from cds.hooks.app import create_app
from cds.runtime import open_service
from cds.settings import Settings
from tests.work import calls_made

CLEAR_CANDIDATE = "ash"
TOKEN = "fhir-access-token-of-this-call"
PATIENCE_S = 12.0
"""for which a silent server stays so: longer than any deadline"""
REQUIRED = ("patient", "conditions", "medicationRequests")


def request(name=CLEAR_CANDIDATE, hook="order-select", **members):
    return hooktools.fixture_request(name, hook, **members)


def prefetch():
    return hooktools.fixture_prefetch(CLEAR_CANDIDATE)


class Ehr:
    """A FHIR server that records what it was asked and with which token."""

    def __init__(self):
        ehr = self
        self.known = hooktools.resources(CLEAR_CANDIDATE)
        self.authorizations: list[str | None] = []
        self.paths: list[str] = []
        self.status = 200
        self.silent = False
        self.over = threading.Event()
        """set when the test has its answer"""
        self.outlasted = False

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                ehr.paths.append(self.path)
                ehr.authorizations.append(self.headers["Authorization"])
                if ehr.silent:
                    ehr.outlasted |= not ehr.over.wait(PATIENCE_S)
                    return
                kind = urlsplit(self.path).path.split("/")[2]
                query = next((q for q in QUERIES.values() if q.resource_type == kind), None)
                status = ehr.status if query else 404
                body = hooktools.answer_to(query, ehr.known) if status == 200 else {}
                self.send_response(status)
                self.send_header("Content-Type", "application/fhir+json")
                self.end_headers()
                self.wfile.write(hooktools.plain(body))

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/fhir"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def access(self):
        return {
            "fhirServer": self.url,
            "fhirAuthorization": {
                "access_token": TOKEN,
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "patient/*.read user/*.read",
                "subject": "ketamine-cds",
            },
        }


@pytest.fixture
def ehr():
    started = Ehr()
    yield started
    started.over.set()
    started.server.shutdown()
    started.server.server_close()


@pytest.fixture(scope="module")
def service_settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    return {"auth": "off", "database_url": f"sqlite:///{folder}/store.sqlite"}


@pytest.fixture
def client(service_settings, ehr):
    settings = Settings(**service_settings, fhir_servers=[ehr.url])
    return create_app(settings, open_service(settings).respond).test_client()


def post(client, body, hook="order-select"):
    return client.post(
        hooktools.SERVICES[hook],
        data=hooktools.plain(body),
        content_type="application/json",
    )


def needs_412(response, key=None):
    assert response.status_code == 412
    paths = hooktools.expressions(response)
    assert paths == [f"prefetch.{key}"] if key else paths


def test_CALL_1_a_complete_prefetch_gives_cards(client, ehr):
    response = post(client, request())
    assert response.status_code == 200
    assert response.get_json()["cards"]
    assert ehr.paths == []


@pytest.mark.parametrize("name", fhir_fixtures.names())
@pytest.mark.parametrize("hook", list(hooktools.SERVICES))
def test_each_answer_keeps_every_rule_for_cards(client, name, hook):
    body = request(name, hook)
    response = post(client, body, hook)
    assert response.status_code == 200
    answer = response.get_json()
    assert schema.faults("response", answer) == []
    assert violations(answer, body["context"]["patientId"]) == set()


@pytest.mark.parametrize("name", fhir_fixtures.names())
def test_HTTP_4_each_resource_that_is_sent_is_valid_fhir(client, name):
    for card in post(client, request(name)).get_json()["cards"]:
        for suggestion in card.get("suggestions", ()):
            for action in suggestion["actions"]:
                if "resource" in action:
                    model = get_fhir_model_class(action["resource"]["resourceType"])
                    model.model_validate(action["resource"])


def test_CALL_2_no_prefetch_and_no_server_is_412(client):
    needs_412(post(client, request(prefetch=...)), "patient")


@pytest.mark.parametrize("status", [401, 500])
def test_CALL_3_no_prefetch_and_a_server_that_refuses_or_fails_is_412(client, ehr, status):
    ehr.status = status
    needs_412(post(client, request(prefetch=..., **ehr.access())), "patient")


def test_CALL_4_and_CALL_5_what_is_missing_is_fetched_with_the_token_of_the_call(client, ehr):
    response = post(client, request(prefetch=..., **ehr.access()))
    assert response.status_code == 200
    assert response.get_json()["cards"]
    assert ehr.authorizations
    assert set(ehr.authorizations) == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize("key", [key for key in QUERIES if key != "encounter"])
def test_CALL_6_one_key_left_out(client, key):
    given = prefetch()
    del given[key]
    response = post(client, request(prefetch=given))
    if key in REQUIRED:
        needs_412(response, key)
    else:
        assert response.status_code == 200


@pytest.mark.parametrize("key", [key for key in QUERIES if key != "encounter"])
def test_CALL_7_and_CALL_8_one_key_null_or_an_operation_outcome(client, key):
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "exception"}],
    }
    for value in (None, outcome):
        response = post(client, request(prefetch=prefetch() | {key: value}))
        assert response.status_code in (200, 412)


def test_CALL_10_an_answer_is_little_work(client):
    """Some hundred thousand calls, which are some hundredths of a second."""
    assert post(client, request()).status_code == 200  # what is read once is read
    assert 0 < calls_made(lambda: post(client, request())) < 300_000


@pytest.mark.parametrize("key", [key for key in QUERIES if key not in ("patient", "encounter")])
def test_CALL_12_empty_bundles(client, key):
    for empty in (hooktools.empty(), {"resourceType": "Bundle", "type": "searchset", "entry": []}):
        response = post(client, request(prefetch=prefetch() | {key: empty}))
        assert response.status_code in (200, 412)


def test_CALL_13_tokens_never_come_back(client, ehr):
    ok = post(client, request(prefetch=..., **ehr.access()))
    ehr.status = 500
    failed = post(client, request(prefetch=..., **ehr.access()))
    for response in (ok, failed):
        assert TOKEN not in response.get_data(as_text=True) + str(response.headers)


def test_CALL_15_calls_in_parallel_are_all_answered_with_their_own_uuids(client):
    app = client.application
    body = hooktools.plain(request())

    def call(_number):
        answer = app.test_client().post(
            hooktools.SERVICES["order-select"], data=body, content_type="application/json"
        )
        assert answer.status_code == 200
        return [card["uuid"] for card in answer.get_json()["cards"]]

    with ThreadPoolExecutor(16) as pool:
        uuids = [uuid for found in pool.map(call, range(16)) for uuid in found]
    assert len(uuids) == len(set(uuids)) >= 16


def test_CALL_16_a_silent_server_does_not_hold_the_answer(client, ehr):
    ehr.silent = True
    response = post(client, request(prefetch=..., **ehr.access()))
    assert response.status_code == 412
    assert ehr.paths
    assert not ehr.outlasted


def test_an_unrelated_order_is_answered_without_any_data(client, ehr):
    body = request(prefetch=..., **ehr.access())
    draft = body["context"]["draftOrders"]["entry"][0]["resource"]
    draft["medicationCodeableConcept"] = {"text": "lisinopril 10 MG Oral Tablet"}
    draft.pop("reasonCode", None)
    response = post(client, body)
    assert response.get_json() == {"cards": []}
    assert ehr.paths == []


@pytest.mark.shared
def test_every_request_of_other_projects_is_answered_or_refused(client, shared_dir):
    statuses = set()
    for file in sorted((shared_dir / "fhir-data" / "cds-requests").glob("*.json")):
        raw = file.read_bytes()
        path = hooktools.SERVICES[json.loads(raw)["hook"]]
        response = client.post(path, data=raw, content_type="application/json")
        assert response.status_code in (200, 400, 412), file.name
        statuses.add(response.status_code)
    # their prefetch keys are not ours: what needs a chart can't be assessed, and says so
    assert statuses == {200, 400, 412}
