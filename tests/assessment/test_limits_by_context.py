"""Which limits an order is judged by: every combination of route, way, place, use and purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, get_args

from order_cases import case

from cds.assessment.amounts import Amounts
from cds.assessment.case import UseOfOrder
from cds.assessment.indicated import Indicated
from cds.assessment.order_check.limits import fitting
from cds.assessment.order_check.situation import Situation
from cds.assessment.rules import evaluate
from cds.chart.places import Setting
from cds.dosage.model import Route
from cds.knowledge.load import Knowledge, load_knowledge
from cds.knowledge.model.predicates.situation import Place, RouteOfOrder, SituationTest
from tests.replaced import replace
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).parent / "limits_by_context.yaml")
WAYS = {
    "intravenous": ("bolus", "infusion"),
    "intraosseous": ("bolus", "infusion"),
    "intramuscular": ("injection",),
    "subcutaneous": ("infusion", "injection"),
    "unstated": ("infusion", "other"),
}
"""how an order by a route may be given; by any other route it is neither"""
ROUTES = (*WAYS, "intranasal", "oral", "sublingual", "epidural")
FAMILIES = (
    (), ("psychiatric",), ("chronic_pain",), ("acute_pain",), ("seizure",),
    ("psychiatric", "chronic_pain"), ("chronic_pain", "acute_pain"), ("psychiatric", "seizure"),
)  # fmt: skip
SAYS = ("", "Schwartzman protocol, CRPS", "preservative-free")


@dataclass(frozen=True)
class Context:
    """One combination."""

    route: str
    given: Any
    place: Any
    use: str
    families: tuple[Any, ...]
    days: bool = False
    says: str = ""
    drug: Any = "ketamine"
    taken_home: bool = False


def contexts() -> Iterator[Context]:
    knowledge = load_knowledge()
    uses = ("elective", *knowledge.uses)
    for route, place, use, families in product(ROUTES, get_args(Place), uses, FAMILIES):
        for given in WAYS.get(route, ("other",)):
            plain = Context(route, given, place, use, families)
            yield plain
            if given == "infusion":
                yield replace(plain, days=True)
                yield replace(plain, says=SAYS[1])
            if route == "epidural":
                yield replace(plain, says=SAYS[2])
            if route == "intranasal":
                yield replace(plain, drug="esketamine")
                yield replace(plain, taken_home=True)


def situation(context: Context, base: Situation, knowledge: Knowledge) -> Situation:
    route: Any = None if context.route == "unstated" else context.route
    order = replace(
        base.order, route=route, text=context.says, display="", drug=context.drug,
        community=context.taken_home or None,
    )  # fmt: skip
    elective = context.use == "elective"
    use = None if elective else UseOfOrder(knowledge.uses[context.use], ())
    return replace(
        base,
        case=replace(base.case, order=order, use=use),
        order=order,
        amounts=Amounts(context.given, duration_min=Decimal(1440 if context.days else 60)),
        indicated=Indicated(families=frozenset(context.families)),
        setting=None if context.place == "unstated" else context.place,
    )


def _fits(row: dict[str, Any], context: Context, *, treatment: bool) -> bool:
    uses = {context.use, "treatment"} if treatment else {context.use}
    return (
        context.route in row.get("route", [context.route])
        and context.given == row.get("given", context.given)
        and context.place in row.get("place", [context.place])
        and not uses.isdisjoint(row.get("use", uses))
        and ("for" not in row or not set(row["for"]).isdisjoint(context.families))
        and ("only" not in row or set(row["only"]) == set(context.families))
        and ("says" not in row or any(word in context.says.lower() for word in row["says"]))
        and context.drug == row.get("drug", context.drug)
        and context.days is (str(row.get("days", context.days)).lower() == "true")
        and (context.taken_home or "taken_home" not in row)
    )


def _expected(context: Context, *, treatment: bool) -> list[str]:
    first = next(row for row in TABLE["one of these"] if _fits(row, context, treatment=treatment))
    beside = (row for row in TABLE["beside it"] if _fits(row, context, treatment=treatment))
    return [*first["limits"], *(limit for row in beside for limit in row["limits"])]


def test_each_order_is_judged_by_the_limits_of_its_context(knowledge: Knowledge) -> None:
    base = Situation.of(case({"order": "35 mg IV", "for": "nothing"}))

    def check(context: Context) -> None:
        treatment = context.use == "elective" or knowledge.uses[context.use].treats
        found = [limit.id for limit in fitting(situation(context, base, knowledge))]
        assert found == _expected(context, treatment=treatment)

    check_each(contexts(), check)


def test_every_limit_stands_in_the_table(knowledge: Knowledge) -> None:
    named = {limit for rows in TABLE.values() for row in rows for limit in row["limits"]}
    assert named == {each.id for each in knowledge.limits.values() if not each.share_of_racemic}


def test_what_a_rule_may_ask_of_an_order_is_what_an_order_can_say() -> None:
    assert set(get_args(Place)) == {*get_args(Setting), "unstated"}
    assert set(get_args(RouteOfOrder)) <= {*get_args(Route), "unstated"}


def test_a_rule_that_is_no_check_is_asked_of_the_order_as_it_stands() -> None:
    """The same, whether a check asks with what it has read, or a rule of the patient does."""
    rows = (
        {"order": "0.4 mg/kg/h IV for 4 hours", "for": "neuropathy", "category": "outpatient"},
        {"order": "10 mg/h IV for 30 hours", "category": "inpatient"},
        {"order": "2 mg/kg/h IV continuous", "for": "status epilepticus", "icu": True},
        {"order": "300 mg IM once", "for": "nothing", "encounter": "EMER"},
    )
    for row in rows:
        made = case(row)
        asked = Situation.of(made).asked
        for limit in made.knowledge.limits.values():
            if limit.when is not None:
                assert evaluate(limit.when, made).state == evaluate(limit.when, asked).state
    assert evaluate(SituationTest(of_days=True), case(rows[1])).met
