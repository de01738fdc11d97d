"""What ketamine is meant for in this case: psychiatric use, pain, or either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Literal

from cds.assessment.case import Case
from cds.assessment.diagnosis import as_diagnosis, concerned
from cds.assessment.indicated import OF_PAIN, OF_THE_MIND, current_meanings
from cds.chart.entries import Condition
from cds.knowledge.load import Knowledge
from cds.knowledge.model.indications import Indication

Purpose = Literal["psychiatric", "pain"]
BOTH: frozenset[Purpose] = frozenset({"psychiatric", "pain"})

_WIDER: dict[Purpose, frozenset[str]] = {"psychiatric": OF_THE_MIND, "pain": OF_PAIN}


def purposes(case: Case) -> frozenset[Purpose]:
    """By the order's reason; without one by the current diagnoses; without any, both.

    Where the order is no elective treatment, what its use is for, and mostly neither. Esketamine
    as a nasal spray is only ever psychiatric.
    """
    return case.known.once(partial(_purposes, case), _purposes, case.order, case.use)


def _purposes(case: Case) -> frozenset[Purpose]:
    if case.use is not None:
        known = case.knowledge.indications
        return _families(known[ident] for ident in case.use.entry.indications)
    if case.drug == "esketamine":
        return frozenset({"psychiatric"})
    reason = [as_diagnosis(case.order)] if case.order is not None else []
    return _of(reason, case.knowledge) or _of(current_meanings(case), case.knowledge) or BOTH


def _of(facts: Sequence[Condition], knowledge: Knowledge) -> frozenset[Purpose]:
    sets = frozenset[str]().union(*(fact.sets for fact in facts))
    wider = frozenset(purpose for purpose, names in _WIDER.items() if sets & names)
    return wider | _families(knowledge.indications[i] for i in concerned(facts, knowledge))


def _families(indications: Iterable[Indication]) -> frozenset[Purpose]:
    meant = {indication.family for indication in indications}
    return frozenset(purpose for purpose in BOTH if purpose in meant)
