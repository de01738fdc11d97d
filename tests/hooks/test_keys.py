"""Fetched keys: cached, refreshed for an unknown id but not often, and bounded."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import hooktools
import pytest
import requests

from cds.hooks.trust import keys
from cds.hooks.trust.keys import FetchedKeys, FixedKeys, fetch_jwks, read_jwks
from cds.settings import TrustedClient


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Publisher:
    """A client's key endpoint, without the network."""

    def __init__(self, *algorithms):
        self.algorithms = list(algorithms)
        self.fetches = 0
        self.down = False

    def __call__(self, url):
        self.fetches += 1
        if self.down:
            raise requests.ConnectionError
        return {"keys": [hooktools.jwk(name) for name in self.algorithms]}


@pytest.fixture
def clock():
    return Clock()


def source(publisher, clock):
    return FetchedKeys("https://ehr.example.org/keys", 3600, publisher, clock)


def test_keys_are_fetched_once_and_kept(clock):
    publisher = Publisher("ES384")
    fetched = source(publisher, clock)
    for _ in range(5):
        assert fetched.find("ES384", "ES384") is not None
    assert publisher.fetches == 1
    clock.now += 3601
    assert fetched.find("ES384", "ES384") is not None
    assert publisher.fetches == 2


def test_an_unknown_id_refreshes_at_most_once_a_minute(clock):
    publisher = Publisher("ES384")
    fetched = source(publisher, clock)
    fetched.find("ES384", "ES384")
    for _ in range(100):
        assert fetched.find("made-up", "ES384") is None
    assert publisher.fetches == 1
    clock.now += 61
    for _ in range(100):
        assert fetched.find("made-up", "ES384") is None
    assert publisher.fetches == 2


def test_a_rotated_key_is_found(clock):
    publisher = Publisher("ES384")
    fetched = source(publisher, clock)
    fetched.find("ES384", "ES384")
    publisher.algorithms.append("RS384")
    clock.now += 61
    assert fetched.find("RS384", "RS384") is not None


def test_a_failing_endpoint_is_left_alone_for_a_minute_and_old_keys_last_a_day(clock):
    publisher = Publisher("ES384")
    fetched = source(publisher, clock)
    fetched.find("ES384", "ES384")
    publisher.down = True
    clock.now += 4000
    for _ in range(10):
        assert fetched.find("ES384", "ES384") is not None
    assert publisher.fetches == 2
    clock.now += 86_400
    assert fetched.find("ES384", "ES384") is None


def test_a_first_fetch_that_fails_is_not_repeated_at_once(clock):
    publisher = Publisher()
    publisher.down = True
    fetched = source(publisher, clock)
    for _ in range(10):
        assert fetched.find("ES384", "ES384") is None
    assert publisher.fetches == 1


def test_many_first_callers_cause_one_fetch(clock):
    publisher = Publisher("ES384")
    fetched = source(lambda url: (time.sleep(0.05), publisher(url))[1], clock)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(fetched.find("ES384", "ES384")))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert publisher.fetches == 1
    assert all(key is not None for key in found)


@pytest.mark.parametrize(
    "key",
    [
        7,
        {},
        {"kid": "a", "kty": "oct", "k": "c2VjcmV0"},
        {"kid": "a", "kty": "EC", "use": "enc"},
        {"kty": "EC", "crv": "P-384"},
    ],
)
def test_other_keys_of_a_set_are_passed_over(key):
    assert read_jwks({"keys": [key]}) == ()


@pytest.mark.parametrize("broken", [{"crv": "P-384"}, {"crv": "P-384", "x": "AA", "y": "AA"}])
def test_a_broken_key_is_no_key(broken):
    fixed = FixedKeys({"keys": [{"kid": "a", "kty": "EC"} | broken]})
    assert fixed.find("a", "ES384") is None


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": None}])
def test_a_document_without_keys_is_no_key_set(document):
    with pytest.raises(ValueError, match="keys"):
        read_jwks(document)


@pytest.fixture
def endpoint():
    class Handler(BaseHTTPRequestHandler):
        status, body, headers_sent = 200, b"", ()

        def do_GET(self):
            self.send_response(type(self).status)
            for name, value in type(self).headers_sent:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(type(self).body)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Handler, f"http://127.0.0.1:{server.server_port}/keys"
    server.shutdown()
    server.server_close()


def test_keys_over_a_real_socket(endpoint):
    handler, url = endpoint
    handler.body = json.dumps({"keys": [hooktools.jwk("ES384")]}).encode()
    assert FetchedKeys(url, 3600).find("ES384", "ES384") is not None


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (500, b"{}", ()),
        (302, b"", (("Location", "http://127.0.0.1:1/elsewhere"),)),
        (200, b"<html>", ()),
        (200, b"[]", ()),
        (200, b" " * (keys.MOST_BYTES + 1), ()),
    ],
)
def test_a_bad_answer_gives_no_keys(endpoint, status, body, headers):
    handler, url = endpoint
    handler.status, handler.body, handler.headers_sent = status, body, headers
    with pytest.raises(ValueError):
        fetch_jwks(url)
    assert FetchedKeys(url, 3600).find("ES384", "ES384") is None


@pytest.mark.parametrize(
    ("jku", "allowed"),
    [
        ("https://ehr.example.org/keys", True),
        ("http://127.0.0.1:8080/keys", True),
        ("http://localhost/keys", True),
        ("http://ehr.example.org/keys", False),
        ("file:///keys", False),
    ],
)
def test_keys_come_over_tls(jku, allowed):
    if allowed:
        TrustedClient(iss="x", jku=jku)
    else:
        with pytest.raises(ValueError, match="https"):
            TrustedClient(iss="x", jku=jku)


def test_a_client_needs_keys():
    with pytest.raises(ValueError, match="jwks"):
        TrustedClient(iss="x")
