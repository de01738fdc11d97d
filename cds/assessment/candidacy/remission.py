"""Diagnoses that are over, in remission or not sure, and how a headline says so."""

from __future__ import annotations

import re
from datetime import date

from cds.assessment.candidacy.conditions import current, fit, is_current, written
from cds.assessment.case import Case
from cds.chart.entries import Condition
from cds.knowledge.model.criteria import ConditionMatch, ConditionPresent
from cds.terminology.text.certainty import DIAGNOSES, affirms

_REMISSION = re.compile(
    r"(?i)(?<!\bnot )(?<!\byet )\bin (?:\w+ ){0,2}remission\b"
    r"|[-–(,:;] ?(?:full |partial |complete )?remission\b(?! of\b)"
)


def remission(match: ConditionMatch, case: Case) -> Condition | None:
    """The entry by which the disease is in remission, unless a later one has it active again."""
    over = [fact for fact in case.history.conditions if in_remission(match, fact)]
    if not over:
        return None
    newest = max(over, key=lambda fact: (_last_said(fact) or date.max, fact.source))
    told = _last_said(newest)
    again = [
        _last_said(fact)
        for fact in current(match, case)
        if fit(match, fact) == "confirmed" and is_current(fact, case) and fact not in over
    ]
    relapsed = told is not None and any(day is not None and day > told for day in again)
    return None if relapsed else newest


def in_remission(match: ConditionMatch, fact: Condition) -> bool:
    """Whether an entry says that the disease is in remission: by code, by status or in words."""
    if not match.ended_by or (fact.doubt and not fact.unsaid):
        return False
    if not fact.sets.isdisjoint(match.ended_by):
        return fact.active is not False or fact.clinical == "remission"
    if fact.sets.isdisjoint((*match.sets, *match.unconfirmed_sets)):
        return False
    return fact.clinical == "remission" or (
        fact.active is not False and says_remission(fact.display)
    )


def says_remission(text: str) -> bool:
    """Whether words say that something is in remission, and do not deny it."""
    return affirms(_REMISSION, text, DIAGNOSES)


def _last_said(fact: Condition) -> date | None:
    """The day until which the entry is known to have been made."""
    days = (fact.onset_latest or fact.onset, fact.recorded)
    return max((day for day in days if day is not None), default=None)


def how_over(fact: Condition) -> str:
    """`in full remission on record as F33.42 (2026-09-01)`; `resolved on record as F33.2`."""
    kind: str = "past" if fact.history_of else fact.clinical
    if kind == "remission" or fact.active is not False:
        kind = f"in {_degree(fact)} remission".replace("  ", " ")
    code, day = written(fact), _last_said(fact)
    return f"{kind} on record{f' as {code}' if code else ''}{f' ({day})' if day else ''}"


_DEGREES = {"F33.42": "full", "F32.5": "full", "F33.41": "partial", "F32.4": "partial"}


def _degree(fact: Condition) -> str:
    """Full or partial, by its words, else by its ICD-10-CM code; empty: it does not say."""
    words = fact.display.lower()
    said = next((degree for degree in ("full", "partial") if f"{degree} remission" in words), None)
    return said or _DEGREES.get(written(fact) or "", "")


def unsure(criterion: ConditionPresent, fact: Condition) -> str:
    """Why an entry does not settle that the disease is there, as a clause for a headline."""
    match, code = criterion.match, written(fact)
    known = f" ({code})" if code else ""
    if fact.unsaid and fact.coded:
        beside = "in remission" if says_remission(fact.display) else "something else"
        return f"{code or 'a code'} is on record, but its words say {beside}"
    if in_remission(match, fact):
        return f"{criterion.disease} is {how_over(fact)}"
    if fact.doubt:
        return f"the diagnosis is on record as {fact.doubt} only{known}"
    if fit(match, fact) == "unconfirmed":
        return f"{code or 'what is on record'} alone does not confirm {criterion.disease}"
    return f"whether the diagnosis is current is not recorded{known}"
