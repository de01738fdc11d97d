"""What ketamine is meant for in this case: psychiatric use, pain, or either."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from cds.assessment.case import Case
from cds.knowledge.load import Knowledge
from cds.knowledge.model.indications import Indication

Purpose = Literal["psychiatric", "pain"]
BOTH: frozenset[Purpose] = frozenset({"psychiatric", "pain"})

_WIDER: dict[Purpose, frozenset[str]] = {
    "psychiatric": frozenset({"depression_any", "bipolar_any", "anxiety_any", "suicidal_ideation"}),
    "pain": frozenset({"chronic_pain_any", "chronic_pain_syndrome", "headache_other"}),
}


def purposes(case: Case) -> frozenset[Purpose]:
    """By the order's reason; without one by the current diagnoses; without any, both.

    Where the order is no elective treatment, what its use is for, and mostly neither. Esketamine
    as a nasal spray is only ever psychiatric.
    """
    if case.use is not None:
        known = case.knowledge.indications
        return _families(known[ident] for ident in case.use.entry.indications)
    if case.drug == "esketamine":
        return frozenset({"psychiatric"})
    if case.order is not None and (by_reason := _of(case.order.reason_sets, case.knowledge)):
        return by_reason
    current = frozenset(
        name for fact in case.history.conditions if fact.active is not False for name in fact.sets
    )
    return _of(current, case.knowledge) or BOTH


def _of(sets: frozenset[str], knowledge: Knowledge) -> frozenset[Purpose]:
    wider = frozenset(purpose for purpose, names in _WIDER.items() if sets & names)
    named = (i for i in knowledge.indications.values() if sets & i.named_sets)
    return wider | _families(named)


def _families(indications: Iterable[Indication]) -> frozenset[Purpose]:
    meant = {indication.family for indication in indications}
    return frozenset(purpose for purpose in BOTH if purpose in meant)
