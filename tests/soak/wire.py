"""One HTTP exchange over a real connection, and what came of it."""

from __future__ import annotations

import http.client
import select
import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and when. Where nothing did `status` is 0 and `broken` says how."""

    status: int
    body: bytes
    begun: float
    ended: float
    headers: Mapping[str, str] = field(default_factory=dict)
    """by their names in small letters"""
    broken: str = ""

    @property
    def seconds(self) -> float:
        return self.ended - self.begun


class Wire:
    """A client's connection: kept as long as it serves, opened anew when it does not."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: http.client.HTTPConnection | None = None

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        """Send one request and read its answer."""
        begun = time.monotonic()
        if self._open is not None and _hung_up(self._open.sock):
            self.close()
        if self._open is None:
            self._open = self._new()
        try:
            self._open.request(method, path, body, dict(headers))
            answer = self._open.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Reply(0, b"", begun, time.monotonic(), broken=type(error).__name__)
        if answer.will_close:
            self.close()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, text, begun, time.monotonic(), told)

    def connect(self) -> int | None:
        """Open it before there is anything to send; its port on our side, None where it fails."""
        self._open = self._new()
        try:
            self._open.connect()
        except OSError:
            self.close()
            return None
        return int(self._open.sock.getsockname()[1])

    def _new(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _hung_up(sock: socket.socket | None) -> bool:
    """An idle connection on which something can be read has been closed by the server."""
    if sock is None:
        return True
    looked = select.poll()  # `select.select` knows no descriptor above 1,023
    looked.register(sock, select.POLLIN)
    return bool(looked.poll(0))


def head(path: str, token: str, length: int) -> bytes:
    """The head of a hook call, for those who send it by hand."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def opened(port: int, seconds: float = PATIENCE_S) -> socket.socket:
    """A bare connection."""
    return socket.create_connection(("127.0.0.1", port), seconds)


def reset(connection: socket.socket) -> None:
    """Break it off, as a client that crashed does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
