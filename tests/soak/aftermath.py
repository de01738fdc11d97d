"""What is looked at when a leg is over: the store, the log, the times, the growth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import MetaData, create_engine, select

from cds.logs import ALLOWED
from tests.soak.faults import BY_NAME
from tests.soak.ledger import Card, Ledger
from tests.soak.weather import CALM

KEYS = ALLOWED | {"dropped"}
LONGEST_S = 3.0
"""a call with prefetch while partners hang: its deadline of two seconds, and a busy machine"""
SLOWER = 4.0
"""times its calm median is what the median call may take meanwhile, and a little more"""
MORE_S = 0.3
FEWEST = 8
"""calls, below which their median says nothing"""


def stored(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    engine = create_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in tables.tables.items()
        }
    engine.dispose()
    return rows


def kept(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Counter[tuple[str, str, str]]:
    """How often each (card, outcome, moment) of feedback is in the store, its history included."""
    found: Counter[tuple[str, str, str]] = Counter()
    for name, rows in tables.items():
        if name.startswith("feedback"):
            for row in rows:
                if {"card", "outcome", "outcome_at"} <= row.keys():
                    found[row["card"], row["outcome"], row["outcome_at"]] += 1
    return found


def lost_and_doubled(
    cards: Sequence[Card], found: Counter[tuple[str, str, str]]
) -> tuple[int, int]:
    """Acknowledged items that the store does not hold, and such as it holds twice.

    What a client sent and got no answer for may be there or not.
    """
    lost = doubled = 0
    for card in cards:
        for item in card.sent:
            times = found[card.uuid, item.outcome, item.moment]
            lost += item.acknowledged and times == 0
            doubled += times > 1
    return lost, doubled


def last_outcomes(cards: Sequence[Card], found: Counter[tuple[str, str, str]]) -> int:
    """Cards whose last outcome is none that was acknowledged last, or sent after that."""
    by_card: dict[str, list[tuple[str, str]]] = {}
    for card, outcome, moment in found:
        by_card.setdefault(card, []).append((moment, outcome))
    wrong = 0
    for card in cards:
        if card.acknowledged and card.uuid in by_card:
            last = max(i for i, item in enumerate(card.sent) if item.acknowledged)
            may_be = {(item.moment, item.outcome) for item in card.sent[last:]}
            wrong += max(by_card[card.uuid]) not in may_be
    return wrong


def marks_in(text: bytes, marks: Sequence[str]) -> Counter[str]:
    """What of a chart or a token stands in a text."""
    lowered = text.lower()
    found = {mark: lowered.count(mark.lower().encode()) for mark in marks if mark != "eyJ"}
    found["eyJ"] = text.count(b"eyJ")
    return Counter({mark: times for mark, times in found.items() if times})


def log_faults(text: bytes) -> Iterator[str]:
    """Lines of a log that are not JSON, or say more than the listed keys."""
    for line in text.splitlines():
        try:
            keys = json.loads(line).keys()
        except (ValueError, AttributeError):
            yield f"no JSON: {line[:120]!r}"
        else:
            if not keys <= KEYS:
                yield f"keys that are not listed: {sorted(keys - KEYS)}"


def look_at_log(ledger: Ledger, log: Path, marks: Sequence[str]) -> dict[str, Any]:
    """Breaches of a leg's log, and what it has most of."""
    text, errors = log.read_bytes(), log.with_suffix(".stderr").read_bytes()
    for fault in log_faults(text):
        ledger.breach("a log line out of form", fault)
    for name, written in (("log", text), ("standard error", errors)):
        for mark, times in marks_in(written, marks).items():
            ledger.breach(f"patient data or a token in the {name}", f"{mark[:12]} {times} times")
    events = Counter()
    for line in text.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        events[f"{told.get('level')}: {told.get('event')}"] += 1
        if told.get("event") == "failed":
            ledger.breach("a fault of ours in the log", f"{told.get('error')} {told.get('where')}")
    if b"Traceback" in errors:
        ledger.breach("a stack trace on standard error", errors[-400:].decode(errors="replace"))
    return {"lines": sum(events.values()), "events": dict(events.most_common(12))}


def look_at_store(ledger: Ledger, url: str, raw: Sequence[Path], marks: Sequence[str]) -> None:
    """What of the feedback is lost, and what is there that should not be."""
    texts = [file.read_bytes() for file in raw]
    tables = stored(url)
    found, cards = kept(tables), list(ledger.told.values())
    lost, doubled = lost_and_doubled(cards, found)
    for what, number in (
        ("acknowledged feedback lost", lost),
        ("feedback doubled", doubled),
        ("another last outcome", last_outcomes(cards, found)),
    ):
        for _ in range(number):
            ledger.breach(what)
    for text in (json.dumps(tables, default=str).encode(), *texts):
        for mark, times in marks_in(text, marks).items():
            ledger.breach("patient data or a token in the store", f"{mark[:12]} {times} times")


ENOUGH = 20
"""calls, for percentiles"""


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """In milliseconds; of a few calls only the longest says something."""
    if len(seconds) < ENOUGH:
        return {"most": round(max(seconds) * 1000, 1)} if seconds else {}
    cuts = quantiles(seconds, n=100, method="inclusive")  # none is beyond the longest
    wanted = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "most": max(seconds)}
    return {name: round(value * 1000, 1) for name, value in wanted.items()}


def look_at_times(ledger: Ledger) -> dict[str, dict[str, float]]:
    """Calls with prefetch by phase; those that partners must not disturb are compared with calm."""
    told = {name: {"calls": len(s)} | percentiles(s) for name, s in sorted(ledger.seconds.items())}
    calm = median(ledger.seconds.get(CALM) or [0.0])
    for name, seconds in ledger.seconds.items():
        fault = BY_NAME.get(name.removeprefix("after: "))
        if (fault is not None and not fault.undisturbed) or len(seconds) < 8:
            continue
        late = sum(one > LONGEST_S for one in seconds)
        if late > max(1, len(seconds) // 100):
            ledger.breach(f"calls held up: {name}", f"{late} of {len(seconds)} over {LONGEST_S} s")
        middle = median(seconds)
        if len(seconds) >= FEWEST and middle > calm * SLOWER + MORE_S:
            ledger.breach(f"calls slowed down: {name}", f"{middle:.2f} s, calm {calm:.2f} s")
    return told
