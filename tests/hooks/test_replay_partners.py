"""Used tokens in a real PostgreSQL and a real Redis: killed, stopped, started again."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time

import partners
import pytest
from key_hosts import eventually
from races import AT_ONCE, Service, accepted, at_once, fresh

pytestmark = pytest.mark.integration

DEGRADED = "ketamine_cds_replay_degraded_total"
TWICE = "ketamine_cds_replay_accepted_twice_total"
START = {"postgresql": partners.postgresql, "redis": partners.redis}


@pytest.fixture
def begin(tmp_path):
    """Starts a service with a partner, and ends both."""
    with contextlib.ExitStack() as over:

        def start(kind, **settings):
            partner = over.enter_context(START[kind]()) if kind != "sqlite" else None
            if kind == "postgresql":
                url = f"postgresql+psycopg://cds@127.0.0.1:{partner.port}/postgres"
                settings["database_url"] = url
            if kind == "redis":
                settings["redis_url"] = f"redis://127.0.0.1:{partner.port}/0"
            service = Service(tmp_path, clock_skew_s=0, **settings).start()
            over.callback(service.kill)
            time.sleep(1.1)  # a new memory vouches for tokens of a later second
            return service, partner

        yield start


@pytest.mark.parametrize("workers", [2, 4])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "redis"])
def test_none_is_accepted_twice_at_200_at_once_while_workers_are_killed(begin, kind, workers):
    service, _ = begin(kind, workers=workers)
    used, lost = [], 0
    for round_ in range(6):
        tokens = fresh(AT_ONCE // 8)
        if round_ in (2, 4):  # one at a time: of those that die together the service ends
            victim = random.choice(service.workers)
            killer = threading.Timer(0.03, victim.kill)
            killer.start()
        told = at_once(service, tokens * 8)
        assert max(accepted(told, tokens)) <= 1
        lost += sum(count for (_, status), count in told.items() if status == 0)
        used += [text for text in tokens if told[text, 200]]
        if round_ in (2, 4):
            killer.join()
            time.sleep(6)
        if round_ == 3:
            service.kill()
            service.start()
    assert len(used) >= 6 * AT_ONCE // 8 - lost
    service.kill()
    service.start()
    for start in range(0, len(used), AT_ONCE):
        again = used[start : start + AT_ONCE]
        assert accepted(at_once(service, again), again) == [0] * len(again)
    assert service.metric(DEGRADED) == 0


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_a_partner_that_was_killed_still_knows_when_it_is_back(begin, kind):
    service, partner = begin(kind, replay_when_unavailable="refuse")
    tokens = fresh(25)
    assert accepted(at_once(service, tokens), tokens) == [1] * 25
    partner.kill()
    partner.start()
    time.sleep(1.1)

    def all_are_served():
        more = fresh(25)
        return accepted(at_once(service, more), more) == [1] * 25

    eventually(all_are_served, 30)
    assert accepted(at_once(service, tokens), tokens) == [0] * 25


@pytest.mark.parametrize("how", ["stopped", "killed"])
@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_while_it_is_away_tokens_are_accepted_and_counted(begin, kind, how):
    service, partner = begin(kind)
    used = fresh(10)
    assert accepted(at_once(service, used), used) == [1] * 10
    partner.tell(signal.SIGSTOP) if how == "stopped" else partner.kill()
    tokens = fresh(20)
    before = service.metric(DEGRADED)
    told = at_once(service, tokens * 10)
    assert all(1 <= good <= 2 for good in accepted(told, tokens))  # once for each worker at most
    good = sum(accepted(told, tokens))
    assert service.metric(DEGRADED) - before >= good - 2  # but one that got through in time
    partner.tell(signal.SIGCONT) if how == "stopped" else partner.start()
    eventually(lambda: service.metric(TWICE) >= good - 20 - 2, 30)
    eventually(lambda: "checked again" in service.log, 30)
    time.sleep(2)
    told = at_once(service, tokens + used)
    assert accepted(told, tokens + used) == [0] * 30  # what was accepted meanwhile is known now


@pytest.mark.parametrize("kind", ["postgresql", "redis"])
def test_while_it_is_stopped_tokens_are_refused_where_the_site_says_so(begin, kind):
    service, partner = begin(kind, replay_when_unavailable="refuse")
    used = fresh(10)
    assert accepted(at_once(service, used), used) == [1] * 10
    partner.tell(signal.SIGSTOP)
    told = at_once(service, fresh(100))
    assert {status for _, status in told} == {503}
    partner.tell(signal.SIGCONT)
    eventually(lambda: service.get("/cds-services", fresh(1)[0]) == 200, 30)
    assert accepted(at_once(service, used), used) == [0] * 10
    assert service.metric(DEGRADED) == 0


def test_a_redis_that_forgot_vouches_for_nothing_that_is_older(begin, monkeypatch):
    monkeypatch.setitem(START, "redis", lambda: partners.redis(keeps=False))
    service, partner = begin("redis", replay_when_unavailable="refuse", workers=1)
    early = fresh(5)
    tokens = fresh(5)
    assert accepted(at_once(service, tokens), tokens) == [1] * 5
    time.sleep(1)
    partner.kill()
    partner.start()
    service.kill()
    service.start()
    told = at_once(service, tokens + early)
    assert accepted(told, tokens + early) == [0] * 10
    time.sleep(1.1)
    more = fresh(5)
    assert accepted(at_once(service, more), more) == [1] * 5
