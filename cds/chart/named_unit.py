"""The unit of a number that its name tells: "BAC (g/dL)", or "BAC" alone, by convention."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache

from cds.knowledge.model.measurements import Measurement, NamedUnit

_BEHIND = re.compile(
    r"(?:[(\[]\s*([^()\[\]]{1,12}?)\s*[)\]]|[\s,]([%‰]|[A-Za-zµμ]{1,3}/\w{1,6}))\s*\Z"
)


def named_unit(names: Iterable[str], measurement: Measurement) -> NamedUnit | None:
    """How numbers under these names are written by convention; the first that fits."""
    if not measurement.named_units:
        return None
    written = tuple(names)
    return next(
        (one for one in measurement.named_units if any(_holds(one, name) for name in written)), None
    )


def unit_told(
    amount: Decimal, names: Iterable[str], measurement: Measurement, fits: Callable[[str], bool]
) -> str | None:
    """The unit of a number that was written without one; None where the name tells none.

    `fits`: whether a unit measures this kind.
    """
    written = tuple(names)
    for name in written:
        if (found := _BEHIND.search(name)) and fits(unit := found[1] or found[2]):
            return unit
    if not amount and measurement.positive_from is not None:
        return measurement.unit  # nothing is nothing in every unit
    convention = named_unit(written, measurement)
    return None if convention is None or amount >= convention.below else convention.unit


def _holds(convention: NamedUnit, name: str) -> bool:
    return _words(convention.words).search(name) is not None


@lru_cache(maxsize=64)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
