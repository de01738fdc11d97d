"""Python calls of a request: what a busy machine can't disturb.

    python -m tests.performance.calls             counts, beside what is stored for this Python
    python -m tests.performance.calls --record    stores what it counts

Three charts of fixed bytes, answered on a fixed day: the same code always makes the same number of
calls. How many differs between minor versions of Python, so that each has its own numbers.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import payloads
from benchmarks.feeds import SELECT
from benchmarks.in_process import answer

ROOT = Path(__file__).parents[2]
STORED = Path(__file__).parent / "calls.json"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
MORE = 0.05
"""so much more than stored is a loss"""
LESS = 0.10
"""so much less is a gain that is to be stored: else half of it could be lost again unseen"""
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
COUNTED, WARMED = 1, 2
"""seeds of the charts that are counted, and of those that are answered before"""
RECORD = "python -m tests.performance.calls --record"

Counts = Mapping[str, int]


def counted() -> Counts:
    """The calls of each request, counted in a process of its own: no test before, no thread
    beside it and no order of sets has a say."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.performance.calls", "--here"],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=900,
    )
    return dict(json.loads(told.stdout))


def stored() -> Counts | None:
    """What is stored for this version of Python."""
    every = json.loads(STORED.read_text()) if STORED.exists() else {}
    return every.get(VERSION)


def complaints(now: Counts, before: Counts) -> list[str]:
    """What is wrong with the counts, one line each."""
    if now.keys() != before.keys():
        return [f"other requests are stored than counted: {RECORD}"]
    lines = []
    for name, calls in now.items():
        change = f"{name}: {calls:,} Python calls, {before[name]:,} stored"
        if calls > before[name] * (1 + MORE):
            lines.append(f"{change}. Is it worth that? Then: {RECORD}")
        elif calls < before[name] * (1 - LESS):
            lines.append(f"{change}. Keep the gain: {RECORD}")
    return lines


def record(now: Counts) -> None:
    """Store the counts as those of this version of Python."""
    every = json.loads(STORED.read_text()) if STORED.exists() else {}
    every[VERSION] = now
    STORED.write_text(json.dumps(dict(sorted(every.items())), indent=2) + "\n")


def count() -> Counts:
    """The calls of each request, counted in this process, which does nothing else."""
    requests = {
        f"{kind}, {payloads.resources(size):,} resources": (make, size)
        for kind, make, sizes in (
            ("ketamine", payloads.ketamine, payloads.SIZES),
            ("unrelated", payloads.unrelated, ("medium",)),
        )
        for size in sizes
    }
    application = _application()
    for make, size in requests.values():
        answer(application, SELECT, make(NOW, size, seed=WARMED))
    gc.collect()
    gc.disable()  # what is collected, and when, is not the request's doing
    return {
        name: _calls_of(application, make(NOW, size, seed=COUNTED))
        for name, (make, size) in requests.items()
    }


def _calls_of(application: Any, body: bytes) -> int:
    calls = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(seen)  # of this thread alone, whatever the version of Python
    try:
        answer(application, SELECT, body)
    finally:
        sys.setprofile(None)
    return calls


def _application() -> Any:
    """The service as it is served, on a fixed day and with all the time it needs: under a profile
    the largest chart takes more than an answer may."""
    from cds import logs
    from cds.hooks.app import create_app
    from cds.hooks.store import Store
    from cds.runtime import open_service
    from cds.settings import Settings
    from cds.warm_up import warm_up

    logs.configure("error")
    folder = tempfile.mkdtemp(prefix="ketamine-cds-calls-")
    settings = Settings(
        auth="off", database_url=f"sqlite:///{folder}/calls.sqlite", computing_ms=60_000
    )

    class Unwritten(Store):
        """Without the thread that writes what was shown: whether a call meets it is chance."""

        def shown(self, *_: object) -> None:
            pass

    store = Unwritten(settings)
    store.database.migrate()
    service = open_service(settings, today=lambda zone: NOW.date(), shown_lately=store.shown_lately)
    warm_up(service)
    return create_app(settings, service.respond, store)


def _environment() -> dict[str, str]:
    """This one, without settings of the service and with a fixed order of sets."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith("KETAMINE_CDS_")}
    return kept | {"PYTHONHASHSEED": "0"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.here:
        print(json.dumps(count()))
        return 0
    now = counted()
    before = stored()
    if asked.record:
        record(now)
    for name, calls in now.items():
        was = f"{before[name]:,}" if before and name in before else "–"
        print(f"{name:<32} {calls:>10,}   stored before: {was}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
