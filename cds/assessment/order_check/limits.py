"""Which limits of dose and rate apply to an order, and which of them it passes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.model import Finding, Severity
from cds.assessment.order_check.situation import Situation, shown, speak
from cds.assessment.rules import evaluate
from cds.knowledge.model.base import Fact
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.order_checks import PsychiatricDoseExtreme
from cds.knowledge.model.predicates.base import Predicate
from cds.units import Quantity


class Hit(Struct, frozen=True):
    """A limit that the order passes."""

    limit: Limit
    facts: tuple[Fact, ...]
    severity: Severity
    value: Decimal
    bound: Decimal
    unit: str
    below: bool = False
    asks: bool = False
    """a stop of this context, of which it is not sure that it is the order's"""


def applicable(s: Situation) -> Iterator[tuple[Limit, Decimal]]:
    """Each limit of the order's context, with the order's value in the limit's metric."""
    for limit in fitting(s):
        value = _value(s, limit)
        if value is not None:
            yield limit, value


def fitting(s: Situation) -> Iterator[Limit]:
    """The limits of the order's context."""
    asked = s.asked
    for limit in s.case.knowledge.limits.values():
        if limit.share_of_racemic is None and applies(limit, s, asked):
            yield limit


def applies(limit: Limit, s: Situation, asked: Case) -> bool:
    """Whether a limit is for an order: by its route, its way and its rule."""
    return (
        (s.order.route or "unstated") in limit.routes
        and limit.given in ("any", s.amounts.given)
        and holds(limit.when, asked)
    )


def holds(rule: Predicate | None, asked: Case) -> bool:
    """Whether a rule that may be none holds."""
    return rule is None or evaluate(rule, asked).met


def _value(s: Situation, limit: Limit) -> Decimal | None:
    amounts = s.amounts
    if limit.metric == "mg/kg":
        return amounts.total_mg_per_kg
    if limit.metric == "mg/kg/h":
        return amounts.rate_mg_per_kg_h
    if limit.metric == "mg/h":
        return amounts.rate_mg_per_h
    if limit.metric == "mg/min":
        return None if amounts.rate_mg_per_h is None else amounts.rate_mg_per_h / 60
    if limit.metric == "mg/d":
        if limit.given == "infusion" and amounts.duration_min is None:  # it runs all day
            return None if amounts.rate_mg_per_h is None else amounts.rate_mg_per_h * 24
        return _per_day(s)
    return amounts.total_mg or amounts.rate_mg_per_h or Decimal(1)


def _per_day(s: Situation) -> Decimal | None:
    """Milligrams on one day: the session, times the sessions of a day."""
    amount = s.amounts.per_day_mg
    if amount is None:
        return None
    weekly = s.order.sessions_per_week
    return amount * max(Decimal(1), weekly / 7) if weekly is not None else amount


def passed(s: Situation) -> Iterator[Hit]:
    """The limits that the order passes, each once, at its worst."""
    asked, scaled, share = s.asked, None, Decimal(1)
    if s.order.drug == "esketamine":
        scaled = _scaled(s)
        if scaled is None or scaled.share_of_racemic is None:
            return
        share = scaled.share_of_racemic
    for limit, value in applicable(s):
        if _is_low_dose(s, limit):
            continue
        hit = _hit(s, limit, value, share, (limit,) if scaled is None else (limit, scaled))
        if hit is not None and (hit.severity != "warning" or holds(limit.warns_when, asked)):
            yield _certain(s, hit, asked)


def _scaled(s: Situation) -> Limit | None:
    """What says by how much the limits of racemic ketamine shrink for esketamine."""
    asked = s.asked
    known = (each for each in s.case.knowledge.limits.values() if each.share_of_racemic)
    return next((each for each in known if applies(each, s, asked)), None)


def _certain(s: Situation, hit: Hit, asked: Case) -> Hit:
    """A stop that another sane reading of the order lifts is a question; so is one that no source
    gives."""
    limit = hit.limit
    lifted = limit.stop_asks_when is not None and holds(limit.stop_asks_when, asked)
    if hit.severity == "critical" and (not s.placed or limit.stop_asks or lifted):
        return replace(hit, severity="warning", asks=True)
    return hit


