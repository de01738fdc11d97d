"""The answer to what a rule asks of an order: what is given, how, where and what for.

It is never unknown: that a place or a purpose is not stated is an answer here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cds.assessment.amounts import read_amounts
from cds.assessment.case import Case, Ordered
from cds.assessment.indicated import indicated_for, setting_of
from cds.assessment.ordered import lasts_days
from cds.assessment.rules.answer import NOT_MET, Answer, Match, met, said
from cds.assessment.rules.evaluate import answers
from cds.assessment.weight import read_weight
from cds.knowledge.model.predicates.situation import SituationTest
from cds.orders.model import Order


@answers(SituationTest)
def _situation(test: SituationTest, case: Case) -> Answer:
    order = case.order
    if order is None or not all(_parts(test, case, order, case.ordered or _read(case))):
        return NOT_MET
    return met([Match(said(order.display or "the order"), (order.ref,))])


def _parts(test: SituationTest, case: Case, order: Order, ordered: Ordered) -> Iterator[bool]:
    """What is asked, part by part."""
    if test.drugs:
        yield order.drug in test.drugs
    if test.settings:
        yield (ordered.setting or "unstated") in test.settings
    if test.uses:
        yield case.use is not None and case.use.entry.id in test.uses
    if test.treatment is not None:
        yield (case.use is None or case.use.entry.treats) is test.treatment
    if test.elective is not None:
        yield (case.use is None) is test.elective
    if test.families:
        yield not ordered.families.isdisjoint(test.families)
    if test.only_for is not None:
        yield ordered.families == {test.only_for}
    if test.at_home is not None:
        yield (order.community is True or ordered.setting == "home") is test.at_home
    if test.of_days is not None:
        yield ordered.of_days is test.of_days
    if test.says:
        yield _phrases(test.says).search(f"{order.text} {order.display}") is not None


def _read(case: Case) -> Ordered:
    """For a rule that is no check of the order: as the order stands."""
    amounts = read_amounts(case, read_weight(case).for_checks)
    return Ordered(setting_of(case), indicated_for(case).families, lasts_days(case, amounts))


@lru_cache(maxsize=64)
def _phrases(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words in any case, hyphens for spaces."""
    spelt = "|".join(r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", each))) for each in phrases)
    return re.compile(rf"(?i)(?<!\w)(?:{spelt})(?!\w)")
