"""`make bench`: the service beside its floor, in alternating windows, as ratios.

    python -m benchmarks.run [PART …] [--json FILE] [--write]

Two servers run side by side, each Granian with one worker. Each window sends calls of which no two
have the same bytes over one kept-alive connection, first to the floor, then the same to the
service. A row shows the median ratio of adjacent windows: of the server's processor time (what one
core could carry), and of the response time. `BENCH_WINDOWS` and `BENCH_SECONDS` choose how many
windows there are and how long each is. The figures are kept as JSON; `--write` puts them, as
tables, into docs/performance.md. It reads /proc, so that it needs Linux.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cds
from benchmarks import report, rows
from benchmarks.report import Table
from benchmarks.servers import ROOT
from benchmarks.windows import SECONDS, WINDOWS

PARTS: Mapping[str, Callable[[], Any]] = {
    "calls": rows.calls,
    "growth": rows.growth,
    "crowds": rows.crowds,
    "memory": rows.memory,
    "start": rows.start,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by itself")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    result: dict[str, Any] = conditions()
    for name in asked.parts or PARTS:
        result[name] = PARTS[name]()
        report.show(tables({name: result[name]}))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(result, indent=2) + "\n")
    if asked.write:
        report.write("bench", foreword(result), tables(result))


def conditions() -> dict[str, Any]:
    """When and with what is measured."""
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "version": cds.__version__,
        "python": platform.python_version(),
        "windows": WINDOWS,
        "seconds": SECONDS,
    }


def foreword(result: Mapping[str, Any]) -> str:
    return (
        f"Measured {result['measured']}, version {result['version']}, Python {result['python']}; "
        f"{result['windows']} windows of at least {result['seconds']:g} s."
    )


def tables(result: Mapping[str, Any]) -> list[Table]:
    """Those of the parts that were measured."""
    shown: Mapping[str, Callable[[Any], Table]] = {
        "calls": _calls,
        "growth": _growth,
        "crowds": _crowds,
        "memory": _memory,
        "start": _start,
    }
    return [make(result[name]) for name, make in shown.items() if name in result]


def _calls(measured: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("call", "body kB", "cards", "CPU ×", "time ×", "CPU ms", "floor CPU ms",
               "service ms", "floor ms")  # fmt: skip
    return Table("Service over floor, same run (medians of adjacent windows)", columns, [
        (_name(row), f"{row['body_kb']:,.0f}", str(row["cards"]),
         f"{row['cpu_ratio']:.2f}", f"{row['time_ratio']:.2f}",
         f"{row['cpu_ms']:.2f}", f"{row['floor_cpu_ms']:.2f}",
         f"{row['time_ms']:.1f}", f"{row['floor_time_ms']:.1f}")
        for row in measured
    ])  # fmt: skip


def _growth(measured: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("call", "body kB", "CPU ms", "CPU ms / kB", "to 2,000", "CPU ×")
    return Table("Growth with the chart", columns, [
        (_name(row), f"{row['body_kb']:,.0f}", f"{row['cpu_ms']:,.0f}",
         f"{row['cpu_ms_per_kb']:.3f}", f"{row['relative'] - 1:+.0%}", f"{row['cpu_ratio']:.1f}")
        for row in measured
    ])  # fmt: skip


def _crowds(measured: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("call", "p50 ms", "p99 ms", "floor p50 ms", "floor p99 ms")
    return Table(f"{rows.CONNECTIONS} connections at once, one worker", columns, [
        (_name(row), *(f"{row[f'{whose}_{share}_ms']:.1f}"
                       for whose in ("service", "floor") for share in ("p50", "p99")))
        for row in measured
    ])  # fmt: skip


def _memory(measured: Mapping[str, Any]) -> Table:
    lines = [
        (name, f"{sum(measured[key]):.0f}", " + ".join(f"{part:.0f}" for part in measured[key]))
        for key, name in (("one_worker", "with one worker"), ("two_workers", "with two workers"))
    ]
    lines.append(("so a further worker", f"{measured['further_worker']:.0f}", ""))
    columns = ("the service", "MB", "parent + workers")
    return Table("Memory after some calls (PSS)", columns, lines)


def _start(measured: Mapping[str, float]) -> Table:
    names = {
        "imports_ms": "the interpreter, and all modules imported",
        "ready_ms": "until tables and knowledge are ready, that included",
        "first_answer_ms": "the first answer, 151 resources, ketamine",
        "next_ms": "the same once all is warm",
    }
    lines = [(name, f"{measured[key]:.0f}") for key, name in names.items()]
    return Table("Start, processor time", ("what", "CPU ms"), lines)


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['call']}, {row['resources']:,} resources"


if __name__ == "__main__":
    main()
