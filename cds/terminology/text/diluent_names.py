"""What drugs are dissolved in, by name."""

from __future__ import annotations

import re
from functools import lru_cache

from cds.reviewed import read_reviewed


def is_diluent(text: str) -> bool:
    """Whether the text names what a drug is dissolved in: `Sodium chloride 0.9 %`."""
    return _names().search(text) is not None


_BEFORE = re.compile(
    r"(?:[^a-z]|\b(?:normal|half|lactated|sterile|isotonic|hypertonic|nebuli[sz]ed|compound|iv|ml|l)\b)*"
)


def is_only_diluent(text: str) -> bool:
    """Whether it begins with one: the fluid itself, and no drug in it."""
    found = _names().search(text)
    return found is not None and bool(_BEFORE.fullmatch(text[: found.start()].lower()))


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    listed = read_reviewed("cds.terminology", "text/drug_names.yaml")["diluents"]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, listed))})\b", re.IGNORECASE)
