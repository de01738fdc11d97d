"""A small share of the fuzzing in each run; `make fuzz` does the whole."""

from __future__ import annotations

import fuzz
import hooktools


def test_a_sample_of_the_fuzzing_finds_nothing():
    tally = fuzz.fuzz(1200, 7, hooktools.one_card)
    assert tally.failures == []
    assert tally.total >= 1100
    assert tally.statuses["bad tokens"] == {401: 100}
    assert tally.statuses["good tokens"] == {200: 100}
    assert tally.statuses["replaced values"][200] > 20
    assert tally.statuses["replaced values"][400] > 20


def test_a_failing_service_would_be_noticed():
    def fail(_request):
        raise RuntimeError

    assert fuzz.fuzz(60, 7, fail).failures
