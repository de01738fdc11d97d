"""The figures of a soak: for people as tables, for programs as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.soak.ledger import Ledger
from tests.soak.vitals import ALLOWED, Vitals
from tests.soak.weather import Weather

SHOWN = 20
"""pieces of evidence of each leg; the file has more"""


@dataclass(slots=True)
class Leg:
    """What one leg gave."""

    name: str
    seconds: float
    ledger: Ledger
    weather: Weather
    vitals: Vitals
    times: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    log: Mapping[str, Any] = field(default_factory=dict)
    stops: Sequence[float] = ()

    def json(self) -> dict[str, Any]:
        ledger = self.ledger
        acknowledged = sum(i.acknowledged for c in ledger.told.values() for i in c.sent)
        return {
            "leg": self.name,
            "seconds": round(self.seconds),
            "requests": sum(ledger.counts.values()),
            "counts": {f"{kind}: {what}": n for (kind, what), n in sorted(ledger.counts.items())},
            "cards_shown": ledger.shown,
            "feedback_acknowledged": acknowledged,
            "lost": ledger.breaches["acknowledged feedback lost"],
            "doubled": ledger.breaches["feedback doubled"],
            "tokens": ledger.tokens,
            "tokens_accepted_twice": ledger.breaches["a token accepted twice"],
            "tokens_accepted_twice_while_their_memory_was_away": ledger.twice_excused,
            "faults": self._faults(),
            "calls_with_prefetch_ms": self.times,
            "vitals": self._vitals(),
            "log": self.log,
            "breaches": dict(ledger.breaches.most_common()),
            "evidence": ledger.evidence,
        }

    def _faults(self) -> dict[str, dict[str, Any]]:
        found: dict[str, list[float | None]] = {}
        for spell in self.weather.spells:
            over = spell.over or spell.begun
            took = None if spell.recovered is None else round(spell.recovered - over, 1)
            found.setdefault(spell.name, []).append(took)
        return {
            name: {"times": len(took), "recovery_s": took} for name, took in sorted(found.items())
        }

    def _vitals(self) -> dict[str, Any]:
        told: dict[str, Any] = {"workers": len(self.vitals.lives)}
        for what in ALLOWED:
            values = [[getattr(s, what) for s in life] for life in self.vitals.lives.values()]
            values = [one for one in values if len(one) > 4]
            if values:
                firsts = [median(one[1:4]) for one in values]
                lasts = [median(one[-3:]) for one in values]
                most = max(map(max, values))
                told[what] = {
                    "first": round(median(firsts), 1), "last": round(median(lasts), 1),
                    "most": round(most, 1),
                }  # fmt: skip
        told["trends_an_hour"] = {
            what: {pid: round(one.slope, 1) for pid, one in workers.items()}
            for what, workers in self.vitals.trends().items()
        }
        return told


def write(path: Path, legs: Sequence[Leg], **about: Any) -> dict[str, Any]:
    """The whole as JSON."""
    told = about | {"legs": [leg.json() for leg in legs]}
    told["breaches"] = sum(sum(leg.ledger.breaches.values()) for leg in legs)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1) + "\n")
    return told


def show(console: Console, told: Mapping[str, Any]) -> None:
    """All tables."""
    console.print(_requests(told), _faults(told), _times(told), _vitals(told), _promises(told))
    for leg in told["legs"]:
        for what, number in leg["breaches"].items():
            console.print(f"[red]{leg['leg']}: {what}: {number}[/red]")
        for line in leg["evidence"][:SHOWN]:
            console.print(f"  {line}", markup=False, highlight=False, style="dim")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table


def _requests(told: Mapping[str, Any]) -> Table:
    counts: dict[str, Counter[str]] = {}
    for leg in told["legs"]:
        for name, number in leg["counts"].items():
            kind, _, what = name.rpartition(": ")
            counts.setdefault(kind, Counter())[what] += number
    table = _table("Requests", "kind", "number", "came back")
    for kind, answers in sorted(counts.items()):
        said = ", ".join(f"{what}: {number}" for what, number in answers.most_common())
        table.add_row(kind, f"{answers.total():,}", said)
    return table


def _faults(told: Mapping[str, Any]) -> Table:
    found: dict[str, list[float | None]] = {}
    for leg in told["legs"]:
        for name, one in leg["faults"].items():
            found.setdefault(name, []).extend(one["recovery_s"])
    table = _table("Faults", "fault", "times", "as before after, s")
    for name, took in sorted(found.items()):
        known = [one for one in took if one is not None]
        said = f"{min(known):.1f} to {max(known):.1f}" if known else ""
        table.add_row(name, str(len(took)), said + " never" * (len(known) < len(took)))
    return table


def _times(told: Mapping[str, Any]) -> Table:
    table = _table("Calls with prefetch, ms", "phase", "leg", "calls", "p50", "p95", "p99", "most")
    rows = [(name, leg["leg"], t) for leg in told["legs"]
            for name, t in leg["calls_with_prefetch_ms"].items()]  # fmt: skip
    for name, leg, times in sorted(rows, key=lambda row: (row[0] != "calm", row[0], row[1])):
        figures = (times.get(key) for key in ("calls", "p50", "p95", "p99", "most"))
        table.add_row(name, leg, *("" if one is None else f"{one:.0f}" for one in figures))
    return table


def _vitals(told: Mapping[str, Any]) -> Table:
    table = _table("A worker", "leg", "workers", "of", "first", "last", "most", "slope an hour")
    for leg in told["legs"]:
        for what in ALLOWED:
            one = leg["vitals"].get(what)
            if one:
                slopes = leg["vitals"]["trends_an_hour"][what].values()
                slope = ", ".join(f"{value:+.1f}" for value in slopes)
                row = (
                    leg["vitals"]["workers"],
                    what,
                    one["first"],
                    one["last"],
                    one["most"],
                    slope,
                )
                table.add_row(leg["leg"], *map(str, row))
    return table


def _promises(told: Mapping[str, Any]) -> Table:
    names = [
        "cards_shown", "feedback_acknowledged", "lost", "doubled", "tokens",
        "tokens_accepted_twice", "tokens_accepted_twice_while_their_memory_was_away",
    ]  # fmt: skip
    legs = told["legs"]
    table = _table("Promises", "", *(leg["leg"] for leg in legs))
    for name in names:
        table.add_row(name.replace("_", " "), *(f"{leg[name]:,}" for leg in legs))
    table.add_row("breaches", *(f"{sum(leg['breaches'].values()):,}" for leg in legs))
    return table
