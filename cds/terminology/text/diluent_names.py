"""What drugs are dissolved in, by name."""

from __future__ import annotations

import re
from functools import lru_cache

from cds.reviewed import read_reviewed


def is_diluent(text: str) -> bool:
    """Whether the text names what a drug is dissolved in: `Sodium chloride 0.9 %`."""
    return _names().search(text) is not None


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    listed = read_reviewed("cds.terminology", "text/drug_names.yaml")["diluents"]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, listed))})\b", re.IGNORECASE)
