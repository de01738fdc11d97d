"""The order of a leg: which faults, when; drawn by the seed, so that it can be run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from tests.soak.faults import ALL, BY_NAME, Fault
from tests.soak.world import World

BETWEEN_S = 3.0
RECOVERY_S = 6.0
"""for planning; what it really takes is measured"""
GENTLE_SHARE = 0.65
"""of a leg, before workers begin to die"""


def drawn(leg: str, seconds: float, chance: Random, done: set[str]) -> list[Fault]:
    """Faults for a leg of so many seconds. Those that no leg had yet come first."""
    chosen: list[Fault] = []
    for deadly, share in ((False, GENTLE_SHARE), (True, 1 - GENTLE_SHARE)):
        fitting = [fault for fault in ALL if leg in fault.legs and fault.deadly == deadly]
        room, taken = seconds * share, list[Fault]()
        while room > 0:
            chance.shuffle(fitting)
            for fault in sorted(fitting, key=lambda one: (one.name in done, len(one.legs))):
                if room <= 0:
                    break
                room -= fault.hold + RECOVERY_S + BETWEEN_S
                taken.append(fault)
                done.add(fault.name)
        chance.shuffle(taken)
        chosen += taken
    return chosen


def named(names: Sequence[str], leg: str) -> list[Fault]:
    """The faults that were asked for by name. Raises KeyError."""
    if unknown := set(names) - BY_NAME.keys():
        raise KeyError(
            f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(BY_NAME)}"
        )
    return [fault for name in names for fault in ALL if fault.name == name and leg in fault.legs]


@contextmanager
def brought(fault: Fault, world: World) -> Iterator[None]:
    """The fault, for as long as the context lasts."""
    acting = fault.bring(world)
    next(acting)
    try:
        yield
    finally:
        next(acting, None)


def act(fault: Fault, world: World, wait: Callable[[float], None]) -> None:
    """Bring a fault, hold it, take it away, and wait until all is as before."""
    spell = world.weather.begin(fault.name, fault.excuses)
    with brought(fault, world):
        wait(fault.hold * world.scale)
    spell.over = time.monotonic()
    recovered = world.until(lambda: fault.recovered(world), fault.within)
    if not recovered:
        world.ledger.breach(f"not as before {fault.within:.0f} s after: {fault.name}")
        if world.ended():  # what follows has its own things to show
            world.start()
    world.weather.settle(spell, recovered)
