"""How a diagnosis fits what rules ask for, by its meaning alone, whatever its status or date."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from typing import Literal

from cds.allowance import check
from cds.chart.entries import Condition
from cds.knowledge.asked import Asked
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.limits import LONGEST_KEPT
from cds.terminology.codes.icd import plain_icd
from cds.terminology.codes.named_codes import Codes, icd10, snomed, starts, tells_all
from cds.terminology.text.certainty import DIAGNOSES, affirms

Fit = Literal["confirmed", "unconfirmed"]


def fit(test: ConditionTest, fact: Condition) -> Fit | None:
    """How a diagnosis fits.

    Words that are the official title of a code that is named are nearly as good as the code: the
    title may be that of several codes, so it excepts nothing, and confirms nothing.
    """
    codes, sets = fact.codes, fact.sets
    if not (codes or sets or fact.titled):  # words alone, of which a chart may hold thousands
        return "confirmed" if test.words and _is_worded(test.words, fact) else None
    if not sets.isdisjoint(test.not_sets) or starts(codes, test.not_icd10cm):
        return None
    if _is_named(test, codes) or (test.words and _is_worded(test.words, fact)):
        return "confirmed"
    if not sets.isdisjoint(test.sets) and not _is_excepted(test, fact):
        return "confirmed"
    if not sets.isdisjoint(test.unconfirmed_sets) or starts(codes, test.unconfirmed_icd10cm):
        return "unconfirmed"
    return "unconfirmed" if fact.titled and _is_named(test, fact.titled) else None


def fitting(asked: Asked, fact: Condition) -> Mapping[ConditionTest, Fit]:
    """Every test of the knowledge that a diagnosis fits, and how. Few charts hold a meaning that
    none before them held, so it is mostly remembered: codes by themselves, words where no code
    tells more."""
    codes = fact.codes
    words = "" if tells_all(codes) else fact.display
    find = _fitting if len(words) <= LONGEST_KEPT else _fitting.__wrapped__
    return find(asked, fact.sets, codes, fact.titled, words)


def fit_of(test: ConditionTest, fact: Condition, asked: Asked) -> Fit | None:
    """How a diagnosis fits one of them, by what is remembered; also a test that is none of them."""
    return fitting(asked, fact).get(test) if test in asked.every else fit(test, fact)


@lru_cache(maxsize=4096)
def _fitting(
    asked: Asked, sets: frozenset[str], codes: Codes, titled: Codes, words: str
) -> Mapping[ConditionTest, Fit]:
    check()
    fact = Condition(sets, words, "active", "confirmed", "other", (), codes, titled)
    found = {test: fit(test, fact) for test in _index(asked).concerned(fact)}
    return {test: how for test, how in found.items() if how is not None}


class _Index:
    """The tests by what they name: of all of them, a diagnosis can fit few."""

    def __init__(self, tests: Set[ConditionTest]) -> None:
        self._by: defaultdict[str, list[ConditionTest]] = defaultdict(list)
        """by set, by SNOMED CT code and by prefix of an ICD-10 code: none looks like another"""
        self._by_words = [test for test in tests if test.words]
        for test in tests:
            prefixes = map(plain_icd, (*test.icd10cm, *test.unconfirmed_icd10cm))
            for name in (*test.sets, *test.unconfirmed_sets, *test.snomed, *prefixes):
                self._by[name].append(test)

    def concerned(self, fact: Condition) -> Iterator[ConditionTest]:
        yield from self._by_words
        for name in (*fact.sets, *_codes(fact.codes), *_codes(fact.titled)):
            yield from self._by.get(name, ())


@lru_cache(maxsize=4)
def _index(asked: Asked) -> _Index:
    return _Index(asked.diagnoses)


def _codes(codes: Codes) -> Iterator[str]:
    """SNOMED CT codes, and every beginning of an ICD-10 code."""
    yield from snomed(codes)
    for code in icd10(codes):
        yield from (code[:length] for length in range(1, len(code) + 1))


def _is_named(test: ConditionTest, codes: Codes) -> bool:
    if starts(codes, test.icd10cm):
        return True
    return bool(test.snomed) and not snomed(codes).isdisjoint(test.snomed)


def _is_excepted(test: ConditionTest, fact: Condition) -> bool:
    return (
        not fact.sets.isdisjoint(test.except_sets)
        or starts(fact.codes, test.except_icd10cm)
        or not snomed(fact.codes).isdisjoint(test.except_snomed)
    )


def _is_worded(words: str, fact: Condition) -> bool:
    """Whether one without a code is told by its words."""
    if tells_all(fact.codes):
        return False
    return _says(words, fact.display)


@lru_cache(maxsize=4096)
def _says(words: str, written: str) -> bool:
    """Whether a diagnosis in words says it, not that it is absent, past, feared or another's."""
    return affirms(re.compile(words, re.IGNORECASE), written, DIAGNOSES)
