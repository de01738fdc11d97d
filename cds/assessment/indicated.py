"""What an order of ketamine is for: by its reason, else by the diagnoses on record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cds.assessment.case import Case, UseOfOrder
from cds.chart.places import Setting
from cds.knowledge.model.indications import Indication
from cds.knowledge.model.predicates.situation import Family
from cds.orders.setting import encounter_setting

_WIDER: dict[Family, frozenset[str]] = {
    "psychiatric": frozenset({"depression_any", "bipolar_any", "anxiety_any", "suicidal_ideation"}),
    "chronic_pain": frozenset({"chronic_pain_any", "chronic_pain_syndrome", "headache_other"}),
}
SUICIDALITY_SETS = frozenset({"suicidal_ideation", "suicide_attempt_or_self_harm"})
_UNSUPPORTED = frozenset({"not_supported", "investigational"})


@dataclass(frozen=True, slots=True)
class Indicated:
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
    order = case.order
    if case.use is not None and case.use.entry.treats:
        return _in_use(case, case.use)
    if case.drug == "esketamine" and (order is None or not order.reason_sets):
        return Indicated(_ids(case, _current(case)), frozenset({"psychiatric"}))
    if order is not None and order.reason_sets:
        ids, families = _match(case, order.reason_sets, case.knowledge.indications.values())
        return Indicated(ids, families, stated=bool(families))
    current = _current(case)
    every = [i for i in case.knowledge.indications.values() if _from_problem_list(i)]
    supported = [i for i in every if i.stance not in _UNSUPPORTED]
    ids, families = _match(case, current, supported)
    if not families:
        ids, families = _match(case, current, every)
    return Indicated(ids, families)


def _in_use(case: Case, use: UseOfOrder) -> Indicated:
    """Of an order in a hospital: what its use is for, whatever else is on the problem list."""
    known = (case.knowledge.indications[ident] for ident in use.entry.indications)
    families = frozenset(family for one in known if (family := _family(one)) is not None)
    return Indicated(frozenset(use.entry.indications), families, stated=True)


def _from_problem_list(indication: Indication) -> bool:
    """Peri-operative uses are for an occasion, which a problem list does not show."""
    return indication.on_problem_list and indication.stance not in ("perioperative", "labelled")


def _current(case: Case) -> frozenset[str]:
    return frozenset(s for f in case.history.conditions if f.active is not False for s in f.sets)


def _ids(case: Case, sets: frozenset[str]) -> frozenset[str]:
    return _match(case, sets, case.knowledge.indications.values())[0]


def _match(
    case: Case, sets: frozenset[str], indications: Iterable[Indication]
) -> tuple[frozenset[str], frozenset[Family]]:
    ids: set[str] = set()
    families: set[Family] = set()
    for indication in indications:
        if sets & indication.named_sets:
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
