"""The processor time that an answer may take, and where work stops when it is used up.

Time of the processor and not of the wall: on a busy machine the wall's would cut off answers that
cost little. But to ask how long a thread has worked is a call of the system, half a microsecond
and in sandboxes several, ten times as long as to look at the wall's clock; and no thread works
longer than the wall's time goes on. So the processor's is asked when by the wall's it may be over.

Loops that grow with a chart ask `check()`, which is nearly free, and raises OutOfTime only within
an `Allowance.share`. So nothing is ever cut off for who sets no allowance.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import NoReturn, TypeVar

Clock = Callable[[], float]
Made = TypeVar("Made")
Step = Callable[[], Iterable[Made]]


class OutOfTime(BaseException):
    """The time at hand is used up.

    It is no fault, so that nothing which catches faults takes it for one: only who shares out the
    time catches it.
    """


@dataclass(slots=True)
class Until:
    """Whether some time of a thread is used up, asked later and often."""

    end: float
    spent: Clock
    wall: Clock
    look: float = -math.inf
    """the wall's time before which it can't be"""

    def __call__(self) -> bool:
        now = self.wall()
        if now < self.look:
            return False
        left = self.end - self.spent()
        self.look = now + left
        return left <= 0


_OVER: ContextVar[Until | None] = ContextVar("over", default=None)
_AT_LEAST: ContextVar[Callable[[], Until] | None] = ContextVar("least", default=None)
"""Where what was made so far is enough: begins the time of `as_far`"""


class Allowance:
    """So many seconds of this thread's processor time, from now on."""

    def __init__(
        self, seconds: float, clock: Clock = time.thread_time, wall: Clock = time.monotonic
    ) -> None:
        """`clock`: seconds that this thread has worked, from any beginning. `wall`: seconds that
        went by, never fewer than those that it worked."""
        self._seconds = seconds
        self._clock = clock
        self._wall = wall
        self._begun = clock()

    def spent(self) -> float:
        """Seconds of it that are used up."""
        return self._clock() - self._begun

    def until(self, share: float, least: float = 0) -> Until:
        """Whether a share of what is left now is used up, asked later.

        `least`: what there is in any case, as a share of the whole allowance. Whatever came before
        may have taken all of it, and something has to be said.
        """
        spent = self.spent()
        end = spent + max((self._seconds - spent) * share, self._seconds * least)
        return Until(end, self.spent, self._wall)

    @contextmanager
    def share(self, share: float, least: float = 0) -> Iterator[None]:
        """What is done meanwhile, in this thread, is stopped by OutOfTime after such a share."""
        token = _OVER.set(self.until(share, least))
        try:
            yield
        finally:
            _OVER.reset(token)

    @contextmanager
    def at_the_least(self, least: float) -> Iterator[None]:
        """What is done meanwhile is not stopped. Only `as_far` ends early: after what is left
        when it begins, or `least` of the whole allowance."""
        over = _OVER.set(None)
        token = _AT_LEAST.set(lambda: self.until(1, least))
        try:
            yield
        finally:
            _AT_LEAST.reset(token)
            _OVER.reset(over)


def as_far(made: list[Made], first: Iterable[Step[Made]], then: Iterable[Step[Made]]) -> None:
    """Adds what some steps make. Where what was made so far is enough, only the first ones are done
    whatever the time is: let them be few, and small."""
    begin = _AT_LEAST.get()
    over = None if begin is None else begin()
    for step in first:
        made += step()
    token = None if over is None else _OVER.set(over)
    try:
        for step in then:
            check()
            made += step()
    except OutOfTime:
        if token is None:
            raise
    finally:
        if token is not None:
            _OVER.reset(token)


def check() -> None:
    """Raises OutOfTime where the time at hand is used up."""
    over = _OVER.get()
    if over is not None and over():
        _stop()


def _stop() -> NoReturn:
    raise OutOfTime
