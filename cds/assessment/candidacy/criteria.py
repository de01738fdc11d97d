"""One function per kind of criterion: is it met, not met or unknown, and why.

Absent data leave a criterion unknown. "Not met" needs evidence, or an answered query in which a
diagnosis or drug would have stood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import singledispatch

from cds.assessment.candidacy import conditions
from cds.assessment.candidacy.remission import in_remission, remission
from cds.assessment.candidacy.suicidality import signs
from cds.assessment.candidacy.underway import treatment_is_current
from cds.assessment.case import Case
from cds.assessment.model import State
from cds.chart.entries import Condition
from cds.knowledge.model import criteria as spec
from cds.knowledge.model.indications import Indication
from cds.terminology.text.certainty import USES, affirms
from cds.units import readable

UNREAD = "the diagnoses were not seen"


@dataclass(frozen=True, slots=True)
class Question:
    """What a criterion is asked about: this case, for this indication."""

    case: Case
    indication: Indication


@dataclass(frozen=True, slots=True)
class Answer:
    """The state of a criterion, the reason in plain words, and what it rests on."""

    state: State
    why: str
    source: tuple[str, ...] = ()
    unread: bool = False
    """unknown for nothing but a drug that could not be read: that opens no indication"""


@singledispatch
def judge(criterion: spec.CriterionSpec, question: Question) -> Answer:
    """The state of a criterion, by the function of its kind. Raises TypeError for a new kind."""
    kind = type(criterion).__name__
    raise TypeError(f"no function judges criteria of kind {kind}: register one with judge")


@judge.register
def _condition(criterion: spec.ConditionPresent, question: Question) -> Answer:
    return _diagnosis(criterion.match, question.case)


@judge.register
def _no_condition(criterion: spec.ConditionAbsent, question: Question) -> Answer:
    found = _diagnosis(criterion.match, question.case)
    opposite: dict[State, State] = {"met": "not_met", "not_met": "met", "unknown": "unknown"}
    if found.state == "not_met" and criterion.lifelong:
        past = conditions.ever(criterion.match, question.case)
        if past:
            return Answer("unknown", f"{conditions.named(past[0])}, over", past[0].source)
    return Answer(opposite[found.state], found.why, found.source)


def _diagnosis(match: spec.ConditionMatch, case: Case) -> Answer:
    facts = conditions.current(match, case)
    refs = tuple(dict.fromkeys(ref for fact in facts for ref in fact.source))
    sure = [
        fact
        for fact in facts
        if conditions.is_current(fact, case)
        and conditions.fit(match, fact) == "confirmed"
        and not in_remission(match, fact)
    ]
    over = remission(match, case)
    doubted = bool(facts) and all(fact.doubt for fact in facts)
    if sure and (over is None or treatment_is_current(case)):
        own = tuple(dict.fromkeys(ref for fact in sure for ref in fact.source))
        return Answer("met", conditions.named(sure[0]), own)
    if case.order is not None and conditions.is_reason(match, case) and not doubted:
        return Answer("met", "the order's reason names it", (case.order.ref,))
    if sure and over is not None:
        why = f"{conditions.named(sure[0])}; in remission: {conditions.named(over)}"
        return Answer("unknown", why, tuple(dict.fromkeys((*refs, *over.source))))
    if facts:
        return Answer("unknown", f"{conditions.named(facts[0])}, not confirmed", refs)
    if "conditions" not in case.history.answered:
        return Answer("unknown", UNREAD)
    return Answer("not_met", "no such diagnosis on record")


@judge.register
def _age(criterion: spec.AgeRange, question: Question) -> Answer:
    person = question.case.history.person
    if person.ages is None:
        return Answer("unknown", "the age is not known")
    under = None if criterion.under is None else criterion.under - 1
    within = person.aged_within(criterion.at_least, under)
    state: State = "unknown" if within is None else "met" if within else "not_met"
    return Answer(state, f"aged {person.aged}", person.source)


@judge.register
def _score(criterion: spec.RecentScore, question: Question) -> Answer:
    case = question.case
    days = int(case.knowledge.parameters[criterion.window].value)
    newest = case.history.latest(*criterion.observations, within_days=days)
    if newest is None or newest.value is None:
        window = "day" if days == 1 else f"{days} days"
        return Answer("unknown", f"no score on record in the last {window}")
    reached = (criterion.at_least is None or newest.value >= criterion.at_least) and (
        criterion.above is None or newest.value > criterion.above
    )
    why = f"{readable(newest.value)} on {newest.when}"
    return Answer("met" if reached else "not_met", why, newest.source)


@judge.register
def _duration(criterion: spec.Duration, question: Question) -> Answer:
    case = question.case
    matches = [criterion.match] if criterion.match else list(question.indication.matches())
    facts = [fact for match in matches for fact in conditions.current(match, case)]
    line = _months_before(case.as_of, criterion.months)
    begun = [(_begun_by(fact), fact) for fact in facts if fact.when is not None]
    if not begun:
        return Answer("unknown", "the onset is not on record")
    day, first = min(begun, key=lambda pair: (pair[0], pair[1].source))
    if day <= line:
        return Answer("met", f"on record since {first.when}", first.source)
    if all(fact.onset is not None and fact.onset > line for fact in facts):
        return Answer("not_met", f"began on {first.onset}", first.source)
    return Answer("unknown", f"on record since {first.when}; when it began is not", first.source)


def _begun_by(fact: Condition) -> date:
    """The day by which it had certainly begun."""
    return min(d for d in (fact.onset_latest or fact.onset, fact.recorded) if d is not None)


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    # the first day that certainly lies so many months back, where the month is shorter
    for last in (day.day, 30, 29, 28):
        try:
            return date(index // 12, index % 12 + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has a 28th")


@judge.register
def _suicidality(criterion: spec.Suicidality, question: Question) -> Answer:
    case = question.case
    found = signs(case)
    attempts = tuple(sign for sign in found if sign.kind == "attempt")
    if criterion.attempt_only and found and not attempts:
        return Answer("unknown", f"{found[0].text}; intent is not on record", found[0].source)
    if found:
        shown = attempts or found
        refs = tuple(dict.fromkeys(ref for sign in found for ref in sign.source))
        return Answer("met", "; ".join(sign.text for sign in shown), refs)
    if not {"conditions", "observations"} <= case.history.answered:
        return Answer("unknown", "diagnoses and scores could not all be read")
    return Answer("not_met", "no sign of it on record")


@judge.register
def _no_suicidality(criterion: spec.NoSuicidality, question: Question) -> Answer:
    found = signs(question.case)
    if found:
        return Answer("not_met", found[0].text, found[0].source)
    return Answer("met", "no sign of it on record")


_IN_WORDS = {
    "AMB": "ambulatory", "HH": "home health", "VR": "virtual", "EMER": "an emergency",
    "IMP": "inpatient", "ACUTE": "inpatient, acute", "NONAC": "inpatient, not acute",
    "OBSENC": "for observation", "SS": "a short stay", "PRENC": "before admission",
    "FLD": "in the field",
}  # fmt: skip
_CLASS_OF_SETTING = {"emergency": "EMER", "inpatient": "IMP", "icu": "IMP", "outpatient": "AMB"}


@judge.register
def _encounter(criterion: spec.EncounterSetting, question: Question) -> Answer:
    case = question.case
    encounter = case.history.encounter
    ordered_in = case.order.setting if case.order else None
    label = encounter.encounter_class if encounter else _CLASS_OF_SETTING.get(ordered_in or "")
    refs = encounter.source if encounter else ()
    if criterion.icu:
        if (encounter and encounter.icu) or ordered_in == "icu":
            return Answer("met", "the encounter is in intensive care", refs)
        if label in ("AMB", "HH", "VR"):
            return Answer("not_met", "the encounter is ambulatory", refs)
        return Answer("unknown", "the record does not say whether this is intensive care", refs)
    if label is None:
        return Answer("unknown", "the kind of encounter is not known", refs)
    state: State = "met" if label in criterion.classes else "not_met"
    return Answer(state, f"the encounter is {_IN_WORDS.get(label, 'of another kind')}", refs)


@judge.register
def _surgery(criterion: spec.SurgeryPlanned, question: Question) -> Answer:
    case = question.case
    named = re.compile(criterion.words, re.IGNORECASE)
    for order in (case.order, *case.drafts):
        service = order is not None and order.resource_type == "ServiceRequest"
        if order is not None and (
            order.setting == "operating_room" or (service and affirms(named, order.display, USES))
        ):
            return Answer("met", "an operation is ordered in this session", (order.ref,))
    for open_order in case.history.service_orders:
        if affirms(named, open_order.display, USES):
            return Answer("met", f"an operation is on order ({open_order.when})", open_order.source)
    return Answer("unknown", "no operation is seen among the orders")


@judge.register
def _procedure(criterion: spec.ProcedureDone, question: Question) -> Answer:
    wanted = frozenset(criterion.sets)
    done = [p for p in question.case.history.procedures if p.sets & wanted]
    if not done:
        return Answer("unknown", "none on record")
    last = max(done, key=lambda p: (p.when is not None, p.when or date.min, p.source))
    return Answer("met", f"on record ({last.when or 'undated'})", last.source)


@judge.register
def _judgement(criterion: spec.Judgement, question: Question) -> Answer:
    return Answer("unknown", "the record cannot tell; for the clinician to judge")


@judge.register
def _any_of(criterion: spec.AnyOf, question: Question) -> Answer:
    return _combined(criterion.of, question, decisive="met")


@judge.register
def _all_of(criterion: spec.AllOf, question: Question) -> Answer:
    return _combined(criterion.of, question, decisive="not_met")


def _combined(parts: tuple[spec.AnyCriterion, ...], question: Question, decisive: State) -> Answer:
    """One part in the decisive state settles it; else what is unknown leaves it open."""
    answers = [(part, judge(part, question)) for part in parts]
    states = [answer.state for _, answer in answers]
    rest: State = "not_met" if decisive == "met" else "met"
    state = decisive if decisive in states else "unknown" if "unknown" in states else rest
    shown = [(part, answer) for part, answer in answers if answer.state == state]
    why = "; ".join(f"{part.label}: {answer.why}" for part, answer in shown)
    refs = tuple(dict.fromkeys(ref for _, answer in shown for ref in answer.source))
    if state == "unknown" and decisive == "not_met" and not all(a.source for _, a in shown):
        refs = ()  # nothing on record speaks for one of the parts, so nothing for the whole
    unread = state == "unknown" and all(answer.unread for _, answer in shown)
    return Answer(state, why, refs, unread)
