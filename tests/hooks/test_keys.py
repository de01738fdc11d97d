"""Fetched keys: in the background, bounded, and never at the cost of another client's calls."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
import time
from datetime import UTC, datetime

import hooktools
import jwt
import key_hosts
import pytest
import requests
from key_hosts import answer, drip, endless_head, eventually, hang

from cds.fhir.server import addresses
from cds.hooks.trust import fetch, jwks
from cds.hooks.trust.fetch import Fetched, fetch_jwks
from cds.hooks.trust.jwks import KeySet
from cds.hooks.trust.keys import FetchedKeys, FixedKeys, Pace, Seats
from cds.settings import TrustedClient
from tests.replaced import replace

PACE = Pace(wait_s=20.0, first_pause_s=0.02, most_pause_s=0.1)
"""a call waits as long as it takes: what does not wait in these tests has another reason"""


class Publisher:
    """A client's key endpoint, without the network."""

    def __init__(self, *algorithms):
        self.algorithms = list(algorithms)
        self.fetches = 0
        self.down = False
        self.max_age = None
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self, url):
        self.fetches += 1
        known = list(self.algorithms)
        self.goes_on.wait(30)
        if self.down:
            raise requests.ConnectionError
        document = {"keys": [hooktools.jwk(name) for name in known]}
        return Fetched(KeySet(json.dumps(document).encode()), self.max_age)


@pytest.fixture
def source():
    """Makes sources, and ends their threads."""
    all_of_them = []

    def make(fetch=fetch_jwks, url="http://127.0.0.1:1/keys", ttl=3600, pace=PACE, **more):
        all_of_them.append(FetchedKeys(url, ttl, "ehr", pace=pace, fetch=fetch, **more))
        return all_of_them[-1]

    yield make
    for keys in all_of_them:
        keys.close()


def test_keys_are_fetched_once_and_kept(source):
    publisher = Publisher("ES384")
    fetched = source(publisher)
    for _ in range(5):
        assert fetched.find("ES384", "ES384") is not None
    assert publisher.fetches == 1


def test_keys_are_fetched_anew_in_time_though_nobody_calls(source):
    publisher = Publisher("ES384")
    fetched = source(publisher, ttl=0.05)
    assert fetched.find("ES384", "ES384") is not None
    publisher.algorithms = ["RS384"]
    eventually(lambda: fetched._usable().find("RS384", "RS384"))
    assert fetched.find("ES384", "ES384") is None  # it was withdrawn


def test_the_publisher_may_shorten_the_time_within_bounds(source):
    publisher = Publisher("ES384")
    for max_age, seconds in [(None, 3600), (60, 60), (59, 60), (0, 60), (61, 61), (99999, 3600)]:
        fetched = source(publisher)
        assert fetched._lifetime(Fetched(KeySet(), max_age)) == seconds


def test_many_first_callers_cause_one_fetch(source):
    publisher = Publisher("ES384")
    publisher.goes_on.clear()
    fetched = source(publisher, seats=Seats(200))
    found = in_threads(10, lambda: fetched.find("ES384", "ES384"))
    publisher.goes_on.set()
    assert all(key is not None for key in found())
    assert publisher.fetches == 1


def in_threads(count, do):
    """Do it in threads; the results, once they are asked for."""
    found = []
    threads = [threading.Thread(target=lambda: found.append(do())) for _ in range(count)]
    for thread in threads:
        thread.start()

    def results():
        for thread in threads:
            thread.join(30)
        return found

    results.waiting = lambda: sum(thread.is_alive() for thread in threads)
    return results


def test_a_rotated_key_is_good_with_its_first_call(source):
    publisher = Publisher("ES384")
    fetched = source(publisher)
    fetched.find("ES384", "ES384")
    publisher.algorithms = ["RS384"]
    assert fetched.find("RS384", "RS384") is not None
    assert fetched.find("ES384", "ES384") is None
    assert publisher.fetches == 3  # the one that was withdrawn was looked for


def test_a_forged_id_just_before_does_not_delay_a_rotation(source):
    publisher = Publisher("ES384")
    fetched = source(publisher)
    fetched.find("ES384", "ES384")
    assert fetched.find("forged", "ES384") is None
    publisher.algorithms = ["RS384"]
    assert fetched.find("RS384", "RS384") is not None


