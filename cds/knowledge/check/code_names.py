"""Whether the name that stands beside a code is that of the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cds.knowledge.check.references import Known, Told
from cds.knowledge.check.written import Path
from cds.knowledge.model.base import Record
from cds.knowledge.model.declared import NO_NAME, CodeNames, Kind, NameOf, declared


def code_name_faults(
    record: Record, written: Callable[[Path], Any], names: CodeNames, known: Known
) -> Iterator[Told]:
    """Of the record's own fields. `written`: what the file has at a path within it.

    A mistyped code is mostly another code: its name tells.
    """
    for field in record.model_fields_set:
        for mark in declared(type(record), field, NameOf):
            listed = written((field,)) if mark.kind in names else None
            for code, name in listed.items() if isinstance(listed, dict) else ():
                if mark.kind in known and known[mark.kind](code, ()):
                    continue  # it can be no code, and that is told
                if said := _fault(mark.kind, code, str(name), names[mark.kind](code)):
                    yield (field, code), said


def _fault(kind: Kind, code: str, written: str, official: str | None) -> str | None:
    named = written not in ("", NO_NAME)
    if official is not None and named and written != official:
        return f"`{code}` is `{official}`, and not `{written}`: is the code wrong, or the name?"
    if official is None and named:
        return f"no table here names the {kind} `{code}`: where the code is right, write `~`"
    return None
