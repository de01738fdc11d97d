"""The registry of candidacy rules: one function per rule, named by the rule's id.

A rule says whether it holds and what its words need; severity, kind, basis and sources are the
knowledge's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cds.assessment.case import Case
from cds.assessment.model import Candidacy, Finding
from cds.knowledge.model.candidacy_rules import CandidacyRule


@dataclass(frozen=True, slots=True)
class Holds:
    """A rule that holds: the parameters of its wording, and the resources it rests on."""

    params: Mapping[str, object] = field(default_factory=dict)
    source: tuple[str, ...] = ()
    about_order: bool = False
    """it is about the ordered drug, not about the patient alone"""
    doubted: bool = False
    """it rests on a diagnosis that nobody confirmed: it warns, and is not critical"""


Judged = Mapping[str, Candidacy]
"""The judged indications by id."""
Rule = Callable[[Case, Judged], Holds | None]

RULES: dict[str, Rule] = {}


def rule(ident: str) -> Callable[[Rule], Rule]:
    """Register the function of the rule with this id."""

    def register(function: Rule) -> Rule:
        RULES[ident] = function
        return function

    return register


def as_finding(entry: CandidacyRule, holds: Holds, case: Case, stops_dose: bool) -> Finding:
    """A rule that holds, as a finding."""
    eased = holds.doubted and entry.severity == "critical"
    return Finding(
        id=entry.id,
        kind=entry.kind,
        severity="warning" if eased else entry.severity,
        basis=entry.basis,
        params=holds.params,
        source=tuple(dict.fromkeys(holds.source)),
        citations=entry.sources,
        grade=entry.grade,
        verified=entry.verified,
        order=case.order.ref if case.order and holds.about_order else None,
        stops_dose=stops_dose,
    )
