"""A record with other values, whichever kind of record it is."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import msgspec

Kind = TypeVar("Kind")


def replace(record: Kind, /, **changes: Any) -> Kind:
    """Of a Struct or a dataclass, a copy with these values in place of its own."""
    if isinstance(record, msgspec.Struct):
        return msgspec.structs.replace(record, **changes)
    return dataclasses.replace(record, **changes)  # type: ignore[type-var]
