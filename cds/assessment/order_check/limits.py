"""Which limits of dose and rate apply to an order, and which of them it passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from cds.assessment.model import Finding, Severity
from cds.assessment.order_check.situation import PARENTERAL, Situation, shown, speak
from cds.knowledge.model.base import Fact
from cds.knowledge.model.limits import Limit
from cds.knowledge.model.order_checks import PsychiatricDoseExtreme
from cds.units import Quantity

_PROTOCOL = ("crps", "schwartzman")
_PRESERVATIVE_FREE = ("preservative-free", "preservative free", "pf-ketamine", "pf ketamine")


@dataclass(frozen=True, slots=True)
class Hit:
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
    for ident in _idents(s):
        limit = s.case.knowledge.limits[ident]
        value = _value(s, limit)
        if value is not None:
            yield limit, value


def _idents(s: Situation) -> Iterator[str]:
    order, amounts = s.order, s.amounts
    if order.route in ("epidural", "intrathecal", "caudal"):
        if not preservative_free(s):
            yield "neuraxial"
    elif s.bolus:
        yield _bolus(s)
    elif amounts.given == "infusion" and order.route != "subcutaneous":
        if (infusion := _infusion(s)) is not None:
            yield infusion
        if _names_crps_protocol(s):
            yield "crps_outpatient_cap"
    elif order.route == "subcutaneous" and amounts.given == "infusion":
        yield "sc_infusion"
    elif order.route == "intramuscular":
        yield _intramuscular(s)
    elif s.use is not None:
        return  # no limit of treatment by the nose or mouth holds for sedation
    elif order.route == "intranasal" and s.racemic:
        yield "in_home" if s.at_home else "in_analgesic"
    elif order.route == "oral":
        yield "oral"
    outpatient = s.setting in (None, "outpatient", "home")
    if (
        order.route in PARENTERAL
        and s.therapy
        and s.indicated.families == {"chronic_pain"}
        and outpatient
    ):
        yield "outpatient_session_total"


def preservative_free(s: Situation) -> bool:
    words = f"{s.order.text} {s.order.display}".lower()
    return any(name in words for name in _PRESERVATIVE_FREE)


def _bolus(s: Situation) -> str:
    ventilated = s.setting == "icu" and "seizure" in s.indicated.families
    if s.use is not None or ventilated:  # the load before an infusion for status epilepticus
        return "iv_bolus_anaesthetic"
    return "iv_bolus_analgesic" if s.indicated.pain else "iv_bolus_ambiguous"


def _infusion(s: Situation) -> str | None:
    """By place and purpose; psychiatric sessions have their own checks."""
    if s.use is not None:
        return s.use.infusion_limit
    if s.setting == "icu":
        return "iv_infusion_se" if "seizure" in s.indicated.families else "iv_infusion_icu_pain"
    if s.psychiatric and not s.of_days:
        return None
    if s.setting in ("inpatient", "operating_room"):
        return "iv_infusion_ward_pain"
    return "iv_infusion_outpatient_pain"


def _intramuscular(s: Situation) -> str:
    return s.use.injection_limit if s.use is not None else "im_analgesic"


def _names_crps_protocol(s: Situation) -> bool:
    text = f"{s.order.text} {s.order.display}".lower()
    return any(name in text for name in _PROTOCOL) and s.setting in (None, "outpatient", "home")


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
        if limit.given == "infusion":
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
    for limit, value in applicable(s):
        share = Decimal(1)
        facts: tuple[Fact, ...] = (limit,)
        if s.order.drug == "esketamine":
            half = s.case.knowledge.limits["esketamine_parenteral"]
            if s.order.route not in half.routes or half.share_of_racemic is None:
                continue
            share, facts = half.share_of_racemic, (limit, half)
        if _is_low_dose(s, limit):
            continue
        hit = _hit(s, limit, value, share, facts)
        # what an outpatient starts with by mouth is no bound in a hospital or a hospice
        if hit is not None and not (limit.id == "oral" and not s.elective and _warns(hit)):
            yield _certain(s, hit)


def _warns(hit: Hit) -> bool:
    return hit.severity == "warning"


def _certain(s: Situation, hit: Hit) -> Hit:
    """A stop that another sane reading of the order lifts is a question.

    So is one that no source gives, and one for what is swallowed of a lozenge, when that may be
    held in the mouth and spat out.
    """
    known = s.placed and not hit.limit.stop_asks
    if hit.severity == "critical" and (not known or (hit.limit.id == "oral" and s.held_in_mouth)):
        return replace(hit, severity="warning", asks=True)
    return hit


def _is_low_dose(s: Situation, limit: Limit) -> bool:
    """A session within the low-dose ceiling is right at any speed of an infusion."""
    total = s.amounts.total_mg_per_kg
    ceiling = s.case.knowledge.regimens["low_dose_definition"].dose_high
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
    if only_stop or (limit.id == "oral" and s.psychiatric):
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
