"""A real service with two workers: each token is good once, and a bad key host is nobody's harm."""

from __future__ import annotations

import sqlite3
import threading
import time

import hooktools
import key_hosts
import pytest
import races
from races import AT_ONCE, Service, accepted, at_once, fresh

OTHER = "https://other.example.org"


@pytest.fixture(scope="module")
def hanging():
    with key_hosts.host(key_hosts.hang) as host:
        yield host


@pytest.fixture(scope="module")
def service(tmp_path_factory, hanging):
    other = {"iss": OTHER, "jku": hanging.url}
    started = Service(
        tmp_path_factory.mktemp("service"),
        clients=[hooktools.client(), other],
        threads=8,
        replay_when_unavailable="refuse",
        clock_skew_s=0,
    ).start()
    time.sleep(1.1)  # the memory is new, and vouches for tokens of a later second
    yield started
    started.kill()


def test_calls_are_answered_while_the_key_host_of_another_client_hangs(service, hanging):
    def other():
        jku = {"jku": hanging.url, "kid": "new"}
        return hooktools.token(races.DISCOVERY, header=jku, iss=OTHER)

    honest = fresh(40)
    told = at_once(service, honest + [other() for _ in range(40)])
    assert not hanging.over.is_set()
    assert accepted(told, honest) == [1] * 40
    assert {status for (text, status) in told if text not in honest} == {401}


@pytest.fixture
def busy(service):
    """Somebody else writes to the database, and to the file of tokens, most of the time."""
    over = threading.Event()

    def write(name, pause_s):
        other = sqlite3.connect(service.folder / name, timeout=10, isolation_level=None)
        while not over.is_set():
            other.execute("BEGIN IMMEDIATE")
            time.sleep(0.2)
            other.execute("COMMIT")
            time.sleep(pause_s)
        other.close()

    files = [("store.sqlite", 0.02), ("store-tokens.sqlite", 0.15)]
    threads = [threading.Thread(target=write, args=args) for args in files]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


def test_none_is_accepted_twice_at_200_at_once_nor_after_all_were_killed(service, busy):
    tokens = fresh(AT_ONCE // 8)
    told = at_once(service, tokens * 8)
    assert all(
        good == 1 or told[text, 503]
        for text, good in zip(tokens, accepted(told, tokens), strict=True)
    )
    assert max(accepted(told, tokens)) == 1

    more = fresh(AT_ONCE // 8)
    victim, *_ = service.workers
    killer = threading.Timer(0.05, victim.kill)
    killer.start()
    before = told + at_once(service, more * 8)
    killer.join()
    assert max(accepted(before, more)) <= 1

    service.kill()
    service.start()
    used = tokens + more
    told = at_once(service, (used * 8)[:AT_ONCE])
    good = [text for text in used if before[text, 200]]
    assert good
    assert accepted(told, good) == [0] * len(good)
    assert hooktools.ISSUER not in service.log
    assert not any(text in service.log for text in used)
