"""Contraindications: what speaks against ketamine in this patient.

Every one is an entry of the knowledge, judged by one evaluator. What could not be looked for is one
finding of its own: an empty or missing problem list never reads as "nothing there".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from typing import TypeVar

from cds.assessment.case import Case
from cds.assessment.model import SEVERITY_ORDER, ChartText, Finding
from cds.assessment.rules import Fired, awake, evaluate, fired
from cds.assessment.rules.answer import NO_RANGE
from cds.knowledge.load import Knowledge
from cds.knowledge.model.contraindications import Contraindication
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.care import OrderTest
from cds.knowledge.model.predicates.combined import Together
from cds.knowledge.model.rule import Rule

NOT_EXCLUDED = "contraindications-not-excluded"
CONTRADICTED = "diagnosis-contradicts-itself"
Item = TypeVar("Item")

_LOOKED_AT = {
    "conditions": "diagnoses",
    "allergies": "allergies",
    "observations": "measurements and laboratory results",
}


def contraindications(case: Case) -> tuple[Finding, ...]:
    """Contraindications and cautions that hold, and what could not be looked for."""
    found: list[Finding] = []
    contradicted: list[tuple[Contraindication, Fired]] = []
    missing: set[str] = set()
    for entry, rules in _awake(case):
        result = fired(rules, case)
        missing |= result.missing
        holds, taken_back = result.apart()
        if holds.rules:
            found.append(_finding(entry, holds, case))
        if taken_back.rules:
            contradicted.append((entry, taken_back))
    grave = _missed_by_a_stop(case)
    return (*found, *_contradicted(contradicted), *_not_excluded(case, missing, grave))


def certain_ones(case: Case) -> Iterator[Finding]:
    """Those that hold, each by its own rules alone, and nothing of what is in doubt or missing."""
    for entry, rules in _awake(case):
        holds, _ = fired(rules, case).apart()
        if holds.rules:
            yield _finding(entry, holds, case)


def _awake(case: Case) -> Iterator[tuple[Contraindication, tuple[Rule, ...]]]:
    """The entries for what is ordered of which there may be something to say."""
    entries, drug = case.knowledge.contraindications.values(), case.drug
    return awake([each for each in entries if drug is None or drug in each.drugs], case)


def _finding(entry: Contraindication, result: Fired, case: Case) -> Finding:
    rules = [rule for rule, _ in result.rules]
    severity = min((rule.severity for rule in rules), key=SEVERITY_ORDER.__getitem__)
    of_order = any(isinstance(rule.when, OrderTest) for rule in rules)
    return Finding(
        id=entry.id,
        kind="caution" if all(rule.level == "caution" for rule in rules) else "contraindication",
        severity=severity,
        basis=result.basis,
        params={
            "found": result.found,
            "rows": result.basis,
            "drug": case.drug or "ketamine",
            "withheld": any(rule.withholds_dose for rule in rules),
        },
        source=result.source,
        citations=entry.sources,
        grade=entry.grade,
        verified=entry.verified,
        order=case.order.ref if of_order and case.order else None,
        stops_dose=severity == "critical" or any(rule.withholds_dose for rule in rules),
        workup=entry.workup,
    )


def _contradicted(entries: list[tuple[Contraindication, Fired]]) -> tuple[Finding, ...]:
    """Diagnoses that would forbid treatment, and whose words, or a later test, say it is not so.

    Two readings, one of them dangerous: it is asked which is right, and no dose stands beside it.
    """
    if not entries:
        return ()
    results = [result for _, result in entries]
    return (
        Finding(
            id=CONTRADICTED,
            kind="contraindication",
            severity="warning",
            basis=_each(result.basis for result in results),
            params={"found": _each(result.found for result in results)},
            source=tuple(sorted(set(_each(result.source for result in results)))),
            citations=_each(entry.sources for entry, _ in entries),
            verified=all(entry.verified for entry, _ in entries),
            stops_dose=True,
        ),
    )


def _each(parts: Iterable[tuple[Item, ...]]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(item for part in parts for item in part))


def _missed_by_a_stop(case: Case) -> frozenset[str]:
    """What the parts of critical rules lack, each for itself."""
    parts = _parts_of_stops(case.knowledge, case.drug)
    return frozenset().union(*(evaluate(part, case).missing for part in parts))


@lru_cache(maxsize=8)
def _parts_of_stops(knowledge: Knowledge, drug: str | None) -> tuple[Predicate, ...]:
    return tuple(
        part
        for entry in knowledge.contraindications.values()
        if drug is None or drug in entry.drugs
        for rule in entry.rules
        if rule.severity == "critical" and isinstance(rule.when, Together)
        for part in rule.when.of
    )


def _without_range(missing: Set[str]) -> tuple[ChartText, ...]:
    """The results that could not be judged for want of their reference range."""
    found = sorted(text for text in missing if text.startswith(NO_RANGE))
    return tuple(ChartText(text.removeprefix(NO_RANGE)) for text in found)


def _not_excluded(case: Case, missing: Set[str], grave: Set[str]) -> tuple[Finding, ...]:
    """What was not looked at, in one finding; nothing when all was there.

    `grave`: of what is missing, what a stop may rest on.
    """
    answered = case.history.answered
    unseen = tuple(name for key, name in _LOOKED_AT.items() if key not in answered)
    unread = _without_range(missing)
    empty = "conditions" in answered and not case.history.conditions
    if not (unseen or unread or empty):
        return ()
    entry = case.knowledge.contraindications[NOT_EXCLUDED]
    serious = not {"conditions", "allergies"} <= answered or bool(_without_range(grave))
    return (
        Finding(
            id=NOT_EXCLUDED,
            kind="missing",
            severity="warning" if serious else "info",
            basis=entry.basis,
            params={"unseen": unseen, "unread": unread, "empty": empty},
            citations=entry.sources,
            grade=entry.grade,
            verified=entry.verified,
        ),
    )
