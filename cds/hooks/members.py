"""Members of a JSON object as the texts that they are: all of it is checked, none of it is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from cds.wire import InvalidJson, invalid

Reader: TypeAlias = msgspec.json.Decoder[Any]


def members(name: str, wanted: Iterable[str]) -> Reader:
    """A reader of some members of an object; it passes over all others."""
    fields: list[tuple[str, Any, Any]] = [(member, Raw | UnsetType, UNSET) for member in wanted]
    return msgspec.json.Decoder(msgspec.defstruct(name, fields))


def texts(reader: Reader, text: bytes | memoryview) -> dict[str, memoryview] | None:
    """The members that are there, of one that is named twice the last; None of what is no object.

    Raises InvalidJson. What is no UTF-8 is not noticed: see `cds.wire.utf_8`.
    """
    try:
        found = msgspec.structs.asdict(reader.decode(text))
    except msgspec.ValidationError:
        return None
    except RecursionError:
        raise InvalidJson("JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise invalid(error) from None
    return {name: memoryview(raw) for name, raw in found.items() if raw is not UNSET}
