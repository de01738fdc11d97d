"""One hook call's access to a FHIR server: reads only, within a deadline, at its base and below."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import requests
from urllib3.exceptions import HTTPError

from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.server.addresses import AddressRefused
from cds.fhir.server.capability import Capability, read_capability
from cds.fhir.server.connection import Busy, Server
from cds.fhir.server.retry import ATTEMPTS, TRY_LATER, pause
from cds.fhir.server.scopes import Access, Scopes
from cds.fhir.server.sockets import TooMuch, until
from cds.fhir.server.targets import target_below
from cds.fhir.server.transport import cause_of, is_tls_failure
from cds.limits import LARGEST_FETCHED
from cds.metrics import FHIR_REQUESTS
from cds.wire import InvalidJson, Json, decode, encode, memory_of

MAX_BODY = 10_000_000
"""bytes of one answer, decompressed"""
MAX_CALL = 30_000_000
"""bytes of all answers of one call"""
REQUEST_S = 15.0
"""the most that one request may take, however late the deadline"""
MAX_ERROR = 65_536
"""bytes of an error that are read, to be forgotten"""
ERROR_S = 0.1
"""the time for that: the status is known, and nobody waits for the words"""
MAX_WIRE = MAX_BODY + 1_000_000
"""bytes of one answer as they are sent, with its headers and the marks of its chunks"""
METADATA_S = 10.0
"""time for a CapabilityStatement, which nobody waits for"""
_RELATIVE = re.compile(r"[A-Z][A-Za-z]{2,60}/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]+)?\Z")


class FhirError(Exception):
    """A FHIR request that gave nothing to use. The text names the reason, never the content."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """The token that came with a hook call, and what it is good for."""

    token: str = field(repr=False)
    scopes: Scopes = field(default_factory=Scopes)
    expires_at: float = float("inf")
    """moment of `time.monotonic`"""
    patient: str | None = None
    """the only patient that it is good for"""

    def refusal(self, patient_id: str) -> str | None:
        """Why it can't be used for a patient, if so."""
        if time.monotonic() >= self.expires_at:
            return "the access token has expired"
        if self.patient not in (None, patient_id):
            return "the access token is for another patient"
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was made. The query holds a patient's id: for the user's own eyes."""

    query: str
    outcome: str
    milliseconds: float
    size: int = 0


class FhirClient:
    """Reads from one server. The token goes to its base and below, and nowhere else."""

    def __init__(
        self, server: Server, authorization: Authorization | None = None, *, deadline: float
    ) -> None:
        """`deadline` is a moment of `time.monotonic`; no request is still under way after it."""
        self.server = server
        self.authorization = authorization
        self.deadline = deadline
        self.asked: list[Asked] = []
        """every request made, for the user of the command line"""
        self.record: PatientRecord | None = None
        """what the call had in the end, for the same"""
        self._received = self._held = 0
        self._sent = self._heard = False

    def __repr__(self) -> str:
        return "FhirClient()"

    @property
    def base(self) -> str:
        return self.server.base

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def searching(self, resource_type: str) -> Access:
        """How much of a type the token lets us search."""
        return self._scopes.searching(resource_type)

    def reading(self, resource_type: str) -> Access:
        """How much of a type the token lets us read."""
        return self._scopes.reading(resource_type)

    @property
    def _scopes(self) -> Scopes:
        return self.authorization.scopes if self.authorization else Scopes()

    @contextmanager
    def call(self) -> Iterator[None]:
        """The time in which this client asks. Raises FhirError when the server may not be asked."""
        self._sent = self._heard = False
        try:
            with self.server.call(lambda: self._heard or not self._sent):
                self.server.learn(self._metadata)
                yield
        except Busy as busy:
            raise FhirError(str(busy)) from None

    def get(self, url: str, deadline: float | None = None) -> Json:
        """A resource or Bundle by relative URL, or by an absolute one below the base.

        Raises FhirError.
        """
        return self._ask("GET", self.target(url), deadline=deadline)

    def batch(self, urls: Sequence[str], deadline: float) -> list[Json | FhirError]:
        """Several relative URLs in one request: for each what it gave. Raises FhirError."""
        entries = [{"request": {"method": "GET", "url": url}} for url in urls]
        bundle = encode({"resourceType": "Bundle", "type": "batch", "entry": entries})
        answer = self._ask("POST", self.base, bundle, deadline)
        found = answer.get("entry")
        if answer.get("resourceType") != "Bundle" or not isinstance(found, list):
            raise FhirError("the answer to a batch is not a Bundle")
        if len(found) != len(urls):
            raise FhirError("the answer to a batch has another number of entries")
        return [_entry(entry) for entry in found]

    def read(self, reference: str) -> Json | None:
        """The resource of a reference, or None when it can't be had.

        Only a relative reference, or an absolute one below this server's base, is followed.
        """
        relative = self.relative(reference)
        if relative is None or self.reading(relative.partition("/")[0]) is Access.NONE:
            return None
        try:
            with self.call():
                found = self.get(relative)
        except FhirError:
            return None
        return found if found.get("resourceType") == relative.partition("/")[0] else None

    def relative(self, reference: str) -> str | None:
        """`Type/id` of a reference to this server; None when it points anywhere else."""
        text = reference.strip()
        text = text.removeprefix(self.base)
        ident = text.rpartition("/")[2]
        return text if _RELATIVE.match(text) and ident.strip(".") else None

    def target(self, url: str, page: str | None = None) -> str:
        """The absolute form of a URL below the base; a relative one is resolved against `page`.

        Raises FhirError for any other.
        """
        try:
            return target_below(self.base, url, page)
        except ValueError:
            raise FhirError("the address is not on the FHIR server") from None

    def _ask(
        self, method: str, target: str, body: bytes | None = None, deadline: float | None = None
    ) -> Json:
        deadline = min(deadline or self.deadline, self.deadline)
        attempt = 0
        while True:
            attempt += 1
            begin = time.monotonic()
            size = 0
            wait: float | None = None
            try:
                found, size = self._once(method, target, body, deadline)
            except _TryLater as later:
                outcome, wait = later.reason, pause(attempt, later.retry_after)
            except FhirError as error:
                outcome = str(error)
            else:
                self._note(method, target, "ok", begin, size)
                return found
            self._note(method, target, outcome, begin, size)
            if wait is None or attempt == ATTEMPTS:
                raise FhirError(outcome)
            if time.monotonic() + wait >= deadline:
                raise FhirError(f"{outcome}; no time to try again")
            time.sleep(wait)

    def _note(self, method: str, target: str, outcome: str, begin: float, size: int) -> None:
        query = f"{method} {target.removeprefix(self.base)}"
        spent = (time.monotonic() - begin) * 1000
        self.asked.append(Asked(query, outcome, spent, size))
        FHIR_REQUESTS.labels(outcome).inc()

    def _once(
        self, method: str, target: str, body: bytes | None, deadline: float
    ) -> tuple[Json, int]:
        left = min(deadline - time.monotonic(), REQUEST_S)
        if left <= 0:
            raise FhirError("no answer in time")
        self._sent = True
        try:
            with until(time.monotonic() + left, MAX_WIRE):
                answer = self.server.session.request(
                    method,
                    target,
                    data=body,
                    headers=self._headers(body),
                    timeout=(left, left),
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    self._heard = True
                    return self._read(answer)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise _failure(error) from None

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {"Accept": "application/fhir+json", "Accept-Encoding": "gzip"}
        if body is not None:
            headers["Content-Type"] = "application/fhir+json"
        if self.authorization is not None:
            headers["Authorization"] = f"Bearer {self.authorization.token}"
        return headers

    def _read(self, answer: requests.Response) -> tuple[Json, int]:
        status = answer.status_code
        if status != 200:
            _forget(answer)
        if status in TRY_LATER:
            raise _TryLater(f"HTTP {status}", answer.headers.get("Retry-After"))
        if 300 <= status < 400:
            raise FhirError(f"HTTP {status}: redirects are not followed")
        if status != 200:
            raise FhirError(f"HTTP {status}")
        text = bytearray()  # one copy of it: parts that are joined take two
        for part in answer.iter_content(65536):
            self._received += len(part)  # of several threads: near enough for a limit
            if len(text) + len(part) > MAX_BODY or self._received > MAX_CALL:
                raise FhirError("the answer is too large")
            text += part
        self._held += memory_of(text)  # of several threads: likewise
        if self._held > LARGEST_FETCHED:
            raise FhirError("the answer is too large")
        return _resource(text), len(text)

    def _metadata(self) -> Capability | None:
        """Read the CapabilityStatement, which is the same for all callers."""
        moment = time.monotonic() + METADATA_S
        client = FhirClient(self.server, self.authorization, deadline=moment)
        try:
            return read_capability(client.get("metadata"))
        except FhirError:
            return None


class _TryLater(FhirError):
    def __init__(self, reason: str, retry_after: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


def _forget(answer: requests.Response) -> None:
    """Read a short error to its end, so that the connection can be used again."""
    if not answer.headers.get("Content-Length", "").isdecimal():
        return
    broken = (requests.RequestException, HTTPError, OSError, ValueError)
    with suppress(*broken), until(time.monotonic() + ERROR_S, MAX_ERROR):
        answer.raw.read(MAX_ERROR, decode_content=False)


def _failure(error: Exception) -> FhirError:
    """What went wrong on the wire, without an address or a header in it."""
    if cause_of(error, TooMuch):
        return FhirError("the answer is too large")
    if cause_of(error, AddressRefused):
        return FhirError("the address of the server is refused")
    if is_tls_failure(error):
        return FhirError("the TLS certificate of the server is not trusted")
    if isinstance(error, requests.Timeout) or cause_of(error, TimeoutError):
        return FhirError("no answer in time")
    if cause_of(error, ConnectionRefusedError) or _unresolved(error):
        return FhirError("the server can't be reached")
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return _TryLater("the connection was lost")
    return FhirError("the answer is not HTTP as it should be")


def _unresolved(error: Exception) -> bool:
    return cause_of(error, socket.gaierror)


def _resource(text: bytes | bytearray) -> Json:
    try:
        body = decode(text)
    except InvalidJson:
        raise FhirError("the answer is not JSON") from None
    if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        raise FhirError("the answer is not a FHIR resource")
    if body["resourceType"] == "OperationOutcome":
        raise FhirError("the server answered with an OperationOutcome")
    return body


def _entry(entry: object) -> Json | FhirError:
    """The resource of one entry of a batch response, or why there is none."""
    response = entry.get("response") if isinstance(entry, dict) else None
    status = str(response.get("status", "")) if isinstance(response, dict) else ""
    if status.partition(" ")[0] != "200":
        return FhirError(f"HTTP {status[:3]}" if status[:3].isdecimal() else "no status in a batch")
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return FhirError("the answer is not a FHIR resource")
    if resource["resourceType"] == "OperationOutcome":
        return FhirError("the server answered with an OperationOutcome")
    return resource


def client_of(server: Server, token: Authorization | None, milliseconds: int) -> FhirClient:
    """A client whose every answer is there within so many milliseconds from now."""
    return FhirClient(server, token, deadline=time.monotonic() + milliseconds / 1000)
