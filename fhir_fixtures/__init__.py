"""Synthetic patients that read like charts, and whose dates move with the day they are asked for.

Each file is a FHIR R4 Bundle as of `ANCHOR`. `load` shifts every date in it, so that a weight
taken five days before the anchor is always five days old.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

ANCHOR = date(2026, 6, 1)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?)?\Z")


def names() -> tuple[str, ...]:
    """The patients, by the name of their file."""
    return tuple(sorted(f.name[:-5] for f in files(__name__).iterdir() if f.name.endswith(".json")))


def orders() -> Traversable:
    """The folder of draft orders, one file a patient."""
    return files(__name__) / "orders"


@cache
def _raw(name: str) -> Any:
    return json.loads((files(__name__) / f"{name}.json").read_text(), parse_float=Decimal)


def load(name: str, as_of: date) -> dict[str, Any]:
    """A patient's Bundle as it reads on `as_of`. Raises FileNotFoundError."""
    shifted = _shift(_raw(name), as_of - ANCHOR)
    assert isinstance(shifted, dict)
    return shifted


def load_all(as_of: date) -> Iterator[dict[str, Any]]:
    """Every patient's Bundle."""
    for name in names():
        yield load(name, as_of)


def _shift(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _shift(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_shift(item, by) for item in value]
    if isinstance(value, str) and _DATE.match(value):
        if len(value) == 10:
            return (date.fromisoformat(value) + by).isoformat()
        moved = datetime.fromisoformat(value.replace("Z", "+00:00")) + by
        return moved.isoformat().replace("+00:00", "Z")
    return value
