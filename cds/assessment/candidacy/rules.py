"""How a candidacy rule comes to hold: by the predicate of its entry, or by a function of its id.

Either says whether the rule holds and what its words need; severity, kind, basis and sources are
the knowledge's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from cds.assessment.candidacy.told import told
from cds.assessment.case import Case
from cds.assessment.model import Candidacy, Finding
from cds.assessment.rules import evaluate
from cds.knowledge.model.candidacy_rules import CandidacyRule


class Holds(Struct, frozen=True):
    """A rule that holds: the parameters of its wording, and the resources it rests on."""

    params: Mapping[str, object] = field(default_factory=dict)
    source: tuple[str, ...] = ()
    doubted: bool = False
    """it rests on a diagnosis that nobody confirmed: it warns, and is not critical"""


class Asked(Struct, frozen=True):
    """What a rule may look at: the case, and the indications as they were judged."""

    case: Case
    judged: Mapping[str, Candidacy]
    """by id; those that the site has switched off are not there"""
    about: tuple[str, ...] = ()
    """ids of the indications that the rule is about"""

    @property
    def subjects(self) -> tuple[Candidacy, ...]:
        """Of the indications that the rule is about, those that may apply."""
        known = (self.judged[ident] for ident in self.about if ident in self.judged)
        return tuple(one for one in known if one.verdict != "not_applicable")


Rule = Callable[[Asked], Holds | None]

RULES: dict[str, Rule] = {}


def rule(ident: str) -> Callable[[Rule], Rule]:
    """Register the function of the rule with this id."""

    def register(function: Rule) -> Rule:
        RULES[ident] = function
        return function

    return register


def holds(entry: CandidacyRule, asked: Asked) -> Holds | None:
    """Whether the rule holds. What is doubtful counts: a rule says what to look at."""
    case = asked.case
    if entry.ordered is not None and entry.ordered != case.drug:
        return None
    if entry.about and not _is_about(entry, asked):
        return None
    if entry.when is None:
        return RULES[entry.id](asked)
    answer = evaluate(entry.when, case)
    if not answer.met:
        return None
    of = told(answer)
    return Holds(of.params, of.source, of.doubted)


def _is_about(entry: CandidacyRule, asked: Asked) -> bool:
    subjects = asked.subjects
    return any(one.verdict == "met" for one in subjects) if entry.about_met else bool(subjects)


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
        order=case.order.ref if case.order and entry.ordered else None,
        stops_dose=stops_dose,
    )
