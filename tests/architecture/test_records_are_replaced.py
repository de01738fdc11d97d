"""`dataclasses.replace` fails on a Struct, and no type checker says so: who uses it is known.

A module that makes another copy of a Struct takes `msgspec.structs.replace`.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
OF_DATACLASSES = {
    "cds/api.py",
    "cds/chart/foremost.py",
    "cds/dosage/words/steps/together.py",
    "cds/kept_charts.py",
    "cds/knowledge/diff/changes.py",
    "cds/knowledge/load.py",
}
"""modules whose records are dataclasses, since a Struct does not hold what they do"""


def test_only_modules_of_dataclasses_replace_by_their_way() -> None:
    files = [file for package in ("cds", "cards") for file in (ROOT / package).rglob("*.py")]
    assert {str(file.relative_to(ROOT)) for file in files if takes_replace(file)} == OF_DATACLASSES


def takes_replace(file: Path) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "dataclasses"
        and any(alias.name == "replace" for alias in node.names)
        for node in ast.walk(ast.parse(file.read_text()))
    )
