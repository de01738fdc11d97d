"""The circuit of a server, and the pauses before another attempt."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from cds.circuit import FAILURES, LONGEST_REST_S, REST_S, Circuit
from cds.fhir.server.addresses import ANYWHERE, Guard
from cds.fhir.server.connection import CALLS, Busy, Server, server_at
from cds.fhir.server.retry import pause


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_circuit_opens_rests_tries_once_and_closes():
    clock = Clock()
    circuit = Circuit(clock)
    for _ in range(FAILURES):
        assert circuit.admits()
        circuit.report(False)
    assert not circuit.admits()
    clock.now += REST_S
    assert circuit.admits()
    assert not circuit.admits()  # one tries, the others wait for what it finds
    circuit.report(True)
    assert circuit.admits()


def test_a_circuit_rests_longer_each_time_it_fails_again():
    clock = Clock()
    circuit = Circuit(clock)
    for _ in range(FAILURES):
        circuit.report(False)
    rest = REST_S
    for _ in range(8):
        clock.now += rest
        assert circuit.admits()
        circuit.report(False)
        rest = min(rest * 2, LONGEST_REST_S)
        clock.now += rest - 0.01
        assert not circuit.admits()
        clock.now += 0.01 - rest


def test_an_answer_now_and_then_keeps_it_closed():
    circuit = Circuit(Clock())
    for _ in range(FAILURES * 3):
        circuit.report(False)
        circuit.report(True)
    assert circuit.admits()


NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "retry_after", "seconds"),
    [
        (1, None, 0.1),
        (2, None, 0.2),
        (1, "3", 3.0),
        (1, "0", 0.1),
        (1, " 7 ", 7.0),
        (1, "-5", 0.1),
        (1, "soon", 0.1),
        (1, "Tue, 24 Nov 2026 12:00:30 GMT", 30.0),
        (1, "Tue, 24 Nov 2026 11:00:00 GMT", 0.1),
        (1, "9" * 400, 0.1),
    ],
)
def test_the_pause_before_another_attempt(attempt, retry_after, seconds):
    assert pause(attempt, retry_after, NOW) == seconds


def test_only_so_many_calls_wait_for_one_server():
    server = Server("https://fhir.example.org", Guard())
    with ExitStack() as waiting:
        for _ in range(CALLS):
            waiting.enter_context(server.call(lambda: True))
        with pytest.raises(Busy, match="too many calls wait"), server.call(lambda: True):
            pass
    with server.call(lambda: True):
        pass


def test_one_server_is_shared_by_all_calls_to_it():
    guard = Guard()
    assert server_at("https://fhir.example.org/r4", guard) is server_at(
        "https://fhir.example.org/r4/", guard
    )
    assert server_at("https://fhir.example.org/r4", Guard(ANYWHERE)) is not server_at(
        "https://fhir.example.org/r4", guard
    )
