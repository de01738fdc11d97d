"""Used tokens: once each, for every worker, over restarts; and what happens if nobody can tell."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cds.hooks.trust import claims, replay
from cds.hooks.trust.claims import SharedClaims
from cds.hooks.trust.memory import file_beside, replay_of
from cds.hooks.trust.replay import OwnMemory, Replay, ReplayUnavailable, Use, token_id
from cds.metrics import REPLAY_DEGRADED, REPLAY_TWICE
from cds.settings import Settings
from cds.store import token_file
from cds.store.database import Database, StoreError
from cds.store.redis_tokens import RedisTokens
from cds.store.token_file import TokenFile
from cds.store.tokens import Claim, DatabaseTokens

SKEW = 60
NOW = int(time.time())
SOON = NOW + 86_400
"""however long all tests together take"""


def use(jti, iss="iss", issued=None, expires=SOON):
    """A token; issued so late that every memory knows of all its uses."""
    return Use(iss, jti, time.time() + 2 * SKEW if issued is None else issued, expires)


def claim(token, owner="a", expires=SOON):
    return Claim(token_id("iss", token), expires, owner)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tokens.sqlite"


@pytest.fixture
def opened():
    """Shared memories that are closed at the end."""
    all_of_them = []

    def open_one(tokens, accepts=True, patience_s=10.0):
        all_of_them.append(SharedClaims(tokens, accepts, patience_s))
        return all_of_them[-1]

    yield open_one
    for shared in all_of_them:
        shared.close()


@pytest.fixture
def worker(opened):
    """A worker's memory; of several each has its own besides what they share."""

    def begin(tokens=None, refuse=False, patience_s=10.0):
        shared = opened(tokens, not refuse, patience_s) if tokens else None
        return Replay(OwnMemory(1800), shared, SKEW, refuse)

    return begin


@pytest.fixture(params=["process", "file", "database"])
def memory(request, worker, path):
    stores = {
        "process": lambda: None,
        "file": lambda: TokenFile(path, 10.0),
        "database": lambda: DatabaseTokens(Database(f"sqlite:///{path}", 10.0)),
    }
    return worker(stores[request.param]())


def test_a_token_is_new_once(memory):
    assert memory.first_use(use("a"))
    assert not memory.first_use(use("a"))
    assert memory.first_use(use("b"))
    assert memory.first_use(use("a", iss="other"))
    assert not memory.first_use(use("a", expires=SOON + 1))  # its id decides


def test_issuer_and_id_can_t_be_shifted_into_each_other():
    assert token_id("ab", "c") != token_id("a", "bc")


def test_of_many_at_once_one_is_first(memory):
    with ThreadPoolExecutor(50) as pool:
        uses = [use(str(number % 10)) for number in range(200)]
        told = list(pool.map(lambda one: (one.jti, memory.first_use(one)), uses))
    assert Counter(jti for jti, first in told if first) == {str(n): 1 for n in range(10)}


