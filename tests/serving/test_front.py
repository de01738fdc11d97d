"""The front, over real sockets, before a small application: what it reads, refuses and lets go."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time

import pytest

from cds.serving.bodies import AT_ONCE, FREE_PIECES
from tests.serving.served import read_answer, small

LIMIT = 400_000
HEAD_LIMIT = 1024 + 16_384  # token_bytes, and what is allowed beside it


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One worker, one thread, short times."""
    with small(
        tmp_path_factory.mktemp("front"), {"LOOK": "0.5"},
        threads=1, request_bytes=LIMIT, token_bytes=1024,
        buffer_bytes=3 * LIMIT, transfer_timeout_s=2, idle_timeout_s=2, wait_ms=700,
        cors_origins=["https://ehr.example.org"],
    ) as served:  # fmt: skip
        yield served


def post(app, length):
    status, _, body = app.call("POST", "/echo", b"a" * length)
    return status, json.loads(body)


def outcome(answer: bytes):
    """Status, headers and the text of the OperationOutcome of a refusal."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    told = json.loads(body)
    assert told["resourceType"] == "OperationOutcome"
    headers = dict(field.split(": ", 1) for field in fields)
    return int(first.split()[1]), headers, told["issue"][0]["details"]["text"]


@pytest.mark.parametrize("length", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, LIMIT - 1, LIMIT])
def test_a_whole_body_reaches_the_application(app, length):
    status, body = post(app, length)
    assert (status, body["length"], body["sum"]) == (200, length, length * ord("a"))
    assert body["environ"]["CONTENT_LENGTH"] == str(length)


def test_a_longer_body_is_refused_by_its_length(app):
    before = app.metric('ketamine_cds_turned_away_total{reason="long-body"}')
    connection = app.connect()
    connection.sendall(
        f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {LIMIT + 1}\r\n\r\n".encode()
    )
    status, headers, text = outcome(read_answer(connection))  # though nothing of it was sent
    assert (status, text) == (413, f"The body is longer than {LIMIT} bytes.")
    assert headers["connection"] == "close"
    assert app.metric('ketamine_cds_turned_away_total{reason="long-body"}') == before + 1


def test_who_sends_all_of_a_long_body_first_reads_the_refusal(app):
    """As a proxy does: the answer is not lost by the bytes that were still on their way."""
    for length in (LIMIT + 1, 2 * LIMIT):  # up to twice what is allowed
        connection = app.connect()
        head = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(length // 1000):
            connection.sendall(b"a" * 1000)
        connection.sendall(b"a" * (length % 1000))
        assert outcome(read_answer(connection))[0] == 413


@pytest.mark.parametrize(("length", "status"), [(LIMIT, 200), (LIMIT + 1, 413)])
def test_a_body_without_a_length_is_counted(app, length, status):
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=20)
    chunks = (b"a" * (length // 2), b"a" * (length - length // 2))
    connection.request("POST", "/echo", iter(chunks), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    assert answer.status == status
    assert status == 413 or (body["length"], "HTTP_TRANSFER_ENCODING" in body["environ"]) == (
        length,
        False,
    )


@pytest.mark.parametrize(
    ("pieces", "size", "status"),
    [(FREE_PIECES, 1, 200), (3 * FREE_PIECES, 1, 400), (1_500, 200, 200), (3_000, 100, 400)],
)
def test_chunks_have_a_size(app, pieces, size, status):
    """Each costs as much as ten thousand bytes; the first ones are free."""
    before = app.metric('ketamine_cds_turned_away_total{reason="body-in-pieces"}')
    chunk = b"%x\r\n%s\r\n" % (size, b"a" * size)
    connection = app.connect()
    head = (
        b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    connection.sendall(head + chunk * pieces + b"0\r\n\r\n")
    answer = read_answer(connection)
    connection.close()
    assert int(answer.split(b" ", 2)[1]) == status
    after = app.metric('ketamine_cds_turned_away_total{reason="body-in-pieces"}')
    assert after - before == (status == 400)
    sent = f'"length": {pieces * size}'.encode()
    assert (sent in answer or sent.replace(b" ", b"") in answer) is (status == 200)


def test_a_connection_serves_many_requests(app):
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=20)
    connection.connect()
    port = connection.sock.getsockname()[1]
    for length in (3, AT_ONCE + 1, 0, 5):
        connection.request("POST", "/echo", b"a" * length)
        assert json.loads(connection.getresponse().read())["length"] == length
        assert connection.sock.getsockname()[1] == port
    connection.close()


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 431)])
def test_a_head_has_a_length(app, over, status):
    fixed = (
        len("/pid") + len("host") + len("x") + len("accept-encoding") + len("identity") + len("x-a")
    )
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=20)
    connection.request(
        "GET", "/pid", headers={"Host": "x", "X-A": "a" * (HEAD_LIMIT - fixed + over)}
    )
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == status
    if status == 431:
        assert f"longer than {HEAD_LIMIT} bytes" in body.decode()


@pytest.mark.parametrize(
    "flood",
    [
        b"X-A: " + b"a" * 1_000_000,
        b"X-A: a\r\n" * 200 + b"\r\n",
        b"X-A: " + b"a" * 40_000 + b"\r\n\r\n",
    ],
    ids=["one long field", "many fields", "complete"],
)
def test_a_flood_of_header_fields_ends_the_connection(app, flood):
    connection = app.connect()
    connection.sendall(b"GET /pid HTTP/1.1\r\nHost: x\r\n")
    try:
        connection.sendall(flood)
        answer = read_answer(connection)
    except ConnectionError:
        answer = b""
    assert answer == b"" or b" 431 " in answer.splitlines()[0]
    assert app.get("/pid")[0] == 200


STALLS = {
    "a small body": (b"Content-Length: 100\r\n\r\nabc", b""),
    "a small body that drips": (b"Content-Length: 100\r\n\r\nabc", b"a"),
    "a long body": (f"Content-Length: {LIMIT}\r\n\r\nabc".encode(), b""),
    "a long body that drips": (f"Content-Length: {LIMIT}\r\n\r\nabc".encode(), b"a"),
    "chunks": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", b""),
    "chunks that drip": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", b"1\r\na\r\n"),
    "an extension of a chunk": (b"Transfer-Encoding: chunked\r\n\r\n5;", b"e"),
    "trailers": (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"a"),
    "after a leave to go on": (b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", b""),
}


def test_what_stalls_in_its_body_is_told_and_ended(app):
    before = app.metric('ketamine_cds_turned_away_total{reason="slow-body"}')
    stalled = {}
    for name, (head, _) in STALLS.items():
        stalled[name] = app.connect()
        stalled[name].sendall(
            b"POST /echo HTTP/1.1\r\nHost: x\r\nOrigin: https://ehr.example.org\r\n"
            b"X-Request-Id: mine\r\n" + head
        )
    for _ in range(3):  # they hold nobody up, though there is one thread only
        assert app.get("/pid", timeout=5)[0] == 200
        time.sleep(0.2)
        for name, (_, drip) in STALLS.items():
            stalled[name].sendall(drip)
    for name, connection in stalled.items():
        answer = read_answer(connection)  # ends when the other side has closed
        assert answer, name
        answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        status, headers, text = outcome(answer)
        assert (status, text) == (408, "The body did not arrive in time."), name
        assert headers["x-request-id"] == "mine"
        assert headers["access-control-allow-origin"] == "https://ehr.example.org"
    after = app.metric('ketamine_cds_turned_away_total{reason="slow-body"}')
    assert after == before + len(STALLS)
    turned = [event for event in app.events() if event.get("reason") == "slow-body"]
    assert {event["request_id"] for event in turned} == {"mine"}


HEADS = {
    "nothing": b"",
    "a line": b"GET /pid HTT",
    "a head": b"GET /pid HTTP/1.1\r\nHost: x\r\n",
    "a request, then nothing": b"GET /pid HTTP/1.1\r\nHost: x\r\n\r\n",
}


def test_what_stalls_in_its_head_or_between_requests_is_ended(app):
    stalled = {name: app.connect() for name in HEADS}
    for name, head in HEADS.items():
        stalled[name].sendall(head)
    assert app.get("/pid", timeout=5)[0] == 200
    for name, connection in stalled.items():
        assert (b"200 OK" in read_answer(connection)) == name.startswith("a request"), name


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 10\r\n\r\n{}",
        b"Content-Length: 300000\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ],
)
def test_a_body_that_is_cut_off_is_no_request(app, body):
    before = app.metric('ketamine_cds_turned_away_total{reason="gone"}')
    connection = app.connect()
    connection.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\n" + body)
    connection.shutdown(socket.SHUT_WR)
    answer = read_answer(connection)  # whoever reads on is told, if the server lets it
    assert not answer or outcome(answer)[::2] == (400, "The request was cut off.")
    wait_for(lambda: app.metric('ketamine_cds_turned_away_total{reason="gone"}') == before + 1)


def wait_for(condition, seconds=15):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def sent(app, path):
    """A request whose answer is not awaited."""
    connection = app.connect()
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return connection


def begun(app):
    file = app.folder / "begun"
    return file.read_text().split() if file.exists() else []


def test_what_waits_too_long_is_refused_and_operators_are_answered_meanwhile(app):
    busy = sent(app, "/sleep/1.4?busy")
    wait_for(lambda: "busy" in begun(app))
    late = sent(app, "/sleep/0?late")
    assert app.get("/healthz")[0] == 200  # before the thread is free again
    assert app.get("/knowledge/regimens/a")[0] == 200
    status, headers, text = outcome(read_answer(late))
    assert (status, headers["retry-after"]) == (503, "2")
    assert text == "The service is busy. Call again later."
    assert b"200 OK" in read_answer(busy)
    assert app.get("/sleep/0?next")[0] == 200
    assert begun(app)[-2:] == ["busy", "next"]


def test_nothing_is_computed_for_who_left_while_it_waited(app):
    busy = sent(app, "/sleep/0.5?before")
    wait_for(lambda: "before" in begun(app))
    left, stays = sent(app, "/sleep/0?left"), sent(app, "/sleep/0?stays")
    time.sleep(0.1)
    left.close()
    assert b"200 OK" in read_answer(busy) + read_answer(stays)
    assert begun(app)[-2:] == ["before", "stays"]


def test_only_so_many_may_wait(app):
    busy = sent(app, "/sleep/0.6?full")
    wait_for(lambda: "full" in begun(app))
    others = [sent(app, "/pid") for _ in range(18)]
    answers = [read_answer(one).split()[1] for one in others]
    assert answers.count(b"503") == 2  # 16 places
    assert answers.count(b"200") == 16
    read_answer(busy)


def test_where_the_memory_is_full_the_oldest_body_makes_room(app):
    """Three bodies fit, all but a byte of each has come, and a fourth wants in."""
    before = app.metric('ketamine_cds_turned_away_total{reason="memory"}')
    stalled = []
    for _ in range(3):
        connection = app.connect()
        connection.sendall(
            f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {LIMIT}\r\n\r\n".encode()
            + b"a" * (LIMIT - 1)
        )
        time.sleep(0.1)
        stalled.append(connection)
    assert post(app, LIMIT)[0] == 200
    assert outcome(read_answer(stalled[0]))[0] == 503
    stalled[1].sendall(b"a")
    stalled[1].settimeout(5)
    assert stalled[1].recv(20).startswith(b"HTTP/1.1 200")
    assert app.metric('ketamine_cds_turned_away_total{reason="memory"}') == before + 1
    assert outcome(read_answer(stalled[2]))[0] == 408
    stalled[1].close()


def test_answers_that_nobody_takes_are_bounded_and_cut(app):
    """Room for three bodies: one answer of nearly all of it, which is not read, and a second."""
    before = app.metric('ketamine_cds_turned_away_total{reason="slow-reader"}')
    length = 1_100_000
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", app.port))
        slow.sendall(f"GET /long/{length * 3} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        slow.recv(10)
        status, _, body = app.call("GET", f"/long/{length}")
        assert (status, b"busy" in body) == (503, True)
        assert app.get("/long/1000")[0] == 200  # a short one needs no room
        wait_for(
            lambda: app.metric('ketamine_cds_turned_away_total{reason="slow-reader"}') > before
        )
        slow.settimeout(20)
        assert len(read_answer(slow)) < 3 * length
    wait_for(lambda: app.get(f"/long/{length}")[0] == 200)


def test_bodies_may_be_slow_in_a_crowd(app):
    """As many as there are threads, and more, at once: each is answered."""
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(post(app, 100_000)[0])) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 12
