"""Real hosts of client keys, over real sockets: honest ones, and each way to be a bad one."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import hooktools

Behave = Callable[["Host", socket.socket], None]


class Host:
    """A JWKS endpoint that behaves as told; every connection in a thread of its own."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.published = [hooktools.jwk("ES384")]
        self.fetches = 0
        self.headers = ""
        self.over = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/keys"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.fetches += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            self.behave(self, connection)

    @property
    def body(self) -> bytes:
        return json.dumps({"keys": self.published}).encode()

    def close(self) -> None:
        self.over.set()
        self._server.close()


def answer(status: str = "200 OK", headers: str = "", body: bytes | None = None) -> Behave:
    """Answers at once."""

    def behave(host: Host, connection: socket.socket) -> None:
        text = host.body if body is None else body
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n{headers}{host.headers}\r\n"
        connection.sendall(head.encode() + text)

    return behave


def drip(whole: bool) -> Behave:
    """A byte now and then: of the head already, or of the body only."""

    def behave(host: Host, connection: socket.socket) -> None:
        text = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + b" " * 60000
        start = 0 if whole else text.index(b"\r\n\r\n") + 4
        connection.sendall(text[:start])
        for number in range(start, len(text)):
            connection.sendall(text[number : number + 1])
            if host.over.wait(0.02):
                return

    return behave


def hang(host: Host, connection: socket.socket) -> None:
    """Takes the request and says nothing."""
    host.over.wait(60)


def endless_head(host: Host, connection: socket.socket) -> None:
    """One interim answer after another."""
    while not host.over.wait(0.01):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


@contextmanager
def host(behave: Behave) -> Iterator[Host]:
    """A running host."""
    running = Host(behave)
    try:
        yield running
    finally:
        running.close()


def eventually(true: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come to hold in time"
        time.sleep(0.01)
