"""Which diagnoses a rule means, by code and by set, and whether they are current."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Literal

from cds.assessment.case import Case
from cds.chart.entries import Condition
from cds.history.model import History
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.orders.model import Order
from cds.terminology.codes import named_codes
from cds.terminology.codes.named_codes import starts
from cds.terminology.text.certainty import DIAGNOSES, affirms

Fit = Literal["confirmed", "unconfirmed"]


def fit(test: ConditionTest, fact: Condition) -> Fit | None:
    """How a diagnosis fits, by its meaning alone, whatever its status or date.

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


def is_meant(test: ConditionTest, fact: Condition) -> bool:
    """Whether the diagnosis is one of those named, for certain or perhaps."""
    return fit(test, fact) is not None


def is_current(fact: Condition) -> bool | None:
    """Current disease on the day; None when its status or verification leaves that open."""
    if fact.active is False:
        return False
    # an end of which only the month is written may lie ahead, or not
    return None if fact.active is None or fact.doubt or fact.abatement is not None else True


def current(test: ConditionTest, case: Case) -> tuple[Condition, ...]:
    """The diagnoses that fit and are current, or perhaps so."""
    return tuple(fact for fact in ever(test, case) if is_current(fact) is not False)


def ever(test: ConditionTest, case: Case) -> tuple[Condition, ...]:
    """The diagnoses that fit, current or past. What means the same is asked about once."""
    return case.known.once(partial(_ever, test, case.history), _ever, test, case.history)


def _ever(test: ConditionTest, history: History) -> tuple[Condition, ...]:
    conditions, alike = history.conditions, history.conditions_alike
    places = [place for each in alike if fit(test, conditions[each[0]]) for place in each]
    return tuple(conditions[place] for place in sorted(places)) if places else ()


def is_reason(test: ConditionTest, case: Case) -> bool:
    """Whether the order's reason names one of these diagnoses."""
    return case.order is not None and fit(test, as_diagnosis(case.order)) == "confirmed"


def as_diagnosis(order: Order) -> Condition:
    """The reason of an order, to be read as the same diagnosis on record would be."""
    return Condition(
        order.reason_sets, order.reason_text, "active", "confirmed", "other", (order.ref,),
        order.reason_codes, order.reason_titled,
    )  # fmt: skip


def concerned(facts: Iterable[Condition], knowledge: Knowledge) -> frozenset[str]:
    """The ids of the indications that the diagnoses make apply, for certain or perhaps."""
    meanings = ((f.sets, "" if f.codes else f.display, f.codes, f.titled) for f in facts)
    return frozenset[str]().union(*(_concerned(knowledge, *meaning) for meaning in meanings))


@lru_cache(maxsize=4096)
def _concerned(
    knowledge: Knowledge,
    sets: frozenset[str],
    display: str,
    codes: named_codes.Codes,
    titled: named_codes.Codes,
) -> frozenset[str]:
    fact = Condition(sets, display, "active", "confirmed", "other", (), codes, titled)
    known = knowledge.indications.values()
    return frozenset(i.id for i in known if any(is_meant(test, fact) for test in i.conditions))


def _is_named(test: ConditionTest, codes: named_codes.Codes) -> bool:
    if starts(codes, test.icd10cm):
        return True
    if test.snomed and not named_codes.snomed(codes).isdisjoint(test.snomed):
        return True
    return test.icd10cm_pattern is not None and named_codes.fits(codes, test.icd10cm_pattern)


def _is_excepted(test: ConditionTest, fact: Condition) -> bool:
    return (
        not fact.sets.isdisjoint(test.except_sets)
        or starts(fact.codes, test.except_icd10cm)
        or not named_codes.snomed(fact.codes).isdisjoint(test.except_snomed)
    )


def _is_worded(words: str, fact: Condition) -> bool:
    """Whether one without a code is told by its words."""
    if named_codes.has_icd10(fact.codes) or named_codes.snomed(fact.codes):
        return False
    return _says(words, fact.display)


@lru_cache(maxsize=4096)
def _says(words: str, written: str) -> bool:
    """Whether a diagnosis in words says it, not that it is absent, past, feared or another's."""
    return affirms(re.compile(words, re.IGNORECASE), written, DIAGNOSES)
