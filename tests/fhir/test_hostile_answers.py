"""A server that answers with what is no HTTP, or has no end: said, and within the deadline."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from cds.fhir.access import MissingData
from cds.fhir.server import client as client_module
from cds.fhir.server import connection
from cds.fhir.server.addresses import Guard
from cds.fhir.server.client import FhirError
from cds.fhir.server.connection import Server, server_at
from cds.fhir.server.retry import pause
from cds.fhir.server.sockets import PlainSocket, TooMuch, until
from tests.fhir.faulty_server import PATIENCE_S, FaultyServer, Handler, serving
from tests.fhir.fhirtools import access_to, fetched, server_of
from tests.fhir.test_faults import only, optional, pauses, silent
from tests.rows import check_each

__all__ = ["pauses"]

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ZIPPED = b"Content-Encoding: gzip\r\n"
LOST = "the connection was lost"
TOO_LARGE = "the answer is too large"
NO_RESOURCE = "the answer is not a FHIR resource"
NO_JSON = "the answer is not JSON"
NO_HTTP = "the answer is not HTTP as it should be"
TOO_LATE = "no answer in time"


def sized(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


BOMB = gzip.compress(b" " * 50_000_000)
ANSWERS: dict[str, tuple[bytes, str]] = {
    # statuses
    "a status of twenty digits": (b"HTTP/1.1 99999999999999999999 x\r\n\r\n", LOST),
    "a status of zeros": (b"HTTP/1.1 000 x\r\n\r\n", LOST),
    "a status below zero": (b"HTTP/1.1 -1 x\r\n\r\n", LOST),
    "a status of two digits": (b"HTTP/1.1 99 x\r\n\r\n", LOST),
    "a status of no meaning": (b"HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n", "HTTP 999"),
    "a status in words": (b"HTTP/1.1 OK 200\r\n\r\n", LOST),
    "another protocol": (b"\x00\x01\x02" * 100, LOST),
    "HTTP/0.9": (b"<html>hello", LOST),
    "a version of the future": (b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}", LOST),
    "nothing": (b"", LOST),
    "101": (b"HTTP/1.1 101 Switching\r\n\r\n", "HTTP 101"),
    "many hints": (b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n" * 50, "HTTP 103"),
    "204": (b"HTTP/1.1 204 None\r\n\r\n", "HTTP 204"),
    "304": (b"HTTP/1.1 304 Same\r\n\r\n", "HTTP 304: redirects are not followed"),
    "a redirect to no URL": (
        b"HTTP/1.1 302 x\r\nLocation: \xff\xfe\r\nContent-Length: 0\r\n\r\n", NO_HTTP,
    ),
    # lengths
    "a length of thirty digits": (OK + b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\n{}", LOST),
    "a length of 5,000 digits": (
        OK + b"Content-Length: 1" + b"0" * 5000 + b"\r\n\r\n{}", NO_RESOURCE,
    ),
    "a length below zero": (OK + b"Content-Length: -5\r\n\r\n{}", NO_RESOURCE),
    "a length in words": (OK + b"Content-Length: many\r\n\r\n{}", NO_RESOURCE),
    "two lengths": (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", NO_HTTP),
    "a length below the body": (OK + b"Content-Length: 1\r\n\r\n{}", NO_JSON),
    "a length above the body": (OK + b"Content-Length: 100\r\n\r\n{}", LOST),
    "an error shorter than its length": (
        b"HTTP/1.1 500 x\r\nContent-Length: 100\r\n\r\n{}", "HTTP 500",
    ),
    "an error whose length is no number": (
        b"HTTP/1.1 500 x\r\nContent-Length: \xb2\r\n\r\n{}", "HTTP 500",
    ),
    # encodings
    "an error that is no gzip": (
        b"HTTP/1.1 404 x\r\n" + ZIPPED + sized(b"a" * 70_000), "HTTP 404",
    ),
    "an error that unpacks to much": (b"HTTP/1.1 500 x\r\n" + ZIPPED + sized(BOMB), "HTTP 500"),
    "no gzip": (OK + ZIPPED + sized(b"abcd"), NO_HTTP),
    "gzip that is cut off": (
        OK + ZIPPED + sized(gzip.compress(b'{"resourceType":"Bundle"}')[:20]), NO_JSON,
    ),
    "an unknown encoding": (OK + b"Content-Encoding: br, x\r\n" + sized(b"abcd"), NO_JSON),
    "two hundred encodings": (
        OK + b"Content-Encoding: " + b", ".join([b"gzip"] * 200) + b"\r\n\r\nabcd", NO_HTTP,
    ),
    "what unpacks to 50 MB": (OK + ZIPPED + sized(BOMB), TOO_LARGE),
    "what unpacks to that": (
        OK + b"Content-Encoding: gzip, gzip\r\n" + sized(gzip.compress(BOMB)), TOO_LARGE,
    ),
    # chunks
    "a chunk of 10^48 bytes": (CHUNKED + b"f" * 40 + b"\r\n{}", LOST),
    "a chunk below nothing": (CHUNKED + b"-5\r\n{}\r\n", NO_HTTP),
    "a chunk of no size": (CHUNKED + b"zz\r\n{}\r\n", LOST),
    "chunks that break off": (CHUNKED + b"2\r\n{}\r\n", LOST),
    # headers
    "headers in no alphabet": (OK + b"\xff: \xfe\r\n: y\r\n z\r\n" + sized(b"{}"), NO_RESOURCE),
    "a header of 70,000 bytes": (OK + b"X: " + b"a" * 70_000 + b"\r\n" + sized(b"{}"), LOST),
    "101 headers": (OK + b"X: y\r\n" * 101 + sized(b"{}"), LOST),
}  # fmt: skip
"""what is sent before the connection ends, and what is said of it"""
ENDLESS: dict[str, tuple[bytes, bytes, set[str]]] = {
    "a status line": (b"HTTP/1.1 200 ", b"a" * 65_536, {LOST}),
    "headers": (OK, b"X-A: b\r\n" * 1000, {LOST}),
    "a header": (OK + b"X-A: ", b"a" * 65_536, {LOST}),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" * 1000, {TOO_LATE, TOO_LARGE}),
    "a body": (OK + b"\r\n", b" " * 65_536, {TOO_LARGE}),
    "chunks": (CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n", {TOO_LARGE}),
    "the size of a chunk": (CHUNKED, b"0" * 65_536, {LOST, TOO_LARGE}),
    "what follows the size of a chunk": (CHUNKED + b"1;", b"a" * 65_536, {LOST, TOO_LARGE}),
    "trailers": (CHUNKED + b"0\r\n", b"X-A: b\r\n" * 1000, {TOO_LATE, TOO_LARGE}),
}
"""what begins an answer, what goes on for ever, and what is said of it"""


@pytest.fixture(scope="module")
def ehr() -> Iterator[FaultyServer]:
    with serving(FaultyServer(when=optional)) as server:
        yield server


def said_of(ehr: FaultyServer, fault: Callable[[Handler], None], budget: float = 5.0) -> str:
    """What is said of allergies that are answered so; the rest of the record must be there."""
    ehr.fault = fault
    record = fetched(access_to(server_of(ehr.base), budget=budget))
    assert record.resources["Condition"]
    assert "allergies" not in record.answered
    return record.unavailable["allergies"]


def sending(answer: bytes, again: bytes = b"") -> Callable[[Handler], None]:
    def send(handler: Handler) -> None:
        handler.wfile.write(answer)
        while again:
            handler.wfile.write(again)  # until the other side breaks off
        handler.close_connection = True

    return send


def test_what_is_no_answer(ehr: FaultyServer, pauses: list[float]) -> None:
    def check(row: tuple[str, tuple[bytes, str]]) -> None:
        answer, said = row[1]
        assert said_of(ehr, sending(answer)) == said

    check_each(ANSWERS.items(), check, lambda row: row[0])


def test_what_has_no_end(ehr: FaultyServer, pauses: list[float]) -> None:
    def check(row: tuple[str, tuple[bytes, bytes, set[str]]]) -> None:
        begun, again, said = row[1]
        assert said_of(ehr, sending(begun, again), budget=0.6) in said | {TOO_LATE}

    check_each(ENDLESS.items(), check, lambda row: row[0])


def test_what_is_sent_is_bounded_before_it_is_read_as_http(
    ehr: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_WIRE", 100_000)
    begun, again, _ = ENDLESS["100 Continue"]
    assert said_of(ehr, sending(begun, again), budget=PAUSED_S) == TOO_LARGE


PAUSED_S = PATIENCE_S / 2
"""longer than it takes to send a little, on any machine"""


@pytest.mark.parametrize(("most", "read"), [(9, False), (10, True), (11, True)])
def test_a_reader_takes_so_many_bytes_and_no_more(most: int, read: bool) -> None:
    ours, theirs = socket.socketpair()
    sock = PlainSocket(fileno=ours.detach())
    with sock, theirs, until(time.monotonic() + PAUSED_S, most):
        for _ in range(2):
            theirs.sendall(b"12345")
        buffer = bytearray(5)
        assert sock.recv_into(buffer) == 5
        if read:
            assert sock.recv_into(buffer) == 5
        else:
            with pytest.raises(TooMuch):
                sock.recv_into(buffer)


def test_nobody_waits_for_the_words_of_an_error(ehr: FaultyServer) -> None:
    """The status tells that there is nothing to be had, however slowly the rest is sent."""

    def slow_words(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 500 Error\r\nContent-Length: 60000\r\n\r\n")
        handler.wfile.flush()
        handler.be_silent(drip=b" ")

    with serving(FaultyServer(fault=slow_words, when=optional)) as slow:
        assert said_of(slow, slow_words, budget=PAUSED_S) == "HTTP 500"


RETRY_AFTER = {
    # the header, and the seconds that are waited
    "1" + "0" * 30: 0.1, "100000000": 0.1, "99999999": 99_999_999.0, "1e30": 0.1, "-1": 0.1,
    "0": 0.1, "1.5": 0.1, "\xb2": 0.1, "\u0663": 0.1, " 3 ": 3.0, "a" * 60_000: 0.1, "": 0.1,
    "Mon, 01 Jan 99999 00:00:00 GMT": 0.1, "Mon, 99 Foo 2024": 0.1, "0 0 0 0:0:0 0": 0.1,
    "Mon, 01 Jan 2024 00:00:00 +99999999999": 0.1, "Mon, 01 Jan 0001 00:00:00 +2359": 0.1,
    "Mon, 01 Jan 2001 00:00:00 GMT": 0.1,
}  # fmt: skip


def test_the_time_after_which_to_try_again() -> None:
    def check(row: tuple[str, float]) -> None:
        assert pause(1, row[0]) == row[1]

    check_each(RETRY_AFTER.items(), check)
    assert pause(1, "Fri, 31 Dec 9999 23:59:59 -2359") > 1e9


BAD = "bad.example"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Every name is that of this machine, but for one that is not resolved until the event."""
    over, resolve = threading.Event(), socket.getaddrinfo

    def resolved(host: str, *args: object, **more: object) -> object:
        if host == BAD:
            over.wait(PATIENCE_S)
        return resolve("127.0.0.1", *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    yield over
    over.set()


def test_a_name_that_is_not_resolved_holds_up_no_other(names: threading.Event) -> None:
    """Thirty calls wait for one name, in one thread; another server is answered meanwhile."""
    guard = Guard((ip_network("127.0.0.0/8"),))

    def ask(client: object) -> None:
        with pytest.raises(FhirError):
            client.get("Patient/pat-1")  # type: ignore[attr-defined]

    waiting = [access_to(Server(f"http://{BAD}/", guard), budget=PAUSED_S) for _ in range(30)]
    callers = [threading.Thread(target=ask, args=(client,)) for client in waiting]
    before = sum(t.name.startswith("resolve") for t in threading.enumerate())
    for caller in callers:
        caller.start()
    with serving(FaultyServer()) as ehr:
        base = ehr.base.replace("127.0.0.1", "good.example")
        assert fetched(access_to(Server(base, guard), budget=PAUSED_S)).patient
    assert all(caller.is_alive() for caller in callers)
    after = sum(t.name.startswith("resolve") for t in threading.enumerate())
    assert after - before <= 2
    names.set()
    for caller in callers:
        caller.join(PATIENCE_S)
    assert not any(caller.is_alive() for caller in callers)


def test_a_server_that_hangs_holds_up_no_other() -> None:
    """Its threads, its seats and its circuit are its own."""
    with serving(FaultyServer(fault=silent)) as bad, serving(FaultyServer()) as good:
        hanging, healthy = server_of(bad.base), server_of(good.base)

        def ask() -> None:
            with pytest.raises(MissingData):
                fetched(access_to(hanging, budget=PAUSED_S))

        callers = [threading.Thread(target=ask) for _ in range(connection.CALLS)]
        for caller in callers:
            caller.start()
        bad.wait_until_silent(connection.THREADS)
        for _ in range(3):
            assert "allergies" in fetched(access_to(healthy, budget=PAUSED_S)).answered
        assert all(caller.is_alive() for caller in callers)
        bad.over.set()
        for caller in callers:
            caller.join(PATIENCE_S)


def test_a_call_goes_on_when_its_server_makes_room_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "_servers", OrderedDict())
    monkeypatch.setattr(connection, "MOST_SERVERS", 1)
    guard = Guard((ip_network("127.0.0.0/8"),))
    with serving(FaultyServer()) as ehr:
        client = access_to(server_at(ehr.base, guard))
        assert fetched(client).patient
        server_at(f"{ehr.base}other/", guard)
        assert fetched(client).patient
        assert server_at(ehr.base, guard) is not client.server


