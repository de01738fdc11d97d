"""One FHIR server, asked over pooled connections, within a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import requests

from cds.wire import InvalidJson, Json, decode

MAX_BODY = 20 * 1024 * 1024
"""bytes of one answer"""


class FhirError(Exception):
    """A FHIR request that gave nothing to use. The text names the status, never the content."""


class FhirClient:
    """Reads from one server. The token goes to that server's origin and nowhere else."""

    def __init__(
        self,
        base: str,
        token: str | None,
        *,
        deadline: float,
        session: requests.Session | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`deadline` is a moment of `clock`; a request that would pass it is not sent."""
        self.base = base.rstrip("/") + "/"
        self._token = token
        self._deadline = deadline
        self._session = session or requests.Session()
        self._clock = clock

    def get(self, url: str) -> Json:
        """A resource or Bundle by relative URL, or by an absolute one of the same origin.

        Raises FhirError.
        """
        target = urljoin(self.base, url)
        if urlsplit(target)[:2] != urlsplit(self.base)[:2]:
            raise FhirError("the address is not on the FHIR server")
        left = self._deadline - self._clock()
        if left <= 0:
            raise FhirError("no time left")
        headers = {"Accept": "application/fhir+json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            answer = self._session.get(
                target, headers=headers, timeout=(left, left), allow_redirects=False, stream=True
            )
            with answer:
                return self._read(answer)
        except requests.RequestException as error:
            raise FhirError(type(error).__name__) from None

    def _read(self, answer: requests.Response) -> Json:
        if answer.status_code != 200:
            raise FhirError(f"HTTP {answer.status_code}")
        parts: list[bytes] = []
        size = 0
        for part in answer.iter_content(65536):
            size += len(part)
            if size > MAX_BODY:
                raise FhirError("the answer is too large")
            if self._clock() > self._deadline:
                raise FhirError("no time left")
            parts.append(part)
        try:
            body = decode(b"".join(parts))
        except InvalidJson:
            raise FhirError("the answer is not JSON") from None
        if not isinstance(body, dict):
            raise FhirError("the answer is not a FHIR resource")
        if body.get("resourceType") == "OperationOutcome":
            raise FhirError("the server answered with an OperationOutcome")
        return body
