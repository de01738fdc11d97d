"""Doses of one session: given too fast, too large, or in the wrong unit."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds.assessment.model import Finding, Severity
from cds.assessment.order_check.mistakes import dose_correction, dose_slips, told
from cds.assessment.order_check.situation import (
    BY_MOUTH,
    PARENTERAL,
    Situation,
    shown,
    speak,
)
from cds.knowledge.model.order_checks import (
    AnaestheticDose,
    FastInfusion,
    ImDoseByIv,
    ImScDose,
    InfusionDoseAsPush,
    MgPerKgMixedUp,
    OralDose,
    PsychiatricDose,
    PsychiatricDoseExtreme,
    Unmonitored,
)
from cds.units import Quantity, measures


def check_doses(s: Situation) -> Iterator[Finding]:
    yield from _push(s)
    yield from _too_fast(s)
    yield from _anaesthetic(s)
    yield from _im_dose_by_vein(s)
    yield from _unit_swapped(s)
    yield from _tiny(s)
    yield from _psychiatric_dose(s)
    yield from _injected(s)
    yield from _by_mouth(s)


def _figures(s: Situation) -> dict[str, object]:
    dose, per_kg = s.amounts.total_mg, s.amounts.total_mg_per_kg
    return {
        "dose": shown(dose, 2),
        "per_kg": shown(per_kg),
        "minutes": shown(s.within, 1),
    }


def _push(s: Situation) -> Iterator[Finding]:
    """E04: an infusion's dose given at once.

    Stated so, or judged as if it were: what states no time at all is asked about by the caller.
    """
    dose = s.amounts.total_mg_per_kg
    check = s.check(InfusionDoseAsPush)
    elsewhere = s.setting in ("operating_room", "icu")
    if not (s.therapy and s.bolus and s.racemic) or elsewhere or dose is None:
        return
    if s.indicated.families == {"seizure"} or _emergency_push(s, check):
        return
    if not check.low <= dose <= check.high:
        return
    if s.within is not None and s.within >= check.shorter_than:
        return
    correction: dict[str, Quantity | Decimal | str] | None = None
    standard = s.case.knowledge.regimen_as("standard_session")
    if s.psychiatric and standard.dose and dose <= standard.dose and standard.duration_min:
        correction = {"duration_min": standard.duration_min}
    yield speak(
        s,
        "order-infusion-as-push",
        [check],
        check.severity if s.placed else "warning",
        {**_figures(s), "sure": s.placed},
        correction=correction,
        asks=True,
    )


def _emergency_push(s: Situation, check: InfusionDoseAsPush) -> bool:
    """0.2 to 0.5 mg/kg, 50 mg at most, is pushed for pain in emergency departments."""
    per_kg, total = s.amounts.total_mg_per_kg, s.amounts.total_mg
    small = per_kg is not None and per_kg <= check.emergency_up_to
    return (
        s.setting == "emergency"
        and s.indicated.families <= {"acute_pain"}
        and small
        and (total is None or total <= check.emergency_up_to_mg)
    )


def _too_fast(s: Situation) -> Iterator[Finding]:
    """O3: a psychiatric infusion faster than in the trials."""
    if not (s.psychiatric and s.by_vein and s.racemic):
        return
    check = s.check(FastInfusion)
    pushed = s.order.method in ("push", "bolus")
    minutes = s.within
    if minutes is not None and minutes >= check.critical_below:
        minutes = Decimal(round(minutes))  # a rate rounded for the pump is not a faster infusion
    if not pushed and (minutes is None or minutes >= check.below):
        return
    at_once = minutes is None or minutes < check.critical_below
    severity: Severity = "critical" if at_once else check.severity
    params = {**_figures(s), "least": check.below, "pushed": pushed}
    yield speak(s, "order-infusion-too-fast", [check], severity, params)


def _anaesthetic(s: Situation) -> Iterator[Finding]:
    """E05: an anaesthetic dose where an infusion is what the order is for."""
    dose = s.amounts.total_mg_per_kg
    check = s.check(AnaestheticDose)
    for_therapy = s.psychiatric or s.indicated.pain or "psychiatric" in s.indicated.families
    if not s.therapy or dose is None or not s.racemic:
        return
    if not for_therapy and s.setting not in ("outpatient", "home"):
        return
    by_vein = s.bolus and check.iv_low <= dose <= check.iv_high
    in_muscle = s.order.route == "intramuscular" and check.im_low <= dose <= check.im_high
    if by_vein or in_muscle:
        slips = dose_slips(s)
        yield speak(
            s,
            "order-anaesthetic-dose",
            [check],
            check.severity,
            {**_figures(s), **told(s, slips)},
        )


def _im_dose_by_vein(s: Situation) -> Iterator[Finding]:
    """E06: more than any IV bolus, as an IM dose by the wrong route would be."""
    dose = s.amounts.total_mg_per_kg
    check = s.check(ImDoseByIv)
    if s.bolus and s.racemic and dose is not None and dose > check.above:
        slips = dose_slips(s)
        yield speak(
            s,
            "order-im-dose-by-vein",
            [check],
            check.severity,
            {**_figures(s), "bound": check.above, **told(s, slips)},
        )


def _unit_swapped(s: Situation) -> Iterator[Finding]:
    """The stop half of E19: 35 mg/kg where 35 mg was meant."""
    dose = s.amounts.total_mg_per_kg
    check = s.check(MgPerKgMixedUp)
    most_im = s.case.knowledge.limit_as("any_injection").stop_above
    # without a route it may be an intramuscular anaesthetic
    in_muscle = s.order.route is None and most_im is not None and (dose or 0) <= most_im
    by_vein = s.by_vein or (s.order.route is None and s.order.dose is not None)
    if not by_vein or dose is None or dose < check.at_least or s.setting == "icu":
        return
    if s.within is not None and s.within > check.within:
        return
    stated = s.order.dose is not None and measures(s.order.dose.unit, "mg/kg")
    if s.amounts.given == "infusion" and not stated:
        return  # milligrams over time are judged by their rate
    slips = dose_slips(s)
    yield speak(
        s,
        "order-mg-per-kg",
        [check],
        "warning" if in_muscle else check.severity,
        {**_figures(s), **told(s, slips)},
        correction=dose_correction(slips),
        asks=True,
    )


def _tiny(s: Situation) -> Iterator[Finding]:
    """The warning half of E19: 0.5 mg where 0.5 mg/kg was meant."""
    dose = s.amounts.total_mg
    check = s.check(MgPerKgMixedUp)
    if s.order.route not in PARENTERAL or dose is None or not s.adult or s.order.continuous:
        return
    if s.within is not None and s.within > check.within:
        return
    marked = s.order.pca or s.order.test_dose
    if dose > check.up_to or (marked and dose >= check.tiny):
        return
    slips = dose_slips(s, too_low=True)
    yield speak(
        s,
        "order-dose-tiny",
        [check],
        "warning",
        {**_figures(s), **told(s, slips)},
        correction=dose_correction(slips),
    )


def _psychiatric_dose(s: Situation) -> Iterator[Finding]:
    """O1, O2 and, for them, E17: above the standard dose, and above all that was studied."""
    per_kg, total = s.amounts.total_mg_per_kg, s.amounts.total_mg
    if not (s.psychiatric and s.by_vein and s.racemic) or per_kg is None:
        return
    standard, extreme = s.check(PsychiatricDose), s.check(PsychiatricDoseExtreme)
    sedating = s.check(Unmonitored)
    rate = s.amounts.rate_mg_per_kg_h or Decimal(0)
    sedates = rate > sedating.above_rate
    figures = {
        **_figures(s), "rate": shown(rate), "sedates": sedates, "too_fast": False, "hours": None,
    }  # fmt: skip
    if s.of_days:
        days = {
            **figures,
            "asks": True,
            "hours": shown((s.within or Decimal(0)) / 60, 1),
            **told(s, []),
        }
        yield speak(s, "order-psychiatric-dose", [standard], standard.severity, days, asks=True)
        return
    if per_kg > extreme.above and not _rounded_up(s, extreme.above, total):
        slips = dose_slips(s)
        yield speak(
            s,
            "order-psychiatric-dose",
            [extreme],
            extreme.severity,
            {**figures, "bound": extreme.above, **told(s, slips)},
            correction=dose_correction(slips),
        )
    elif per_kg > standard.above and not _rounded_up(s, standard.above, total):
        fast = _faster(s, sedating.critical_above_rate)
        facts = [standard, *([sedating] if sedates else [])]
        bound = sedating.critical_above_rate if fast else standard.above
        params = {**figures, "bound": bound, "too_fast": fast, **told(s, [])}
        severity: Severity = "critical" if fast else standard.severity
        yield speak(s, "order-psychiatric-dose", facts, severity, params)


def _faster(s: Situation, bound: Decimal) -> bool:
    """Above a rate (mg/kg/h) by more than the rounding of the dose to a whole milligram."""
    rate, minutes = s.amounts.rate_mg_per_kg_h, s.within
    if rate is None or rate <= bound:
        return False
    return minutes is None or not _rounded_up(s, bound * minutes / 60, s.amounts.total_mg)


def _rounded_up(s: Situation, per_kg: Decimal, total: Decimal | None) -> bool:
    """A dose per kg, rounded up to the next whole milligram, is that dose."""
    weight = s.amounts.weight
    if weight is None or total is None or s.per_kg:
        return False
    exact = per_kg * weight.value_kg
    return total <= exact.to_integral_value(rounding="ROUND_CEILING")


def _injected(s: Situation) -> Iterator[Finding]:
    """O5: IM or SC above the studied dose."""
    per_kg = s.amounts.total_mg_per_kg
    check = s.check(ImScDose)
    if not (s.psychiatric and s.racemic) or per_kg is None or s.amounts.given != "injection":
        return
    if s.order.route in check.routes and per_kg > check.above:
        severity: Severity = "critical" if per_kg >= check.critical_from else check.severity
        params = {**_figures(s), "bound": check.above}
        yield speak(s, "order-im-sc-dose", [check], severity, params)


def _by_mouth(s: Situation) -> Iterator[Finding]:
    """O11: oral or sublingual above the better tolerated dose."""
    per_kg = s.amounts.dose_mg_per_kg
    check = s.check(OralDose)
    if not (s.elective and s.racemic) or s.order.route not in BY_MOUTH:
        return
    if s.indicated.pain or per_kg is None:
        return
    if per_kg > check.above:
        params = {**_figures(s), "per_kg": shown(per_kg), "bound": check.above}
        yield speak(s, "order-oral-dose", [check], check.severity, params)
