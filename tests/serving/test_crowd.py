"""A crowd of idle and stalled connections, before the whole service: nobody else notices.

`python -m tests.serving.hold` does the same with 10,000 and 1,000, and measures.
"""

from __future__ import annotations

import resource
import time

import pytest

from tests.serving.served import SELECT, Crowd, serving, small

IDLE, STALLED = 2_000, 200


@pytest.fixture
def many_files():
    """As many open files as the system allows: this side holds the connections too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < IDLE + STALLED + 500:
        pytest.skip("the system allows too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.integration  # 12 s; that what stalls is ended, test_front.py has in small
def test_a_crowd_holds_nobody_up_and_is_gone_after_its_time(tmp_path, many_files):
    with serving(tmp_path, THREADS="4", IDLE_TIMEOUT_S="4", TRANSFER_TIMEOUT_S="4") as served:
        (worker,) = served.workers()
        served.post(SELECT, {})
        before = worker.memory_info().rss
        crowd = Crowd(served.port, IDLE, STALLED)
        held = crowd.count()
        for _ in range(10):
            assert served.get("/healthz", timeout=10)[0] == 200
            assert served.post(SELECT, {})[0] == 400
            crowd.drip()
        assert held == IDLE + STALLED
        assert worker.memory_info().rss - before < 50_000_000
        until = time.monotonic() + 60
        while crowd.count():
            assert time.monotonic() < until
            crowd.drip()
            time.sleep(0.2)
        slow = served.metric('ketamine_cds_turned_away_total{reason="slow-body"}')
        crowd.close()
        assert slow == STALLED // 2
        assert served.stop() == 0


def test_more_connections_than_are_allowed_wait_for_the_idle_ones_to_go(tmp_path):
    with small(tmp_path, connections=16, idle_timeout_s=1) as served:
        crowd = Crowd(served.port, 20, 0)
        assert served.get("/pid", timeout=30)[0] == 200
        crowd.close()
