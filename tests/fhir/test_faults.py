"""Each way in which a FHIR server fails, over real sockets: what is had, what is said.

That a deadline is kept is seen from the server: it is silent for longer than any deadline, and an
answer is there all the same. That nobody waits in vain is seen from how often it is asked.
"""

from __future__ import annotations

import socket
import threading
import time
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
import trustme

from cds.fhir.access import MissingData
from cds.fhir.server import client as client_module
from cds.fhir.server.addresses import Guard
from cds.fhir.server.client import FhirError
from cds.fhir.server.connection import Server
from cds.fhir.server.retry import ATTEMPTS
from tests.fhir.faulty_server import PATIENCE_S, FaultyServer, Handler, about, searchset, serving
from tests.fhir.fhirtools import TOKEN, access_to, fetched, learned, server_of

BUDGET = 2.5
LONG = 6.0
"""for what does not depend on the deadline"""
TOO_LATE = "no answer in time"


def only(*names):
    """A fault for some types; the others are served well."""
    return lambda path: any(f"/{name}" in path for name in names)


def optional(path):
    return only("AllergyIntolerance")(path)


@pytest.fixture
def pauses(monkeypatch):
    """The seconds for which a client waits before it tries again. No time passes."""
    waited = []
    clock = SimpleNamespace(monotonic=time.monotonic, sleep=waited.append)
    monkeypatch.setattr(client_module, "time", clock)
    return waited


def status(code, body=b"", **headers):
    return lambda handler: handler.answer(code, body, headers)


def silent(handler: Handler) -> None:
    handler.be_silent()


def dripping_body(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    handler.be_silent(drip=b" ")


def dripping_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    handler.be_silent(drip=b" ")


def half_way(handler: Handler) -> None:
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{"resourceType"')
    handler.reset()


def endless(handler: Handler) -> None:
    path = handler.path.partition("?page=")
    number = int(path[2] or 0) + 1
    url = f"{handler.owner.base}AllergyIntolerance?page={number}"
    allergy = about("AllergyIntolerance", f"a-{number}")
    handler.answer(200, searchset([allergy], next=url))


def circle(handler: Handler) -> None:
    other = "b" if "page=a" in handler.path else "a"
    url = f"{handler.owner.base}AllergyIntolerance?page={other}"
    handler.answer(200, searchset([about("AllergyIntolerance", other)], next=url))


def ten_thousand(handler: Handler) -> None:
    handler.answer(200, searchset([about("AllergyIntolerance", f"a-{n}") for n in range(10_000)]))


HTML = b"<html><body>Please sign in</body></html>"
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception"}],
}
FAULTS = {
    # what the server does, how often it is asked, what is said
    "silent": (silent, 1, TOO_LATE),
    "dripping body": (dripping_body, 1, TOO_LATE),
    "dripping headers": (dripping_headers, 1, TOO_LATE),
    "reset half way": (half_way, ATTEMPTS, "the connection was lost"),
    "401": (status(401), 1, "HTTP 401"),
    "403": (status(403), 1, "HTTP 403"),
    "404": (status(404), 1, "HTTP 404"),
    "410": (status(410), 1, "HTTP 410"),
    "429, a long wait": (
        status(429, **{"Retry-After": "60"}),
        1,
        "HTTP 429; no time to try again",
    ),
    "429 for ever": (status(429), ATTEMPTS, "HTTP 429"),
    "500": (status(500), 1, "HTTP 500"),
    "503 for ever": (status(503), ATTEMPTS, "HTTP 503"),
    "HTML": (status(200, HTML), 1, "the answer is not JSON"),
    "truncated JSON": (status(200, b'{"resourceType": "Bun'), 1, "the answer is not JSON"),
    "no resource": (status(200, b"[]"), 1, "the answer is not a FHIR resource"),
    "wrong type": (
        lambda handler: handler.answer(200, {"resourceType": "Practitioner", "id": "x"}),
        1,
        "the answer to a search is not a Bundle",
    ),
    "OperationOutcome": (
        lambda handler: handler.answer(200, OUTCOME),
        1,
        "the server answered with an OperationOutcome",
    ),
    "redirect elsewhere": (
        status(302, Location="https://elsewhere.example.org/fhir/"),
        1,
        "HTTP 302: redirects are not followed",
    ),
    "redirect to loopback": (
        status(307, Location="http://127.0.0.1:9/fhir/"),
        1,
        "HTTP 307: redirects are not followed",
    ),
    "endless pages": (endless, 20, "more than 20 resources: the rest is not read"),
    "a circle of pages": (circle, 3, "its pages go round in a circle"),
    "10,000 resources": (ten_thousand, 1, "it held more than 5000 resources"),
}


def budget_for(said):
    return BUDGET if said == TOO_LATE else LONG


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.usefixtures("pauses")
def test_an_optional_query_that_fails_is_unknown_and_the_rest_is_had(name):
    fault, times, said = FAULTS[name]
    with serving(FaultyServer(fault=fault, when=optional)) as ehr:
        record = fetched(access_to(server_of(ehr.base), budget=budget_for(said)))
    assert record.unavailable == {"allergies": said}
    assert "allergies" not in record.answered
    assert {"patient", "conditions", "medicationRequests", "procedures"} <= record.answered
    assert len(record.resources["Condition"]) == 1
    assert ehr.count("/AllergyIntolerance") == times


@pytest.mark.parametrize(
    "name", [name for name in FAULTS if "pages" not in name and "," not in name]
)
@pytest.mark.usefixtures("pauses")
def test_a_required_query_that_fails_is_named_with_what_was_tried(name):
    fault, times, said = FAULTS[name]
    ehr = FaultyServer(fault=fault, when=only("Condition"))
    with serving(ehr), pytest.raises(MissingData) as missing:
        fetched(access_to(server_of(ehr.base), budget=budget_for(said)))
    assert (missing.value.key, missing.value.tried) == ("conditions", said)
    assert ehr.count("/Condition") == times


@pytest.mark.parametrize("name", ["endless pages", "a circle of pages"])
def test_what_was_read_of_too_many_pages_is_used(name):
    fault, _, _ = FAULTS[name]
    with serving(FaultyServer(fault=fault, when=optional)) as ehr:
        record = fetched(access_to(server_of(ehr.base), budget=LONG))
    assert record.resources["AllergyIntolerance"]


def assert_each_query_was_made_once(client):
    queries = [one.query for one in client.asked if "metadata" not in one.query]
    assert queries
    assert len(queries) == len(set(queries))


def test_a_server_that_is_down_is_said_at_once():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}/fhir"
    client = access_to(server_of(base), budget=LONG)
    with pytest.raises(MissingData, match="the server can't be reached"):
        fetched(client)
    assert_each_query_was_made_once(client)


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_that_asks_for_a_moment_is_asked_again_after_it(code, pauses):
    failed = []

    def once(handler: Handler) -> None:
        if failed:
            handler.answer(*handler.found(handler.path))
        else:
            failed.append(True)
            handler.answer(code, b"", {"Retry-After": "1"})

    with serving(FaultyServer(fault=once, when=optional)) as ehr:
        record = fetched(access_to(server_of(ehr.base), budget=LONG))
    assert "allergies" in record.answered
    assert pauses == [1]


