"""Of what part of the body codes and words are, to tell whether two name different things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from cds.characters import unaccented
from cds.reviewed import read_reviewed
from cds.terminology.codes.icd import plain_icd

NO_PART = "none"
"""of a word: it stands in titles of codes that are of no part"""
_WORD = re.compile(r"[a-z]{3,}")
_ADJECTIVE = re.compile(r"(?:ed|ing|ous|ive|al|ic|ary)$")
_STEM = 6
"""letters: `aneurysm` and `aneurysmal`, `sprain` and `sprained`"""
_SMALL = frozenset({"and", "the", "with", "without", "for", "due", "not", "other", "from", "into"})
_GENERIC = 9
"""parts of the body: a word of more of them tells of none"""
_TELLING = 4
"""parts: a word of so few tells of each of them"""


def stems(text: str) -> frozenset[str]:
    """The beginnings of the words of a text that may tell what it is of."""
    words = _WORD.findall(unaccented(text).lower())
    return frozenset(word.rstrip("s")[:_STEM] for word in words if word not in _SMALL)


def parts_of_code(code: str) -> frozenset[str]:
    """The parts that a code of ICD-10 may be written as; none for symptoms, history and such."""
    return own_parts(code) | _categories("also").get(plain_icd(code)[:3], frozenset())


def own_parts(code: str) -> frozenset[str]:
    """The part of the body that a code of ICD-10 is of."""
    return _categories("blocks").get(plain_icd(code)[:3], frozenset())


class BodyParts:
    """The parts of condition sets, and of the words of ICD-10-CM by the titles they stand in."""

    def __init__(self, table: Mapping[str, str], codes: Mapping[str, Iterable[str]]) -> None:
        """`table`: stem → its parts, separated by commas; `codes`: set → its plain codes."""
        self._table = table
        self._of_sets = {
            name: frozenset().union(*map(parts_of_code, {code[:3] for code in listed}))
            for name, listed in codes.items()
        }

    def of_sets(self, sets: Iterable[str]) -> frozenset[str]:
        """The parts of condition sets."""
        return frozenset().union(*(self._of_sets.get(name, frozenset()) for name in sets))

    def parts_elsewhere(self, text: str, parts: frozenset[str]) -> frozenset[str]:
        """The parts that all telling words of a text are of, where it tells of none of `parts`.

        Words that are not known (foreign, shortened, of the street) leave it open: none. So do
        adjectives alone.
        """
        if all(map(_ADJECTIVE.search, _WORD.findall(text.lower()))):
            return frozenset()
        found: list[frozenset[str]] = []
        for stem in stems(text):
            known = self._parts(stem)
            own = known - {NO_PART}
            if not known or (own & parts and len(own) <= _TELLING):
                return frozenset()
            if 0 < len(own) <= _GENERIC:
                found.append(own)
        if not any(len(own) <= _TELLING for own in found):
            return frozenset()
        common = frozenset.intersection(*found)
        return frozenset() if common & parts else common

    def _parts(self, stem: str) -> frozenset[str]:
        return frozenset(filter(None, self._table.get(stem, "").split(",")))


@lru_cache(maxsize=2)
def _categories(table: str) -> Mapping[str, frozenset[str]]:
    """Category → its parts."""
    found: dict[str, set[str]] = {}
    for part, blocks in read_reviewed("cds.terminology", "codes/body_systems.yaml")[table].items():
        for category in _of_blocks(blocks):
            found.setdefault(category, set()).add(part)
    return {category: frozenset(parts) for category, parts in found.items()}


def _of_blocks(blocks: Iterable[str]) -> Iterator[str]:
    for block in blocks:
        first, last = block.split("-")
        for number in range(int(first[1:]), int(last[1:]) + 1):
            yield f"{first[0]}{number:02d}"
