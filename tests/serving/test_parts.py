"""Parts of the front by themselves: what needs no server."""

from __future__ import annotations

import resource
import socket
from types import SimpleNamespace

import pytest

from cds import logs
from cds.serving import readers, sockets
from cds.serving.environ import answer_of, environ_of
from cds.serving.readers import LOOK_S, SLOWEST, Readers


def scope(**changes):
    head = {
        "method": "POST", "path": "/a b/ü", "query_string": "q=%41", "scheme": "http",
        "http_version": "1.1", "client": "[::1]:4711", "server": "127.0.0.1:8000",
    }  # fmt: skip
    return SimpleNamespace(**head | changes)


def test_the_environment_of_a_request():
    headers = [
        ("host", "cds.example.org"), ("content-type", "application/json"), ("x-a", "1"),
        ("x-a", "2"), ("x_a", "3"), ("content_length", "9"), ("content-length", "7"),
        ("transfer-encoding", "chunked"), ("content-encoding", "gzip"),
    ]  # fmt: skip
    environ = environ_of(scope(), headers, b"abc")
    assert environ.pop("wsgi.input").read() == b"abc"
    told = {name: value for name, value in environ.items() if name[:4] not in ("wsgi", "SERV")}
    assert told == {
        "SCRIPT_NAME": "",
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/a b/Ã¼",  # bytes of UTF-8, as WSGI has them
        "QUERY_STRING": "q=%41",
        "REMOTE_ADDR": "[::1]",
        "CONTENT_LENGTH": "3",
        "CONTENT_TYPE": "application/json",
        "HTTP_HOST": "cds.example.org",
        "HTTP_X_A": "1,2",
        "HTTP_CONTENT_ENCODING": "gzip",
    }
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "8000")


def test_all_of_an_answer_is_taken_and_closed():
    closed = []

    class Parts(list):
        def close(self):
            closed.append(True)

    def application(environ, start):
        start("200 OK", [])
        start("503 Service Unavailable", [("Retry-After", "1")], (None, None, None))
        return Parts([b"a", b"b"])

    answer = answer_of(application, {})
    assert (answer.status, answer.headers, answer.body) == (503, [("Retry-After", "1")], b"ab")
    assert closed == [True]


@pytest.mark.parametrize(
    ("soft", "hard", "allowed", "raised"),
    [
        (1024, 20_000, 10_000, 10_256),
        (1024, 10_256, 10_000, 10_256),
        (1024, 10_255, 9_999, 10_255),
        (1024, 400, 200, 1024),  # never less than half
        (50_000, 60_000, 10_000, 50_000),  # never lowered
        (1024, resource.RLIM_INFINITY, 10_000, 10_256),
    ],
)
def test_the_limit_of_open_files_is_raised_as_far_as_it_goes(
    soft, hard, allowed, raised, monkeypatch, capsys
):
    logs.configure()
    now = [min(soft, hard) if hard != resource.RLIM_INFINITY else soft, hard]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(now))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: now.__setitem__(0, limits[0]))
    assert sockets.allow_connections(10_000) == allowed
    assert now[0] == min(raised, hard) if hard != resource.RLIM_INFINITY else raised
    assert ("fewer open files" in capsys.readouterr().out) == (allowed < 10_000)


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(readers, "monotonic", lambda: now[0])
    return now


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="Linux tells enough of a socket")
@pytest.mark.parametrize(("rate", "cut"), [(4 * SLOWEST, False), (SLOWEST // 8, True), (0, True)])
def test_a_reader_is_slow_that_takes_hardly_anything(rate, cut, clock):
    """One that is never done, but goes on, keeps its connection: a busy one looks like this."""
    timeout_s = 10
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(listener.getsockname())
        client.settimeout(10)
        served, _ = listener.accept()
        with served:
            served.setblocking(False)
            watched = Readers(listener.getsockname()[1], 10**6, timeout_s)
            assert watched.room(900_000)
            for look in range(round(3 * timeout_s / LOOK_S)):
                if look == 4:  # it may still hold all of the long answer
                    assert not watched.room(200_000)
                try:
                    while served.send(b"x" * 65_536):
                        pass
                except BlockingIOError:
                    pass
                except OSError:
                    break  # it was cut
                taken = 0
                while taken < rate * LOOK_S:
                    taken += len(client.recv(int(rate * LOOK_S) - taken))
                clock[0] += LOOK_S
                watched.sweep()
            try:
                served.send(b"x")
                was_cut = False
            except BlockingIOError:
                was_cut = False
            except OSError:
                was_cut = True
    assert was_cut == cut


def test_long_answers_have_room_until_they_may_be_taken(clock):
    watched = Readers(1, 1_000_000, 10)
    clock[0] += LOOK_S / 2
    assert watched.room(900_000)
    assert watched.room(65_535)  # fits into the system's buffers
    assert watched.room(100_000)
    assert not watched.room(100_000)
    clock[0] += LOOK_S / 2  # nobody has data to take: but what is fresh may not have begun
    watched.sweep()
    assert not watched.room(100_000)
    clock[0] += LOOK_S
    watched.sweep()
    assert watched.room(5_000_000)  # one always has room
