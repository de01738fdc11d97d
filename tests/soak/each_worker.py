"""A connection to each worker. They share one listener, and an idle one takes all that comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.soak.wire import Wire
from tests.soak.world import World

AT_ONCE = 8
"""connections that are opened together, so that no worker is quick enough for all of them"""
PATIENCE_S = 2.0


def at_each_worker(world: World, ask: Callable[[], bool]) -> bool:
    """Whether `ask`, by the world's probe, holds at each worker; False where one takes no calls."""
    usual = world.probe.wire
    with ExitStack() as opened:
        wires = _one_to_each(world, opened)
        try:
            for wire in wires.values():
                world.probe.wire = wire
                if not ask():
                    return False
        finally:
            world.probe.wire = usual
        return len(wires) == world.service.wanted


def _one_to_each(world: World, opened: ExitStack) -> dict[int, Wire]:
    """By the process that took the connection."""
    found: dict[int, Wire] = {}
    until = time.monotonic() + PATIENCE_S
    while len(found) < world.service.wanted and time.monotonic() < until:
        ports = {}
        for _ in range(AT_ONCE):
            wire = Wire(world.port)
            opened.callback(wire.close)
            if (port := wire.connect()) is not None:
                ports[port] = wire
        time.sleep(0.05)
        for port, worker in world.service.served().items():
            if port in ports:
                found.setdefault(worker, ports[port])
    return found
