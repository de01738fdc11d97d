"""Which diagnoses a rule means, by code and by set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from cds.chart.entries import Condition
from cds.knowledge.model.triggers import ConditionTest
from cds.terminology.codes import named_codes
from cds.terminology.text.certainty import DIAGNOSES, affirms


def each_meant(
    facts: Iterable[Condition], means: Callable[[Condition], object]
) -> Iterator[Condition]:
    """The diagnoses that are meant, by sets and codes, or by the text of one without a code.

    A chart repeats its diagnoses from visit to visit: each is asked about once.
    """
    known: dict[tuple[object, ...], object] = {}
    for fact in facts:
        key = fact.sets, fact.codes or fact.display, fact.titled
        answer = known.get(key, known)
        if answer is known:
            answer = known[key] = means(fact)
        if answer:
            yield fact


def is_meant(test: ConditionTest, fact: Condition) -> bool:
    """Whether the diagnosis is one of those named; says nothing of its status or date.

    Words that are the official title of a code that is named are as good as the code. A title may
    be that of several codes, so it excepts nothing.
    """
    if _is_named(test, fact.codes) or _is_named(test, fact.titled):
        return True
    snomed = named_codes.snomed(fact.codes)
    coded = named_codes.has_icd10(fact.codes) or snomed
    if test.words and not coded and _is_worded(test.words, fact.display):
        return True
    if fact.sets.isdisjoint(test.sets) or not fact.sets.isdisjoint(test.except_sets):
        return False
    excepted = named_codes.starts(fact.codes, test.except_icd10cm)
    return not excepted and snomed.isdisjoint(test.except_snomed)


def _is_named(test: ConditionTest, codes: named_codes.Codes) -> bool:
    named = named_codes.starts(codes, test.icd10cm)
    return named or not named_codes.snomed(codes).isdisjoint(test.snomed)


@lru_cache(maxsize=4096)
def _is_worded(words: str, written: str) -> bool:
    """Whether a diagnosis in words says it, not that it is absent, past, feared or another's."""
    return affirms(re.compile(words, re.IGNORECASE), written, DIAGNOSES)
