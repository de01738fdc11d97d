"""Used tokens: once each, in a process or shared, and degraded rather than in the way."""

from __future__ import annotations

import threading
import time

import pytest

from cds.hooks.trust import replay, shared
from cds.hooks.trust.replay import ProcessReplay, ReplayUnavailable, SharedReplay, token_id
from cds.hooks.trust.shared import DatabaseReplay
from cds.metrics import REPLAY_DEGRADED
from cds.store.database import Database

SOON = int(time.time()) + 300


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture(params=["process", "database", "shared database"])
def memory(request, url):
    if request.param == "process":
        return ProcessReplay()
    in_database = DatabaseReplay(Database(url))
    return in_database if request.param == "database" else SharedReplay(in_database)


def test_a_token_is_new_once(memory):
    assert memory.first_use("iss", "a", SOON)
    assert not memory.first_use("iss", "a", SOON)
    assert memory.first_use("iss", "b", SOON)
    assert memory.first_use("other", "a", SOON)


def test_issuer_and_id_can_t_be_shifted_into_each_other():
    assert token_id("ab", "c") != token_id("a", "bc")


def test_of_many_at_once_one_is_first(memory):
    firsts = []
    threads = [
        threading.Thread(target=lambda: firsts.append(memory.first_use("iss", "x", SOON)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert firsts.count(True) == 1


def test_two_workers_share_a_database(url):
    one, two = (SharedReplay(DatabaseReplay(Database(url))) for _ in range(2))
    assert one.first_use("iss", "a", SOON)
    assert not two.first_use("iss", "a", SOON)


def test_the_process_forgets_what_has_expired():
    clock = iter(range(10_000_000))
    memory = ProcessReplay(lambda: next(clock) + 1_000_000.0)
    for number in range(5000):
        memory.first_use("iss", str(number), 5)
    assert len(memory._expires) <= 1000


def test_the_process_remembers_a_bounded_number(monkeypatch):
    monkeypatch.setattr(replay, "MOST_REMEMBERED", 2000)
    memory = ProcessReplay()
    for number in range(10_000):
        memory.first_use("iss", str(number), SOON)
    assert len(memory._expires) <= 4001


def test_the_database_forgets_what_has_expired(url, monkeypatch):
    monkeypatch.setattr(shared, "SWEEP_EVERY", 2)
    memory = DatabaseReplay(Database(url))
    assert memory.first_use("iss", "old", 5)
    assert memory.first_use("iss", "new", SOON)  # sweeps first
    assert memory.first_use("iss", "old", SOON)


def test_a_lost_database_degrades_to_the_process_and_is_asked_again_later(tmp_path):
    class Flaky:
        calls = 0

        def first_use(self, iss, jti, expires):
            self.calls += 1
            raise ReplayUnavailable

    now = [100.0]
    flaky = Flaky()
    memory = SharedReplay(flaky, lambda: now[0])
    before = REPLAY_DEGRADED._value.get()
    assert memory.first_use("iss", "a", SOON)
    assert not memory.first_use("iss", "a", SOON)
    assert memory.first_use("iss", "b", SOON)
    assert flaky.calls == 1
    assert REPLAY_DEGRADED._value.get() == before + 2
    now[0] += replay.PAUSE_S + 1
    assert memory.first_use("iss", "c", SOON)
    assert flaky.calls == 2


def test_a_database_that_is_not_there_is_unavailable(tmp_path):
    memory = DatabaseReplay(Database(f"sqlite:///{tmp_path}/missing/x.sqlite"))
    with pytest.raises(ReplayUnavailable):
        memory.first_use("iss", "a", SOON)


def test_a_redis_that_is_not_there_is_unavailable():
    pytest.importorskip("redis")
    memory = shared.RedisReplay("redis://127.0.0.1:1/0")
    with pytest.raises(ReplayUnavailable):
        memory.first_use("iss", "a", SOON)
