"""Which diagnoses a rule means, by code and by set."""

from __future__ import annotations

from collections.abc import Iterable

from cds.history.model import ConditionFact
from cds.knowledge.triggers import ConditionTest


def is_meant(test: ConditionTest, fact: ConditionFact) -> bool:
    """Whether the diagnosis is one of those named; says nothing of its status or date."""
    icd10 = {_bare(code) for system, code in fact.codes if _is_icd10(system)}
    snomed = {code for system, code in fact.codes if system.endswith("snomed.info/sct")}
    if _starts(icd10, test.icd10cm) or snomed & set(test.snomed):
        return True
    if not fact.sets & set(test.sets) or fact.sets & set(test.except_sets):
        return False
    return not (_starts(icd10, test.except_icd10cm) or snomed & set(test.except_snomed))


def _is_icd10(system: str) -> bool:
    return "icd-10" in system or "icd10" in system


def _bare(code: str) -> str:
    return code.replace(".", "").upper()


def _starts(codes: set[str], prefixes: Iterable[str]) -> bool:
    return bool(codes) and any(code.startswith(_bare(p)) for p in prefixes for code in codes)
