"""A worker is asked to stop once: asked for twice, Granian's stop may wait for itself for ever.

Whoever stops a service signals its whole process group (systemd, Ctrl-C in a terminal), and the
parent signals its workers then, so that each is told twice. The second time finds Granian's thread
with the lock that it wants, which waits for the interpreter lock that the second one holds.
"""

from __future__ import annotations

import asyncio
import signal

import granian._signals
from granian._granian import WorkerSignal

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_once() -> None:
    """In this process: the first signal drains, and no further one changes anything."""
    granian._signals.set_loop_signals = _set_loop_signals


def _set_loop_signals(loop: asyncio.AbstractEventLoop) -> WorkerSignal:
    stop = WorkerSignal()
    asked = False

    def ask() -> None:
        nonlocal asked
        if not asked:
            asked = True
            stop.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, ask)
    return stop
