"""`ketamine-cds call` over real sockets: tokens, patients, tables and the transcript."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import jwt
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cds.cli import main
from cds.commands.transcript import REMOVED, redact
from cds.fhir.server.backend_services import ASSERTION_TYPE, TokenError, backend_token
from tests.fhir.faulty_server import PATIENT, FaultyServer, about, serving

RUNNER = CliRunner()


def call(*options: str):
    return RUNNER.invoke(main, ["call", *options])


class TokenServer:
    """A SMART configuration and a token endpoint that checks the assertion."""

    def __init__(self, key, capabilities=("permission-v2",)) -> None:
        self.key, self.capabilities = key, list(capabilities)
        self.scopes: list[str] = []
        self.claims: list[dict] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                pass

            def do_GET(self) -> None:
                found = {"token_endpoint": owner.url + "token", "capabilities": owner.capabilities}
                self.answer(200 if "smart-configuration" in self.path else 404, found)

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = dict(parse_qsl(text))
                try:
                    claims = jwt.decode(
                        form["client_assertion"],
                        owner.key.public_key(),
                        algorithms=["RS384", "ES384"],
                        audience=owner.url + "token",
                    )
                except (jwt.PyJWTError, TypeError):
                    self.answer(400, {"error": "invalid_client"})
                    return
                assert form["client_assertion_type"] == ASSERTION_TYPE
                assert form["grant_type"] == "client_credentials"
                owner.claims.append(claims)
                owner.scopes.append(form["scope"])
                self.answer(200, {"access_token": "granted-token", "expires_in": 60})

            def answer(self, status: int, body: object) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> TokenServer:
        return self

    def __exit__(self, *args: object) -> None:
        self.http.shutdown()
        self.http.server_close()


def pem(key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP384R1())


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS384", "ES384"])
def test_a_backend_client_gets_a_token_for_its_assertion(key):
    with TokenServer(key) as server:
        token = backend_token(server.url, "my-client", pem(key))
    assert token.access_token == "granted-token"
    assert (token.expires_in, token.scope) == (60, "system/*.rs")
    assert "granted-token" not in repr(token)
    [claims] = server.claims
    assert claims["iss"] == claims["sub"] == "my-client"
    assert claims["exp"] - claims["iat"] <= 300


def test_an_older_server_is_asked_with_scopes_of_version_1():
    with TokenServer(RSA, capabilities=["permission-v1"]) as server:
        backend_token(server.url, "my-client", pem(RSA))
    assert server.scopes == ["system/*.read"]


def test_a_token_that_is_refused_is_told_without_the_assertion():
    with TokenServer(RSA) as server, pytest.raises(TokenError) as refused:
        backend_token(server.url, "my-client", pem(EC))
    assert str(refused.value) == "token endpoint: HTTP 400 (invalid_client)"


@pytest.mark.parametrize(
    ("key", "url", "said"),
    [
        (b"no key", "https://127.0.0.1:9/token", "no PEM key"),
        (pem(RSA), "http://auth.example.org/token", "not https"),
        (pem(RSA), "http://127.0.0.1:9/token", "token endpoint: "),
    ],
)
def test_what_stands_in_the_way_of_a_token(key, url, said):
    with pytest.raises(TokenError, match=said):
        backend_token("https://fhir.example.org", "my-client", key, token_url=url)


def test_call_as_a_backend_client_sends_the_token_to_the_fhir_server(tmp_path):
    file = tmp_path / "key.pem"
    file.write_bytes(pem(RSA))
    with TokenServer(RSA) as tokens, serving(FaultyServer()) as ehr:
        found = call(
            "--fhir-server", ehr.base, "--patient", PATIENT, "--client-id", "me",
            "--private-key", str(file), "--token-url", tokens.url + "token", "--timing",
            "--save", str(tmp_path / "transcript.json"),
        )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert set(ehr.tokens) == {"Bearer granted-token"}
    assert "Do not give" in found.output
    assert "x the slowest query" in found.output
    text = (tmp_path / "transcript.json").read_text()
    assert "granted-token" not in text
    assert PATIENT not in text
    transcript = json.loads(text)
    assert transcript["found"]["conditions"] == "1"
    assert {"request", "queries", "response", "ms"} <= transcript.keys()
    assert any(one["query"] == "GET Patient/[patient]" for one in transcript["queries"])


def test_what_was_missing_is_in_the_table():
    ehr = FaultyServer(fault=lambda h: h.answer(403, {}), when=lambda p: "AllergyIntolerance" in p)
    with serving(ehr):
        found = call("--fhir-server", ehr.base, "--patient", PATIENT)
    assert "HTTP 403" in found.output


def test_a_required_key_that_is_missing_is_told():
    with serving(FaultyServer(resources={})) as ehr:
        found = call("--fhir-server", ehr.base, "--patient", PATIENT)
    assert found.exit_code == 1
    assert "HTTP 404" in found.output


def depressed(ident: str, text: str) -> dict:
    condition = about("Condition", f"c-{ident}", code={"text": text})
    return condition | {"subject": {"reference": f"Patient/{ident}"}}


def test_patients_with_a_condition_are_listed_whether_or_not_the_server_searches_text():
    conditions = [
        depressed("p-1", "Major depression"),
        depressed("p-2", "Asthma"),
        depressed("p-1", "Depression, recurrent"),
    ]

    def no_text(handler):
        handler.answer(400, {"resourceType": "OperationOutcome"})

    for ehr in (
        FaultyServer(resources={"Condition": conditions}),
        FaultyServer({"Condition": conditions}, fault=no_text, when=lambda p: "code:text" in p),
    ):
        with serving(ehr):
            found = call("--fhir-server", ehr.base, "--list-patients", "--has", "depression")
        assert found.output.splitlines()[-1] == "p-1\tMajor depression"


def test_patients_are_listed_without_names():
    person = {"resourceType": "Patient", "id": "p-1", "gender": "female", "birthDate": "1980-02-03"}
    with serving(FaultyServer({"Patient": [person | {"name": [{"family": "Doe"}]}]})) as ehr:
        found = call("--fhir-server", ehr.base, "--list-patients")
    assert found.output.splitlines()[-1] == "p-1\tfemale, born 1980"


def test_no_patient_is_told():
    with serving(FaultyServer(resources={})) as ehr:
        found = call("--fhir-server", ehr.base, "--list-patients", "--has", "gout")
    assert found.exit_code == 1
    assert "no such patient" in found.output


def test_a_transcript_names_nobody():
    order = {
        "subject": {"reference": "Patient/p-1", "display": "Jane Doe"},
        "name": [{"family": "Doe"}],
        "url": "https://ehr.example.org/Condition?patient=p-1",
        "code": {"coding": [{"display": "ketamine"}]},
    }
    assert redact(order, "p-1") == {
        "subject": {"reference": "Patient/[patient]", "display": REMOVED},
        "name": REMOVED,
        "url": "https://ehr.example.org/Condition?patient=[patient]",
        "code": {"coding": [{"display": "ketamine"}]},
    }