def _is_low_dose(s: Situation, limit: Limit) -> bool:
    """A session within the low-dose ceiling is right at any speed of an infusion."""
    total = s.amounts.total_mg_per_kg
    ceiling = s.case.knowledge.regimen_as("low_dose_ceiling").dose_high
    return (
        ceiling is not None
        and limit.given == "infusion"
        and limit.metric == "mg/kg/h"
        and s.within is not None
        and total is not None
        and total <= ceiling
    )


def _hit(
    s: Situation, limit: Limit, value: Decimal, share: Decimal, facts: tuple[Fact, ...]
) -> Hit | None:
    unit = limit.metric
    stop, warn = _narrowed(s, limit)
    only_stop = not s.indicated.known and s.use is None and limit.given == "infusion"
    total = s.amounts.total_mg
    if stop is not None and value > stop * share:
        return Hit(limit, facts, "critical", value, stop * share, unit)
    if limit.stop_above_mg is not None and total is not None and total > limit.stop_above_mg:
        return Hit(limit, facts, "critical", total, limit.stop_above_mg, "mg")
    weekly = limit.stop_above_mg_per_week
    if weekly is not None and (week := _per_week(s)) is not None and week > weekly:
        return Hit(limit, facts, "critical", week, weekly, "mg/wk")
    if only_stop:
        return None
    again = limit.warn_again_above
    if again is not None and value > again * share:
        return Hit(limit, facts, "warning", value, again * share, unit)
    if warn is not None and value > warn * share:
        return Hit(limit, facts, "warning", value, warn * share, unit)
    if limit.warn_above_mg is not None and total is not None and total > limit.warn_above_mg:
        return Hit(limit, facts, "warning", total, limit.warn_above_mg, "mg")
    if limit.warn_below is not None and value < limit.warn_below:
        return Hit(limit, facts, "warning", value, limit.warn_below, unit, below=True)
    return None


def _narrowed(s: Situation, limit: Limit) -> tuple[Decimal | None, Decimal | None]:
    """(stop, warn), with the site's own limits where it set some.

    A wider local warning needs its reason; the stop can only be lowered.
    """
    stop, warn = limit.stop_above, limit.warn_above
    for local in s.case.site.limits:
        if local.limit != limit.id:
            continue
        if local.stop_above is not None and (stop is None or local.stop_above < stop):
            stop = local.stop_above
        if local.warn_above is not None and (
            warn is None or local.warn_above < warn or local.reason
        ):
            warn = local.warn_above
    return stop, warn


def _per_week(s: Situation) -> Decimal | None:
    weekly = s.order.sessions_per_week
    total = s.amounts.total_mg
    return None if weekly is None or total is None else total * weekly


def limit_finding(s: Situation, hit: Hit) -> Finding:
    """A passed limit that no named mistake explains."""
    return speak(
        s,
        "order-below-limit" if hit.below else "order-above-limit",
        hit.facts,
        hit.severity,
        {
            "limit": hit.limit.name,
            "value": shown(hit.value),
            "bound": shown(hit.bound),
            "unit": hit.unit,
            "stop": hit.severity == "critical",
            "asks": hit.asks,
        },
        asks=hit.asks,
    )


def near_a_limit(s: Situation, share: Decimal) -> Quantity | None:
    """The bound that the order lies within a share of, on either side."""
    bounds = [
        (value, bound, limit.metric)
        for limit, value in applicable(s)
        for bound in (limit.warn_above, limit.warn_again_above, limit.stop_above)
        if bound
    ]
    total = s.amounts.total_mg_per_kg
    if s.psychiatric and s.by_vein and total is not None and not s.of_days:
        bounds.append((total, s.check(PsychiatricDoseExtreme).above, "mg/kg"))
    for value, bound, unit in bounds:
        if abs(value - bound) <= share * bound:
            return Quantity(bound, unit)
    return None
