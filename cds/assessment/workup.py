"""What is missing or stale before the dose, and the steps of a session in one list.

Data that were not had are missing like data that are not there: the reader is asked, never told
that all is well. What is ordered already is said to be pending and not asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache

from cds.assessment.case import Case
from cds.assessment.course.long_term import liver_tests_due
from cds.assessment.model import Finding
from cds.assessment.purpose import Purpose, purposes
from cds.assessment.result_names import kind_name
from cds.chart.entries import Result
from cds.knowledge.load import Knowledge
from cds.knowledge.model.monitoring import MonitoringItem

_LIST_LENGTH = 12
_PHASES = ("before", "during", "after", "discharge", "course")
_WARDS = ("inpatient", "icu")
_INPATIENT = ("IMP", "ACUTE", "NONAC", "OBSENC")


def workup(case: Case) -> tuple[Finding, ...]:
    """Findings of an order for ketamine or esketamine; nothing without such an order."""
    if case.drug is None:
        return ()
    measured, steps = _asked_for(case.knowledge, case.drug, purposes(case))
    missing = [item for item in measured if _is_wanted(item, case) and _needed(item, case)]
    lacking = [item for item in missing if not _answered(item, case)]
    pending = [item for item in lacking if _is_ordered(item, case)]
    findings = [_missing(item, case) for item in lacking if item not in pending]
    if pending:
        findings.append(_pending(pending))
    if case.use is None:
        findings += _allergies(case)
        findings += _process(steps, case)
    return tuple(findings)


Items = tuple[MonitoringItem, ...]


@lru_cache(maxsize=32)
def _asked_for(knowledge: Knowledge, drug: str, meant: frozenset[Purpose]) -> tuple[Items, Items]:
    """What is measured before treatment with a drug for some purposes, and the steps of it."""
    items = [
        item
        for item in knowledge.monitoring.values()
        if drug in item.drugs and not meant.isdisjoint(item.purposes)
    ]
    return (
        tuple(item for item in items if not item.is_step),
        tuple(item for item in items if item.is_step),
    )


def _is_wanted(item: MonitoringItem, case: Case) -> bool:
    """In elective treatment all of it, else what the use names."""
    return case.use is None or item.id in case.use.entry.workup


def _needed(item: MonitoringItem, case: Case) -> bool:
    """Whether this patient needs the measurement. A trigger that can't be told counts as one."""
    if item.pregnancy_possible:
        return pregnancy_possible(case)
    if item.told_by_course and liver_tests_due(case):
        return False  # the course says so, with the number of sessions
    if item.age_from is None and not item.condition_sets and not item.repeated:
        return True
    person = case.history.person
    by_age = item.age_from is not None and person.ages is not None
    by_age = by_age and person.aged_at_least(item.age_from or 0) is not False
    by_plan = item.repeated and _is_repeated(case)
    return by_age or by_plan or any(case.history.conditions_in(*item.condition_sets, active=True))


def pregnancy_possible(case: Case) -> bool:
    """Not ruled out by sex, age, surgery, or by being known already."""
    person, state = case.history.person, case.history.reproductive
    if person.sex == "male" or state.hysterectomy_or_sterile or state.pregnant:
        return False
    youngest = _number(case, "pregnancy-possible-from")
    oldest = _number(case, "pregnancy-possible-to")
    return person.aged_within(youngest, oldest) is not False


def _is_repeated(case: Case) -> bool:
    """A plan of more than one dose, or earlier treatment. Only a stated single dose is single."""
    order = case.order
    stated_single = order is not None and (order.single is True or order.sessions == 1)
    return not stated_single or bool(case.history.ketamine_sessions)


def _answered(item: MonitoringItem, case: Case) -> bool:
    """Whether fresh usable results answer it."""
    if item.pregnancy_possible:
        last = case.history.reproductive.last_test
        return last is not None and (case.as_of - last).days <= _max_age(item, case)
    latest, days = case.history.latest, _max_age(item, case)
    fresh = [latest(kind, within_days=days) is not None for kind in item.kinds]
    return all(fresh) if item.all_kinds else any(fresh)


def _max_age(item: MonitoringItem, case: Case) -> int:
    if item.max_age_of_site:
        return case.site.weight_max_age_days
    return item.max_age_days or 0


def _is_ordered(item: MonitoringItem, case: Case) -> bool:
    """An open order on the chart or a draft of this session asks for it already."""
    wanted = {*item.kinds, *item.order_sets}
    newest = case.as_of - timedelta(days=_number(case, "open-test-order"))
    on_chart = any(
        order.sets & wanted
        and not order.withdrawn
        and order.when is not None
        and order.when >= newest
        for order in case.history.service_orders
    )
    code = f"{item.order_system}|{item.order_code}"
    return on_chart or any(
        (draft.test_sets | draft.procedure_sets) & wanted or code in draft.service_codes
        for draft in case.drafts
    )


