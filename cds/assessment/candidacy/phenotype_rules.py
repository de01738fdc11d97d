"""Rules P1 to P7 and P9: what kind of illness it is, and what that asks for first."""

from __future__ import annotations

from collections.abc import Iterable

from cds.assessment.candidacy.named import named
from cds.assessment.candidacy.rules import Holds, Judged, rule
from cds.assessment.case import Case
from cds.assessment.diagnosis import current, ever
from cds.assessment.model import Candidacy, ChartText
from cds.chart.entries import Condition
from cds.knowledge.model.predicates.facts import ConditionTest

TRD = "trd-unipolar"
_PSYCHOTIC = ConditionTest(sets=("mdd_severe_psychotic",))
_BIPOLAR = ConditionTest(sets=("bipolar_any",), not_sets=("cyclothymia",))
_DEPRESSION = ConditionTest(sets=("mdd_any", "depression_any", "depression_unspecified"))
_EPISODE = ConditionTest(sets=("mdd_any", "bipolar_depressed"), not_sets=("mdd_remission",))
_CATATONIA = ConditionTest(sets=("catatonia",))
_INPATIENT = ("IMP", "ACUTE", "NONAC")
_PROMISING = ("met", "not_met", "cannot_determine")


def _facts(facts: Iterable[Condition]) -> Holds | None:
    """The diagnoses that a rule rests on, a confirmed one named first."""
    found = sorted(facts, key=lambda fact: fact.doubt is not None)
    if not found:
        return None
    first = found[0]
    params = {
        "condition": ChartText(first.display),
        "since": named(first),
        "doubt": first.doubt,
    }
    refs = tuple(ref for fact in found for ref in fact.source)
    return Holds(params, refs, doubted=first.doubt is not None)


@rule("psychotic-features")
def _psychotic_features(case: Case, judged: Judged) -> Holds | None:
    return _facts(current(_PSYCHOTIC, case))


@rule("bipolar-outside-labels")
def _bipolar_outside_labels(case: Case, judged: Judged) -> Holds | None:
    """Bipolar disorder is lifelong: a past entry counts."""
    return _facts(current(_BIPOLAR, case) or ever(_BIPOLAR, case))


@rule("bipolar-no-mood-stabiliser")
def _bipolar_no_mood_stabiliser(case: Case, judged: Judged) -> Holds | None:
    if any(case.history.current_medications("mood_stabilizer")):
        return None
    if "medicationRequests" not in case.history.answered:
        return None
    in_remission = (f for f in ever(_BIPOLAR, case) if f.clinical == "remission")
    return _facts((*current(_BIPOLAR, case), *in_remission))


@rule("ptsd-alone")
def _ptsd_alone(case: Case, judged: Judged) -> Holds | None:
    if current(_DEPRESSION, case) or "conditions" not in case.history.answered:
        return None
    return _facts(current(ConditionTest(sets=("ptsd",)), case))


@rule("ptsd-with-trd")
def _ptsd_with_trd(case: Case, judged: Judged) -> Holds | None:
    if TRD not in judged or judged[TRD].verdict != "met":
        return None
    return _facts(current(ConditionTest(sets=("ptsd",)), case))


@rule("anxiety-or-ocd-alone")
def _anxiety_or_ocd_alone(case: Case, judged: Judged) -> Holds | None:
    return _only_target(case, judged, ("ocd", "anxiety"))


@rule("substance-use-as-target")
def _substance_use_as_target(case: Case, judged: Judged) -> Holds | None:
    return _only_target(case, judged, ("aud", "cocaine-ud", "oud"))


def _diagnoses(candidate: Candidacy) -> set[str]:
    """What it rests on, without drugs and scores: methadone makes no pain of a use disorder."""
    return {ref for ref in candidate.source if ref.startswith("Condition/")}


def _only_target(case: Case, judged: Judged, targets: tuple[str, ...]) -> Holds | None:
    """One of these is what the order is for, or no better indication is on record."""
    present = [judged[t] for t in targets if t in judged and judged[t].verdict == "not_supported"]
    ordered = [candidate for candidate in present if candidate.ordered_for]
    others_ordered = any(c.ordered_for and c.indication not in targets for c in judged.values())
    own = {ref for candidate in present for ref in candidate.source}
    better = any(
        c.verdict in _PROMISING and _diagnoses(c) - own
        for c in judged.values()
        if c.indication not in targets
    )
    if not present or (not ordered and (better or others_ordered)):
        return None
    names = [case.knowledge.indications[c.indication].name for c in ordered or present]
    return Holds({"names": names}, tuple(ref for c in ordered or present for ref in c.source))


@rule("ect-first")
def _ect_first(case: Case, judged: Judged) -> Holds | None:
    """Psychotic, catatonic, very severe or inpatient depression."""
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
