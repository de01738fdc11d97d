"""The maxima that an order states for itself: its own dose keeps them, and they keep the limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec.structs import replace

from cds.assessment.model import SEVERITY_ORDER, Finding
from cds.assessment.order_check.limits import Hit, passed
from cds.assessment.order_check.situation import Situation, speak
from cds.knowledge.model.base import Fact
from cds.knowledge.model.order_checks import EsketamineWeek
from cds.units import Quantity, UnitError, convert, decimal

Checks = Callable[[Situation], Mapping[str, Finding]]
_TOO_MUCH = frozenset(
    {"order-rate-too-high", "order-im-dose-by-vein", "order-mg-per-kg", "order-psychiatric-dose",
     "order-im-sc-dose", "order-nasal-or-im", "order-above-limit", "order-oral-dose",
     "order-anaesthetic-dose", "order-esketamine-dose"}
)  # fmt: skip
_A_DAY_H = Decimal(24)


def contradicted(s: Situation) -> Iterator[str]:
    """The stated maxima that the ordered dose passes, in words without chart text."""
    order, total = s.order, s.amounts.total_mg
    highest = order.max_dose_per_administration
    if _above(s.amounts.dose_mg, _milligrams(s, highest)):
        yield f"the dose is above the order's own maximum, {highest}"
    if order.max_dose_per_period is not None and not order.as_needed:
        most, period = order.max_dose_per_period
        if _above(_in_period(s, period), _milligrams(s, most)):
            yield f"dose and frequency give more than the order's own maximum, {most} per {period}"
    lifetime = order.max_dose_per_lifetime
    ordered = None if total is None else total * (order.sessions or 1)
    if _above(ordered, _milligrams(s, lifetime)):
        yield f"the order gives more than its own lifetime maximum, {lifetime}"


def check_maxima(s: Situation, checks: Checks, said: Mapping[str, Finding]) -> Iterator[Finding]:
    """A stated maximum that allows more than a limit does, where the dose itself does not.

    A warning and no stop: what is ordered is right, and more is only allowed.
    """
    order = s.order
    highest = order.max_dose_per_administration
    if s.per_kg:
        highest = None  # `0.5 mg/kg (max 50 mg)` only lowers what the weight gives
    dose = s.amounts.dose_mg or Decimal(0)
    if highest is not None and _above(_milligrams(s, highest), dose):
        allowed = replace(s.order, dose=highest, dose_high=None, dose_per_kg=None, volume=None)
        worse = [
            finding
            for finding in checks(s.ordering(allowed)).values()
            if finding.id in _TOO_MUCH and _is_news(finding, said)
        ]
        if worse:
            yield _spoken(s, str(highest), [fact for f in worse for fact in _named(s, f)])
    if order.max_dose_per_period is not None:
        most, period = order.max_dose_per_period
        facts = [fact for known in _beyond_in_period(s, most, period) for fact in known]
        if facts and "order-above-limit" not in said and "order-esketamine-week" not in said:
            yield _spoken(s, f"{most} per {period}", facts)


def _is_news(finding: Finding, said: Mapping[str, Finding]) -> bool:
    known = said.get(finding.id)
    severe = SEVERITY_ORDER[finding.severity]
    return severe < 2 and (known is None or severe < SEVERITY_ORDER[known.severity])


def _beyond_in_period(s: Situation, most: Quantity, period: Quantity) -> Iterator[list[Fact]]:
    """Limits of a day, an hour or a week that the stated maximum passes."""
    amount, hours = _milligrams(s, most), _hours(period)
    if amount is None or hours is None:
        return
    if s.order.drug == "esketamine":
        weekly = s.check(EsketamineWeek)
        weeks = max(Fraction(hours) / 168, Fraction(1))
        if Fraction(amount) / weeks > weekly.above:
            yield [weekly]
        return
    rate = Quantity(decimal(Fraction(amount) / Fraction(hours)), "mg/h")
    if hours < _A_DAY_H or s.order.rate is not None or s.order.continuous:
        infused = replace(s.order, dose=None, dose_high=None, rate=rate, rate_high=None)
        hits = list(passed(s.ordering(replace(infused, volume=None))))
    else:
        daily = Quantity(rate.value * _A_DAY_H, "mg")
        dosed = replace(s.order, dose=daily, dose_high=None, sessions_per_week=Decimal(7))
        hits = [hit for hit in passed(s.ordering(dosed)) if hit.limit.metric == "mg/d"]
    for hit in hits:
        if not hit.below and not _hit_already(s, hit):
            yield list(hit.facts)


def _hit_already(s: Situation, hit: Hit) -> bool:
    return any(known.limit.id == hit.limit.id for known in passed(s))


def _spoken(s: Situation, stated: str, facts: list[Fact]) -> Finding:
    names = list(dict.fromkeys(str(getattr(fact, "name", fact.id)) for fact in facts))
    params = {"stated": stated, "limits": names}
    return speak(s, "order-maximum", facts, "warning", params)


def _named(s: Situation, finding: Finding) -> list[Fact]:
    """The checks and limits that a finding rests on."""
    knowledge, rows = s.case.knowledge, set(finding.basis)
    known: list[Fact] = [*knowledge.order_checks.values(), *knowledge.limits.values()]
    return [fact for fact in known if rows & set(fact.basis)]


def _in_period(s: Situation, period: Quantity) -> Decimal | None:
    """Milligrams that the order gives within a period."""
    hours, total, rate = _hours(period), s.amounts.total_mg, s.amounts.rate_mg_per_h
    if hours is None:
        return None
    if total is None:  # a rate without an end, else it had a total
        return None if rate is None else rate * hours
    weekly = s.order.sessions_per_week
    times = Decimal(1) if weekly is None else max(Decimal(1), weekly * hours / 168)
    return total * (min(times, Decimal(s.order.sessions)) if s.order.sessions else times)


def _milligrams(s: Situation, quantity: Quantity | None) -> Decimal | None:
    """A stated amount in mg: by weight, strength or device as a dose is read."""
    if quantity is None:
        return None
    alone = replace(s.order, dose=quantity, dose_high=None, rate=None, rate_high=None)
    return s.ordering(alone).amounts.dose_mg


def _hours(period: Quantity) -> Decimal | None:
    if period.unit == "mo":
        return period.value * 30 * 24
    try:
        return convert(period.value, period.unit, "h")
    except UnitError:
        return None


def _above(value: Decimal | None, bound: Decimal | None) -> bool:
    """By more than rounding (1 %)."""
    return value is not None and bound is not None and value > bound * Decimal("1.01")
