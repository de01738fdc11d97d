"""Hold the service under honest traffic for a while, and let everything around it fail.

    make soak                        30 minutes
    make soak MINUTES=5 SEED=7       shorter; the same faults in the same order again
    python -m tests.soak.run --help

Real processes only. Ends with 1 where anything was lost, doubled, foreign, held up or answered with
a fault that it should not have had. Leaves nothing behind but the JSON file of its figures.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random
from types import FrameType

from rich.console import Console

from tests.hooks import hooktools
from tests.soak import aftermath, crowds, recovery, script
from tests.soak.cast import Call, Client, all_marks, calls_of, clients
from tests.soak.judge import unnamed
from tests.soak.ledger import Ledger
from tests.soak.processes import ROOT, Missing, Partners
from tests.soak.report import Leg, show, write
from tests.soak.traffic import Actor, Stage
from tests.soak.vitals import Vitals
from tests.soak.warden import Warden
from tests.soak.weather import CALM, Weather
from tests.soak.world import LEGS, World, today

SHARES = {"sqlite": 0.4, "postgresql": 0.35, "redis": 0.25}
BRIEF_S = 60.0
"""a leg too short to say what grows"""
CALM_S = 10.0
"""at the beginning and the end of a leg"""
RECALL_S = 70.0
"""within which a new memory of used tokens is trusted"""
PROGRESS_S = 10.0


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rate", type=float, default=12.0, help="requests a second")
    parser.add_argument("--actors", type=int, default=12, help="users at work")
    parser.add_argument("--patients", type=int, default=4, help="of each of the three clients")
    parser.add_argument("--legs", nargs="+", choices=LEGS, default=list(LEGS))
    parser.add_argument("--faults", nargs="+", help="only these, in this order")
    parser.add_argument("--hold", type=float, default=1.0, help="factor of their duration")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "soak.json")
    parser.add_argument("--keep-logs", type=Path, help="copy the service's logs into this folder")
    return parser.parse_args()


class Soak:
    """One run."""

    def __init__(self, asked: argparse.Namespace, console: Console) -> None:
        self.asked, self.console = asked, console
        self.seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
        self.chance = Random(self.seed)
        self.day, self.zone = today()
        self.whole: dict[Call, bytes] = {}
        self.legs: list[Leg] = []
        self.skipped: list[str] = []
        self.notes: list[str] = []
        self.begun = time.monotonic()
        self._told = 0.0

    def run(self) -> dict[str, object]:
        """All legs, within a folder that the warden deletes."""
        warden = Warden()
        folder = Path(tempfile.mkdtemp(prefix="ketamine-cds-soak-"))
        folder.chmod(0o711)  # PostgreSQL has an account of its own
        warden.folder(folder)
        warden.folder(Path(hooktools.FOLDER.name))
        try:
            self._legs(warden, folder)
        finally:
            warden.dismiss()
        return write(
            self.asked.json, self.legs, seed=self.seed, minutes=self.asked.minutes,
            rate=self.asked.rate, cores=os.cpu_count(), skipped=self.skipped, notes=self.notes,
        )  # fmt: skip

    def _legs(self, warden: Warden, folder: Path) -> None:
        day = self.day.isoformat()
        partners = Partners(warden, folder, self.seed, day, self.asked.patients)
        whole = sum(SHARES[leg] for leg in self.asked.legs)
        done: set[str] = set()
        for name in self.asked.legs:
            seconds = self.asked.minutes * 60 * SHARES[name] / whole
            try:
                self._leg(name, seconds, warden, folder, partners, done)
            except Missing as error:
                self.skipped.append(f"{name}: {error}")
                self.console.print(f"{name}: skipped, {error}")
        partners.clear()

    def _leg(
        self, name: str, seconds: float, warden: Warden, folder: Path, partners: Partners,
        done: set[str],
    ) -> None:  # fmt: skip
        everybody = clients(self.seed, self.day, self.asked.patients)
        weather, ledger = Weather(), Ledger()
        vitals = Vitals(
            lambda: weather.name_at(time.monotonic()) == CALM, 1.0 if seconds < BRIEF_S else 4.0
        )
        world = World(
            name, folder, warden, partners, everybody, weather, ledger, vitals, self.zone,
            Random(self.chance.random()), self.asked.hold,
        )  # fmt: skip
        world.prepare()
        begun = time.monotonic()
        world.stage = self._stage(world, everybody)
        world.probe = Actor(world.stage, self.seed)
        if (took := world.start()) is None:
            raise SystemExit(_last_words(world))
        if not world.until(lambda: recovery.remembers(world), RECALL_S):
            raise SystemExit(f"no used token is refused\n{_last_words(world)}")
        world.notes.append(f"{name}: started in {took:.1f} s")
        self._reference(world)
        self._act(world, seconds, done)
        self._close(world, begun, all_marks(everybody))
        self.notes += world.notes

    def _stage(self, world: World, everybody: Mapping[str, Client]) -> Stage:
        people = [p for client in everybody.values() for p in client.patients]
        foreign = {
            one.ident: [other.mark.lower().encode() for other in people if other != one]
            for one in people
        }
        calls = [call for client in everybody.values() for call in calls_of(client)]
        return Stage(
            world.port, everybody, calls, self.whole, foreign, world.weather, world.ledger,
            self.asked.rate, self.asked.actors, world.refuses,
        )  # fmt: skip

    def _reference(self, world: World) -> None:
        """What an undisturbed service says, asked of the first leg's before anything happens."""
        for call in world.stage.calls if not self.whole else ():
            client = world.clients[call.client]
            reply = world.probe.send(client, call.path, call.body())
            if reply.status != 200:
                raise SystemExit(f"an undisturbed call: {call} {reply}\n{_last_words(world)}")
            self.whole[call] = unnamed(reply.body)

    def _act(self, world: World, seconds: float, done: set[str]) -> None:
        """Traffic, and one fault after the other."""
        actors = [Actor(world.stage, self.seed * 1000 + n) for n in range(self.asked.actors)]
        for thread in (*actors, world.vitals):
            thread.start()
        edge = min(CALM_S, seconds * 0.1)
        faults = (
            script.named(self.asked.faults, world.leg)
            if self.asked.faults
            else script.drawn(world.leg, seconds - 2 * edge, world.chance, done)
        )
        end = time.monotonic() + seconds
        if seconds > BRIEF_S:
            spell = world.weather.begin(
                "warming up", frozenset({"crowd", "late", "south", "north"})
            )
            crowds.warmed(world.stage)
            world.weather.settle(spell, recovered=True)
        self._wait(world, edge + 2)
        for fault in faults:
            if not self.asked.faults and time.monotonic() > end - edge:
                break
            script.act(fault, world, lambda pause: self._wait(world, pause))
            self._wait(world, script.BETWEEN_S * self.asked.hold)
        self._wait(world, max(edge, end - time.monotonic()))
        world.vitals.stop()
        world.stage.over.set()
        for actor in actors:
            actor.join(60)

    def _wait(self, world: World, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
            self._progress(world)

    def _progress(self, world: World) -> None:
        now = time.monotonic()
        if now - self._told < PROGRESS_S:
            return
        self._told, gone, ledger = now, int(now - self.begun), world.ledger
        acknowledged = sum(card.acknowledged for card in list(ledger.told.values()))
        self.console.print(
            f"{gone // 60:02}:{gone % 60:02}  {world.leg:10}  {world.weather.name_at(now):28}  "
            f"{ledger.sends:7,} requests  {acknowledged:5,} cards with feedback  "
            f"{sum(ledger.breaches.values())} breaches",
            highlight=False,
        )
        for line in ledger.news():
            self.console.print(f"       {line}", highlight=False, markup=False)

    def _close(self, world: World, begun: float, marks: list[str]) -> None:
        """The last stop, and all that is looked at after it."""
        ledger, vitals = world.ledger, world.vitals
        took = world.stop()
        for line in [*vitals.growth(), *vitals.short]:
            ledger.breach(line)
        times = aftermath.look_at_times(ledger)
        log = aftermath.look_at_log(ledger, world.log, marks)
        raw = list(world.disk.folder.glob("store*")) if world.disk else []
        aftermath.look_at_store(ledger, world.database_url, raw, marks)
        for store in (world.redis, world.postgres):
            if store is not None:
                store.running.stop(signal.SIGINT, 10)
                store.running.clear()
        if self.asked.keep_logs:
            self.asked.keep_logs.mkdir(parents=True, exist_ok=True)
            for file in (world.log, world.log.with_suffix(".stderr")):
                (self.asked.keep_logs / file.name).write_bytes(file.read_bytes())
        world.notes.append(f"{world.leg}: stopped in {took or -1:.1f} s")
        seconds = time.monotonic() - begun
        self.legs.append(Leg(world.leg, seconds, ledger, world.weather, vitals, times, log))


def _last_words(world: World) -> str:
    errors = world.log.with_suffix(".stderr").read_text()[-1500:]
    return f"{errors}\n{world.log.read_text()[-1500:]}"


class Interrupted(SystemExit):
    """A signal ended the run."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.name = signal.Signals(number).name


def _interrupted(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(number)


def main() -> int:
    """Run, show, and say whether everything held."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupted)
    console = Console(width=None if sys.stdout.isatty() else 150)
    soak = Soak(options(), console)
    console.print(f"seed {soak.seed}")
    try:
        told = soak.run()
    except Interrupted as end:
        console.print(f"interrupted by {end.name} after {time.monotonic() - soak.begun:.0f} s")
        raise
    show(console, told)
    console.print(f"again: make soak MINUTES={soak.asked.minutes:g} SEED={soak.seed}")
    return 1 if told["breaches"] else 0


if __name__ == "__main__":
    sys.exit(main())
