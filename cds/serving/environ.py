"""A request as the WSGI environment of the application, and the application's answer."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

Headers = list[tuple[str, str]]
Environ = dict[str, Any]

_SHARED: Environ = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
_LEFT_OUT = frozenset({"content-length", "transfer-encoding", "connection"})
"""of the connection, and done with once the body is whole"""


class Fields(Protocol):
    """Header fields of a request; names in lower case. A value that is no text is left out."""

    def items(self) -> list[tuple[str, str]]: ...
    def get(self, key: str, default: Any = None) -> Any: ...


class Scope(Protocol):
    """The head of a request, as the server gives it."""

    method: str
    path: str
    query_string: str
    scheme: str
    http_version: str
    client: str
    server: str

    @property
    def headers(self) -> Fields: ...


@dataclass(slots=True)
class Answer:
    """What the application answered."""

    status: int
    headers: Headers
    body: bytes


def environ_of(scope: Scope, headers: Headers, body: bytes) -> Environ:
    """The environment of a request whose body is whole.

    A name with an underscore is left out: it would pass for the one with a hyphen.
    """
    host, _, port = scope.server.rpartition(":")
    environ = _SHARED | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
    }
    for name, value in headers:
        if name in _LEFT_OUT or "_" in name:
            continue
        key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
        known = environ.get(key)
        environ[key] = value if known is None else f"{known},{value}"
    return environ


def answer_of(application: Any, environ: Environ) -> Answer:
    """Call a WSGI application, and take all of its answer."""
    started: list[tuple[str, Headers]] = []

    def start(status: str, headers: Headers, exc_info: object = None) -> None:
        started.append((status, headers))

    parts: Iterable[bytes] = application(environ, start)
    try:
        body = b"".join(parts)
    finally:
        if (close := getattr(parts, "close", None)) is not None:
            close()
    status, headers = started[-1]
    return Answer(int(status.split(" ", 1)[0]), headers, body)
