"""`/readyz` tells of the memory of used tokens; a mark in Redis that says nothing is made anew."""

from __future__ import annotations

import threading
import time

import hooktools
import partners
import pytest
from key_hosts import eventually

from cds.hooks.trust import claims
from cds.hooks.trust.claims import SharedClaims
from cds.hooks.trust.replay import OwnMemory, Replay
from cds.store.errors import StoreError
from cds.store.redis_tokens import MARK, RedisTokens
from cds.store.tokens import Claim

AWAY = {"redis_url": "redis://127.0.0.1:1/0"}


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(claims, "SWEEP_S", 0.05)
    monkeypatch.setattr(claims, "PAUSE_S", 0.05)
    monkeypatch.setattr(claims, "PATIENCE_S", 0.1)

    def begin(when="refuse", **settings):
        given = {"auth": "required", "clients": [hooktools.client()], "clock_skew_s": 0} | settings
        return hooktools.app(**given, replay_when_unavailable=when).test_client()

    return begin


def ready(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.get_json().get("used_tokens")


@pytest.mark.parametrize(("when", "status"), [("refuse", 503), ("accept", 200)])
def test_a_memory_that_was_never_there_is_told_before_the_first_call(client, when, status):
    begun = client(when, **AWAY)
    assert ready(begun) == (status, "unreachable")
    told = begun.get("/readyz").get_json()
    assert told["status"] == ("ready" if status == 200 else "not ready")
    assert told["store"] == "reachable"
    begun.get("/cds-services", headers=hooktools.bearer(hooktools.token("/cds-services")))
    assert ready(begun) == (status, "unreachable")


def test_a_folder_in_the_place_of_the_file(client, tmp_path):
    folder = tmp_path / "store-tokens.sqlite"
    folder.mkdir()
    begun = client(database_url=f"sqlite:///{tmp_path}/store.sqlite")
    assert ready(begun) == (503, "unreachable")
    folder.rmdir()
    eventually(lambda: ready(begun) == (200, "reachable"))
    begun.get("/cds-services", headers=hooktools.bearer(hooktools.token("/cds-services")))
    assert ready(begun) == (200, "reachable")


def test_a_memory_that_can_t_vouch_for_any_token_yet(client):
    assert ready(client(clock_skew_s=60)) == (503, "new")
    assert ready(client("accept", clock_skew_s=60)) == (200, "new")
    assert ready(client(clock_skew_s=60, replay="process")) == (503, "new")
    assert ready(client(replay="process")) == (200, "reachable")


def test_where_no_token_is_asked_for_there_is_no_memory(client):
    assert ready(client(auth="off", **AWAY)) == (200, None)


class Hanging:
    """A memory that answers, fails or hangs."""

    began = 0.0

    def __init__(self):
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.fault = None
        self.asked = 0

    def claim(self, claims):
        self.asked += 1
        self.goes_on.wait(30)
        if self.fault:
            raise self.fault
        return {one.owner for one in claims}

    def forget(self, before):
        self.claim([])
        return False

    def close(self):
        pass


@pytest.fixture
def hanging(monkeypatch):
    monkeypatch.setattr(claims, "SWEEP_S", 0.05)
    tokens = Hanging()
    shared = SharedClaims(tokens, accepts=False, patience_s=0.1)
    shared.start()
    yield tokens, Replay(OwnMemory(60), shared, 0, refuse=True)
    tokens.goes_on.set()
    shared.close()


def test_who_asks_does_not_wait_for_a_memory_that_hangs(hanging):
    tokens, memory = hanging
    assert memory.state() == "reachable"
    tokens.goes_on.clear()
    eventually(lambda: memory.state() == "unreachable")  # though nobody calls
    asked = tokens.asked
    for _ in range(1000):
        assert memory.state() == "unreachable"
    assert tokens.asked == asked
    tokens.goes_on.set()
    eventually(lambda: memory.state() == "reachable")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (StoreError("corrupt"), "corrupt"),
        (StoreError("unwritable"), "unwritable"),
        (TypeError("secret"), "unreachable"),
    ],
)
def test_what_is_wrong_is_told_in_a_word(hanging, fault, told):
    tokens, memory = hanging
    tokens.fault = fault
    eventually(lambda: memory.state() == told)


def test_a_memory_that_is_busy_is_not_away(hanging):
    tokens, memory = hanging
    tokens.fault = StoreError("busy")
    asked = tokens.asked
    eventually(lambda: tokens.asked > asked + 2)
    assert memory.state() == "reachable"


@pytest.fixture(scope="module")
def redis_port():
    with partners.redis(keeps=False) as server:
        yield server.port


def test_a_redis_that_comes_is_noticed_without_a_call(client, redis_port):
    assert ready(client(redis_url=f"redis://127.0.0.1:{redis_port}/0")) == (200, "reachable")


@pytest.mark.parametrize("sweep", [True, False])
@pytest.mark.parametrize(
    "mark",
    ["{run} notanumber", "{run}", "{run} ", "", "{run} nan", "{run} inf", "{run} -1", "other 5",
     "{run} 9e99", "{run} 5 6", b"\xff\xfe", b"{run} \xff", ["a", "b"]],
    ids=ascii,
)  # fmt: skip
def test_a_mark_that_can_t_be_read_is_a_missing_one(redis_port, mark, sweep):
    redis = pytest.importorskip("redis")
    url = f"redis://127.0.0.1:{redis_port}/1"
    other = redis.Redis.from_url(url)
    run = other.info("server")["run_id"]
    other.delete(MARK)
    if isinstance(mark, list):
        other.lpush(MARK, *mark)
    elif isinstance(mark, bytes):
        other.set(MARK, mark.replace(b"{run}", run.encode()))
    else:
        other.set(MARK, mark.format(run=run))
    tokens, at = RedisTokens(url, 5.0), time.time()
    name = f"{mark!r}{sweep}"
    if sweep:
        tokens.forget(0)
    assert tokens.claim([Claim(name, int(at) + 60, "a")]) == {"a"}
    assert at <= tokens.began <= time.time()
    assert other.get(MARK).decode() == f"{run} {tokens.began}"
    assert tokens.claim([Claim(name, int(at) + 60, "b")]) == set()
    tokens.close()


def test_a_mark_that_is_sound_stays(redis_port):
    redis = pytest.importorskip("redis")
    other = redis.Redis(port=redis_port, db=2)
    other.set(MARK, f"{other.info('server')['run_id']} 1234.5")
    tokens = RedisTokens(f"redis://127.0.0.1:{redis_port}/2", 5.0)
    tokens.claim([Claim("a", int(time.time()) + 60, "a")])
    assert tokens.began == 1234.5
    tokens.close()
