"""A store that does not answer at all: whoever waits, waits for a stated time, and cards never."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import hooktools
import pytest

from cds.hooks import store as stores
from cds.hooks.app import create_app
from cds.hooks.request import HookRequest
from cds.hooks.store import Store
from cds.settings import Settings
from cds.store.bulkhead import FAILURES, Bulkhead
from cds.store.database import Database
from cds.store.errors import StoreError
from cds.store.probe import Probe

URL = f"{hooktools.SERVICES['order-select']}/feedback"


@pytest.fixture
def store(tmp_path):
    return Store(
        Settings(auth="off", database_url=f"sqlite:///{tmp_path}/store.sqlite"), fresh_s=0.0
    )


@pytest.fixture
def client(store):
    return create_app(Settings(auth="off"), hooktools.one_card, store).test_client()


class Hanging:
    """A store whose every transaction waits until it is let go."""

    def __init__(self, monkeypatch):
        self.released = threading.Event()
        self.inside = 0
        real = Database.transaction

        @contextmanager
        def transaction(database):
            self.inside += 1
            self.released.wait(60)
            with real(database) as connection:
                yield connection

        monkeypatch.setattr(Database, "transaction", transaction)


def test_a_hanging_store_holds_no_card_and_few_feedbacks(store, client, monkeypatch):
    monkeypatch.setattr(stores, "KEEP_S", 0.3)
    monkeypatch.setattr(stores, "LOOK_S", 0.05)
    card = hooktools.shown(client)
    assert store.drain()
    hanging = Hanging(monkeypatch)
    try:
        statuses = []

        def tell():
            statuses.append(client.post(URL, json=hooktools.overridden(card)).status_code)

        callers = [threading.Thread(target=tell) for _ in range(40)]
        for caller in callers:
            caller.start()
        for _ in range(20):
            hooktools.shown(client)
        for caller in callers:
            caller.join(20)
        assert statuses == [503] * 40
        request = HookRequest("patient-view", "i", "ketamine-patient-view", None, "p1")
        assert not any(store.shown_lately(request, "rule", 9) for _ in range(10))
        assert not hanging.released.is_set()
        # one thread for feedback, two for looks, and the writer of the audit
        assert hanging.inside <= 4
    finally:
        hanging.released.set()
    assert store._audit.drain(10)


def test_readiness_is_tried_once_however_many_ask_a_hanging_store(store, client, monkeypatch):
    store._probe._wait_s = 0.3
    hanging = Hanging(monkeypatch)
    try:
        states = []
        callers = [threading.Thread(target=lambda: states.append(store.state())) for _ in range(30)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(20)
        assert states == ["unreachable"] * 30
        assert hanging.inside == 1
    finally:
        hanging.released.set()
    until = time.monotonic() + 20
    while store.state() != "reachable":
        assert time.monotonic() < until


def test_nobody_waits_for_a_probe_longer_than_from_its_beginning():
    release = threading.Event()
    probe = Probe(lambda: release.wait(60), wait_s=0.05)
    try:
        assert probe.state() == "unreachable"
        probe._begun_at -= 1000.0
        probe._wait_s = 900.0
        states = []
        late = threading.Thread(target=lambda: states.append(probe.state()), daemon=True)
        late.start()
        late.join(30)
        assert states == ["unreachable"], "it was begun too long ago to wait for"
    finally:
        release.set()


def test_a_good_probe_is_believed_for_a_moment():
    tried = []
    probe = Probe(lambda: tried.append(1), fresh_s=60)
    assert {probe.state() for _ in range(50)} == {"reachable"}
    assert tried == [1]


def never():
    pytest.fail("it was asked whether it is there")


class TestBulkhead:
    def test_it_returns_and_raises_what_the_work_does(self):
        bulkhead = Bulkhead(2, 8, never)
        assert bulkhead.run(lambda: 7, 5) == 7
        with pytest.raises(ZeroDivisionError):
            bulkhead.run(lambda: 1 // 0, 5)
        with pytest.raises(StoreError, match="busy"):
            bulkhead.run(lambda: refuse("busy"), 5)

    def test_after_three_calls_without_an_answer_nobody_waits_until_a_knock_is_answered(self):
        knocks, back = [], threading.Event()

        def knock():
            knocks.append(1)
            if not back.is_set():
                refuse("unreachable")

        bulkhead = Bulkhead(1, 8, knock, knock_s=0.01)
        began = []
        for _ in range(6):
            with pytest.raises(StoreError, match="unreachable"):
                bulkhead.run(lambda: began.append(1) or refuse("unreachable"), 5)
        assert len(began) == FAILURES
        while len(knocks) < 3:
            time.sleep(0.01)
        with pytest.raises(StoreError, match="unreachable"):
            bulkhead.run(lambda: pytest.fail("it was tried"), 5)
        back.set()
        while bulkhead._away:
            time.sleep(0.01)
        # all at once, and none is refused because another one is trying
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda n: bulkhead.run(lambda: n, 5), range(8))) == list(range(8))
        for _ in range(FAILURES - 1):  # it counts anew
            with pytest.raises(StoreError):
                bulkhead.run(lambda: refuse("unreachable"), 5)
        assert bulkhead.run(lambda: 7, 5) == 7

    @pytest.mark.parametrize("kind", ["busy", "unwritable", "corrupt", "newer"])
    def test_an_answer_to_the_knock_that_is_an_error_is_one(self, kind):
        bulkhead = Bulkhead(1, 8, lambda: refuse(kind), knock_s=0.01)
        for _ in range(FAILURES):
            with pytest.raises(StoreError):
                bulkhead.run(lambda: refuse("unreachable"), 5)
        while bulkhead._away:
            time.sleep(0.01)

    def test_nor_after_three_that_took_too_long(self):
        bulkhead = Bulkhead(FAILURES + 1, 8, lambda: refuse("unreachable"), 0.01)
        release = threading.Event()
        try:
            for _ in range(FAILURES):
                with pytest.raises(StoreError, match="unreachable"):
                    bulkhead.run(lambda: release.wait(60), 0.01)
            with pytest.raises(StoreError, match="unreachable"):
                bulkhead.run(lambda: pytest.fail("it was tried"), 60)
        finally:
            release.set()

    def test_an_answer_that_is_an_error_is_one(self):
        bulkhead = Bulkhead(2, 8, never)
        for _ in range(2 * FAILURES):
            with pytest.raises(StoreError, match="busy"):
                bulkhead.run(lambda: refuse("busy"), 5)

    def test_what_was_given_up_before_it_began_is_never_done(self):
        bulkhead = Bulkhead(1, 2, never)
        go, done = threading.Event(), []
        first = threading.Thread(target=lambda: bulkhead.run(lambda: go.wait(30), 30))
        first.start()
        with pytest.raises(StoreError, match="unreachable"):
            bulkhead.run(lambda: done.append("late"), 0.05)
        go.set()
        first.join(30)
        assert bulkhead.run(lambda: "next", 30) == "next"
        assert done == []

    def test_no_more_than_so_many_are_inside(self):
        bulkhead = Bulkhead(1, 2, never)
        go, begun = threading.Event(), threading.Event()
        waiting = [
            threading.Thread(target=lambda: bulkhead.run(lambda: begun.set() or go.wait(30), 30))
            for _ in range(2)
        ]
        for each in waiting:
            each.start()
        assert begun.wait(30)
        until = time.monotonic() + 30
        while bulkhead._room._value and time.monotonic() < until:
            time.sleep(0.01)
        with pytest.raises(StoreError, match="busy"):
            bulkhead.run(lambda: 7, 30)
        go.set()
        for each in waiting:
            each.join(30)
        assert bulkhead.run(lambda: 7, 30) == 7


def refuse(kind):
    raise StoreError(kind)
