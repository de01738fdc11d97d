"""Sockets that keep a deadline, however slowly the other side sends.

A timeout of `requests` is for one read: a server that sends a byte a second never meets it. Here
each read gets the time that is left for the whole request, in plain sockets and in TLS.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_current = threading.local()


class TooMuch(OSError):
    """The other side sent more than anybody asked for."""


@contextmanager
def until(moment: float, most: float = float("inf")) -> Iterator[None]:
    """Let every read and write of this thread end by `moment` of `time.monotonic`.

    `most`: bytes that may be read until then, headers and all; more raises TooMuch.
    """
    before = getattr(_current, "moment", None), getattr(_current, "most", float("inf"))
    _current.moment, _current.most = moment, most
    try:
        yield
    finally:
        _current.moment, _current.most = before


def _counted(read: int) -> int:
    _current.most = getattr(_current, "most", float("inf")) - read
    if _current.most < 0:
        raise TooMuch("more than may be read")
    return read


def seconds_left(most: float = 60.0) -> float:
    """Time for the next operation. Raises TimeoutError when there is none."""
    moment: float | None = getattr(_current, "moment", None)
    left = most if moment is None else min(most, moment - time.monotonic())
    if left <= 0:
        raise TimeoutError("no time left")
    return left


class PlainSocket(socket.socket):
    """A TCP socket that keeps the deadline of the thread that uses it."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(seconds_left())
        return _counted(super().recv_into(*args, **kwargs))

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(seconds_left())
        super().sendall(*args, **kwargs)


class TlsSocket(ssl.SSLSocket):
    """A TLS socket that keeps the deadline of the thread that uses it."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(seconds_left())
        return _counted(super().recv_into(*args, **kwargs))

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(seconds_left())
        super().sendall(*args, **kwargs)

    def do_handshake(self, block: bool = False) -> None:
        self.settimeout(seconds_left())
        super().do_handshake(block)
