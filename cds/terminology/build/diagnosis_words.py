"""The words of diagnoses that no rule asks about, from the tabular list of ICD-10-CM.

A word is one of them when most of the titles and inclusion terms in which it stands are of codes
that speak against no treatment. So a new set takes its words away by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from cds.terminology.build.writer import words, write_table
from cds.terminology.codes.code_sets import plain_name
from cds.terminology.codes.icd import plain_icd
from cds.terminology.codes.tables import DiagnosisWords
from cds.terminology.lookup import load_terminology
from cds.terminology.text.spelt import forms, spelt, words_of

WORDS = "icd10cm_words"
_SHORTEST = 4
"""letters: shorter words are written as abbreviations of other things"""
_RANGE = re.compile(r"\([^()]*\d[^()]*\)")
_LONGEST = 60
"""characters: nobody writes longer titles out as free text"""
_LONG_TITLES = tuple("STVWXYO")
"""chapters of injuries, their causes, and obstetrics: the same"""


class TabularError(Exception):
    """The file is no tabular list."""


def build_diagnosis_words(tabular: Path, out: Path) -> DiagnosisWords:
    """Write the table to `out`, by the sets that the bundled tables have. Raises TabularError."""
    terminology = load_terminology()
    try:
        found = list(_diagnoses(tabular))
    except (OSError, ElementTree.ParseError) as error:
        raise TabularError(str(error)) from None
    if not found:
        raise TabularError("no diagnosis in it")
    table = diagnosis_words(found, terminology.of_icd10cm, terminology.speaks_against)
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / f"{WORDS}.json", table)
    return table


def diagnosis_words(
    diagnoses: Iterable[tuple[str, list[str]]],
    sets_of: Callable[[str], frozenset[str]],
    against: Callable[[str], bool],
) -> DiagnosisWords:
    """Of codes with their titles. `against`: whether a set speaks against treatment."""
    speak, others = Counter[str](), Counter[str]()
    names: set[str] = set()
    categories: set[str] = set()
    for code, texts in diagnoses:
        sets = sets_of(code)
        categories.add(plain_icd(code)[:3])
        told = {spelt(word) for text in texts for word in words_of(text)}
        (speak if any(map(against, sets)) else others).update(told)
        if not sets and not code.startswith(_LONG_TITLES):
            names |= {plain_name(text) for text in texts if len(text) <= _LONGEST}
    telling = {word for word, count in speak.items() if count >= others[word]}
    plain = {word for word in others if telling.isdisjoint(forms(word))}
    plain = {word for word in plain if len(word) >= _SHORTEST and word.isalpha()}
    return DiagnosisWords(
        categories=words(categories),
        words=tuple(sorted(plain)),
        names=tuple(sorted(name for name in names if _further(name, plain))),
    )


def _further(name: str, plain: set[str]) -> bool:
    """Whether it has other words than those."""
    return any(len(word) >= _SHORTEST and spelt(word) not in plain for word in name.split())


def _diagnoses(tabular: Path) -> Iterator[tuple[str, list[str]]]:
    """Each code with its title and inclusion terms. The file is CDC's own, and trusted."""
    root = ElementTree.parse(tabular).getroot()  # noqa: S314
    for entry in root.iter("diag"):
        notes = [entry.find("desc"), *entry.findall("inclusionTerm/note")]
        texts = [note.text or "" for note in notes if note is not None]
        yield entry.findtext("name", ""), [_RANGE.sub("", text).strip() for text in texts]
