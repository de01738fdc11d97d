"""Clients that hold connections and do nothing with them, and clients that come all at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from tests.soak.cast import Client
from tests.soak.traffic import Stage, account
from tests.soak.wire import Wire, head, opened

IDLE, STALLED, TOGETHER = 2000, 400, 200
"""of both workers together"""
MOST_CRAWL_S = 0.2


@contextmanager
def holding(stage: Stage, number: int, begin: Callable[[int], bytes]) -> Iterator[None]:
    """So many open connections, on each of which `begin` was sent and nothing follows."""
    held: list[socket.socket] = []
    try:
        for index in range(number):
            with suppress(OSError):
                connection = opened(stage.port, 0.5)
                held.append(connection)
                connection.sendall(begin(index))
        stage.ledger.count("held open", f"{len(held)} of {number}")
        yield
    finally:
        for connection in held:
            connection.close()


def idle(_index: int) -> bytes:
    """Nothing at all."""
    return b""


def half_heads(_index: int) -> bytes:
    """A head without an end."""
    return b"POST /cds-services/ketamine-order-select HTTP/1.1\r\nHost: x\r\nX-Slow: "


def stalled(stage: Stage) -> Callable[[int], bytes]:
    """A good head, and the first bytes of a body."""
    call = stage.calls[0]
    client = stage.clients[call.client]

    def begin(_index: int) -> bytes:
        return head(call.path, client.token(call.path).text, 5000) + b'{"hook": '

    return begin


def warmed(stage: Stage) -> None:
    """Fill the pools of threads and connections of each worker, so that what grows later tells."""
    for _ in range(3):
        stormed(stage, TOGETHER // 3, ("server",))


def stormed(stage: Stage, number: int, ways: Sequence[str] = ("prefetch",)) -> None:
    """So many honest calls at once; each is answered, and at most half told to come again."""
    put_off: list[int] = []
    calls = [call for call in stage.calls if call.way in ways and call.client != "shaky"]
    together = threading.Barrier(number)

    def send(index: int) -> None:
        call = calls[index % len(calls)]
        client = stage.clients[call.client]
        token, body = client.token(call.path), call.body()
        wire = Wire(stage.port)
        together.wait(30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token.text}"}
        reply = wire.send("POST", call.path, headers, body)
        wire.close()
        account(stage, token, client.name, reply)
        stage.ledger.count("all at once", reply.broken or str(reply.status))
        if reply.status == 503:
            put_off.append(index)
        if reply.status not in (200, 412) and not (
            reply.status == 503 and "retry-after" in reply.headers
        ):
            stage.ledger.breach("all at once: neither answered nor put off", str(reply)[:200])

    threads = [threading.Thread(target=send, args=(n,), daemon=True) for n in range(number)]
    for thread in threads:
        thread.start()
        time.sleep(0)
    for thread in threads:
        thread.join(60)
    if len(put_off) > number / 2:
        stage.ledger.breach("all at once: most were put off", f"{len(put_off)} of {number}")


def storm(stage: Stage, client: Client, times: int) -> None:
    """One new token sent so many times at once: the ledger knows whether it was let in twice."""
    token = client.token("/cds-services")
    together = threading.Barrier(times)

    def send() -> None:
        wire = Wire(stage.port)
        together.wait(20)
        sent = {"Authorization": f"Bearer {token.text}"}
        reply = wire.send("GET", "/cds-services", sent)
        wire.close()
        account(stage, token, client.name, reply)
        stage.ledger.count("one token at once", reply.broken or str(reply.status))

    threads = [threading.Thread(target=send, daemon=True) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
