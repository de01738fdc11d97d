"""What is done to the service and to its partners, and when everything is as before again.

A fault is a generator: what stands before its `yield` brings it, what follows takes it away.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.replaced import replace
from tests.soak import crowds, traffic
from tests.soak.partners import FHIR, JWKS
from tests.soak.processes import wait_for
from tests.soak.recovery import remembers, serves, shaky_is_trusted, south_answers, stores
from tests.soak.world import LEGS, World

Bring = Callable[[World], Iterator[None]]
HOLD_S = 8.0
DRAINED = 6
"""slow calls that are on their way when the service is told to stop"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    name: str
    bring: Bring
    excuses: frozenset[str]
    recovered: Callable[[World], object]
    within: float = 20.0
    """seconds after the cause is gone in which all must be as before"""
    hold: float = HOLD_S
    legs: tuple[str, ...] = LEGS
    deadly: bool = False
    """whether workers end by it: these come last, so that the others see long lives"""
    undisturbed: bool = True
    """whether calls with prefetch must be answered all the while as in calm weather"""


# --- processes ---


def kill_a_worker(world: World) -> Iterator[None]:
    os.kill(world.chance.choice(world.service.workers()), signal.SIGKILL)
    yield


def kill_all_workers_twice(world: World) -> Iterator[None]:
    """All at once, and their successors as soon as they are there."""
    for _ in range(2):
        wait_for(world.service.workers, 15)
        for pid in world.service.workers():
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(2)
    yield


def kill_one_worker_often(world: World) -> Iterator[None]:
    """Every other second, whoever is there."""
    for _ in range(5):
        for pid in world.service.workers()[-1:]:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(1)
    yield


def stop_a_worker(world: World) -> Iterator[None]:
    pid = world.chance.choice(world.service.workers())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(OSError):
            os.kill(pid, signal.SIGCONT)


def restart(world: World) -> Iterator[None]:
    """SIGTERM while slow calls are on their way: all are answered, and what they showed is kept."""
    before = world.ledger.shown
    with _slow_calls(world) as replies:
        world.stop()
    lost = [reply for reply in replies if reply.status not in (200, 412)]
    world.ledger.counts["drained", "answered"] += len(replies) - len(lost)
    for reply in lost:
        world.ledger.breach("not answered while draining", f"{reply.broken or reply.status}")
    world.notes.append(f"{world.ledger.shown - before} cards shown while draining")
    world.start()
    yield


@contextmanager
def _slow_calls(world: World) -> Iterator[list[traffic.Reply]]:
    """Calls that wait for their FHIR server; their replies once the context ends."""
    from concurrent.futures import ThreadPoolExecutor

    world.partners.order("south", fault="is slow")
    chosen = [c for c in world.stage.calls if c.client == "steady" and c.way == "server"]
    replies: list[traffic.Reply] = []
    actors = [traffic.Actor(world.stage, n) for n in range(DRAINED)]
    with ThreadPoolExecutor(DRAINED) as pool:
        waiting = [pool.submit(traffic.call, a, world.chance.choice(chosen)) for a in actors]
        time.sleep(0.2)
        yield replies
        replies += [one.result() for one in waiting]
    for actor in actors:
        actor.wire.close()
    world.partners.order("south", fault=None)


def kill_the_service(world: World) -> Iterator[None]:
    """Kill -9 of the process that the user started: nothing of it may go on serving."""
    world.stop(signal.SIGKILL)
    world.start()
    yield


def restart_without_keys(world: World) -> Iterator[None]:
    """The host of a client's keys is away when its first call comes."""
    world.partners.order("shaky", fault="is away")
    world.stop()
    world.start()
    try:
        yield
    finally:
        world.partners.order("shaky", fault=None)


# --- stores ---


def fill_the_disk(world: World) -> Iterator[None]:
    assert world.disk is not None
    world.disk.fill(world.service)
    try:
        yield
    finally:
        world.disk.free(world.service)


def stop_postgres(world: World) -> Iterator[None]:
    assert world.postgres is not None
    running = world.postgres.running
    running.signal_all(signal.SIGSTOP)
    try:
        yield
    finally:
        running.signal_all(signal.SIGCONT)


def crash_postgres(world: World) -> Iterator[None]:
    assert world.postgres is not None
    world.postgres.crash()
    try:
        yield
    finally:
        world.postgres.start()


def stop_redis(world: World) -> Iterator[None]:
    assert world.redis is not None
    world.redis.running.signal_all(signal.SIGSTOP)
    try:
        yield
    finally:
        world.redis.running.signal_all(signal.SIGCONT)


def crash_redis(world: World) -> Iterator[None]:
    assert world.redis is not None
    world.redis.crash()
    try:
        yield
    finally:
        world.redis.start()


# --- clients ---


def idle_crowd(world: World) -> Iterator[None]:
    with crowds.holding(world.stage, crowds.IDLE, crowds.idle):
        yield


def stalled_heads(world: World) -> Iterator[None]:
    with crowds.holding(world.stage, crowds.STALLED, crowds.half_heads):
        yield