ODD_STATEMENTS = (
    {"fhirVersion": 4}, {"fhirVersion": 10**30}, {"fhirVersion": ["4.0.1"]}, {"rest": 3},
    {"rest": [3, None, {}]}, {"rest": [{"resource": {"type": "Condition"}}]},
    {"rest": [{"resource": [{"type": 3}, {"type": ["Condition"], "searchParam": 3}]}]},
    {"rest": [{"interaction": [{"code": ["batch"]}]}]}, {"rest": [{"mode": {}}]},
)  # fmt: skip


def test_an_odd_capability_statement_leaves_everything_as_it_was() -> None:
    for odd in ODD_STATEMENTS:
        statement = {"resourceType": "CapabilityStatement", **odd}
        with serving(FaultyServer(capability=statement)) as ehr:
            server = server_of(ehr.base)
            for _ in range(2):
                assert {"allergies", "conditions"} <= fetched(access_to(server)).answered
            server.pool.submit(lambda: None).result(PATIENCE_S)


def test_an_absurd_number_in_an_answer_is_no_value() -> None:
    text = (
        b'{"resourceType":"Bundle","total":1e400,"entry":[{"resource":'
        b'{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/pat-1"},'
        b'"onsetAge":{"value":1e26},"recordedDate":99999999999999999999999999999}}]}'
    )
    answer = lambda handler: handler.answer(200, text)  # noqa: E731
    with serving(FaultyServer(fault=answer, when=only("Condition"))) as ehr:
        record = fetched(access_to(server_of(ehr.base)))
    assert "conditions" in record.answered
    assert record.resources["Condition"]
