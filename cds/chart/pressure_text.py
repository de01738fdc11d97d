"""Blood pressures in a string: "190/115 (L arm)", "BP 190 over 115", "190/115, 188/110"."""

from __future__ import annotations

import re
from functools import lru_cache

from cds.reviewed import read_reviewed

_READING = re.compile(
    r"(?<![\d./<>=-])(?P<systolic>\d{2,3})\s*(?:/|\bover\b)\s*(?:(?P<diastolic>\d{2,3})|p(?:alp)?\b)"
    r"(?![\d-]|\.\d|\s*/)",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\(\s*(?:map\s*)?\d{2,3}\s*\)|\bmap[\s:=]*\d{2,3}\b|\b(?:hr|pulse)[\s:=]*\d{2,3}\b"
    r"|\b\d{1,2}:\d\d\b|(?:@|\bat\b)\s*\d{4}\b|\bafter \d{1,2}\b(?= min)|\bx ?\d\b|#\d\b",
    re.IGNORECASE,
)
"""a mean, a pulse, the time of day, how often: numbers that are no pressure"""


def pressures(written: str) -> list[tuple[str, str | None]]:
    """Systolic and diastolic of each reading; none where anything else may be meant.

    A pressure that was felt ("190/P") has no diastolic.
    """
    found = [(one["systolic"], one["diastolic"]) for one in _READING.finditer(written)]
    rest = _BESIDE.sub(" ", _READING.sub(" ", written))
    words = re.findall(r"\w+|[<>=~?]", rest.lower())
    turned = any(low is not None and int(low) >= int(high) for high, low in found)
    return [] if turned or not _known().issuperset(words) else found


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    table = read_reviewed("cds.chart", "pressure_words.yaml")
    return frozenset(table["beside"])
