"""Memory that large requests and answers leave behind goes back to the system.

The C library keeps what was freed, in an arena for each few threads: after some charts of 12 MB a
worker held 800 MB, of which it used 110. So there are few arenas, and what is free in them is given
back while there are calls. Only glibc has these functions; elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
import gc
import threading
from math import inf
from time import monotonic
from typing import Any

EVERY_S = 20.0
"""from the first call since it was given back until it is again"""
ARENAS = 2
"""threads take turns with the interpreter, so they seldom want memory at the same moment"""
_M_ARENA_MAX = -8


class Memory:
    """The memory of one process. Made before its threads, and of the event loop's thread alone."""

    def __init__(self) -> None:
        self._library = _glibc()
        if self._library is not None:
            self._library.mallopt(_M_ARENA_MAX, ARENAS)
        self._due = inf

    def used(self) -> None:
        """A call takes memory: some is given back later."""
        if self._due == inf:
            self._due = monotonic() + EVERY_S

    def sweep(self) -> None:
        """Give back what is free, if it is time to; to be called every now and then."""
        if monotonic() < self._due or self._library is None:
            return
        self._due = inf
        # up to 0.1 s after very large charts, 2 ms else, without the interpreter's lock
        threading.Thread(target=_give_back, args=(self._library,), daemon=True).start()


def _give_back(library: Any) -> None:
    gc.collect()  # what refers to itself is free only then; 2 ms: the tables are not looked at
    library.malloc_trim(0)


def _glibc() -> Any:
    """The C library, where it is this one."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "gnu_get_libc_version") else None