def test_a_connection_that_is_reset_once_is_tried_again():
    failed = []

    def once(handler: Handler) -> None:
        if failed:
            handler.answer(*handler.found(handler.path))
        else:
            failed.append(True)
            handler.reset()

    with serving(FaultyServer(fault=once, when=optional)) as ehr:
        assert "allergies" in fetched(access_to(server_of(ehr.base))).answered


def test_a_certificate_that_nobody_vouches_for_is_refused():
    with serving(FaultyServer(), _tls()[1]) as ehr:
        client = access_to(server_of(ehr.base), budget=LONG)
        with pytest.raises(MissingData, match="TLS certificate"):
            fetched(client)
    assert ehr.asked == []
    assert_each_query_was_made_once(client)


def test_a_certificate_of_a_known_authority_is_accepted(tmp_path, monkeypatch):
    authority, context = _tls()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with serving(FaultyServer(), context) as ehr:
        assert fetched(access_to(server_of(ehr.base))).patient


def test_tls_that_drips_keeps_the_deadline(tmp_path, monkeypatch):
    authority, context = _tls()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    ehr = FaultyServer(fault=dripping_body, when=optional)
    with serving(ehr, context):
        record = fetched(access_to(server_of(ehr.base), budget=BUDGET))
    assert record.unavailable == {"allergies": "no answer in time"}


def _tls():
    import ssl

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return authority, context


def test_a_name_that_leads_to_loopback_is_refused(monkeypatch):
    resolving(monkeypatch, "127.0.0.1")
    with serving(FaultyServer()) as ehr:
        port = ehr.base.rpartition(":")[2]
        server = Server(f"http://fhir.example.org:{port}", Guard())
        client = access_to(server)
        with pytest.raises(MissingData, match="address of the server is refused"):
            fetched(client)
    assert ehr.asked == []
    assert_each_query_was_made_once(client)


