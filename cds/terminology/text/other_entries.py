"""Diagnoses, procedures and allergens that no rule asks about: what has only such words is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from msgspec import Struct

from cds.reviewed import read_reviewed
from cds.terminology.codes.code_sets import plain_name
from cds.terminology.codes.tables import DiagnosisWords
from cds.terminology.text.spelt import forms, spelt, words_of

_MEASURE = re.compile(r"x?\d+(?:st|nd|rd|th|cm|mm|kg|lbs?|mg|ml|d|w|m|y|yo|yrs?|x|%)?")
_PARTS = re.compile(
    r"[,;+&|()\[\]]|(?<!\b[a-z])/|/(?![a-z]\b)|\band\b|\bwith\b|\bw/|\s[-–—]+\s", re.I
)
"""A slash between two letters parts nothing: "d/o", "c/b"."""
_SHORTEST_BESIDE, _MOST_BESIDE = 4, 2
"""letters and words of what may be a thing of its own beside one that is known"""
_ENDED = 7
"""letters, at least, of a word that its ending tells"""
Phrases = Iterable[tuple[str, ...]]
ByFirst = dict[str, list[tuple[str, ...]]]


class Reviewed(Struct, frozen=True):
    """other_entries.yaml, with the words of ICD-10-CM."""

    entries: OtherWords
    """diagnoses and procedures: a problem list has both"""
    substances: OtherWords
    reactions: OtherWords
    qualifiers: frozenset[str]
    """words that beside what is known are no thing of their own"""
    nothing: frozenset[str]
    icd10cm: frozenset[str]
    snomed: frozenset[str]

    def says_nothing(self, pieces: Iterable[str]) -> bool:
        """Whether none of them tells what is meant: numbers only, "see note"."""
        return all(self.nothing.issuperset(_letters(piece)) for piece in pieces)


class OtherWords:
    """The words and phrases of one kind of entry."""

    def __init__(
        self,
        words: Set[str],
        phrases: Phrases = (),
        names: Iterable[str] = (),
        endings: tuple[str, ...] = (),
        telling: Phrases = (),
    ) -> None:
        """`telling`: phrases of such words that may mean something else together."""
        self._words = words
        self._names = frozenset(names)
        self._endings = endings
        self._phrases = _by_first_word(phrases)
        self._telling = _by_first_word(telling)

    def unknown(self, text: str) -> list[str]:
        """The words of the text that are none of them."""
        if plain_name(text) in self._names:
            return []
        words = words_of(text)
        found, at = [], 0
        while at < len(words):
            phrase, telling = (
                _length(phrases, words, at) for phrases in (self._phrases, self._telling)
            )
            if telling > phrase or not (phrase or self._has(words[at])):
                found.append(words[at])
            at += max(phrase, telling, 1)
        return found

    def named(self, text: str) -> bool:
        """Whether one of them stands in the text."""
        words = words_of(text)
        return any(
            _length(self._phrases, words, at) or self._has(word) for at, word in enumerate(words)
        )

    def _has(self, word: str) -> bool:
        if _MEASURE.fullmatch(word):
            return True
        if len(word) >= _ENDED and word.endswith(self._endings):
            return True
        return any(one in self._words for one in forms(spelt(word)))


def _by_first_word(phrases: Phrases) -> ByFirst:
    """Phrases by their first word, the longest first."""
    found: ByFirst = {}
    for phrase in sorted(phrases, key=len, reverse=True):
        found.setdefault(phrase[0], []).append(phrase)
    return found


def _length(phrases: ByFirst, words: list[str], at: int) -> int:
    """How many words from here are one of the phrases, or its plural."""
    for phrase in phrases.get(words[at], ()):
        there = tuple(words[at : at + len(phrase)])
        if there in (phrase, (*phrase[:-1], f"{phrase[-1]}s")):
            return len(phrase)
    return 0


def is_beside(part: str, unknown: list[str]) -> bool:
    """Whether what stands beside a thing that is known may be another one, and no remark: few
    unknown words, and one of them first."""
    telling = [word for word in words_of(part) if len(word) >= _SHORTEST_BESIDE]
    unknown = [word for word in unknown if len(word) >= _SHORTEST_BESIDE]
    return bool(unknown) and len(unknown) <= _MOST_BESIDE and telling[0] == unknown[0]


def parts(clauses: Iterable[str]) -> Iterator[str]:
    """What stands between the joins of the clauses."""
    for clause in clauses:
        yield from (part for part in _PARTS.split(clause) if any(map(str.isalnum, part)))


def read_other_entries(derived: DiagnosisWords, rules: Phrases) -> Reviewed:
    """`rules`: the phrases that alone make a set; where one stands and gives none, it was read."""
    table = read_reviewed("cds.terminology", "text/other_entries.yaml")
    telling, entries, allergies = table["telling"], table["entries"], table["allergies"]
    small = _words(entries["small"])
    common = frozenset(derived.words) - _words(telling["words"]) | small
    nothing = table["says_nothing"]
    return Reviewed(
        entries=OtherWords(
            common | _words(entries["abbreviations"]) | _words(entries["words"]),
            [*rules, *_phrases(entries["phrases"])],
            derived.names,
            tuple(entries["endings"]),
            _phrases(telling["phrases"]),
        ),
        substances=OtherWords(_words(allergies["substances"]), _phrases(allergies["phrases"])),
        reactions=OtherWords(common | _words(allergies["reactions"])),
        qualifiers=_words(entries["qualifiers"]),
        nothing=small | _words(nothing["words"]),
        icd10cm=frozenset(nothing["icd10cm"]),
        snomed=frozenset(nothing["snomed"]),
    )


def _words(block: str) -> frozenset[str]:
    return frozenset(map(spelt, block.split()))


def _phrases(listed: Iterable[str]) -> list[tuple[str, ...]]:
    return [tuple(words_of(phrase)) for phrase in listed]


def _letters(name: str) -> list[str]:
    """The words of a name that are no numbers."""
    return [spelt(word) for word in words_of(name) if not word.isdigit()]
