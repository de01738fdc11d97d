"""Which diagnoses of a chart a rule means, and whether they are current."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial

from cds.assessment.case import Case
from cds.assessment.fitting import Fit, fit, fitting
from cds.chart.entries import Condition
from cds.history.model.history import History
from cds.knowledge.asked import Asked
from cds.knowledge.load import Knowledge
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.orders.model import Order
from cds.terminology.codes.named_codes import Codes, tells_all


def is_meant(test: ConditionTest, fact: Condition) -> bool:
    """Whether the diagnosis is one of those named, for certain or perhaps."""
    return fit(test, fact) is not None


def is_current(fact: Condition) -> bool | None:
    """Current disease on the day; None when its status or verification leaves that open."""
    if fact.active is False:
        return False
    # an end of which only the month is written may lie ahead, or not
    return None if fact.active is None or fact.doubt or fact.abatement is not None else True


def current(test: ConditionTest, case: Case) -> tuple[Condition, ...]:
    """The diagnoses that fit and are current, or perhaps so."""
    return tuple(fact for fact in ever(test, case) if is_current(fact) is not False)


def ever(test: ConditionTest, case: Case) -> tuple[Condition, ...]:
    """The diagnoses that fit, current or past."""
    known = case.known.diagnoses
    found = (on_record(case) if known is None else known).get(test)
    if found is not None:
        return found
    if test in case.knowledge.asked.every:
        return ()
    return case.known.once(partial(_ever, test, case.history), _ever, test)


def on_record(case: Case) -> Mapping[ConditionTest, tuple[Condition, ...]]:
    """The tests of the knowledge that diagnoses of the chart fit, with these: looked for once."""
    known = case.known
    if known.diagnoses is None:
        known.diagnoses = _on_record(case.knowledge.asked, case.history)
    return known.diagnoses


def _on_record(asked: Asked, history: History) -> dict[ConditionTest, tuple[Condition, ...]]:
    """What means the same is asked about once."""
    conditions = history.conditions
    places: dict[ConditionTest, list[int]] = {}
    for alike in history.conditions_alike:
        for test in fitting(asked, conditions[alike[0]]):
            places.setdefault(test, []).extend(alike)
    return {test: tuple(map(conditions.__getitem__, sorted(at))) for test, at in places.items()}


def _ever(test: ConditionTest, history: History) -> tuple[Condition, ...]:
    """The same of a test that stands in no entry of the knowledge."""
    conditions, alike = history.conditions, history.conditions_alike
    places = [place for each in alike if fit(test, conditions[each[0]]) for place in each]
    return tuple(conditions[place] for place in sorted(places)) if places else ()


def not_told(case: Case) -> frozenset[Predicate]:
    """The tests of the knowledge that neither a diagnosis nor the order's reason fits; none where
    the diagnoses were not seen."""
    if "conditions" not in case.history.answered:
        return frozenset()
    return case.knowledge.asked.diagnoses.difference(on_record(case), named_by_reason(case))


def is_reason(test: ConditionTest, case: Case) -> bool:
    """Whether the order's reason names one of these diagnoses."""
    return case.order is not None and reason_fits(test, case) == "confirmed"


def reason_fits(test: ConditionTest, case: Case) -> Fit | None:
    """How the order's reason fits."""
    order, asked = case.order, case.knowledge.asked
    if order is None or test in asked.every:
        return named_by_reason(case).get(test)
    return fit(test, as_diagnosis(order))


def named_by_reason(case: Case) -> Mapping[ConditionTest, Fit]:
    """The tests of the knowledge that the order's reason fits; none without an order."""
    order = case.order
    if order is None:
        return {}
    return case.known.once(partial(_named_by, case.knowledge.asked, order), _named_by, order)


def _named_by(asked: Asked, order: Order) -> Mapping[ConditionTest, Fit]:
    return fitting(asked, as_diagnosis(order))


def as_diagnosis(order: Order) -> Condition:
    """The reason of an order, to be read as the same diagnosis on record would be."""
    return Condition(
        order.reason_sets, order.reason_text, "active", "confirmed", "other", (order.ref,),
        order.reason_codes, order.reason_titled,
    )  # fmt: skip


def concerned(facts: Iterable[Condition], knowledge: Knowledge) -> frozenset[str]:
    """The ids of the indications that the diagnoses make apply, for certain or perhaps."""
    meanings = ((f.sets, "" if tells_all(f.codes) else f.display, f.codes, f.titled) for f in facts)
    return frozenset[str]().union(*(_concerned(knowledge, *meaning) for meaning in meanings))


@lru_cache(maxsize=4096)
def _concerned(
    knowledge: Knowledge, sets: frozenset[str], display: str, codes: Codes, titled: Codes
) -> frozenset[str]:
    fact = Condition(sets, display, "active", "confirmed", "other", (), codes, titled)
    known = knowledge.indications.values()
    return frozenset(i.id for i in known if any(is_meant(test, fact) for test in i.conditions))