def test_a_fetch_that_was_under_way_before_the_rotation_is_followed_by_another(source):
    publisher = Publisher("ES384")
    fetched = source(publisher)
    fetched.find("ES384", "ES384")
    publisher.goes_on.clear()
    forged = in_threads(1, lambda: fetched.find("forged", "ES384"))
    eventually(lambda: publisher.fetches == 2)
    publisher.algorithms = ["RS384"]
    honest = in_threads(1, lambda: fetched.find("RS384", "RS384"))
    publisher.goes_on.set()
    assert forged() == [None]
    assert honest()[0] is not None


def test_forged_ids_cause_few_fetches(source):
    publisher = Publisher("ES384")
    fetched = source(publisher, pace=replace(PACE, burst=4, refill_s=3600.0))
    fetched.find("ES384", "ES384")
    for number in range(300):
        assert fetched.find(f"forged-{number}", "ES384") is None
    assert publisher.fetches == 1 + 4
    assert fetched.find("ES384", "ES384") is not None


def test_after_many_forged_ids_a_rotated_key_is_found_with_the_next_allowance(source):
    publisher = Publisher("ES384")
    fetched = source(publisher, pace=replace(PACE, burst=2, refill_s=0.2, missing_s=3600.0))
    fetched.find("ES384", "ES384")
    for number in range(10):
        fetched.find(f"forged-{number}", "ES384")
    publisher.algorithms = ["RS384"]
    eventually(lambda: fetched.find("RS384", "RS384"))


def test_an_id_that_is_missing_is_not_looked_for_again_and_again(source):
    publisher = Publisher("ES384")
    fetched = source(publisher, pace=replace(PACE, burst=1000))
    fetched.find("ES384", "ES384")
    for _ in range(20):
        assert fetched.find("forged", "ES384") is None
    assert publisher.fetches == 2
    for number in range(PACE.most_missing + 10):
        fetched.find(f"forged-{number}", "ES384")
    assert len(fetched._missing) == PACE.most_missing


def test_a_host_that_fails_is_tried_again_by_itself_and_old_keys_stay(source):
    publisher = Publisher("ES384")
    fetched = source(publisher, ttl=0.05)
    fetched.find("ES384", "ES384")
    publisher.down = True
    eventually(lambda: fetched._failures >= 2)
    assert fetched.find("ES384", "ES384") is not None
    assert fetched.find("new", "ES384") is None
    publisher.down, publisher.algorithms = False, ["RS384"]
    eventually(lambda: fetched._usable().find("RS384", "RS384"))


def test_old_keys_are_not_good_for_ever(source):
    publisher = Publisher("ES384")
    fetched = source(publisher, pace=replace(PACE, stale_s=0.5), ttl=0.05)
    assert fetched.find("ES384", "ES384") is not None
    publisher.down = True
    eventually(lambda: fetched.find("ES384", "ES384") is None)


def test_pauses_grow_to_a_bound(source):
    publisher = Publisher()
    publisher.down = True
    fetched = source(publisher, pace=replace(PACE, first_pause_s=1.0, most_pause_s=15.0))
    fetched._run = lambda: None  # no thread: one attempt after the other, by hand
    pauses = []
    for _ in range(12):
        before = time.monotonic()
        fetched._attempt()
        pauses.append(round(fetched._due - before))
    assert pauses == [1, 2, 4, 8] + [15] * 8


def test_while_a_host_fails_nobody_waits_for_it(source):
    publisher = Publisher()
    publisher.down = True
    fetched = source(publisher, pace=replace(PACE, wait_s=100.0))
    fetched.find("ES384", "ES384")
    publisher.goes_on.clear()
    eventually(lambda: fetched._begun is not None)
    rounds = fetched._rounds
    assert fetched.find("ES384", "ES384") is None
    assert fetched._rounds == rounds  # that fetch goes on
    publisher.goes_on.set()


def test_away_at_first_is_no_harm_later(source):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = free.getsockname()
    fetched = source(url=f"http://127.0.0.1:{place[1]}/keys")
    assert fetched.find("ES384", "ES384") is None
    with key_hosts.host(answer()) as host:
        fetched._url = host.url  # a port that is free again may be another's by now
        eventually(lambda: fetched.find("ES384", "ES384"))


