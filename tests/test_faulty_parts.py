"""What breaks is noted by ids and the kind of its error, and costs nothing else."""

from __future__ import annotations

import pytest

from cds.faults import Fault, Faults

pytestmark = pytest.mark.usefixtures("faults_are_kept")


def breaks() -> int:
    raise KeyError("Jane Doe")


def test_what_is_made_and_what_breaks() -> None:
    faults = Faults()
    assert faults.attempt("card", "dose", lambda: 1, None) == 1
    assert faults.found == []
    assert faults.attempt("card", "dose", breaks, 2) == 2
    assert faults.attempt("part", "course", breaks, None) is None
    assert faults.found == [Fault("card", "dose", "KeyError"), Fault("part", "course", "KeyError")]
    assert "Jane Doe" not in repr(faults)


def test_the_first_that_does_not_break() -> None:
    faults = Faults()

    def unasked() -> int:
        raise AssertionError("what stands behind a sound one is not called")

    assert faults.first_of("card", "stop", [lambda: None, unasked], 0) is None
    assert faults.first_of("card", "stop", [breaks, lambda: 1, unasked], 0) == 1
    assert faults.first_of("card", "stop", [breaks, breaks], 0) == 0
    assert faults.found == [Fault("card", "stop", "KeyError")], "the same is noted once"


def test_each_is_named_once() -> None:
    faults = Faults([Fault("card", w, "E") for w in "aba"] + [Fault("part", "c", "E")])
    assert (faults.of("card"), faults.of("part"), faults.of("finding")) == (["a", "b"], ["c"], [])


def test_what_ends_a_process_is_not_kept() -> None:
    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Faults().attempt("card", "dose", stopped, None)
