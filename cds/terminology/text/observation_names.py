"""Measurements and scores by name, where no LOINC code says what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cds.reviewed import read_reviewed
from cds.terminology.codes.code_sets import NOTHING, NameIndex, phrase_pattern, plain_name

_Words = tuple[str, ...]
_ITEM_9 = frozenset({"phq9_item9"})
_UNIT = re.compile(
    r"[(\[]\s*[\w%*^.µ]+\s?/\s?(?:dl|l|ml|ul|µl|mcl|mm3|cumm|min)\s*[)\]]", re.IGNORECASE
)
"""a name may tell its unit: `BILIRUBIN TOTAL (MG/DL)`"""


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
        self._names = _by_words(table["exact"])
        self._in_urine = _by_words(table["in_urine"])
        around, asked, self._urine, self._blood, self._screens = (
            frozenset(table[name]) for name in ("around", "asked", "urine", "blood", "screens")
        )
        self._dropped = (around, around | asked, around | self._blood, around | asked | self._blood)
        self._of_pressure = frozenset(table["of_pressure"])
        self._item_9 = re.compile(rf"\b(?:{'|'.join(table['item_9'])})(?!\w)")
        self._item = phrase_pattern(table["items"])
        self._before = re.compile(rf"\A(?:{'|'.join(table['before'])}) ")

    def sets(self, text: str) -> frozenset[str]:
        """The kinds of a measurement's name. A single item of a questionnaire is no total."""
        name = plain_name(_UNIT.sub(" ", text))
        found = self._official.sets(text) or self._exact.get(name, NOTHING)
        if found:
            return found
        if self._item_9.search(name):
            return _ITEM_9
        if self._item.search(name):
            return NOTHING
        found = self._by_words(self._before.sub("", name, count=1).split())
        if found:
            return found
        return frozenset(
            self._precise(kind, name)
            for kind, pattern in self._patterns.items()
            if pattern.search(text)
        )

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind that a name can give."""
        tables = (self._names, self._in_urine)
        return frozenset(kind for table in tables for kinds in table.values() for kind in kinds)

    def _by_words(self, words: list[str]) -> frozenset[str]:
        """By the words in any order, without those that say how and in what it was measured."""
        told = set(words)
        urine = told & self._urine or (told & self._screens and not told & self._blood)
        table = self._in_urine if urine else self._names
        for dropped in self._dropped:
            left = [word for word in words if word not in dropped and word not in self._urine]
            if found := table.get(tuple(sorted(left))):
                return found
        return self._pressure(words)

    def _pressure(self, words: list[str]) -> frozenset[str]:
        """A blood pressure by its name and where it was measured."""
        dropped = self._dropped[1] | self._of_pressure
        left = [word for word in words if word not in dropped]
        found = self._names.get(tuple(sorted(left)), NOTHING)
        return found if any(kind.startswith("blood_pressure") for kind in found) else NOTHING

    def _precise(self, kind: str, name: str) -> str:
        other = self._instead.get(kind)
        return other["kind"] if other and other["word"] in name.split() else kind


def _by_words(table: Mapping[str, list[str]]) -> dict[_Words, frozenset[str]]:
    """Kinds by the sorted words of their names; a name of two kinds is of both."""
    found: dict[_Words, frozenset[str]] = {}
    for kind, names in table.items():
        for name in names:
            words = tuple(sorted(plain_name(name).split()))
            found[words] = found.get(words, NOTHING) | {kind}
    return found
