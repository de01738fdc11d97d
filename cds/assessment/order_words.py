"""Words about an order that are no sign of what it is for, from `order_words.yaml`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from cds.reviewed import read_reviewed

Kind = Literal["kept_ready", "rescue", "no_procedure", "asked", "watched_for"]


@lru_cache(maxsize=8)
def alternatives(kind: Kind) -> str:
    """Every word of the kind, for a pattern."""
    return "|".join(read_reviewed("cds.assessment", "order_words.yaml")[kind])


def speaks_of(kind: Kind, text: str) -> bool:
    """Whether such a word stands in the text."""
    return _pattern(kind).search(text) is not None


def is_watched_for(before: str) -> bool:
    """Whether what stands before a word says that it may happen, and not that it is done."""
    return _before().search(before) is not None


@lru_cache(maxsize=8)
def _pattern(kind: Kind) -> re.Pattern[str]:
    return re.compile(rf"(?i)\b({alternatives(kind)})\b")


@lru_cache(maxsize=1)
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?i)\b({alternatives('watched_for')})\b[^.;]{{0,30}}$")
