"""Each bound of each limit: an order at it, just below and just above.

The orders are made from the limits, so that a new one has its rows; what they come to stands in
limit_edges.yaml. A number that is changed in the knowledge fails here until it is changed there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from order_cases import case
from test_limits_by_context import contexts, situation

from cds.assessment.amounts import Amounts
from cds.assessment.order_check.limits import fitting, passed
from cds.assessment.order_check.situation import Situation
from cds.knowledge.load import Knowledge
from cds.knowledge.model.limits import Limit
from cds.units import plain
from tests.replaced import replace
from tests.rows import check_each, read_table

TABLE = read_table(Path(__file__).parent / "limit_edges.yaml")
IN_METRIC = ("warn_below", "warn_above", "warn_again_above", "stop_above")
AS_MASS = ("warn_above_mg", "stop_above_mg")
A_WEEK = "stop_above_mg_per_week"
KG = Decimal(70)
STEP = Decimal("0.01")
"""of the bound; below nothing there is no order"""


@dataclass(frozen=True)
class Edge:
    """A bound of a limit."""

    limit: Limit
    field: str

    @property
    def name(self) -> str:
        return f"{self.limit.id} {self.field}"

    @property
    def value(self) -> Decimal:
        found = getattr(self.limit, self.field)
        assert isinstance(found, Decimal)
        return found

    @property
    def unit(self) -> str:
        of_mass = {A_WEEK: "mg/wk", **dict.fromkeys(AS_MASS, "mg")}
        return of_mass.get(self.field, self.limit.metric)


def edges(knowledge: Knowledge) -> Iterator[Edge]:
    for limit in knowledge.limits.values():
        for field in (*IN_METRIC, *AS_MASS, A_WEEK):
            if getattr(limit, field) is not None:
                yield Edge(limit, field)


def fit(limit: Limit, base: Situation, knowledge: Knowledge) -> Situation:
    """An order that the limit judges, of a purpose that is known."""
    near = (
        context
        for context in contexts()
        if context.route in limit.routes and limit.given in ("any", context.given)
    )
    made = (situation(context, base, knowledge) for context in near)
    known = (s for s in made if (s.indicated.known or s.use) and not s.psychiatric)
    return next(s for s in known if limit in fitting(s))


def amounts(edge: Edge, value: Decimal, given: Amounts) -> Amounts:
    """So much in the unit of the bound, and nothing else."""
    none = Amounts(given.given)
    if edge.field in AS_MASS:
        return replace(none, total_mg=value, total_mg_per_kg=Decimal("0.001"))
    if edge.field == A_WEEK:
        return replace(none, total_mg=value / 7)
    match edge.limit.metric:
        case "mg/kg":
            return replace(none, total_mg_per_kg=value)
        case "mg/kg/h":
            return replace(none, rate_mg_per_kg_h=value)
        case "mg/h":
            return replace(none, rate_mg_per_h=value)
        case "mg/min":
            return replace(none, rate_mg_per_h=value * 60)
        case "mg/d" if given.given == "infusion":
            return replace(none, rate_mg_per_h=value / 24)
        case _:
            return replace(none, total_mg=value)


def said(edge: Edge, value: Decimal, s: Situation) -> str:
    """`warning 0.5`: what the limit says of so much, and by which bound; `ask` of a stop."""
    weekly = Decimal(7) if edge.field == A_WEEK else None
    order = replace(s.order, sessions_per_week=weekly)
    much = replace(
        s,
        order=order,
        case=replace(s.case, order=order),
        amounts=amounts(edge, value, s.amounts),
    )
    hits = [hit for hit in passed(much) if hit.limit is edge.limit]
    if not hits:
        return "nothing"
    (hit,) = hits
    return f"{'ask' if hit.asks else hit.severity} {plain(hit.bound)}"


def outcome(edge: Edge, base: Situation, knowledge: Knowledge) -> dict[str, str]:
    s = fit(edge.limit, base, knowledge)
    step = edge.value * STEP or STEP
    return {
        "below": said(edge, edge.value - step, s) if edge.value else "nothing",
        "at": said(edge, edge.value, s),
        "above": said(edge, edge.value + step, s),
    }


def test_each_bound_acts_where_the_table_says(knowledge: Knowledge) -> None:
    base = Situation.of(case({"order": "35 mg IV", "for": "nothing"}))
    rows = {f"{row['limit']} {row['field']}": row for row in TABLE["bounds"]}

    def check(edge: Edge) -> None:
        assert edge.name in rows, "has no row: add it to limit_edges.yaml"
        row = rows[edge.name]
        assert f"{plain(edge.value)} {edge.unit}" == f"{row['value']} {row['unit']}"
        found = outcome(edge, base, knowledge)
        assert found == {name: row[name] for name in ("below", "at", "above")}

    check_each(edges(knowledge), check, lambda edge: edge.name)
    assert set(rows) == {edge.name for edge in edges(knowledge)}


def test_the_usual_range_is_what_the_table_says(knowledge: Knowledge) -> None:
    """It judges no order; a site's limit is measured by it, and the roles of a limit are."""
    rows = {(row["limit"], row["field"]): row["value"] for row in TABLE["usual"]}
    found = {
        (limit.id, field): plain(value)
        for limit in knowledge.limits.values()
        for field in ("ok_min", "ok_max", "share_of_racemic")
        if (value := getattr(limit, field)) is not None
    }
    assert found == {key: str(value) for key, value in rows.items()}
