"""Which faults there are now, and what each of them excuses.

broken      a connection may break or be refused
late        an answer may come late, and may then be cut by its deadline
store       feedback may get 503
south       the answers that need the FHIR server `south` may lack what was not had
lying       they must say that something is missing
shaky       the newest key of the client `shaky` may be unknown
memory      the shared memory of used tokens is away
crowd       503 for too much at once
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

CALM = "calm"


@dataclass(slots=True)
class Spell:
    """One fault, from its beginning until everything was as before."""

    name: str
    excuses: frozenset[str]
    begun: float
    over: float | None = None
    """when the cause was gone"""
    recovered: float | None = None
    """when the service was as before; None also where it did not recover in time"""
    settled: bool = False


class Weather:
    """The spells of a run. Times are of the monotonic clock."""

    def __init__(self) -> None:
        self._spells: list[Spell] = []
        self._lock = threading.Lock()

    def begin(self, name: str, excuses: frozenset[str]) -> Spell:
        spell = Spell(name, excuses, time.monotonic())
        with self._lock:
            self._spells.append(spell)
        return spell

    def settle(self, spell: Spell, recovered: bool) -> None:
        """The spell is over, for good or since nobody waits any longer."""
        now = time.monotonic()
        spell.over = spell.over or now
        if recovered:
            spell.recovered = now
        spell.settled = True

    def during(self, begun: float, ended: float) -> frozenset[str]:
        """What is excused in something that lasted so long."""
        with self._lock:
            touching = [one for one in self._spells if one.begun <= ended and _end(one) >= begun]
        return frozenset().union(*(one.excuses for one in touching))

    def throughout(self, begun: float, ended: float, name: str) -> bool:
        """Whether the cause of a fault was there all that time."""
        with self._lock:
            return any(
                one.name == name and one.begun <= begun and (one.over is None or one.over >= ended)
                for one in self._spells
            )

    def name_at(self, moment: float) -> str:
        """The fault that was there at a moment, or calm."""
        with self._lock:
            for one in reversed(self._spells):
                if one.begun <= moment <= (one.over or float("inf")):
                    return one.name
                if one.begun <= moment <= _end(one):
                    return f"after: {one.name}"
        return CALM

    @property
    def spells(self) -> list[Spell]:
        with self._lock:
            return list(self._spells)


def _end(spell: Spell) -> float:
    if not spell.settled:
        return float("inf")
    return spell.recovered or spell.over or spell.begun
