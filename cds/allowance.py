"""The processor time that an answer may take, and where work stops when it is used up.

Time of the processor and not of the wall: on a busy machine the wall's would cut off answers that
cost little. Loops that grow with a chart ask `check()`, which is nearly free, and raises OutOfTime
only within an `Allowance.share`. So nothing is ever cut off for who sets no allowance.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NoReturn

Clock = Callable[[], float]


class OutOfTime(BaseException):
    """The time at hand is used up.

    It is no fault, so that nothing which catches faults takes it for one: only who shares out the
    time catches it.
    """


_OVER: ContextVar[Callable[[], bool] | None] = ContextVar("over", default=None)


class Allowance:
    """So many seconds of this thread's processor time, from now on."""

    def __init__(self, seconds: float, clock: Clock = time.thread_time) -> None:
        """`clock`: seconds that this thread has worked, from any beginning."""
        self._seconds = seconds
        self._clock = clock
        self._begun = clock()

    def spent(self) -> float:
        """Seconds of it that are used up."""
        return self._clock() - self._begun

    def until(self, share: float, least: float = 0) -> Callable[[], bool]:
        """Whether a share of what is left now is used up, asked later.

        `least`: what there is in any case, as a share of the whole allowance. Whatever came before
        may have taken all of it, and something has to be said.
        """
        spent = self.spent()
        end = spent + max((self._seconds - spent) * share, self._seconds * least)
        return lambda: self.spent() >= end

    @contextmanager
    def share(self, share: float, least: float = 0) -> Iterator[None]:
        """What is done meanwhile, in this thread, is stopped by OutOfTime after such a share."""
        token = _OVER.set(self.until(share, least))
        try:
            yield
        finally:
            _OVER.reset(token)


def check() -> None:
    """Raises OutOfTime where the time at hand is used up."""
    over = _OVER.get()
    if over is not None and over():
        _stop()


def _stop() -> NoReturn:
    raise OutOfTime