@pytest.mark.parametrize("kind", ["file", "database"])
def test_workers_share_it_at_200_at_once(kind, worker, path):
    def tokens():
        if kind == "file":
            return TokenFile(path, 10.0)
        return DatabaseTokens(Database(f"sqlite:///{path}", 10.0))

    workers = [worker(tokens()) for _ in range(4)]
    before = REPLAY_DEGRADED._value.get()
    with ThreadPoolExecutor(200) as pool:
        asked = [(workers[n % 4], use(str(n // 8))) for n in range(200)]
        told = list(pool.map(lambda one: (one[1].jti, one[0].first_use(one[1])), asked))
    assert Counter(jti for jti, first in told if first) == {str(n): 1 for n in range(25)}
    assert REPLAY_DEGRADED._value.get() == before


def test_a_restart_forgets_nothing(worker, path):
    assert worker(TokenFile(path, 10.0)).first_use(use("a"))
    assert not worker(TokenFile(path, 10.0)).first_use(use("a"))


def test_a_claim_that_is_repeated_is_still_its_owner_s(path):
    tokens = TokenFile(path, 10.0)
    assert tokens.claim([claim("t"), claim("u")]) == {"a"}
    assert tokens.claim([claim("t"), claim("v", "b")]) == {"a", "b"}
    assert tokens.claim([claim("t", "c"), claim("w", "d")]) == {"d"}
    assert tokens.claim([claim("x", "e"), claim("x", "f")]) == {"e"}
    tokens.close()


def test_another_s_write_is_waited_for(worker, path):
    """A database that is busy is not away: nothing is accepted unseen, as long as it takes."""
    workers = [worker(TokenFile(path, 10.0)) for _ in range(2)]
    assert workers[0].first_use(use("before"))
    before = REPLAY_DEGRADED._value.get()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(one.first_use, use("a")) for one in workers]
        time.sleep(0.3)
        assert not any(one.done() for one in waiting)
        holder.execute("COMMIT")
        assert sorted(one.result() for one in waiting) == [False, True]
    holder.close()
    assert REPLAY_DEGRADED._value.get() == before


class Flaky:
    """A memory that can be away, or hang."""

    began = 0.0

    def __init__(self):
        self.known = {}
        self.away = False
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.calls = 0
        self.tried = set()

    def claim(self, claims):
        self.calls += 1
        self.tried.update(one.token for one in claims)
        self.goes_on.wait(30)
        if self.away:
            raise StoreError("away")
        return {one.owner for one in claims
                if self.known.setdefault(one.token, one.owner) == one.owner}  # fmt: skip

    def forget(self, before):
        self.claim([])
        return False

    def close(self):
        pass


def eventually(true):
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_without_it_a_token_is_accepted_and_counted_and_the_process_still_knows_it(worker):
    flaky = Flaky()
    flaky.away = True
    memory = worker(flaky, patience_s=0.05)
    before = REPLAY_DEGRADED._value.get()
    assert memory.first_use(use("a"))
    assert not memory.first_use(use("a"))
    assert memory.first_use(use("b"))
    assert REPLAY_DEGRADED._value.get() == before + 2


def test_without_it_a_token_is_refused_where_the_site_says_so(worker):
    flaky = Flaky()
    flaky.away = True
    memory = worker(flaky, refuse=True, patience_s=0.05)
    before = REPLAY_DEGRADED._value.get()
    for _ in range(2):
        with pytest.raises(ReplayUnavailable):
            memory.first_use(use("a"))
    assert REPLAY_DEGRADED._value.get() == before
    flaky.away = False
    eventually(lambda: not memory._shared._away)
    assert memory.first_use(use("a"))  # it was not used up
    assert not memory.first_use(use("a"))


def test_one_failure_is_not_yet_an_absence(worker):
    flaky = Flaky()
    flaky.away = True
    memory = worker(flaky)
    threading.Timer(0.2, setattr, (flaky, "away", False)).start()
    before = REPLAY_DEGRADED._value.get()
    assert memory.first_use(use("a"))
    assert flaky.calls > 1
    assert REPLAY_DEGRADED._value.get() == before


def test_who_came_while_the_others_waited_does_not_wait_as_long_again(worker):
    flaky = Flaky()
    memory = worker(flaky, patience_s=0.5)
    memory._shared.start()
    flaky.away = True
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memory.first_use, use("a"))
        eventually(lambda: flaky.tried)
        second = pool.submit(memory.first_use, use("b"))
        assert first.result(30)
        assert second.result(30)
    assert flaky.tried == {token_id("iss", "a")}


def test_while_it_hangs_later_calls_do_not_wait(worker):
    flaky = Flaky()
    memory = worker(flaky, patience_s=0.05)
    memory._shared.start()
    flaky.goes_on.clear()
    assert memory.first_use(use("a"))
    for number in range(50):
        assert memory.first_use(use(str(number)))
    assert flaky.calls == 2  # to open it, and still the one that hangs
    assert memory._shared._queue.empty()  # the fifty did not even try
    flaky.goes_on.set()
    eventually(lambda: not memory._shared._away)
    assert len(flaky.known) == 51  # and learns in the end what was accepted meanwhile


def test_a_memory_that_hangs_when_a_worker_starts_holds_it_for_a_while_only(worker, monkeypatch):
    monkeypatch.setattr(claims, "OPENING_S", 0.1)
    flaky = Flaky()
    flaky.goes_on.clear()
    memory = worker(flaky, patience_s=0.05)
    memory._shared.start(0.1)
    assert memory.first_use(use("a"))
    assert memory.first_use(use("b"))
    assert flaky.calls == 1
    flaky.goes_on.set()
    eventually(lambda: len(flaky.known) == 2)


def test_what_was_accepted_twice_is_counted(worker):
    flaky = Flaky()
    one, two = worker(flaky, patience_s=0.05), worker(flaky, patience_s=0.05)
    flaky.away = True
    before = REPLAY_TWICE._value.get()
    assert one.first_use(use("a"))
    assert two.first_use(use("a"))
    assert two.first_use(use("b"))
    flaky.away = False
    eventually(lambda: not one._shared._away and not two._shared._away)
    assert REPLAY_TWICE._value.get() == before + 1
    assert not one.first_use(use("b"))


def test_what_hung_and_came_through_is_not_counted_as_twice(worker):
    flaky = Flaky()
    memory = worker(flaky, patience_s=0.05)
    memory._shared.start()
    flaky.goes_on.clear()
    before = REPLAY_TWICE._value.get()
    assert memory.first_use(use("a"))
    flaky.goes_on.set()
    eventually(lambda: not memory._shared._away)
    assert REPLAY_TWICE._value.get() == before
    assert memory._shared._late == {}


def test_what_waits_to_be_told_is_bounded(worker, monkeypatch):
    monkeypatch.setattr(claims, "MOST_LATE", 5)
    flaky = Flaky()
    flaky.away = True
    memory = worker(flaky, patience_s=0.05)
    for number in range(10):
        assert memory.first_use(use(str(number)))
    assert len(memory._shared._late) == 5


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_a_new_memory_can_t_vouch_for_what_is_older(worker, path, late):
    """Lost with its disk, or with the process: a token of before may have been used."""
    tokens = TokenFile(path, 10.0)
    tokens.claim([])
    strict = worker(TokenFile(path, 10.0), refuse=True)
    at = tokens.began + SKEW
    if late < 0:
        with pytest.raises(ReplayUnavailable):
            strict.first_use(use("a", issued=at + late))
    else:
        assert strict.first_use(use("a", issued=at + late))
    tokens.close()


def test_a_process_alone_says_the_same(worker):
    with pytest.raises(ReplayUnavailable):
        worker(refuse=True).first_use(use("a", issued=NOW))
    before = REPLAY_DEGRADED._value.get()
    assert worker().first_use(use("a", issued=NOW))
    assert REPLAY_DEGRADED._value.get() == before + 1


def test_a_file_outlives_the_machine_s_run_but_vouches_no_more(path, monkeypatch):
    tokens = TokenFile(path, 10.0)
    tokens.claim([claim("t")])
    began = tokens.began
    tokens.close()
    monkeypatch.setattr(token_file, "_boot", lambda: "another")
    again = TokenFile(path, 10.0)
    assert again.claim([claim("t", "b")]) == set()
    assert again.began > began
    again.close()


@pytest.mark.parametrize("how", ["garbage", "torn"])
def test_a_broken_file_is_begun_anew(path, how, worker, monkeypatch):
    tokens = TokenFile(path, 10.0)
    tokens.claim([claim(str(number), str(number)) for number in range(500)])
    tokens.close()
    if how == "garbage":
        path.write_bytes(b"no database" * 1000)
    else:  # as after a loss of power
        whole = path.read_bytes()
        path.write_bytes(whole[:8192] + b"\0" * 8192 + whole[16384:])
        monkeypatch.setattr(token_file, "_boot", lambda: "another")
    memory = worker(TokenFile(path, 10.0))
    assert memory.first_use(use("a"))
    assert not memory.first_use(use("a"))
    assert not worker(TokenFile(path, 10.0)).first_use(use("a"))


def test_a_file_that_was_moved_away_is_noticed(path, monkeypatch, tmp_path):
    monkeypatch.setattr(token_file, "LOOK_S", 0.0)
    one, two = TokenFile(path, 10.0), TokenFile(path, 10.0)
    assert one.claim([claim("t")]) == {"a"}
    path.rename(tmp_path / "moved")
    assert two.claim([claim("t", "b")]) == {"b"}  # in a new file, which says since when it knows
    assert two.began > one.began
    assert one.claim([claim("t", "c")]) == set()
    assert one.began == two.began
    one.close()
    two.close()


@pytest.mark.parametrize("kind", ["file", "database"])
@pytest.mark.parametrize(("expires", "kept"), [(-1, False), (0, True), (1, True)])
def test_what_has_expired_is_forgotten(kind, path, expires, kept):
    tokens = (TokenFile(path, 10.0) if kind == "file"
              else DatabaseTokens(Database(f"sqlite:///{path}", 10.0)))  # fmt: skip
    tokens.claim([claim("t", expires=NOW + expires)])
    assert not tokens.forget(NOW)
    assert (tokens.claim([claim("t", "b")]) == set()) is kept
    tokens.close()


@pytest.mark.parametrize("kind", ["file", "database"])
def test_much_that_has_expired_is_forgotten_bit_by_bit(kind, path):
    tokens = (TokenFile(path, 10.0) if kind == "file"
              else DatabaseTokens(Database(f"sqlite:///{path}", 10.0)))  # fmt: skip
    tokens.claim([claim(str(n), str(n), expires=5) for n in range(1500)])
    assert tokens.forget(NOW)
    assert not tokens.forget(NOW)
    tokens.close()


def test_the_thread_sweeps_and_no_call_does(worker, path, monkeypatch):
    monkeypatch.setattr(claims, "SWEEP_S", 0.05)
    monkeypatch.setattr(replay, "MARGIN_S", 0)
    memory = worker(TokenFile(path, 10.0))
    assert memory.first_use(use("old", expires=5))
    other = TokenFile(path, 10.0)
    eventually(
        lambda: other._opened().execute("SELECT count(*) FROM used_token").fetchone() == (0,)
    )
    other.close()


def test_a_token_is_remembered_longer_than_it_is_good(worker, path):
    """A clock that goes back some minutes makes an expired token good again."""
    memory = worker(TokenFile(path, 10.0))
    memory.first_use(use("a"))
    other = TokenFile(path, 10.0)
    other.forget(SOON + replay.MARGIN_S)
    assert other.claim([claim("a", "b")]) == set()
    other.forget(SOON + replay.MARGIN_S + 1)
    assert other.claim([claim("a", "b")]) == {"b"}
    other.close()


def test_the_process_remembers_for_its_time_and_a_bounded_number(monkeypatch):
    clock = [0.0]
    own = OwnMemory(100, lambda: clock[0])
    name = token_id("iss", "a")
    assert own.first_use(name)
    clock[0] = 100.0
    assert own.first_use(name) is False
    clock[0] = 199.9
    assert own.first_use(name) is False
    clock[0] = 200.0
    assert own.first_use(name)
    clock[0] = 1000.0
    assert own.first_use(name)
    monkeypatch.setattr(replay, "MOST_REMEMBERED", 10)
    told = [own.first_use(token_id("iss", str(number))) for number in range(20)]
    assert told == [True] * 9 + [None] * 11
    assert own.first_use(name) is False


def test_a_full_process_leaves_it_to_the_shared_memory(worker, path, monkeypatch):
    monkeypatch.setattr(replay, "MOST_REMEMBERED", 0)
    memory = worker(TokenFile(path, 10.0), refuse=True)
    assert memory.first_use(use("a"))
    assert not memory.first_use(use("a"))
    with pytest.raises(ReplayUnavailable):
        worker(refuse=True).first_use(use("a"))


def test_a_place_that_is_not_there_is_unavailable(tmp_path):
    for tokens in (
        TokenFile(tmp_path / "missing" / "x.sqlite", 0.1),
        DatabaseTokens(Database(f"sqlite:///{tmp_path}/missing/x.sqlite", 0.1)),
    ):
        for ask in (lambda: tokens.claim([claim("t")]), lambda: tokens.forget(5)):  # noqa: B023
            with pytest.raises(StoreError):
                ask()
        tokens.close()


def test_a_redis_that_is_not_there_is_unavailable():
    pytest.importorskip("redis")
    tokens = RedisTokens("redis://127.0.0.1:1/0", 0.1)
    for ask in (lambda: tokens.claim([claim("t")]), lambda: tokens.forget(5)):
        with pytest.raises(StoreError):
            ask()
    tokens.close()


@pytest.mark.parametrize(
    ("database", "tokens"),
    [("/a/store.sqlite", "/a/store-tokens.sqlite"), ("store", "store-tokens"),
     ("file:/a/b.db?mode=rwc&uri=true", "/a/b-tokens.db"), (":memory:", None), (None, None)],
)  # fmt: skip
def test_the_file_lies_beside_the_database(database, tokens):
    assert file_beside(database) == (Path(tokens) if tokens else None)


def test_the_settings_choose(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite"
    memory = replay_of(Settings(auth="off", database_url=url))
    assert memory.first_use(use("a"))
    assert (tmp_path / "store-tokens.sqlite").exists()
    again = replay_of(Settings(auth="off", database_url=url))
    assert not again.first_use(use("a"))
    alone = replay_of(Settings(auth="off", database_url=url, replay="process"))
    assert alone.first_use(use("a"))
    strict = replay_of(
        Settings(auth="off", database_url=url, replay_when_unavailable="refuse", clock_skew_s=300)
    )
    with pytest.raises(ReplayUnavailable):
        strict.first_use(use("b", issued=NOW))
    in_memory = replay_of(Settings(auth="off", database_url="sqlite://"))
    assert in_memory.first_use(use("a"))
    for one in (memory, again, strict):
        one._shared.close()
