"""Rates: per minute for per hour, mg for mcg, the label's drip read as per kg, and too slow."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds.assessment.model import Finding
from cds.assessment.order_check.mistakes import rate_correction, rate_slips, told
from cds.assessment.order_check.situation import Situation, shown, speak
from cds.knowledge.model.order_checks import (
    MgForMcg,
    MicrodripPerKg,
    OrderCheck,
    PerMinuteForPerHour,
    PsychiatricDoseExtreme,
)

_RUN = (None, "intravenous", "intraosseous", "subcutaneous")


def check_rates(s: Situation) -> Iterator[Finding]:
    if s.amounts.given == "injection" or s.order.route not in _RUN:
        return  # ten minutes in the mouth are no infusion time
    yield from _too_high(s)
    yield from _too_low(s)


def _too_high(s: Situation) -> Iterator[Finding]:
    """E01, E02 and E03 are one thing seen from three sides: far too much in the time."""
    rate = s.amounts.rate_mg_per_kg_h
    checks: list[OrderCheck] = []
    if rate is not None and rate > _bound(s) and not _right_in_all(s):
        checks += [s.check(MgForMcg), s.check(PerMinuteForPerHour)]
    if _reads_label_drip_per_kg(s):
        checks.append(s.check(MicrodripPerKg))
    if not checks:
        return
    slips = rate_slips(s)
    yield speak(
        s,
        "order-rate-too-high",
        checks,
        checks[0].severity if _is_certain(s, rate) else "warning",
        {
            "written": s.order.rate,
            "rate": shown(rate),
            "bound": _bound(s),
            **told(s, slips),
            "label_drip": any(isinstance(c, MicrodripPerKg) for c in checks),
        },
        correction=rate_correction(s, slips) if s.therapy else None,
        asks=True,
    )


def _is_certain(s: Situation, rate: Decimal | None) -> bool:
    """Too much in every place, or in the known one. The label's drip per hour harms nobody."""
    if rate is None or rate <= _bound(s):
        return False
    return s.placed or rate > s.check(MgForMcg).seizure_above


def _bound(s: Situation) -> Decimal:
    """mg/kg/h that no order of this context passes."""
    if s.setting == "icu" or s.use is not None:
        if "seizure" in s.indicated.families:
            return s.check(MgForMcg).seizure_above
        stop = s.case.knowledge.limit_as("any_rate").stop_above
        assert stop is not None
        return stop
    return s.check(PerMinuteForPerHour).above


def _right_in_all(s: Situation) -> bool:
    """The whole order is right: its total over its time lies inside what a session may hold."""
    if _is_short(s) or _is_slow_bolus(s):
        return True
    total, per_kg = s.amounts.total_mg, s.amounts.total_mg_per_kg
    most = s.check(PsychiatricDoseExtreme).above
    if s.within is None or per_kg is None or per_kg > most:
        return False
    session = s.case.knowledge.limit_as("session_total").ok_max
    return s.psychiatric or total is None or session is None or total <= session


def _is_short(s: Situation) -> bool:
    """Over within minutes: judged as a dose given at once, not as a rate."""
    return s.within is not None and s.within <= s.check(MgForMcg).longer_than


def _is_slow_bolus(s: Situation) -> bool:
    """Given over up to ten minutes outside infusion therapy: judged by its dose."""
    most, total = s.case.knowledge.limit_as("any_push").stop_above, s.amounts
    per_kg = total.total_mg_per_kg
    within = most is not None and per_kg is not None and per_kg <= most
    return s.use is not None and s.bolus and within


def _reads_label_drip_per_kg(s: Situation) -> bool:
    rate = s.order.rate
    if rate is None:
        return False
    check = s.check(MicrodripPerKg)
    low, high = check.low, check.high
    if rate.unit == "mg/kg/min":
        usual = s.check(PerMinuteForPerHour).above
        allowed = _bound(s) > usual and (s.amounts.rate_mg_per_kg_h or Decimal(0)) <= _bound(s)
        return low <= rate.value <= high and not _is_short(s) and not allowed
    if rate.unit == "mg/kg/h" and low <= rate.value <= high:
        text = s.order.text.lower()
        return any(phrase in text for phrase in check.phrases)
    return False


def _too_low(s: Situation) -> Iterator[Finding]:
    """The warning half of E01: below the lowest published start."""
    rate = s.amounts.rate_low_mg_per_kg_h
    check = s.check(MgForMcg)
    if rate is None or rate >= check.low or s.amounts.given != "infusion":
        return
    if s.order.pca or s.order.test_dose:
        return
    params = {"rate": shown(rate, 4), "bound": check.low}
    yield speak(s, "order-rate-too-low", [check], "warning", params)
