"""What ketamine is meant for in this case: psychiatric use, pain, or either."""

from __future__ import annotations

from typing import Literal

from cds.assessment.case import Case
from cds.knowledge.load import Knowledge

Purpose = Literal["psychiatric", "pain"]
BOTH: frozenset[Purpose] = frozenset({"psychiatric", "pain"})
_NEITHER: frozenset[Purpose] = frozenset()

_WIDER: dict[Purpose, frozenset[str]] = {
    "psychiatric": frozenset({"depression_any", "bipolar_any", "anxiety_any", "suicidal_ideation"}),
    "pain": frozenset({"chronic_pain_any", "chronic_pain_syndrome", "headache_other"}),
}
_IN_USE: dict[str, frozenset[Purpose]] = {
    "acute_pain": frozenset({"pain"}),
    "palliative": frozenset({"pain"}),
}


def purposes(case: Case) -> frozenset[Purpose]:
    """By the order's reason; without one by the current diagnoses; without any, both.

    Where the order is no elective treatment, neither, but pain where that is its use. Esketamine
    as a nasal spray is only ever psychiatric.
    """
    if case.use is not None:
        return _IN_USE.get(case.use.entry.id, _NEITHER)
    if case.drug == "esketamine":
        return frozenset({"psychiatric"})
    if case.order is not None and (by_reason := _of(case.order.reason_sets, case.knowledge)):
        return by_reason
    current = frozenset(
        name for fact in case.history.conditions if fact.active is not False for name in fact.sets
    )
    return _of(current, case.knowledge) or BOTH


def _of(sets: frozenset[str], knowledge: Knowledge) -> frozenset[Purpose]:
    found: set[Purpose] = {purpose for purpose, wider in _WIDER.items() if sets & wider}
    for indication in knowledge.indications.values():
        if sets & indication.named_sets:
            if indication.family == "psychiatric":
                found.add("psychiatric")
            elif indication.family == "pain":
                found.add("pain")
    return frozenset(found)