def test_a_name_that_is_bound_to_loopback_after_the_check_is_refused(monkeypatch):
    """The first look-up gives a permitted address, the second the target: there is no second."""
    looked_up = []
    places = iter(["192.0.2.1", "127.0.0.1"])

    def getaddrinfo(host, port, **kwargs):
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(places), port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    listed = Guard((ip_network("192.0.2.0/24"),))
    with serving(FaultyServer()) as ehr:
        port = ehr.base.split(":")[2].partition("/")[0]
        client = access_to(Server(f"http://fhir.example.org:{port}/fhir", listed), budget=0.5)
        for _ in range(2):
            with pytest.raises(FhirError):
                client.get("Patient/pat-1")
    assert ehr.asked == []
    assert len(looked_up) == 2  # one for each connection, and none between check and use


def resolving(monkeypatch, address):
    def getaddrinfo(host, port, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_a_name_that_is_never_resolved_keeps_the_deadline(monkeypatch):
    over = threading.Event()
    # without an answer by then it has no address, which is another error
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: over.wait(PATIENCE_S) and [])
    client = access_to(Server("https://fhir.example.org/", Guard()), budget=0.3)
    with pytest.raises(FhirError, match="no answer in time"):
        client.get("Patient/pat-1")
    over.set()


def test_an_expired_token_is_not_sent():
    ehr = FaultyServer()
    with serving(ehr), pytest.raises(MissingData, match="token has expired"):
        fetched(access_to(server_of(ehr.base), expires_at=time.monotonic() - 1))
    assert ehr.asked == []


def test_a_token_for_another_patient_is_not_sent():
    with serving(FaultyServer()) as ehr, pytest.raises(MissingData, match="for another patient"):
        fetched(access_to(server_of(ehr.base), patient="someone-else"))
    assert ehr.asked == []


def test_what_is_out_of_scope_is_not_asked_for():
    scope = "openid patient/Patient.r patient/Condition.rs patient/MedicationRequest.read"
    with serving(FaultyServer()) as ehr:
        record = fetched(access_to(server_of(ehr.base), scope=scope))
    assert record.unavailable["allergies"].startswith("out of scope")
    assert ehr.count("AllergyIntolerance") == 0
    assert ehr.count("/Medication/") == 0
    said = {one.resource: one.reason for one in record.skipped}
    assert said["Medication/med-1"].startswith("out of scope")


def test_what_is_in_scope_by_half_is_read_and_not_taken_for_all():
    scope = "patient/*.rs patient/AllergyIntolerance.rs?clinical-status=active"
    narrow = "patient/Patient.rs patient/Medication.rs patient/MedicationRequest.rs " + (
        "patient/Condition.rs?category=problem-list-item"
    )
    with serving(FaultyServer()) as ehr:
        assert "allergies" in fetched(access_to(server_of(ehr.base), scope=scope)).answered
        record = fetched(access_to(server_of(ehr.base), scope=narrow))
    assert record.unavailable["conditions"] == "the access token covers only part of Condition"
    assert len(record.resources["Condition"]) == 1


def test_a_required_key_out_of_scope_is_missing():
    with serving(FaultyServer()) as ehr, pytest.raises(MissingData, match="out of scope"):
        fetched(access_to(server_of(ehr.base), scope="patient/Patient.read"))


CAPABILITY = {
    "resourceType": "CapabilityStatement",
    "fhirVersion": "4.0.1",
    "rest": [
        {
            "mode": "server",
            "interaction": [{"code": "batch"}],
            "resource": [
                {"type": kind, "searchInclude": [f"{kind}:medication"]}
                for kind in (
                    "Patient", "Condition", "MedicationRequest", "AllergyIntolerance", "Medication",
                )
            ],
        }
    ],
}  # fmt: skip


def test_a_batch_of_mixed_success_is_completed_by_single_queries():
    def half(handler: Handler) -> None:
        ok = [{"response": {"status": "200 OK"}, "resource": handler.found(path)[1]} for path in (
            "/fhir/Patient/pat-1", "/fhir/Condition")]  # fmt: skip
        bad = [{"response": {"status": "500 oops"}}, {"response": {"status": "403 no"}}]
        handler.answer(200, {"resourceType": "Bundle", "type": "batch-response", "entry": ok + bad})

    ehr = FaultyServer(fault=half, when=lambda p: p.startswith("BATCH"), capability=CAPABILITY)
    with serving(ehr):
        server = server_of(ehr.base)
        fetched(access_to(server))
        learned(server)
        ehr.asked.clear()
        record = fetched(access_to(server))
    assert ehr.count("POST") == 1
    assert ehr.count("GET") == 1 + 0 + ehr.count("GET /fhir/Medication/")
    assert ehr.count("GET /fhir/MedicationRequest") == 1  # the entry that failed
    assert record.unavailable["allergies"] == "HTTP 403"
    assert record.unavailable["procedures"] == "the FHIR server does not offer Procedure"


