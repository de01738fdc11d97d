"""Which diagnoses a rule means, by code and by set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from cds.history.model import ConditionFact
from cds.knowledge.triggers import ConditionTest
from cds.terminology.text.certainty import DIAGNOSES, affirms


def each_meant(
    facts: Iterable[ConditionFact], means: Callable[[ConditionFact], object]
) -> Iterator[ConditionFact]:
    """The diagnoses that are meant, by sets and codes, or by the text of one without a code.

    A chart repeats its diagnoses from visit to visit: each is asked about once.
    """
    known: dict[tuple[object, object], object] = {}
    for fact in facts:
        key = fact.sets, fact.codes or fact.display
        answer = known.get(key, known)
        if answer is known:
            answer = known[key] = means(fact)
        if answer:
            yield fact


def is_meant(test: ConditionTest, fact: ConditionFact) -> bool:
    """Whether the diagnosis is one of those named; says nothing of its status or date."""
    icd10, snomed = _by_system(fact.codes)
    if _starts(icd10, test.icd10cm) or not snomed.isdisjoint(test.snomed):
        return True
    if test.words and not icd10 and not snomed and _is_worded(test.words, fact.display):
        return True
    if fact.sets.isdisjoint(test.sets) or not fact.sets.isdisjoint(test.except_sets):
        return False
    return not (_starts(icd10, test.except_icd10cm) or not snomed.isdisjoint(test.except_snomed))


@lru_cache(maxsize=4096)
def _is_worded(words: str, written: str) -> bool:
    """Whether a diagnosis in words says it, not that it is absent, past, feared or another's."""
    return affirms(re.compile(words, re.IGNORECASE), written, DIAGNOSES)


@lru_cache(maxsize=4096)
def _by_system(codes: tuple[tuple[str, str], ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The ICD-10 codes without their dots, and the SNOMED CT codes."""
    icd10 = {_bare(code) for system, code in codes if _is_icd10(system)}
    snomed = frozenset(code for system, code in codes if system.endswith("snomed.info/sct"))
    return tuple(sorted(icd10)), snomed


def _is_icd10(system: str) -> bool:
    return "icd-10" in system or "icd10" in system


def _bare(code: str) -> str:
    return code.replace(".", "").upper()


@lru_cache(maxsize=1024)
def _all_bare(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_bare, prefixes))


def _starts(codes: tuple[str, ...], prefixes: tuple[str, ...]) -> bool:
    if not codes or not prefixes:
        return False
    wanted = _all_bare(prefixes)
    return any(code.startswith(wanted) for code in codes)
