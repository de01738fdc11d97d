"""The rules of what kind of illness it is, and what that asks for first, that no predicate says."""

from __future__ import annotations

from cds.assessment.candidacy.rules import Asked, Holds, rule
from cds.assessment.candidacy.told import of_diagnosis
from cds.assessment.diagnosis import current, ever
from cds.assessment.model import Candidacy
from cds.knowledge.model.predicates.facts import ConditionTest

_PSYCHOTIC = ConditionTest(sets=("mdd_severe_psychotic",))
_BIPOLAR = ConditionTest(sets=("bipolar_any",), not_sets=("cyclothymia",))
_EPISODE = ConditionTest(sets=("mdd_any", "bipolar_depressed"), not_sets=("mdd_remission",))
_CATATONIA = ConditionTest(sets=("catatonia",))
_INPATIENT = ("IMP", "ACUTE", "NONAC")
_PROMISING = ("met", "not_met", "cannot_determine")


@rule("bipolar-no-mood-stabiliser")
def _bipolar_no_mood_stabiliser(asked: Asked) -> Holds | None:
    """Bipolar disorder that is current or in remission, a confirmed entry named first."""
    case = asked.case
    if any(case.history.current_medications("mood_stabilizer")):
        return None
    if "medicationRequests" not in case.history.answered:
        return None
    in_remission = (f for f in ever(_BIPOLAR, case) if f.clinical == "remission")
    found = (*current(_BIPOLAR, case), *in_remission)
    if not found:
        return None
    first = min(found, key=lambda fact: fact.doubt is not None)
    refs = tuple(ref for fact in found for ref in fact.source)
    return Holds(of_diagnosis(first), refs, doubted=first.doubt is not None)


@rule("anxiety-or-ocd-alone")
@rule("substance-use-as-target")
def _only_target(asked: Asked) -> Holds | None:
    """One of these is what the order is for, or no better indication is on record."""
    judged = asked.judged.values()
    present = [candidate for candidate in asked.subjects if candidate.verdict == "not_supported"]
    ordered = [candidate for candidate in present if candidate.ordered_for]
    others = [candidate for candidate in judged if candidate.indication not in asked.about]
    own = {ref for candidate in present for ref in candidate.source}
    better = any(c.verdict in _PROMISING and _diagnoses(c) - own for c in others)
    if not present or (not ordered and (better or any(c.ordered_for for c in others))):
        return None
    names = [asked.case.knowledge.indications[c.indication].name for c in ordered or present]
    return Holds({"names": names}, tuple(ref for c in ordered or present for ref in c.source))


def _diagnoses(candidate: Candidacy) -> set[str]:
    """What it rests on, without drugs and scores: methadone makes no pain of a use disorder."""
    return {ref for ref in candidate.source if ref.startswith("Condition/")}


@rule("ect-first")
def _ect_first(asked: Asked) -> Holds | None:
    """Psychotic, catatonic, very severe or inpatient depression."""
    case = asked.case
    episode = current(_EPISODE, case)
    if not episode:
        return None
    psychotic, catatonic = current(_PSYCHOTIC, case), current(_CATATONIA, case)
    very_severe = [f for f in episode if f.severity and "very severe" in f.severity.lower()]
    encounter = case.history.encounter
    inpatient = encounter is not None and encounter.encounter_class in _INPATIENT
    grounds = [
        ("psychotic features", psychotic),
        ("catatonia", catatonic),
        ("very severe depression", very_severe),
        ("inpatient treatment", episode if inpatient else ()),
    ]
    reasons = [(name, facts) for name, facts in grounds if facts]
    if not reasons:
        return None
    refs = tuple(ref for _, facts in reasons for fact in facts for ref in fact.source)
    return Holds({"reasons": [name for name, _ in reasons]}, refs)
