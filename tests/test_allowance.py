"""An allowance of processor time: what it stops, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count

import pytest

from cds.allowance import Allowance, OutOfTime, as_far, check
from cds.faults import Faults
from tests.work import looked_at

pytestmark = pytest.mark.usefixtures("faults_are_kept")


class Time:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_nothing_is_stopped_without_an_allowance() -> None:
    check()
    Allowance(0)
    check()


def test_a_share_is_of_what_is_left_when_it_begins() -> None:
    time = Time()
    allowance = looked_at(10, time)
    time.now += 2
    with allowance.share(0.5):  # of the eight that are left
        time.now += 3.99
        check()
        time.now += 0.01
        with pytest.raises(OutOfTime):
            check()
    check()


def test_there_is_a_least_share_where_all_is_used_up() -> None:
    time = Time()
    allowance = looked_at(10, time)
    time.now += 50
    with allowance.share(1), pytest.raises(OutOfTime):
        check()
    with allowance.share(1, least=0.1):
        check()
        time.now += 1
        with pytest.raises(OutOfTime):
            check()


def steps(time: Time, *names: str) -> list[Callable[[], list[str]]]:
    """Each takes a second, and looks at the clock in the middle."""

    def step(name: str) -> list[str]:
        time.now += 0.5
        check()
        time.now += 0.5
        return [name]

    return [partial(step, name) for name in names]


def made_of(allowance: Allowance, time: Time, least: float) -> str:
    made: list[str] = []
    with allowance.at_the_least(least):
        as_far(made, steps(time, *"ab"), steps(time, *"cdef"))
        check()  # what comes after is not stopped
    return "".join(made)


def test_the_first_steps_are_done_whatever_the_time_is() -> None:
    time = Time()
    allowance = looked_at(10, time)
    time.now += 50
    assert made_of(allowance, time, 0.0) == "ab"
    assert made_of(allowance, time, 0.3) == "abc"
    assert made_of(allowance, time, 0.6) == "abcdef"


def test_where_not_enough_was_made_it_is_out_of_time() -> None:
    time = Time()
    made: list[str] = []
    with looked_at(3, time).share(1), pytest.raises(OutOfTime):
        as_far(made, steps(time, *"ab"), steps(time, *"cdef"))
    as_far(made, steps(time, "x"), steps(time, "y"))
    assert made[-2:] == ["x", "y"]


def test_to_be_out_of_time_is_no_fault() -> None:
    """What catches faults must not take the rest for judged."""
    faults = Faults()
    with looked_at(0, count().__next__).share(1), pytest.raises(OutOfTime):
        faults.attempt("part", "all", check, None)
    assert faults.found == []


@pytest.mark.parametrize(
    ("worked", "asked"),
    [
        (1.0, [0, 10]),  # all the time
        (0.5, [0, 10, 15, 18, 19, 20]),
    ],
)
def test_the_clock_is_asked_when_by_the_wall_the_time_may_be_over(
    worked: float, asked: list[int]
) -> None:
    """Of ten seconds; a thread works the share `worked` of every second that goes by."""
    wall, looks = Time(), list[int]()

    def clock() -> float:
        looks.append(round(wall.now - 100))
        return (wall.now - 100) * worked

    with Allowance(10, clock, wall).share(1):
        looks.clear()
        for _ in range(asked[-1]):
            check()
            wall.now += 1
        with pytest.raises(OutOfTime):
            check()
    assert looks == asked


def test_it_counts_the_work_of_this_thread_and_no_waiting() -> None:
    import time

    allowance = Allowance(1)
    time.sleep(0.05)
    assert allowance.spent() < 0.05
