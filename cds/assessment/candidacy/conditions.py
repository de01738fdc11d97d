"""Which diagnoses of a chart an indication means, and whether they are current."""

from __future__ import annotations

import re
from typing import Literal

from cds.assessment.case import Case
from cds.assessment.diagnosis import each_meant
from cds.chart.entries import Condition
from cds.knowledge.model.criteria import ConditionMatch
from cds.terminology.codes.named_codes import fits, starts, written_icd10
from cds.terminology.model import Certainty

Fit = Literal["confirmed", "unconfirmed"]

_CODE = re.compile(r"[A-Z0-9.]{1,12}\Z")


def fit(match: ConditionMatch, fact: Condition) -> Fit | None:
    """How a diagnosis fits: by its meaning alone, whatever its status."""
    codes = fact.codes
    if not fact.sets.isdisjoint(match.not_sets) or starts(codes, match.not_icd10cm):
        return None
    if not fact.sets.isdisjoint(match.sets) or starts(codes, match.icd10cm):
        return "confirmed"
    if match.icd10cm_pattern and fits(codes, match.icd10cm_pattern):
        return "confirmed"
    open_sets = not fact.sets.isdisjoint(match.unconfirmed_sets)
    return "unconfirmed" if open_sets or starts(codes, match.unconfirmed_icd10cm) else None


def is_current(fact: Condition, case: Case) -> bool | None:
    """Current disease on the day; None when its status or verification leaves that open."""
    if fact.active is False or (fact.abatement is not None and fact.abatement <= case.as_of):
        return False
    if fact.active is None or fact.doubt:
        return None
    return True


def current(match: ConditionMatch, case: Case) -> tuple[Condition, ...]:
    """The diagnoses that fit and are current, or perhaps so."""
    return tuple(
        fact
        for fact in each_meant(case.history.conditions, lambda fact: fit(match, fact))
        if is_current(fact, case) is not False
    )


def ever(match: ConditionMatch, case: Case) -> tuple[Condition, ...]:
    """The diagnoses that fit, current or past."""
    return tuple(each_meant(case.history.conditions, lambda fact: fit(match, fact)))


def is_reason(match: ConditionMatch, case: Case) -> bool:
    """Whether the order's reason names one of these diagnoses."""
    reasons = case.order.reason_sets if case.order else frozenset[str]()
    return bool(reasons & frozenset(match.sets)) and not reasons & frozenset(match.not_sets)


def named(fact: Condition) -> str:
    """The diagnosis in safe words, by its ICD code if it has one: `on record as F33.1, onset …`."""
    code = written(fact)
    since = f"onset {fact.onset}" if fact.onset else f"recorded {fact.recorded}"
    text = f"on record{f' as {code}' if code else ''}, {since if fact.when else 'undated'}"
    text += f", {fact.doubt}" if fact.doubt else ""
    text += ", whose words name something else" if fact.coded else ""
    return text if fact.certainty is Certainty.CODE else f"{text}, recognised by its text only"


def written(fact: Condition) -> str | None:
    """Its ICD-10 code, as a reader knows it."""
    return next((c for c in written_icd10(fact.codes) if _CODE.match(c)), None)