@pytest.mark.parametrize("fault", [status(500), status(200, HTML), silent])
def test_a_batch_that_fails_is_given_up_for_single_queries(fault):
    ehr = FaultyServer(fault=fault, when=lambda p: p.startswith("BATCH"), capability=CAPABILITY)
    with serving(ehr):
        server = server_of(ehr.base)
        fetched(access_to(server))
        learned(server)
        record = fetched(access_to(server))
        assert {"patient", "conditions", "medicationRequests", "allergies"} <= record.answered
        ehr.asked.clear()
        fetched(access_to(server))
        assert ehr.count("POST") == 0


def test_a_batch_is_one_request():
    with serving(FaultyServer(capability=CAPABILITY)) as ehr:
        server = server_of(ehr.base)
        fetched(access_to(server))
        learned(server)
        ehr.asked.clear()
        record = fetched(access_to(server))
    assert ehr.asked == ["POST /fhir/"]
    assert record.resources["Medication"]  # included


def test_a_dead_server_is_left_alone_and_tried_again_later(monkeypatch):
    with serving(FaultyServer(fault=silent)) as ehr:
        server = server_of(ehr.base)
        for _ in range(3):
            with pytest.raises(MissingData):
                fetched(access_to(server, budget=0.2))
        asked = len(ehr.asked)
        with pytest.raises(MissingData, match="gave no answer a moment ago"):
            fetched(access_to(server, budget=5))
        assert len(ehr.asked) == asked
        ehr.fault = None
        server.circuit._opens_at = time.monotonic()  # the rest is over
        assert fetched(access_to(server)).patient
        assert fetched(access_to(server)).patient


def test_the_token_is_sent_to_its_server_and_shown_nowhere(caplog):
    elsewhere = FaultyServer()
    with serving(elsewhere), serving(FaultyServer()) as ehr:
        ehr.resources["MedicationRequest"][0]["medicationReference"] = {
            "reference": f"{elsewhere.base}Medication/med-1"
        }
        client = access_to(server_of(ehr.base))
        record = fetched(client)
        for url in (elsewhere.base + "Patient/pat-1", "//127.0.0.1:9/x", "http://u@127.0.0.1/x"):
            with pytest.raises(FhirError, match="not on the FHIR server"):
                client.get(url)
    assert set(ehr.tokens) == {f"Bearer {TOKEN}"}
    assert elsewhere.asked == []
    assert TOKEN not in repr((client, client.authorization, client.asked, record)) + caplog.text


def test_a_page_at_another_address_is_not_followed():
    elsewhere = FaultyServer()

    def lure(handler: Handler) -> None:
        url = f"{elsewhere.base}AllergyIntolerance"
        handler.answer(200, searchset([about("AllergyIntolerance", "a-1")], next=url))

    with serving(elsewhere), serving(FaultyServer(fault=lure, when=optional)) as ehr:
        record = fetched(access_to(server_of(ehr.base)))
    assert elsewhere.asked == []
    assert record.unavailable["allergies"] == "the address is not on the FHIR server"
    assert record.resources["AllergyIntolerance"]


def test_compressed_answers_are_read_and_asked_for():
    with serving(FaultyServer(compressed=True)) as ehr:
        assert fetched(access_to(server_of(ehr.base))).patient
    assert all(sent["Accept-Encoding"] == "gzip" for sent in ehr.headers)
    assert all(sent["Accept"] == "application/fhir+json" for sent in ehr.headers)


def test_a_capability_statement_that_does_not_come_holds_nothing_up():
    ehr = FaultyServer(fault=silent, when=lambda path: "metadata" in path)
    with serving(ehr):
        assert fetched(access_to(server_of(ehr.base))).patient
        ehr.wait_until_silent(1)


def test_another_version_is_said():
    foreign = {**CAPABILITY, "fhirVersion": "3.0.2"}
    with serving(FaultyServer(capability=foreign)) as ehr:
        server = server_of(ehr.base)
        fetched(access_to(server))
        learned(server)
        record = fetched(access_to(server))
    assert any("FHIR 3.0.2" in one.reason for one in record.skipped)


def test_what_a_medication_is_mixed_from_is_read_too():
    """Once: a mixture of itself, or of what is not there, ends."""
    mixed = ["Medication/vial", "Medication/med-1", "Medication/gone"]
    with serving(FaultyServer()) as ehr:
        (bag,) = ehr.resources["Medication"]
        bag["ingredient"] = [{"itemReference": {"reference": name}} for name in mixed]
        vial = {"resourceType": "Medication", "id": "vial", "code": bag.pop("code")}
        ehr.resources["Medication"].append(vial)
        record = fetched(access_to(server_of(ehr.base)))
    assert {one["id"] for one in record.resources["Medication"]} == {"med-1", "vial"}
    assert ehr.count("/Medication/gone") == 1
    assert [one.resource for one in record.skipped] == ["Medication/gone"]
