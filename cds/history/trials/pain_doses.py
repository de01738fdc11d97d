"""The dose that a trial of one row must reach, in this patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct

from cds.chart.entries import Condition, Result
from cds.history.trials.exposure import Exposure
from cds.knowledge.model.pain_trials import PainTrialDose
from cds.units import plain

_KIDNEY = frozenset({"chronic_kidney_disease", "ckd_stage_4_5_or_dialysis"})


class Bar(Struct, frozen=True):
    """The daily dose to reach; `lowest` is what might do at reduced kidney function."""

    usual: Decimal | None
    lowest: Decimal | None = None
    problem: str | None = None
    """why no dose can be named"""
    remarks: tuple[str, ...] = ()


def bar_of(
    row: PainTrialDose,
    exposure: Exposure,
    observations: Mapping[str, tuple[Result, ...]],
    conditions: Iterable[Condition],
    weight_days: int,
) -> Bar:
    """The bar of a row for this use of the drug.

    A dose for each kg needs a weight that is at most `weight_days` old. The renal ranges are
    recalled, so a lowered bar never makes a trial adequate: it only keeps it from being judged.
    """
    if row.per_kg:
        return _for_weight(row, exposure, observations, weight_days)
    if row.renal:
        return _for_kidneys(row, exposure, observations, conditions)
    return Bar(row.min_daily_dose)


def _for_weight(
    row: PainTrialDose,
    exposure: Exposure,
    observations: Mapping[str, tuple[Result, ...]],
    weight_days: int,
) -> Bar:
    weight = _nearest(observations.get("body_weight", ()), exposure.start, weight_days)
    if weight is None or row.min_daily_dose is None:
        return Bar(None, problem="the dose is for each kg, and no weight of that time is on record")
    dose = row.min_daily_dose * weight
    return Bar(dose if row.max_daily_dose is None else min(dose, row.max_daily_dose))


def _for_kidneys(
    row: PainTrialDose,
    exposure: Exposure,
    observations: Mapping[str, tuple[Result, ...]],
    conditions: Iterable[Condition],
) -> Bar:
    rate = _nearest(observations.get("egfr", ()), exposure.last_day, None)
    if rate is None:
        diseased = any(f.sets & _KIDNEY and f.active is not False for f in conditions)
        if not diseased:
            return Bar(row.min_daily_dose)
        lowest = min(entry.low for entry in row.renal)
        return Bar(row.min_daily_dose, lowest, remarks=("kidney disease, without an eGFR",))
    for entry in row.renal:
        if entry.from_ml_min <= rate < entry.below_ml_min:
            told = (
                f"eGFR {plain(rate)}: the label allows {plain(entry.low)} to "
                f"{plain(entry.high)} mg/d (recalled)"
            )
            return Bar(row.min_daily_dose, entry.low, remarks=(told,))
    return Bar(row.min_daily_dose)


def _nearest(facts: Iterable[Result], to: date | None, within_days: int | None) -> Decimal | None:
    """The usable value nearest to the day; the older of two that are equally near."""
    if to is None:
        return None
    usable = [
        (abs((fact.when - to).days), fact.when, fact.value)
        for fact in facts
        if fact.problem is None and fact.when is not None and fact.value is not None
    ]
    if not usable:
        return None
    away, _, value = min(usable)
    return None if within_days is not None and away > within_days else value
