"""Measurements and scores by name, where no LOINC code says what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cds.reviewed import read_reviewed
from cds.terminology.codes.code_sets import NOTHING, NameIndex, phrase_pattern, plain_name


class ObservationNames:
    """The observation sets of a text."""

    def __init__(self, official: NameIndex, patterns: Mapping[str, str]) -> None:
        table = read_reviewed("cds.terminology", "text/observation_words.yaml")
        self._official = official
        self._exact = {
            plain_name(name): frozenset({kind})
            for kind, names in table["exact"].items()
            for name in names
        }
        self._patterns = {kind: re.compile(p, re.I) for kind, p in patterns.items()}
        self._instead: dict[str, dict[str, str]] = table["instead"]
        self._item = phrase_pattern(table["items"])

    def sets(self, text: str) -> frozenset[str]:
        """The kinds of a measurement's name. A single item of a questionnaire is no total."""
        name = plain_name(text)
        found = self._official.sets(text) or self._exact.get(name, NOTHING)
        if found or self._item.search(name):
            return found
        return frozenset(
            self._precise(kind, name)
            for kind, pattern in self._patterns.items()
            if pattern.search(text)
        )

    def _precise(self, kind: str, name: str) -> str:
        other = self._instead.get(kind)
        return other["kind"] if other and other["word"] in name.split() else kind
