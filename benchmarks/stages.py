"""Where the processor time goes: `python -m benchmarks.stages [--write]`.

Requests are answered in this process, and a clock of its processor time looks every millisecond,
or as often as the system can, where the work is: what is found counts for the innermost package of
STAGES on the stack. So what one package has done by another that is not listed is its own, and no
function is charged for being called, as it would be by a profiler.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType

from benchmarks import feeds, payloads, report
from benchmarks.feeds import SELECT, Make
from benchmarks.in_process import answer
from benchmarks.report import Table
from benchmarks.run import conditions
from benchmarks.servers import ROOT

STAGES = {
    "cds/hooks/": "protocol: envelope, audit, answer",
    "cds/wire.py": "JSON",
    "cds/fhir/": "record: unpacked, selected",
    "cds/orders/": "orders: the drafts read",
    "cds/chart/": "chart: the resources read",
    "cds/history/medications/": "history: medication courses",
    "cds/history/trials/": "history: trials of treatment",
    "cds/history/": "history: the rest",
    "cds/assessment/contraindications.py": "assessment: contraindications",
    "cds/assessment/candidacy/": "assessment: candidacy",
    "cds/assessment/order_check/": "assessment: the order checked",
    "cds/assessment/rules/": "assessment: rules evaluated",
    "cds/assessment/diagnosis.py": "assessment: diagnoses compared",
    "cds/assessment/": "assessment: the rest",
    "cards/": "cards",
}
"""Parts of the code; of several that hold a file, the first"""
REST = "Flask, and all else"
EVERY_S = 0.001
WARM_S, LOOKED_S = 1.0, 6.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Where the time of one kind of request went."""

    milliseconds: float
    looks: Mapping[str, int]

    def share(self, stage: str) -> str:
        part = self.looks[stage] / max(1, sum(self.looks.values()))
        return f"{part:.0%}" if part >= 0.005 else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    asked = parser.parse_args()
    profiles = {
        f"ketamine, {payloads.resources(size):,}": profile(feeds.plain("ketamine", size))
        for size in payloads.SIZES
    }
    profiles["unrelated, 151"] = profile(feeds.plain("unrelated", "medium"))
    tables = [table(profiles)]
    report.show(tables)
    if asked.write:
        told = conditions()
        foreword = f"Measured {told['measured']}, version {told['version']}, {told['python']}."
        report.write("stages", foreword, tables)


def profile(make: Make) -> Profile:
    """Of requests of no two the same bytes, once all is warm."""
    from benchmarks.service import app

    feed, looks, answering = make(0), Counter[str](), False

    def work(seconds: float) -> float:
        nonlocal answering
        spent, done = 0.0, 0
        while spent < seconds:
            body = next(feed).body
            begun, answering = time.process_time(), True
            answer(app, SELECT, body)
            spent, answering = spent + time.process_time() - begun, False
            done += 1
        return spent / done * 1000

    def look(_signal: int, frame: FrameType | None) -> None:
        if answering:
            looks[stage_of(frame)] += 1

    work(WARM_S)
    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    try:
        milliseconds = work(LOOKED_S)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return Profile(milliseconds, looks)


def stage_of(frame: FrameType | None) -> str:
    """Of the innermost frame that belongs to a stage."""
    while frame is not None:
        file = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
        for part, stage in STAGES.items():
            if file.startswith(part):
                return stage
        frame = frame.f_back
    return REST


def table(profiles: Mapping[str, Profile]) -> Table:
    lines = [
        (stage, *(one.share(stage) for one in profiles.values()))
        for stage in (*STAGES.values(), REST)
    ]
    total = ("CPU ms", *(f"{one.milliseconds:.2f}" for one in profiles.values()))
    return Table("Share of the processor time by stage", ("stage", *profiles), [*lines, total])


if __name__ == "__main__":
    main()
