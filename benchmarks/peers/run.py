"""`make bench-peers`: other software beside the service, on the same calls in the same run.

    python -m benchmarks.peers.run [PEER …] [--json FILE] [--write]

Peers are installed into `.cache/peers`, at the versions below, by npm and pip; what can't be
installed is left out. Two answer a card that never changes, so that they do what the floor does:
they stand beside the service's answer to an unrelated order. The third runs one rule, compiled from
CQL, on the record: it stands beside the answer to a ketamine order, which takes all of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import feeds, payloads, report
from benchmarks.report import Table
from benchmarks.run import conditions, foreword
from benchmarks.servers import ROOT, benchmark, running
from benchmarks.windows import compare

HERE = Path(__file__).parent
CACHE = ROOT / ".cache" / "peers"
NODE = ("express@5.3.0", "cql-execution@3.3.2", "cql-exec-fhir@2.2.0")
HEALTHCHAIN = "healthchain==0.16.1"


@dataclass(frozen=True, slots=True)
class Peer:
    """`kind`: of the calls, and so of the answer of the service that it is compared with."""

    name: str
    kind: str
    install: Callable[[], None]
    command: Sequence[str]
    ready: str = "/healthz"


def node_packages() -> None:
    if not all((CACHE / "node_modules" / name.partition("@")[0]).exists() for name in NODE):
        (CACHE / "package.json").write_text('{"private": true}\n')
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", *NODE]
        subprocess.run(command, cwd=CACHE, check=True)


def healthchain() -> None:
    """In an environment of its own: it pins versions that are not the service's."""
    if not (CACHE / "healthchain" / "bin" / "uvicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", CACHE / "healthchain"], check=True)
        python = CACHE / "healthchain" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", HEALTHCHAIN], check=True)


PEERS = {
    "express": Peer(
        "Express (Node), a constant card", "unrelated", node_packages, ("node", "express_card.js")
    ),
    "healthchain": Peer(
        "HealthChain (FastAPI), a constant card",
        "unrelated",
        healthchain,
        (str(CACHE / "healthchain" / "bin" / "uvicorn"), "healthchain_card:app",
         "--port", "{port}", "--log-level", "error"),
        "/health",
    ),
    "cql": Peer(
        "cql-execution (Node), one rule of CQL", "ketamine", node_packages, ("node", "cql_rule.js")
    ),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", help=f"of {', '.join(PEERS)}; all by itself")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench-peers.json")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    asked = parser.parse_args()
    if unknown := set(asked.peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    CACHE.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for name in asked.peers or PEERS:
        try:
            PEERS[name].install()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
        else:
            rows += measured(PEERS[name])
    result = conditions() | {"peers": rows}
    report.show([table(rows)])
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(result, indent=2) + "\n")
    if asked.write:
        report.write("peers", foreword(result), [table(rows)])


def measured(peer: Peer) -> list[dict[str, Any]]:
    """The peer and the service by turns, for each size of chart."""
    variables = {"PORT": "{port}", "NODE_PATH": str(CACHE / "node_modules")}
    with (
        running(peer.command, variables, HERE, peer.ready) as other,
        benchmark("service") as service,
    ):
        return [
            {"peer": peer.name, "kind": peer.kind, "resources": payloads.resources(size)}
            | asdict(compare(service, other, feeds.plain(peer.kind, size)))
            for size in payloads.SIZES
        ]


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = ("peer", "resources", "its CPU ms", "service CPU ms", "its CPU ÷ ours",
               "its ms", "service ms")  # fmt: skip
    return Table("Peers beside the service, same calls, same run", columns, [
        (f"{row['peer']}; ours: {row['kind']} order", f"{row['resources']:,}",
         f"{row['floor_cpu_ms']:.2f}", f"{row['cpu_ms']:.2f}", f"{1 / row['cpu_ratio']:.2f}",
         f"{row['floor_time_ms']:.1f}", f"{row['time_ms']:.1f}")
        for row in rows
    ])  # fmt: skip


if __name__ == "__main__":
    main()
