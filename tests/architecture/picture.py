"""The picture of docs/architecture.md, drawn from the imports of the code.

python tests/architecture/picture.py        writes it into the page (`make docs`)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import grimp

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
BLOCK = re.compile(r"```mermaid\n.*?```", re.DOTALL)
BASE = frozenset(
    {"cds.units", "cds.dates", "cds.wire", "cds.characters", "cds.fhir_json", "cds.read_only",
     "cds.metrics", "cds.logs", "cds.faults", "cds.allowance", "cds.usual"}
)  # fmt: skip
"""What everything may use, and no arrow shows"""
EDGES = frozenset({"cds.cli", "cds.__main__", "cds.settings_page", "cds"})


@lru_cache(maxsize=1)
def imports() -> Mapping[str, frozenset[str]]:
    """Module → modules that it imports, within this project."""
    graph = grimp.build_graph("cds", "cards", "fhir_fixtures", cache_dir=None)
    return {
        module: frozenset(graph.find_modules_directly_imported_by(module))
        for module in sorted(graph.modules)
    }


def room(module: str) -> str:
    """The package or module of the first floor that a module stands in."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "cds" else parts[0]


def arrows() -> Mapping[str, frozenset[str]]:
    """Room → rooms that it looks into."""
    found: dict[str, set[str]] = {}
    for module, used in imports().items():
        here = room(module)
        if here in BASE | EDGES:
            continue
        found.setdefault(here, set()).update(
            there for other in used if (there := room(other)) not in BASE | EDGES | {here}
        )
    return {here: frozenset(there) for here, there in sorted(found.items())}


def direct(graph: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """The same without arrows that a longer way already says."""

    def reached(start: frozenset[str]) -> set[str]:
        seen: set[str] = set()
        waiting = list(start)
        while waiting:
            for there in graph.get(waiting.pop(), ()):
                if there not in seen:
                    seen.add(there)
                    waiting.append(there)
        return seen

    return {here: there - reached(there) for here, there in graph.items()}


def drawn() -> str:
    """The Mermaid block: an arrow points to what is used."""
    lines = ["```mermaid", "flowchart TD"]
    for here, there in direct(arrows()).items():
        lines += [f"    {here} --> {other}" for other in sorted(there)]
    return "\n".join([*lines, "```"])


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(lambda _: drawn(), page, count=1), encoding="utf-8")
