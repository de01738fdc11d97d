"""An answer takes no more Python calls than it did: see tests/performance/calls.py."""

from __future__ import annotations

import pytest

from tests.performance import calls
from tests.performance.calls import complaints, counted, stored


def test_an_answer_takes_no_more_python_calls_than_stored():
    before = stored()
    if before is None:
        pytest.skip(f"no numbers are stored for Python {calls.VERSION}: {calls.RECORD}")
    assert complaints(counted(), before) == []


@pytest.mark.parametrize(
    ("now", "complaint"),
    [
        (1050, ""),  # 5 % more
        (1051, "ketamine: 1,051 Python calls, 1,000 stored. Is it worth that?"),
        (900, ""),  # 10 % less
        (899, "ketamine: 899 Python calls, 1,000 stored. Keep the gain"),
    ],
)
def test_a_loss_and_a_gain_are_told(now, complaint):
    told = complaints({"ketamine": now}, {"ketamine": 1000})
    assert len(told) == bool(complaint)
    assert all(line.startswith(complaint) and calls.RECORD in line for line in told)


def test_other_requests_than_stored_are_to_be_recorded():
    [told] = complaints({"ketamine": 1000}, {"other": 1000})
    assert calls.RECORD in told


def test_a_record_leaves_the_other_versions_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(calls, "STORED", tmp_path / "calls.json")
    monkeypatch.setattr(calls, "VERSION", "3.13")
    calls.record({"ketamine": 2000})
    monkeypatch.setattr(calls, "VERSION", "3.11")
    assert stored() is None
    calls.record({"ketamine": 1000})
    assert stored() == {"ketamine": 1000}
    monkeypatch.setattr(calls, "VERSION", "3.13")
    assert stored() == {"ketamine": 2000}
