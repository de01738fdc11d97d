"""Diagnoses that are in remission: by code, by status or in words."""

from __future__ import annotations

import re
from datetime import date

from cds.assessment.case import Case
from cds.assessment.diagnosis import current, is_current
from cds.assessment.fitting import fit_of
from cds.chart.entries import Condition
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.terminology.text.certainty import DIAGNOSES, affirms

_REMISSION = re.compile(
    r"(?i)(?<!\bnot )(?<!\byet )\bin (?:\w+ ){0,2}remission\b"
    r"|[-–(,:;] ?(?:full |partial |complete )?remission\b(?! of\b)"
)


def remission(test: ConditionTest, case: Case) -> Condition | None:
    """The entry by which the disease is in remission, unless a later one has it active again."""
    meant = {*test.ended_by, *test.sets, *test.unconfirmed_sets}
    facts = [fact for fact in case.history.conditions if not fact.sets.isdisjoint(meant)]
    over = [fact for fact in facts if in_remission(test, fact)]
    if not over:
        return None
    newest = max(over, key=lambda fact: (last_said(fact) or date.max, fact.source))
    told = last_said(newest)
    again = [
        last_said(fact)
        for fact in current(test, case)
        if fit_of(test, fact, case.knowledge.asked) == "confirmed"
        and is_current(fact)
        and fact not in over
    ]
    relapsed = told is not None and any(day is not None and day > told for day in again)
    return None if relapsed else newest


def in_remission(test: ConditionTest, fact: Condition) -> bool:
    """Whether an entry says that the disease is in remission: by code, by status or in words."""
    if not test.ended_by or (fact.doubt and not fact.unsaid):
        return False
    if not fact.sets.isdisjoint(test.ended_by):
        return fact.active is not False or fact.clinical == "remission"
    if fact.sets.isdisjoint((*test.sets, *test.unconfirmed_sets)):
        return False
    return fact.clinical == "remission" or (
        fact.active is not False and says_remission(fact.display)
    )


def says_remission(text: str) -> bool:
    """Whether words say that something is in remission, and do not deny it."""
    return affirms(_REMISSION, text, DIAGNOSES)


def last_said(fact: Condition) -> date | None:
    """The day until which the entry is known to have been made."""
    days = (fact.onset_latest or fact.onset, fact.recorded)
    return max((day for day in days if day is not None), default=None)
