"""Diagnoses, procedures and allergens that no rule asks about: what has only such words is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from cds.reviewed import read_reviewed
from cds.terminology.codes.code_sets import plain_name
from cds.terminology.codes.tables import DiagnosisWords
from cds.terminology.text.spelt import spelt, words_of

_MEASURE = re.compile(r"x?\d+(?:st|nd|rd|th|cm|mm|kg|lbs?|mg|ml|d|w|m|y|yo|yrs?|x|%)?")
_PARTS = re.compile(r"[,;/+&|()\[\]]|\band\b|\bwith\b|\bw/|\s[-–—]+\s", re.I)
_SHORTEST_BESIDE, _MOST_BESIDE = 4, 2
"""letters and words of what may be a thing of its own beside one that is known"""
_ENDED = 7
"""letters, at least, of a word that its ending tells"""
Phrases = Iterable[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """other_entries.yaml, with the words of ICD-10-CM."""

    entries: OtherWords
    """diagnoses and procedures: a problem list has both"""
    substances: OtherWords
    reactions: OtherWords
    nothing: frozenset[str]
    icd10cm: frozenset[str]
    snomed: frozenset[str]

    def says_nothing(self, names: Iterable[str]) -> bool:
        """Whether no name tells what is meant: none, numbers only, "see note"."""
        return all(self.nothing.issuperset(_telling(name)) for name in names)


class OtherWords:
    """The words and phrases of one kind of entry."""

    def __init__(
        self,
        words: Set[str],
        phrases: Phrases = (),
        names: Iterable[str] = (),
        endings: tuple[str, ...] = (),
    ) -> None:
        self._words = words
        self._names = frozenset(names)
        self._endings = endings
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for phrase in sorted(phrases, key=len, reverse=True):
            self._phrases.setdefault(phrase[0], []).append(phrase)

    def unknown(self, text: str) -> list[str]:
        """The words of the text that are none of them."""
        if plain_name(text) in self._names:
            return []
        words = words_of(text)
        found, at = [], 0
        while at < len(words):
            phrase = self._phrase(words, at)
            if not phrase and not self._has(words[at]):
                found.append(words[at])
            at += phrase or 1
        return found

    def named(self, text: str) -> bool:
        """Whether one of them stands in the text."""
        words = words_of(text)
        return any(self._phrase(words, at) or self._has(word) for at, word in enumerate(words))

    def _phrase(self, words: list[str], at: int) -> int:
        """How many words from here are a phrase."""
        for phrase in self._phrases.get(words[at], ()):
            there = words[at : at + len(phrase)]
            if len(there) == len(phrase) and there[:-1] == [*phrase[:-1]] and (
                there[-1] in (phrase[-1], f"{phrase[-1]}s")
            ):  # fmt: skip
                return len(phrase)
        return 0

    def _has(self, word: str) -> bool:
        if _MEASURE.fullmatch(word):
            return True
        if len(word) >= _ENDED and word.endswith(self._endings):
            return True
        return any(one in self._words for one in _forms(spelt(word)))


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
    """`rules`: the phrases that name a set; where one stands and gives none, it was read."""
    table = read_reviewed("cds.terminology", "text/other_entries.yaml")
    small = _words(table["small"]["words"])
    common = frozenset(derived.words.split()) - frozenset(map(spelt, table["telling"])) | small
    phrases = [*rules, *(tuple(words_of(phrase)) for phrase in table["diagnoses"]["phrases"])]
    reactions = _words([table["reactions"]])
    allergens = [tuple(words_of(phrase)) for phrase in table["substances"]["phrases"]]
    nothing = table["says_nothing"]
    return Reviewed(
        entries=OtherWords(
            common.union(*(_words(table[kind]["words"]) for kind in ("diagnoses", "procedures"))),
            phrases,
            derived.names,
            tuple(table["endings"]),
        ),
        substances=OtherWords(_words(table["substances"]["words"]), allergens),
        reactions=OtherWords(common | reactions),
        nothing=frozenset(nothing["words"].split()),
        icd10cm=frozenset(nothing["icd10cm"]),
        snomed=frozenset(nothing["snomed"]),
    )


def _words(blocks: Iterable[str]) -> frozenset[str]:
    return frozenset(spelt(word) for block in blocks for word in block.split())


def _telling(name: str) -> list[str]:
    """The words of a name that are no numbers."""
    return [word for word in words_of(name) if not word.isdigit()]


def _forms(word: str) -> Iterator[str]:
    """The word, its singular and its plural."""
    yield word
    yield f"{word}s"
    if len(word) > 3 and word.endswith("s"):
        yield word[:-1]
        if word.endswith("es"):
            yield word[:-2]
            yield f"{word[:-2]}is"
        if word.endswith("ies"):
            yield f"{word[:-3]}y"