def test_few_calls_of_one_client_wait_and_few_of_all(source):
    publisher, seats = Publisher("ES384"), Seats(8)
    publisher.goes_on.clear()
    slow = [source(publisher, seats=seats) for _ in range(5)]
    waiting = [in_threads(5, lambda one=one: one.find("ES384", "ES384")) for one in slow]
    # two of each client's, four of all: the other 21 were answered while the host still hangs
    eventually(lambda: sum(results.waiting() for results in waiting) == 4)
    assert all(results.waiting() <= 2 for results in waiting)
    assert seats._all.acquire(blocking=False) is False
    publisher.goes_on.set()
    assert sum(key is not None for results in waiting for key in results()) == 4


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(drip(whole=True), id="drips its head"),
        pytest.param(drip(whole=False), id="drips its body"),
        pytest.param(hang, id="hangs"),
        pytest.param(endless_head, id="interim answers for ever"),
    ],
)
def test_a_fetch_ends_however_slow_the_host_is(behave, source):
    with key_hosts.host(behave) as host:
        with pytest.raises((requests.RequestException, OSError)):
            fetch_jwks(host.url, 0.3)
        assert not host.over.is_set()
        fetched = source(url=host.url, pace=replace(PACE, wait_s=0.05))
        assert fetched.find("ES384", "ES384") is None  # answered, while it still drips
        assert fetched._begun is not None


