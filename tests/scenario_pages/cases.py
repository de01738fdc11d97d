"""The cases of a table as they are written: each with its section and the note above it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tests.rows import read_table

TESTS = Path(__file__).parents[1]
HERE = Path(__file__).parent
CLINICAL = ("scenarios", "assessment")
"""folders of which every table is clinical"""
_NAMES = ("name", "story", "id")
_SHARED = ("products", "parts")
"""sections that hold parts of cases, and no case"""
_HEADING = re.compile(r"# -+ (.+?)(?: -+)?")


@lru_cache(maxsize=1)
def config() -> Mapping[str, Any]:
    found: dict[str, Any] = read_table(HERE / "tables.yaml")
    return found


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table."""

    table: str
    section: str
    title: str
    note: str
    line: int
    written: Mapping[str, Any]


def pages() -> Iterator[tuple[str, str, list[str]]]:
    """Name, title and tables of every page."""
    placed: set[str] = set(config()["shared"])
    for name, page in config()["pages"].items():
        placed.update(page["tables"])
        yield name, page["title"], page["tables"]
    for folder in CLINICAL:
        for path in sorted((TESTS / folder).rglob("*.yaml")):
            table = str(path.relative_to(TESTS).with_suffix(""))
            if table not in placed:
                name = path.stem.replace("_", "-")
                yield name, name.replace("-", " ").capitalize(), [table]


def introduction(table: str) -> str:
    """What the head of a table says of it."""
    lines = (TESTS / f"{table}.yaml").read_text().splitlines()
    head = []
    for line in lines:
        if not line.startswith("#") or _HEADING.fullmatch(line):
            break
        head.append(line[1:].strip())
    return "\n".join(head).strip()


def cases(table: str) -> Iterator[Case]:
    """Every case of a table, in its order."""
    path = TESTS / f"{table}.yaml"
    text = path.read_text()
    lines = text.splitlines()
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    columns = config()["columns"].get(table, [])
    for section, rows, nodes in _sections(read_table(path), root):
        for written, node in zip(rows, nodes, strict=True):
            row = dict(zip(columns, written, strict=True)) if columns else written
            line = node.start_mark.line
            heading = ": ".join(filter(None, (section, _heading(lines, line))))
            yield Case(table, heading, _title(row), _note(lines, line), line + 1, row)


def _sections(data: Any, root: yaml.Node) -> Iterator[tuple[str, list[Any], list[yaml.Node]]]:
    if isinstance(data, list):
        yield "", data, root.value
        return
    for (key, node), value in zip(root.value, data.values(), strict=True):
        if isinstance(value, list) and key.value not in _SHARED:
            plain = key.value in ("rows", "orders")
            yield "" if plain else key.value.replace("_", " "), value, node.value


def _title(row: Mapping[str, Any]) -> str:
    name = next((row[key] for key in _NAMES if row.get(key)), None)
    if name is not None:
        return (
            str(name).replace("-", " ") if "name" not in row and "story" not in row else str(name)
        )
    told = (row.get(key) for key in ("limit", "field", "order", "given", "route", "for"))
    texts = [", ".join(t) if isinstance(t, list) else str(t) for t in told if t not in (None, "")]
    return ", ".join(texts) or "as it is recorded"


def _heading(lines: list[str], line: int) -> str:
    """The last `# --- heading ---` above."""
    for text in reversed(lines[:line]):
        if found := _HEADING.fullmatch(text.strip()):
            return found[1]
    return ""


def _note(lines: list[str], line: int) -> str:
    """The comment directly above a row."""
    note: list[str] = []
    for text in reversed(lines[:line]):
        plain = text.strip()
        if not plain.startswith("#") or _HEADING.fullmatch(plain):
            break
        note.insert(0, plain.lstrip("# "))
    return " ".join(note) if len(note) < line else ""
