"""What is in the vial, the bag and the syringe."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds.assessment.model import ChartText, Finding
from cds.assessment.order_check.limits import near_a_limit
from cds.assessment.order_check.situation import PARENTERAL, Situation, shown, speak
from cds.knowledge.model.order_checks import (
    ConcentrationMismatch,
    NasalVolume,
    OneBag,
    Salt,
    Undiluted,
)

_BRACES = str.maketrans("", "", "{}")


def check_products(s: Situation) -> Iterator[Finding]:
    yield from _concentration(s)
    yield from _undiluted(s)
    yield from _nasal_volume(s)
    yield from _salt(s)
    yield from _one_bag(s)


def _concentration(s: Situation) -> Iterator[Finding]:
    """E07: volume and strength give another dose than the order, or the strength is not said."""
    check = s.check(ConcentrationMismatch)
    if s.amounts.needs_concentration:
        written = s.order.dose or s.order.rate
        params = {"written": None if written is None else str(written).translate(_BRACES)}
        yield speak(s, "order-concentration-unknown", [check], check.severity, params)
        return
    dose, volume = s.amounts.dose_mg_low, s.order.volume
    strengths = _strengths(s)
    if dose is None or volume is None or not strengths:
        return
    millilitres = volume.to("mL").value
    for strength in strengths:
        drawn = millilitres * strength
        apart = abs(drawn - dose)
        if apart > check.tolerance * dose:
            another_vial = apart >= check.critical_from * dose
            yield speak(
                s,
                "order-concentration-mismatch",
                [check],
                check.severity if another_vial else "warning",
                {
                    "dose": shown(dose, 2),
                    "volume": shown(millilitres, 2),
                    "strength": shown(strength, 2),
                    "drawn": shown(drawn, 2),
                },
            )
            return


def _strengths(s: Situation) -> list[Decimal]:
    """mg/mL of what the volume is drawn from: the vial, and what the order says of it."""
    order = s.order
    if order.diluent is not None:
        quantities = [order.concentration]
    else:
        quantities = [order.product_concentration, order.concentration]
    return [q.to("mg/mL").value for q in quantities if q is not None]


def _undiluted(s: Situation) -> Iterator[Finding]:
    """E08: the strongest vial must be diluted before it goes into a vein."""
    order, check = s.order, s.check(Undiluted)
    vial = order.product_concentration
    if not (s.by_vein and s.racemic) or vial is None or order.diluent is not None:
        return
    strength = vial.to("mg/mL").value
    diluted = order.concentration is not None and order.concentration.to("mg/mL").value < strength
    if strength >= _to_be_diluted(s) and not diluted:
        yield speak(s, "order-undiluted", [check], check.severity, {"strength": shown(strength)})


def _to_be_diluted(s: Situation) -> Decimal:
    """mg/mL from which a vial must be diluted before it goes into a vein."""
    known = s.case.knowledge.products.values()
    return min(p.mg_per_ml for p in known if p.dilute_before_iv and p.mg_per_ml is not None)


def _nasal_volume(s: Situation) -> Iterator[Finding]:
    """E09: more than one nostril takes up."""
    order, dose = s.order, s.amounts.dose_mg
    strength = order.concentration or order.product_concentration
    if order.route != "intranasal" or dose is None or strength is None or not s.racemic:
        return
    check = s.check(NasalVolume)
    each = dose / strength.to("mg/mL").value / 2
    if each > check.above:
        params = {
            "dose": shown(dose, 2),
            "each": shown(each, 2),
            "bound": check.above,
            "strength": shown(strength.to("mg/mL").value),
        }
        yield speak(s, "order-nasal-volume", [check], check.severity, params)


def _salt(s: Situation) -> Iterator[Finding]:
    """E20: near a limit it matters whether the strength is that of the salt."""
    check = s.check(Salt)
    if s.order.salt is not True or not s.racemic:
        return
    bound = near_a_limit(s, check.near)
    if bound is not None:
        factor = s.case.knowledge.parameters["salt-factor"].value
        yield speak(s, "order-salt", [check], check.severity, {"bound": bound, "factor": factor})


def _one_bag(s: Situation) -> Iterator[Finding]:
    """E22: diazepam and barbiturates precipitate with ketamine."""
    check = s.check(OneBag)
    mixed = [name for name in s.order.co_ingredients if set(name.split()) & set(check.drugs)]
    if mixed and (s.order.route in PARENTERAL or s.order.route is None):
        params = {"drugs": [ChartText(name) for name in mixed]}
        yield speak(s, "order-one-bag", [check], check.severity, params)