def test_a_name_server_that_hangs_holds_no_other_client_and_no_fhir_server(source, monkeypatch):
    over = threading.Event()
    real = socket.getaddrinfo

    def getaddrinfo(host, *args, **kwargs):
        if host.startswith("hangs"):
            over.wait(30)
        return real("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    for number in range(3):
        hanging = f"http://hangs{number}.example.org/keys"
        source(url=hanging, pace=replace(PACE, wait_s=0.01)).start()
    with key_hosts.host(answer()) as host:
        named = host.url.replace("127.0.0.1", "keys.example.org")
        assert source(url=named).find("ES384", "ES384") is not None
    assert addresses.resolve("fhir.example.org", 443)
    over.set()


def test_keys_over_a_real_socket(source):
    with key_hosts.host(answer(headers="Cache-Control: public, max-age=120\r\n")) as host:
        fetched = source(url=host.url)
        assert fetched.find("ES384", "ES384") is not None
        assert fetch_jwks(host.url).max_age == 120
        host.published = [hooktools.jwk("RS384")]
        assert fetched.find("RS384", "RS384") is not None
        assert fetched.find("ES384", "ES384") is None


def test_a_call_with_a_rotated_key_is_answered_and_one_with_a_withdrawn_key_is_not():
    with key_hosts.host(answer()) as host:
        trusted = {"iss": hooktools.ISSUER, "jku": host.url}
        client = hooktools.app(auth="required", clients=[trusted]).test_client()

        def call(algorithm):
            text = hooktools.token("/cds-services", algorithm, header={"jku": host.url})
            return client.get("/cds-services", headers=hooktools.bearer(text)).status_code

        assert host.fetches == 1  # before the first call
        assert call("ES384") == 200
        forged = hooktools.token("/cds-services", header={"jku": host.url, "kid": "forged"})
        assert client.get("/cds-services", headers=hooktools.bearer(forged)).status_code == 401
        host.published = [hooktools.jwk("RS384")]
        assert call("RS384") == 200
        assert call("ES384") == 401


def test_keys_as_long_as_allowed(source):
    full = json.dumps({"keys": [hooktools.jwk("ES384")]}).encode().ljust(fetch.MOST_BYTES)
    with key_hosts.host(answer(body=full)) as host:
        assert len(fetch_jwks(host.url).keys) == 1


@pytest.mark.parametrize(
    "behave",
    [
        answer("500 Internal Server Error"),
        answer("302 Found", "Location: http://127.0.0.1:1/elsewhere\r\n"),
        answer("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b"),
        answer(body=b"<html>"),
        answer(body=b"[]"),
        answer(body=b'{"keys": [' * 5000),
        answer(body=b'{"keys": {"a": ' + b"9" * 200_000 + b"}}"),
        answer(body=secrets.token_bytes(fetch.MOST_BYTES)),
        answer(body=b" " * (fetch.MOST_BYTES + 1)),
    ],
)
def test_a_bad_answer_gives_no_keys(behave, source):
    with key_hosts.host(behave) as host:
        with pytest.raises(ValueError):
            fetch_jwks(host.url)
        assert source(url=host.url).find("ES384", "ES384") is None
        assert fetch_jwks.__defaults__ == (fetch.TOTAL_S,)


def test_a_redirect_is_not_followed():
    with key_hosts.host(answer()) as other:
        moved = answer("302 Found", f"Location: {other.url}\r\n")
        with key_hosts.host(moved) as host, pytest.raises(ValueError):
            fetch_jwks(host.url)
        assert other.fetches == 0


def number(value):
    return hooktools.segment(value.to_bytes((value.bit_length() + 7) // 8 or 1, "big"))


MODULUS = hooktools.private_key("RS384").public_key().public_numbers().n
RSA = {"kid": "a", "kty": "RSA", "n": number(MODULUS), "e": "AQAB"}
EC = {name: value for name, value in hooktools.jwk("ES384").items() if name != "alg"} | {"kid": "a"}


def found(*keys, algorithm="ES384"):
    return KeySet(json.dumps({"keys": list(keys)}).encode()).find("a", algorithm)


@pytest.mark.parametrize(
    "odd",
    [7, None, [], "a", {}, {"kid": 7}, {"kid": ["a"]}, {"kid": {"a": 1}}, {"kty": ["EC"]},
     {"kty": "oct", "k": "c2VjcmV0"}, {"use": "enc"}, {"use": 7}, {"alg": {}}, {"alg": "ES256"},
     {"crv": "P-256"}, {"crv": "secp256k1"}, {"crv": ["P-384"]}, {"crv": None}, {"x": 7},
     {"x": "AA"}, {"x": "*"}, {"x": ""}, {"y": EC["x"]}, {"y": None}, {"x": "A" * 200_000}],
)  # fmt: skip
def test_an_odd_key_is_no_key_and_costs_no_other(odd):
    key = (EC | odd) if isinstance(odd, dict) and odd else odd
    assert found(key) is None
    assert found(key, EC) is not None
    assert found(EC, key) is not None


@pytest.mark.parametrize("value", ["1e999", "9" * 100_000, "0." + "9" * 100_000, "1e" + "9" * 20])
def test_an_absurd_number_costs_no_other_key(value):
    odd = f'{{"kid": {value}, "kty": "EC", "x": {value}}}'
    document = f'{{"keys": [{odd}, {value}, {json.dumps(EC)}], "a": {value}}}'
    assert KeySet(document.encode()).find("a", "ES384") is not None


DEEP = "[" * 3_000 + "]" * 3_000
ODD_TEXTS = [
    rb'{"kid": "\ud800", "kty": "EC"}', rb'{"kid": "a", "x5c": ["\udc00"]}', rb'{"\ud800": 7}',
    b'{"kid": "\xff", "kty": "EC"}', b'{"kid": "a", "x5c": "\xed\xa0\x80"}', b"NaN", b"\xff", b"",
    b"{'kid': 1}", b'{"kid": "a",}', b'{"kid" "a"}', rb'{"kid": "\x"}', b'{"kid": "\x00"}',
    rb'{"kid": "a", "x5c": ["],[\"]}"]}', rb'"\\"', b'{"keys": [{"kid": "a"}]}',
    DEEP.encode(), f'{{"kid": "a", "x5c": {DEEP}}}'.encode(),
    b'{"a":' * 3_000 + b"7" + b"}" * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD_TEXTS, ids=lambda text: ascii(text[:24]))
def test_a_key_that_is_no_json_costs_no_other(odd):
    good = json.dumps(EC).encode()
    for between in (b",", b" , ", b"\n,\t"):
        for keys in ((odd, good), (good, odd), (odd, good, odd)):
            document = b'{"keys": [' + between.join(keys) + b"]}"
            assert KeySet(document).find("a", "ES384") is not None
            assert len(KeySet(document)) == 1


@pytest.mark.parametrize("odd", [rb'"\ud800"', b'"\xff"', DEEP.encode(), b"{}", b"[[7], {}]", b"7"])
def test_a_member_beside_the_keys_costs_none(odd):
    good = json.dumps(EC).encode()
    for document in (
        b'{"a": %b, "keys": [%b], "b": %b}' % (odd, good, odd),
        b'{"a": {"keys": [%b]}, "keys":[%b,%b]}' % (odd, odd, good),
    ):
        assert KeySet(document).find("a", "ES384") is not None


@pytest.mark.parametrize(
    "text",
    [b"", b"7", b"null", b"[]", b"{}", b'"keys"', b"<html>", b'{"keys": [', b'{"keys": [}',
     b'{"keys": []', b'{"keys": []}}', b'{"keys": []}]', b'{"keys": []} x', b'x {"keys": []}',
     b'{"keys": ["]}', b'{"keys", [7]}', b"]", b"}",
     b'[{"keys": []}]', b'{"a": {"keys": []}}', b'{"keys": {"keys": []}}', b'{"keys": [[]}]',
     DEEP.encode(), b"[" * 250_000],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_what_can_t_be_split_is_no_key_set(text):
    with pytest.raises(ValueError, match="JWK Set"):
        KeySet(text)


def test_a_key_of_60_000_brackets_costs_no_other():
    deep = b"[" * 60_000 + b"]" * 60_000
    document = b'{"keys": [{"kid": "a", "x5c": %b}, %b]}' % (deep, json.dumps(EC).encode())
    assert KeySet(document).find("a", "ES384") is not None


def test_the_longest_set_is_split_in_little_time():
    most = fetch.MOST_BYTES - 100
    for filling in (
        b"[]" * (most // 2),
        b'"a",' * (most // 4),
        b"\\" * most,
        b'"' + b"\\a" * 130_000,
    ):
        begin = time.thread_time()
        with contextlib.suppress(ValueError):
            KeySet(b'{"keys": [' + filling + b"]}")
        assert time.thread_time() - begin < 2


def test_keys_of_the_settings_are_as_odd_as_fetched_ones():
    when = datetime(2026, 11, 1, tzinfo=UTC)
    odd = [{"kid": "\ud800"}, {"kid": "b", "nbf": when}, {"kid": float("nan")}]
    assert FixedKeys({"keys": [*odd, EC]}).find("a", "ES384") is not None


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"e": number(3)}, True),
        ({"e": number(2**32 - 1)}, True),
        ({"e": number(2**32 + 1)}, False),
        ({"e": number(MODULUS)}, False),
        ({"e": number(0)}, False),
        ({"e": number(1)}, False),
        ({"e": number(65536)}, False),
        ({"e": ""}, False),
        ({"e": 65537}, False),
        ({"n": number(2**2046 + 1)}, False),
        ({"n": number(2**2047 + 1)}, True),
        ({"n": number(2**8191 + 1)}, True),
        ({"n": number(2**8192 + 1)}, False),
        ({"n": number(2**100_000 + 1)}, False),
        ({"n": "0"}, False),
        ({"n": None}, False),
    ],
)
def test_an_rsa_key_is_strong_and_cheap(changes, good):
    assert (found(RSA | changes, algorithm="RS384") is not None) is good


def test_a_private_key_is_not_read():
    private = json.loads(jwt.get_algorithm_by_name("RS384").to_jwk(hooktools.private_key("RS384")))
    key = found(private | {"kid": "a"}, algorithm="RS384")
    assert not hasattr(key, "private_numbers")
    assert found(private | {"kid": "a", "p": 7, "d": {}}, algorithm="RS384") is not None


def test_keys_of_one_id_are_told_apart_by_their_kind():
    both = [RSA, EC]
    assert found(*both, algorithm="RS384").key_size == 2048
    assert found(*both, algorithm="ES384").curve.name == "secp384r1"
    assert found(*both, algorithm="ES256") is None


def test_so_many_keys_are_read_and_no_more():
    filler = [EC | {"kid": f"k{n}"} for n in range(jwks.MOST_KEYS - 1)]
    assert found(*filler, EC) is not None
    assert found(*filler, EC | {"kid": "z"}, EC) is None
    assert len(KeySet(json.dumps({"keys": [EC] * 500}).encode())) == jwks.MOST_KEYS


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": None}, {"keys": 7}])
def test_a_document_without_keys_is_no_key_set(document):
    with pytest.raises(ValueError, match="keys"):
        FixedKeys(document)


def test_a_byte_order_mark_says_nothing():
    assert len(KeySet(b"\xef\xbb\xbf" + json.dumps({"keys": [EC]}).encode())) == 1


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
