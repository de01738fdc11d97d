"""Route, enantiomer and place: what must not be mixed up, and who must be watching."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from cds.assessment.model import Finding, Severity
from cds.assessment.order_check.limits import applicable
from cds.assessment.order_check.situation import PARENTERAL, Situation, shown, speak
from cds.knowledge.model.order_checks import (
    Enantiomer,
    EsketamineHome,
    HomeSupply,
    NasalOrIm,
    Neuraxial,
    OrderCheck,
    PsychiatricHomeSupply,
    Unmonitored,
)
from cds.knowledge.model.regimens import Regimen

_SEDATING_SETTINGS = ("outpatient", "home")


def check_routes(s: Situation) -> Iterator[Finding]:
    yield from _neuraxial(s)
    yield from _nasal_or_im(s)
    yield from _enantiomer(s)
    yield from _unmonitored(s)
    yield from _to_take_home(s)


def _neuraxial(s: Situation) -> Iterator[Finding]:
    """E14"""
    check = s.check(Neuraxial)
    if s.order.route in check.routes:
        pure = not any(applicable(s))  # the limit is one of preservatives
        severity: Severity = "warning" if pure else check.severity
        params = {"route": s.order.route, "pure": pure}
        yield speak(s, "order-neuraxial", [check], severity, params, asks=True)


def _nasal_or_im(s: Situation) -> Iterator[Finding]:
    """E10: an IM dose for the nose, or a nasal device for an IM order."""
    check, order = s.check(NasalOrIm), s.order
    per_kg = s.amounts.total_mg_per_kg
    if per_kg is None or not s.racemic:
        return
    words = " ".join(re.findall(r"\w+", f"{order.text} {order.display}"))
    # `MAD` is the device in capitals only
    device = any(
        f" {name} " in f" {words if name.isupper() else words.lower()} " for name in check.devices
    )
    nasal = order.route == "intranasal" and s.adult and per_kg >= check.nasal_at_least
    muscle = order.route == "intramuscular" and device and check.im_low <= per_kg <= check.im_high
    if nasal or muscle:
        params = {"per_kg": shown(per_kg), "nasal": nasal}
        # where sedation is wanted, one that sedates may be
        severity: Severity = check.severity if s.therapy else "warning"
        yield speak(s, "order-nasal-or-im", [check], severity, params, asks=True)


def _enantiomer(s: Situation) -> Iterator[Finding]:
    """E11: a racemic protocol for esketamine, or a nasal device dose for racemic ketamine."""
    check, order = s.check(Enantiomer), s.order
    if order.drug == "esketamine":
        nasal = order.route in (None, "intranasal")
        injectable = (
            order.product_concentration is not None
            and not nasal
            and (order.product_concentration.to("mg/mL").value < 100)
        )
        per_kg_nasal = nasal and s.per_kg
        racemic_protocol = not nasal and not (injectable and s.case.site.jurisdiction == "eu")
        if per_kg_nasal or (racemic_protocol and order.route in PARENTERAL):
            yield _mixed_up(s, check, "esketamine")
        return
    if order.route is None or order.dose is None or s.amounts.dose_mg is None or s.per_kg:
        return
    of_a_device = s.amounts.dose_mg in check.device_doses and s.therapy
    if of_a_device and (order.route == "intranasal" or not _fits_a_regimen(s, check)):
        yield _mixed_up(s, check, "ketamine")


def _mixed_up(s: Situation, check: Enantiomer, drug: str) -> Finding:
    dose = s.amounts.dose_mg
    params = {
        "drug": drug,
        "dose": shown(dose, 2),
        "route": s.order.route,
    }
    return speak(s, "order-enantiomer", [check], check.severity, params)


def _fits_a_regimen(s: Situation, check: Enantiomer) -> bool:
    """28 mg over 40 min is the standard dose at 56 kg, and no device dose."""
    long_infusion = (
        s.amounts.given == "infusion"
        and s.within is not None
        and s.within >= check.long_infusion
        and s.indicated.pain
    )
    weight = s.amounts.weight
    if long_infusion or weight is None:
        return long_infusion
    dose, share = s.amounts.dose_mg, check.same_dose
    assert dose is not None
    exact = [
        per_kg * weight.value_kg
        for regimen in s.case.knowledge.regimens.values()
        if regimen.drug == "ketamine" and s.order.route in regimen.routes
        for per_kg in _doses_per_kg(regimen)
    ]
    return any(abs(dose - one) <= max(share * one, Decimal("0.5")) for one in exact)


def _doses_per_kg(regimen: Regimen) -> list[Decimal]:
    if regimen.dose_unit != "mg/kg" or regimen.suggests != "dose":
        return []
    return [d for d in (regimen.dose,) if d is not None]


def _unmonitored(s: Situation) -> Iterator[Finding]:
    """E17: above low dose the rules of sedation apply, and the place does not provide for it.

    At home for every purpose; for a psychiatric one the checks of its dose say it elsewhere.
    """
    at_home = s.at_home
    if not (at_home or s.setting in _SEDATING_SETTINGS) or not s.therapy or not s.racemic:
        return
    if s.psychiatric and not at_home and s.amounts.total_mg_per_kg is not None:
        return
    severity = _of_a_bolus(s) if s.bolus else _of_an_infusion(s, at_home=at_home)
    if severity is None:
        return
    rate = None if s.bolus else s.amounts.rate_mg_per_kg_h
    params = {
        "rate": shown(rate),
        "per_kg": shown(s.amounts.total_mg_per_kg),
        "setting": "home" if at_home else s.setting,
        "stop": severity == "critical",
    }
    yield speak(s, "order-unmonitored", [s.check(Unmonitored)], severity, params)


def _of_a_bolus(s: Situation) -> Severity | None:
    total = s.amounts.total_mg_per_kg
    large = total is not None and total > s.check(Unmonitored).above
    return s.check(Unmonitored).severity if large else None


def _of_an_infusion(s: Situation, *, at_home: bool) -> Severity | None:
    """By its rate; a session of an hour also by its dose, which studies took up to 1 mg/kg."""
    check = s.check(Unmonitored)
    total, rate = s.amounts.total_mg_per_kg, s.amounts.rate_mg_per_kg_h
    if s.amounts.given != "infusion":
        return None
    above_low_dose = total is None or total > check.above
    fast = rate is not None and rate > check.above_rate and above_low_dose
    if s.within is not None and s.within > check.session_up_to:
        return check.severity if fast else None
    if at_home:
        return check.severity if fast or (total is not None and above_low_dose) else None
    too_much = total is not None and total > check.critical_above
    too_fast = fast and rate is not None and rate > check.critical_above_rate
    if too_much or too_fast:
        return check.severity
    return "warning" if fast else None


def _to_take_home(s: Situation) -> Iterator[Finding]:
    """E18, O9 and O10: ketamine in the patient's hands."""
    if not s.at_home:
        return
    if s.order.drug == "esketamine":
        if s.order.route in (None, "intranasal"):
            home = s.check(EsketamineHome)
            yield speak(s, "order-esketamine-home", [home], home.severity, {})
        return
    supply = s.check(HomeSupply)
    if s.elective and s.order.route in supply.routes:  # in palliative care it is usual
        facts: list[OrderCheck] = [supply]
        if s.psychiatric:
            facts.append(s.check(PsychiatricHomeSupply))
        yield speak(s, "order-home-supply", facts, supply.severity, {"route": s.order.route})
