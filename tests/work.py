"""How much work something is, without a clock on the wall: that tells how busy a machine is."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from types import FrameType

from cds.allowance import Allowance, Clock


def calls_made(work: Callable[[], object]) -> int:
    """How many functions, of Python and of C, are called by this thread while `work` runs.

    The same on every machine.
    """
    made = 0

    def count(_frame: FrameType, event: str, _of: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made


def processor_seconds(work: Callable[[], object]) -> float:
    """For what no count of calls shows: how far a regular expression goes back and tries again."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def looked_at(seconds: float, clock: Clock) -> Allowance:
    """An allowance for which each check asks the clock, however little time went by."""
    return Allowance(seconds, clock, wall=lambda: math.inf)
