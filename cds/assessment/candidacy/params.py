"""What the words of a candidacy card need."""

from __future__ import annotations

from collections.abc import Mapping

from cds.assessment.candidacy.deciding import deciding
from cds.assessment.candidacy.why import UNREAD
from cds.assessment.case import Case
from cds.assessment.model import Candidacy, State, Verdict
from cds.assessment.trials import described, site_scope, tallied
from cds.knowledge.model.indications import Indication, of_form
from cds.knowledge.model.predicates.combined import NoneOf
from cds.knowledge.model.predicates.facts import PersonTest
from cds.knowledge.model.predicates.treatment import AdequateTrials, MedicationHistory

_WORDING: Mapping[Verdict, str] = {
    "met": "candidacy-met",
    "not_met": "candidacy-not-met",
    "cannot_determine": "candidacy-cannot-determine",
    "not_supported": "candidacy-not-supported",
    "not_applicable": "candidacy-none",
}


def candidacy_wording(candidate: Candidacy) -> str:
    """Id of the wording of a verdict.

    An indication that nothing on record speaks for is no indication found, unless the diagnoses
    could not be read at all.
    """
    unspoken = candidate.verdict == "cannot_determine" and not candidate.source
    if unspoken and not any(UNREAD in criterion.why for criterion in candidate.criteria[:1]):
        return _WORDING["not_applicable"]
    return _WORDING[candidate.verdict]


def candidacy_params(candidate: Candidacy, case: Case) -> Mapping[str, object]:
    """The parameters of the wordings `candidacy-met`, `-not-met` and their like."""
    indication = case.knowledge.indications[candidate.indication]
    count = tallied(case, site_scope(case))
    by_trials = any(isinstance(c.when, AdequateTrials) and c.gating for c in indication.criteria)
    return {
        "name": indication.name,
        "short": indication.short,
        "stance": candidate.stance,
        "by_trials": by_trials,
        "adequate": len(count.minimum),
        "strict": len(count.strict),
        "trials": [described(trial) for trial in count.minimum],
        "needed": case.site.adequate_trials_required,
        "classes": len(count.classes),
        "outcome_unknown": sum(1 for trial in count.minimum if trial.outcome == "unknown"),
        "adherence_unverified": sum(1 for t in count.minimum if t.adherence != "verified"),
        "bars_unread": [trial.ingredient for trial in count.minimum if trial.bar_unread],
        "met": _why(candidate, "met", without=_plain(indication)),
        "also_met": _also_met(candidate, indication),
        "not_met": _why(candidate, "not_met"),
        "unknown": _why(candidate, "unknown"),
        "reason": next(iter(deciding(candidate, indication, case)), ""),
        "but": (),
        "brief": False,
        "beside": "",
        "effect": of_form(indication.effect, case.drug),
        "counter": of_form(indication.counter, case.drug),
        "grade": candidate.grade,
        "regulatory": _regulatory(indication, case),
        "next_steps": list(candidate.next_steps),
        "other_reading": candidate.other_reading,
        "ordered_for": candidate.ordered_for,
    }


def _why(candidate: Candidacy, state: State, without: frozenset[str] = frozenset()) -> list[str]:
    return [
        c.why for c in candidate.criteria if c.gating and c.state == state and c.id not in without
    ]


def _plain(indication: Indication) -> frozenset[str]:
    """Criteria whose label says it all once they are met."""
    plain = (PersonTest, NoneOf, MedicationHistory)
    return frozenset(c.id for c in indication.criteria if isinstance(c.when, plain))


def _also_met(candidate: Candidacy, indication: Indication) -> list[str]:
    met = {c.id for c in candidate.criteria if c.gating and c.state == "met"}
    return [c.label for c in indication.criteria if c.id in met & _plain(indication)]


def _regulatory(indication: Indication, case: Case) -> list[str]:
    """What the site's regulator says of the ordered form; without an order, of both.

    Where the knowledge has nothing from that regulator, the US status is named as such.
    """
    forms = [case.drug] if case.drug else ["esketamine", "ketamine"]
    lines = []
    for form in forms:
        of_form = [entry for entry in indication.regulatory if entry.form == form]
        local = [entry for entry in of_form if entry.jurisdiction == case.site.jurisdiction]
        lines += [f"{e.jurisdiction.upper()}: {e.text}" for e in local or of_form]
    return lines
