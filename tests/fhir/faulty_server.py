"""An HTTP server over real sockets that serves one small chart, and misbehaves as it is told.

A fault is a function from the handler to nothing: it writes what it likes to the connection. It is
used for the paths that `when` picks, by default for everything but `/metadata`.

A server that is silent stays so until the test has its answer: that it has one shows that nobody
waited for the server, and no clock need be read.
"""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PATIENT = "pat-1"
DRIP_S = 0.05
PATIENCE_S = 12.0
"""after which a silent server gives up: longer than any deadline of a test, and shorter than what
one request may take at most"""
TYPES = (
    "Condition", "MedicationRequest", "MedicationStatement", "MedicationDispense",
    "MedicationAdministration", "Observation", "AllergyIntolerance", "Procedure", "Encounter",
)  # fmt: skip


def about(kind: str, ident: str, **more: object) -> dict:
    """A resource of the patient."""
    holder = "patient" if kind == "AllergyIntolerance" else "subject"
    return {
        "resourceType": kind,
        "id": ident,
        holder: {"reference": f"Patient/{PATIENT}"},
        "status": "active",
        **more,
    }


def chart() -> dict[str, list[dict]]:
    """One patient with an aneurysm and one medication by reference."""
    request = about("MedicationRequest", "mr-1", intent="order", authoredOn="2026-01-05")
    request["medicationReference"] = {"reference": "Medication/med-1"}
    aneurysm = about("Condition", "cond-1")
    del aneurysm["status"]
    aneurysm["code"] = {
        "coding": [{"system": "http://snomed.info/sct", "code": "233985008"}],
        "text": "Abdominal aortic aneurysm",
    }
    drug = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "312940"}
    return {
        "Patient": [{"resourceType": "Patient", "id": PATIENT, "birthDate": "1980-02-03"}],
        "Condition": [aneurysm],
        "MedicationRequest": [request],
        "Medication": [{"resourceType": "Medication", "id": "med-1", "code": {"coding": [drug]}}],
    }


def searchset(resources: list[dict], **links: str) -> dict:
    """A Bundle as a search answers."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": name, "url": url} for name, url in links.items()],
        "entry": [{"resource": one, "search": {"mode": "match"}} for one in resources],
    }


@dataclass
class FaultyServer:
    """The server, what it holds, and what it was asked."""

    resources: Mapping[str, list[dict]] = field(default_factory=chart)
    fault: Callable[[Handler], None] | None = None
    when: Callable[[str], bool] = lambda path: "metadata" not in path
    capability: dict | None = None
    compressed: bool = False
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    base: str = ""
    over: threading.Event = field(default_factory=threading.Event)
    """set when the test has what it asked for"""
    silent: int = 0
    """how many requests wait for an answer that does not come"""
    outlasted: bool = False
    """whether somebody waited until the server gave up"""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def count(self, part: str) -> int:
        """How many requests had `part` in their path."""
        return sum(part in path for path in self.asked)

    @contextmanager
    def silence(self) -> Iterator[None]:
        """The time in which a request gets no answer."""
        self._count_silent(1)
        try:
            yield
        finally:
            self._count_silent(-1)

    def _count_silent(self, more: int) -> None:
        with self._changed:
            self.silent += more
            self._changed.notify_all()

    def wait_until_silent(self, requests: int) -> None:
        """Wait until so many requests at once get no answer."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.silent >= requests, PATIENCE_S)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    owner: FaultyServer

    def log_message(self, *args: object) -> None:
        pass

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ssl.SSLError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._note()
        if self.owner.fault is not None and self.owner.when(self.path):
            self.owner.fault(self)
        else:
            self.answer(*self.found(self.path))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._note()
        if self.owner.fault is not None and self.owner.when("BATCH " + self.path):
            self.owner.fault(self)
            return
        entries = []
        for entry in json.loads(body)["entry"]:
            status, resource = self.found("/fhir/" + entry["request"]["url"])
            entries.append({"response": {"status": f"{status} x"}, "resource": resource})
        self.answer(200, {"resourceType": "Bundle", "type": "batch-response", "entry": entries})

    def _note(self) -> None:
        self.owner.asked.append(f"{self.command} {self.path}")
        self.owner.tokens.append(self.headers.get("Authorization"))
        self.owner.headers.append(dict(self.headers))

    def found(self, path: str) -> tuple[int, dict]:
        """Status and body of the right answer."""
        parts = urlsplit(path)
        names = parts.path.removeprefix("/fhir/").strip("/").split("/")
        if names == ["metadata"]:
            if self.owner.capability is None:
                return 404, {"resourceType": "OperationOutcome"}
            return 200, self.owner.capability
        held = self.owner.resources.get(names[0], [])
        if len(names) == 2:
            for resource in held:
                if resource.get("id") == names[1]:
                    return 200, resource
            return 404, {"resourceType": "OperationOutcome"}
        wanted = dict(parse_qsl(parts.query))
        found = list(held)
        if wanted.get("_include", "").endswith(":medication"):
            found += self.owner.resources.get("Medication", [])
        return 200, searchset(found, self=self.owner.base + path.removeprefix("/fhir/"))

    def answer(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """Send JSON, or bytes as they are."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        if self.owner.compressed:
            text = gzip.compress(text)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def be_silent(self, drip: bytes = b"") -> None:
        """No answer until the test is over; where `drip` is given, that again and again."""
        pauses = int(PATIENCE_S / DRIP_S) if drip else 1
        with self.owner.silence():
            for _ in range(pauses):
                if self.owner.over.wait(PATIENCE_S / pauses):
                    self.close_connection = True
                    return
                self.wfile.write(drip)
                self.wfile.flush()
        self.owner.outlasted = True

    def reset(self) -> None:
        """Break the connection off, as a crashed server does."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True


@contextmanager
def serving(server: FaultyServer, tls: ssl.SSLContext | None = None) -> Iterator[FaultyServer]:
    """The server on a free port of loopback. Fails when somebody waited for its silence to end."""

    class Bound(Handler):
        owner = server

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *args: object) -> None:
            pass  # the client gave up, which is what many of these tests are for

    http = Quiet(("127.0.0.1", 0), Bound)
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    scheme = "https" if tls else "http"
    server.base = f"{scheme}://127.0.0.1:{http.server_port}/fhir/"
    thread = threading.Thread(
        target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield server
        assert not server.outlasted, "the server was waited for until it gave up"
    finally:
        server.over.set()
        http.shutdown()
        http.server_close()
        thread.join(5)
