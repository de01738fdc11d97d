"""What an order of ketamine is for: by its reason, else by the diagnoses on record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial

from msgspec import Struct

from cds.assessment.case import Case, UseOfOrder
from cds.assessment.diagnosis import as_diagnosis, concerned
from cds.chart.entries import Condition
from cds.chart.places import Setting
from cds.history.model.history import History
from cds.knowledge.load import Knowledge
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.predicates.situation import Family
from cds.orders.setting import encounter_setting

OF_THE_MIND = frozenset({"depression_any", "bipolar_any", "anxiety_any", "suicidal_ideation"})
OF_PAIN = frozenset({"chronic_pain_any", "chronic_pain_syndrome", "headache_other"})
"""wider than any one indication: the kind of illness, and not which"""
_WIDER: dict[Family, frozenset[str]] = {"psychiatric": OF_THE_MIND, "chronic_pain": OF_PAIN}
SUICIDALITY_SETS = frozenset({"suicidal_ideation", "suicide_attempt_or_self_harm"})
_UNSUPPORTED = frozenset({"not_supported", "investigational"})


class Indicated(Struct, frozen=True):
    """The indications that an order may be for."""

    ids: frozenset[str] = frozenset()
    families: frozenset[Family] = frozenset()
    stated: bool = False
    """by the order's own reason, and not inferred from the problem list"""

    @property
    def known(self) -> bool:
        return bool(self.families)

    @property
    def psychiatric(self) -> bool:
        """For a psychiatric indication and no other."""
        return self.families == {"psychiatric"}

    @property
    def pain(self) -> bool:
        return bool(self.families & {"chronic_pain", "acute_pain"})


def indicated_for(case: Case) -> Indicated:
    """The order's reason decides. Without one, the current diagnoses; the supported ones first."""
    return case.known.once(partial(_indicated, case), _indicated, case.order, case.use)


def _indicated(case: Case) -> Indicated:
    order = case.order
    if case.use is not None and case.use.entry.treats:
        return _in_use(case, case.use)
    known = case.knowledge.indications.values()
    if order is not None:
        ids, families = _match(case, (as_diagnosis(order),), known)
        if families or order.reason_sets:
            return Indicated(ids, families, stated=bool(families))
    current = current_meanings(case)
    if case.drug == "esketamine":
        return Indicated(_match(case, current, known)[0], frozenset({"psychiatric"}))
    supported, every = _on_problem_lists(case.knowledge)
    ids, families = _match(case, current, supported)
    if not families:
        ids, families = _match(case, current, every)
    if runs_too_long_for_depression(case):
        families -= {"psychiatric"}
        ids = frozenset(i for i in ids if _family(case.knowledge.indications[i]) in families)
    return Indicated(ids, families)


def runs_too_long_for_depression(case: Case) -> bool:
    """Whether an infusion is longer than any for depression: without a reason nobody knows what it
    is for."""
    minutes = case.order.duration_min if case.order is not None else None
    most = case.knowledge.parameters["psychiatric-session-most-minutes"].value
    return case.drug == "ketamine" and minutes is not None and minutes > most


def may_be_for(indication: Indication, case: Case) -> bool:
    """Whether it is of the kind of illness that the order's reason is; without one, anything is."""
    told = indicated_for(case)
    if not told.stated and not runs_too_long_for_depression(case):
        return True
    return indication.id in told.ids or _family(indication) in told.families


def _in_use(case: Case, use: UseOfOrder) -> Indicated:
    """Of an order in a hospital: what its use is for, whatever else is on the problem list."""
    known = (case.knowledge.indications[ident] for ident in use.entry.indications)
    families = frozenset(family for one in known if (family := _family(one)) is not None)
    return Indicated(frozenset(use.entry.indications), families, stated=True)


@lru_cache(maxsize=4)
def _on_problem_lists(knowledge: Knowledge) -> tuple[list[Indication], list[Indication]]:
    """The supported ones, and all of them. Peri-operative uses are for an occasion, which a problem
    list does not show."""
    every = [
        indication
        for indication in knowledge.indications.values()
        if indication.on_problem_list and indication.stance not in ("perioperative", "labelled")
    ]
    return [each for each in every if each.stance not in _UNSUPPORTED], every


def current_meanings(case: Case) -> tuple[Condition, ...]:
    """One diagnosis of each meaning that is current, or perhaps so."""
    return case.known.once(partial(_current_meanings, case.history), _current_meanings)


def _current_meanings(history: History) -> tuple[Condition, ...]:
    conditions, alike = history.conditions, history.conditions_alike
    return tuple(
        conditions[each[0]]
        for each in alike
        if any(conditions[place].active is not False for place in each)
    )


def _match(
    case: Case, facts: Sequence[Condition], indications: Iterable[Indication]
) -> tuple[frozenset[str], frozenset[Family]]:
    sets = frozenset[str]().union(*(fact.sets for fact in facts))
    ids: set[str] = set()
    families: set[Family] = set()
    told = concerned(facts, case.knowledge)
    for indication in indications:
        if indication.id in told:
            family = _family(indication)
            if family is not None:
                ids.add(indication.id)
                families.add(family)
    for wider, names in _WIDER.items():
        if sets & names and not families & {"chronic_pain", "acute_pain", "psychiatric"}:
            families.add(wider)
    return frozenset(ids), frozenset(families)


def _family(indication: Indication) -> Family | None:
    if indication.family == "psychiatric":
        return "psychiatric"
    if indication.family == "seizure":
        return "seizure"
    if indication.family == "pain":
        return "acute_pain" if indication.stance == "perioperative" else "chronic_pain"
    return None


def setting_of(case: Case) -> Setting | None:
    """Where it is to be given: as the order says, else the encounter at hand."""
    encounter = case.history.encounter
    if encounter is not None and encounter.icu:
        return "icu"
    if case.order is not None and case.order.setting is not None:
        return case.order.setting
    return encounter_setting(encounter) if encounter is not None else None