def _missing(item: MonitoringItem, case: Case) -> Finding:
    each = [case.history.latest(kind) for kind in item.kinds]
    last = _last(item, each)
    unusable = _unusable(item, case)
    return Finding(
        id=f"missing-{item.id}",
        kind="missing",
        severity=item.severity,
        basis=item.basis,
        params={
            "name": item.name,
            "last": last.when if last else None,
            "inconclusive": _is_inconclusive(last, item, case),
            "days": (case.as_of - last.when).days if last and last.when else None,
            "max_age_days": _max_age(item, case),
            "unusable": unusable.problem if unusable else None,
            "unusable_when": unusable.when if unusable else None,
            "seen": "observations" in case.history.answered,
            "without": _without(item, each),
        },
        source=last.source if last else unusable.source if unusable else (),
        citations=item.sources,
        grade=item.grade,
        verified=item.verified,
        order=case.order.ref if case.order else None,
        workup=item.id,
    )


def _is_inconclusive(last: Result | None, item: MonitoringItem, case: Case) -> bool:
    """A result of the last days that answers nothing: an indeterminate test."""
    when = last.when if last is not None else None
    return when is not None and (case.as_of - when).days <= _max_age(item, case)


def _without(item: MonitoringItem, each: Sequence[Result | None]) -> list[str]:
    """Of results that are all needed, those without any value, when others have one."""
    if not item.all_kinds or not any(each):
        return []
    return [kind_name(kind) for kind, last in zip(item.kinds, each, strict=True) if last is None]


def _last(item: MonitoringItem, each: Sequence[Result | None]) -> Result | None:
    """The last usable result; of kinds that are all needed, the oldest of their last ones."""
    found = [fact for fact in each if fact is not None and fact.when is not None]
    if not found or (item.all_kinds and len(found) < len(each)):
        return None
    choose = min if item.all_kinds else max
    return choose(found, key=lambda fact: (fact.when or date.min, fact.source))


def _unusable(item: MonitoringItem, case: Case) -> Result | None:
    """A result that is there and can't be used: said, so that nobody looks for it in vain."""
    facts = [
        fact
        for kind in item.kinds
        for fact in case.history.observations.get(kind, ())
        if fact.problem is not None and fact.when is not None
        and (case.as_of - fact.when).days <= _max_age(item, case)
    ]  # fmt: skip
    return max(facts, key=lambda fact: (fact.when or date.min, fact.source), default=None)


def _pending(items: list[MonitoringItem]) -> Finding:
    return Finding(
        id="workup-pending",
        kind="missing",
        severity="info",
        basis=tuple(dict.fromkeys(row for item in items for row in item.basis)),
        params={"names": tuple(item.name for item in items)},
    )


def _allergies(case: Case) -> Iterator[Finding]:
    """An empty list is no answer: "no known allergies" would be an entry."""
    if "allergies" in case.history.answered and not case.history.allergies:
        known = case.knowledge.contraindications.values()
        rows = tuple(row for one in known if one.answered_by_allergy_list for row in one.basis)
        yield Finding(id="missing-allergy-list", kind="missing", severity="info", basis=rows)


def _process(steps: Iterable[MonitoringItem], case: Case) -> Iterator[Finding]:
    """The steps of a session in one finding, by phase."""
    stays = stays_in_hospital(case)
    told = [step for step in steps if _applies(step, case) and _concerns(step, case, stays)]
    if not told or not case.site.process_order_set:
        return
    shown = [step for step in told if step.on_card]
    phases: dict[str, tuple[str, ...]] = dict.fromkeys(_PHASES, ())
    for step in shown:
        phases[step.phase] += (step.name,)
    yield Finding(
        id="process-esketamine" if case.drug == "esketamine" else "process-infusion",
        kind="caution",
        severity="info",
        basis=tuple(dict.fromkeys(row for step in told for row in step.basis)),
        params={phase: names[:_LIST_LENGTH] for phase, names in phases.items()}
        | {
            "stays": stays,
            "order_set": tuple(step.id for step in told if step.in_order_set),
            "patient_texts": tuple(step.patient_text for step in told if step.patient_text),
        },
        citations=tuple(dict.fromkeys(source for step in shown for source in step.sources)),
        order=case.order.ref if case.order else None,
    )


def _concerns(step: MonitoringItem, case: Case, stays: bool) -> bool:
    in_hospital = stays or _in_emergency(case)
    return {
        "all": True,
        "leaving": not stays,
        "staying": stays,
        "outpatients": not in_hospital,
        "in hospital": in_hospital,
    }[step.patients]


def _in_emergency(case: Case) -> bool:
    setting = case.order.setting if case.order is not None else None
    encounter = case.history.encounter
    if setting is not None:
        return setting == "emergency"
    return encounter is not None and encounter.encounter_class == "EMER"


def _applies(step: MonitoringItem, case: Case) -> bool:
    if step.jurisdiction not in (None, case.site.jurisdiction):
        return False
    if step.medication_classes:
        return any(case.history.current_medications(*step.medication_classes))
    if step.ordered_routes:
        return case.order is not None and case.order.route in step.ordered_routes
    return True


def stays_in_hospital(case: Case) -> bool:
    """Whether the patient is known to stay after the session: by the order, or by the encounter.

    From an emergency department patients go home or to a ward: nobody knows yet.
    """
    setting = case.order.setting if case.order is not None else None
    if setting is not None and setting != "operating_room":  # day surgery has theatres too
        return setting in _WARDS
    encounter = case.history.encounter
    return encounter is not None and encounter.encounter_class in _INPATIENT


def _number(case: Case, parameter: str) -> int:
    return int(case.knowledge.parameters[parameter].value)