def stalled_bodies(world: World) -> Iterator[None]:
    with crowds.holding(world.stage, crowds.STALLED, crowds.stalled(world.stage)):
        yield


def all_at_once(world: World) -> Iterator[None]:
    crowds.stormed(world.stage, crowds.TOGETHER)
    yield


def answers(world: World) -> bool:
    return serves(world) and south_answers(world)


def replay_storm(world: World) -> Iterator[None]:
    for _ in range(4):
        crowds.storm(world.stage, world.clients["inline"], 48)
    yield


def hostile_burst(world: World) -> Iterator[None]:
    for _ in range(60):
        traffic.hostile(world.probe)
    yield


# --- partners ---


def partner(server: str, fault: str) -> Bring:
    def bring(world: World) -> Iterator[None]:
        if server == "shaky":  # each worker has its keys before: old ones serve all the while
            shaky_is_trusted(world)
        world.partners.order(server, fault=fault)
        try:
            yield
        finally:
            world.partners.order(server, fault=None)

    return bring


def rotate(fault: str | None = None) -> Bring:
    """A client's new key, published while its host is well or is not."""

    def bring(world: World) -> Iterator[None]:
        client = world.clients["shaky"]
        world.partners.order("shaky", fault=fault)
        client.rotate()
        world.partners.order("shaky", keys=client.jwks())
        try:
            yield
        finally:
            world.partners.order("shaky", fault=None)

    return bring


NONE: frozenset[str] = frozenset()
BROKEN, LATE, STORE = frozenset({"broken"}), frozenset({"late"}), frozenset({"store"})
SOUTH, SHAKY, MEMORY = frozenset({"south"}), frozenset({"shaky"}), frozenset({"memory"})
CIRCUIT_S = 75.0
"""a server that gave no answer is left alone for up to a minute"""


def _deadly(
    name: str, bring: Bring, excuses: frozenset[str] = frozenset(),
    recovered: Callable[[World], object] = serves, hold: float = 1,
) -> Fault:  # fmt: skip
    excused = BROKEN | LATE | excuses
    return Fault(
        name, bring, excused, recovered, within=30, hold=hold, deadly=True, undisturbed=False
    )


def _all() -> Iterator[Fault]:
    yield _deadly("worker killed", kill_a_worker)
    yield _deadly("all workers killed twice", kill_all_workers_twice)
    yield _deadly("a worker killed every second", kill_one_worker_often)
    yield _deadly("service restarted", restart, SOUTH, hold=0)
    yield _deadly("service killed", kill_the_service, hold=0)
    yield _deadly("restarted without keys", restart_without_keys, SHAKY, shaky_is_trusted, hold=4)
    yield Fault("worker stopped", stop_a_worker, BROKEN | LATE | MEMORY, serves, undisturbed=False)
    yield Fault("disk full", fill_the_disk, STORE | MEMORY, stores, legs=("sqlite",))
    for name, bring in (
        ("PostgreSQL stopped", stop_postgres),
        ("PostgreSQL crashed", crash_postgres),
    ):
        yield Fault(name, bring, STORE | MEMORY, stores, legs=("postgresql",))
        yield Fault(name, bring, STORE, stores, legs=("redis",))
    for name, bring in (("Redis stopped", stop_redis), ("Redis crashed", crash_redis)):
        yield Fault(name, bring, MEMORY, serves, legs=("redis",))
    yield Fault("idle connections", idle_crowd, NONE, serves)
    yield Fault("stalled heads", stalled_heads, NONE, serves)
    yield Fault("stalled bodies", stalled_bodies, NONE, serves)
    crowd = frozenset({"crowd", "late"})
    yield Fault(  # so many calls ask the FHIR server more than it can answer in time
        "all at once", all_at_once, crowd | SOUTH, answers, CIRCUIT_S, hold=0, undisturbed=False
    )
    yield Fault("one token at once", replay_storm, crowd, serves, hold=0, undisturbed=False)
    yield Fault("hostile requests", hostile_burst, NONE, serves, hold=0)
    for name in FHIR:
        yield Fault(f"FHIR {name}", partner("south", name), SOUTH, south_answers, CIRCUIT_S)
    for name in JWKS:
        yield Fault(f"keys: host {name}", partner("shaky", name), NONE, shaky_is_trusted, hold=20)
    yield Fault("keys rotated", rotate(), SHAKY, shaky_is_trusted, hold=1)
    yield Fault("keys rotated while away", rotate("is away"), SHAKY, shaky_is_trusted, hold=4)


def _until_remembered(fault: Fault) -> Fault:
    """Where the memory of used tokens is away, that it is back belongs to the recovery."""
    if "memory" not in fault.excuses:
        return fault
    before = fault.recovered
    return replace(fault, recovered=lambda world: before(world) and remembers(world), within=30)


ALL = tuple(map(_until_remembered, _all()))
BY_NAME: Mapping[str, Fault] = {fault.name: fault for fault in ALL}
