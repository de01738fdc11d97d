"""Writing tables so that a rebuild is byte for byte the same, and a change is a readable diff."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

Row = dict[str, str]


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_table(path: Path, table: Any) -> None:
    """One JSON object; each key of a mapping and each item of a list on a line of its own."""
    if isinstance(table, dict):
        text = _block(table)
    else:
        fields: Mapping[str, Any] = msgspec.to_builtins(table)
        parts = [f"{json.dumps(name)}:{_block(value)}" for name, value in fields.items() if value]
        text = "{" + ",\n".join(parts) + "}"
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _block(value: Any) -> str:
    if isinstance(value, str):
        return _compact(value)
    if isinstance(value, dict):
        lines = (f"{_compact(key)}:{_compact(value[key])}" for key in sorted(value))
        return "{\n" + ",\n".join(lines) + "\n}"
    return "[\n" + ",\n".join(_compact(item) for item in value) + "\n]"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def words(values: Iterable[str]) -> str:
    """The values once each, sorted, in one string."""
    return " ".join(sorted({v for v in values if v}))


def tags(field: str) -> list[str]:
    return [tag for tag in field.split("|") if tag]
