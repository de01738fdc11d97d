"""How a number is written: a reader and the program must see the same one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from cds.knowledge.check.references import Told
from cds.knowledge.check.written import Path
from cds.knowledge.model.base import Record

_FIGURES = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)


def figure_faults(record: Record, written: Callable[[Path], Any]) -> Iterator[Told]:
    """Numbers that are read, though not as somebody sees them: `1_0` is read as ten.

    `written`: what the file has of the record, by its path.
    """
    for field in type(record).model_fields:
        value = getattr(record, field)
        for place, number in enumerate(value if isinstance(value, tuple) else (value,)):
            if isinstance(number, bool) or not isinstance(number, Decimal | int):
                continue
            path = (field, place) if isinstance(value, tuple) else (field,)
            text = written(path) or written((field,))
            if isinstance(text, str) and not _FIGURES.fullmatch(text.partition(" ")[0]):
                yield path, f"`{text[:40]}` is read as {number:.12g}: write it in plain figures"
