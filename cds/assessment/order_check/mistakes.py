"""The likely slip behind a wrong number, and the one order that was meant, if there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from cds.assessment.order_check.situation import Situation, shown
from cds.orders.model import Order
from cds.units import Quantity, UnitError, decimal, rounded, ucum

_KINDS = ("unit", "weight", "decimal")
_AS_GOOD_AS = Decimal("0.01")
_NEAR = Decimal("0.1")


class Slip(Struct, frozen=True):
    """What may have been meant, by one of the ratios that betray a mistake."""

    parameter: str
    meant: Quantity
    kind: str
    """`unit`: the digits stay and the unit changes; `weight`; `decimal`: a digit slipped"""


def rate_slips(s: Situation) -> list[Slip]:
    """Readings of the rate that would be usual for the order's purpose."""
    rate = s.order.rate
    if rate is None or s.assumed is not None:
        return []
    low, high = usual_rate(s)
    return [slip for slip in _rate_readings(rate) if _between(low, _mg_kg_h(s, slip.meant), high)]


def usual_rate(s: Situation) -> tuple[Decimal, Decimal]:
    """mg/kg/h that infusion therapy uses: the lowest published start to the usual upper end."""
    pain = s.case.knowledge.limit_as("usual_rate").ok_max
    lowest = s.case.knowledge.regimen_as("lowest_start").rate_low
    assert pain is not None
    assert lowest is not None
    if not s.psychiatric:
        return lowest, pain
    standard = s.case.knowledge.regimen_as("standard_session")
    assert standard.dose is not None
    assert standard.duration_min is not None
    return lowest, standard.dose * 60 / standard.duration_min * Decimal("1.1")


def _rate_readings(rate: Quantity) -> Iterator[Slip]:
    unit, value = rate.unit, rate.value
    if unit.endswith("/min"):
        yield from _slip("ratio-60", value, unit.removesuffix("/min") + "/h", "unit")
    if unit.startswith("mg/"):
        yield from _slip("ratio-1000", value, "ug/" + unit.removeprefix("mg/"), "unit")
    if unit == "mg/kg/h":
        yield from _slip("ratio-16", value, "ug/kg/min", "unit")
    if unit == "mg/h":
        yield from _slip("ratio-24", value, "mg/d", "unit")
    if "/kg" in unit:
        yield from _slip("ratio-weight", value, unit.replace("/kg", ""), "unit")
    for parameter, ratio in (("ratio-10", 10), ("ratio-100", 100)):
        yield from _slip(parameter, value / ratio, unit, "decimal")


def dose_slips(s: Situation, *, too_low: bool = False) -> list[Slip]:
    """Readings of the dose that would be the standard dose of the order's purpose."""
    dose = s.order.dose
    if dose is None or s.assumed is not None:
        return []
    readings = _low_readings(dose) if too_low else _dose_readings(dose)
    return [slip for slip in readings if _is_standard(s, _mg_kg(s, slip.meant))]


def _dose_readings(dose: Quantity) -> Iterator[Slip]:
    value, unit = dose.value, dose.unit
    if unit == "mg/kg":
        yield from _slip("ratio-weight", value, "mg", "unit")
    if unit.startswith("mg"):
        yield from _slip("ratio-1000", value, "ug" + unit.removeprefix("mg"), "unit")
    pounds = decimal(Fraction(value) * Fraction("0.45359237"))
    yield from _slip("pounds-ratio", rounded(pounds, 1), unit, "weight")
    for parameter, ratio in (("ratio-10", 10), ("ratio-100", 100)):
        yield from _slip(parameter, value / ratio, unit, "decimal")


def _low_readings(dose: Quantity) -> Iterator[Slip]:
    if dose.unit == "mg":
        yield from _slip("ratio-weight", dose.value, "mg/kg", "unit")
        yield from _slip("ratio-10", dose.value * 10, "mg", "decimal")


def _slip(parameter: str, value: Decimal, unit: str, kind: str) -> Iterator[Slip]:
    try:
        meant = Quantity(value.normalize(), ucum(unit))
        if meant.unit.startswith("ug") and meant.value >= 1000:  # nobody orders 35000 mcg
            meant = meant.to("mg" + meant.unit.removeprefix("ug"))
        yield Slip(parameter, meant, kind)
    except UnitError:
        return


def one_correction(slips: list[Slip]) -> Slip | None:
    """The only sensible reading: a changed unit before a slipped digit, and only if it is alone."""
    for kind in _KINDS:
        alike = [slip for slip in slips if slip.kind == kind]
        if alike:
            return alike[0] if len(alike) == 1 else None
    return None


def rate_correction(s: Situation, slips: list[Slip]) -> dict[str, Quantity] | None:
    """For pain, any usual rate; for psychiatric use only the standard session's own rate."""
    slip = one_correction(slips)
    if slip is None:
        return None
    if s.psychiatric and not _is_standard_rate(s, _mg_kg_h(s, slip.meant)):
        return None
    return {"rate": slip.meant}


def dose_correction(slips: list[Slip]) -> dict[str, Quantity] | None:
    slip = one_correction(slips)
    return None if slip is None else {"dose": slip.meant}


def as_corrected(order: Order, correction: Mapping[str, Quantity | Decimal | str]) -> Order:
    """The order with a mistake corrected: dose, rate or time, and what contradicts them gone."""
    dose, rate = correction.get("dose"), correction.get("rate")
    minutes = correction.get("duration_min")
    changed = replace(
        order, dose_high=None, dose_per_kg=None, rate_high=None, volume=None, method=None,
        text="", problems=(), other_dosages=(), duration_told=None,
        max_dose_per_administration=None, max_dose_per_period=None, max_dose_per_lifetime=None,
    )  # fmt: skip
    if isinstance(dose, Quantity):
        return replace(changed, dose=dose, rate=None)
    if isinstance(rate, Quantity):
        return replace(changed, rate=rate, dose=None)
    if isinstance(minutes, Decimal):  # the rate was that of the old time; without a dose it stays
        rate = None if order.dose is not None else order.rate
        return replace(changed, duration_min=minutes, rate=rate)
    return changed


def told(s: Situation, slips: list[Slip]) -> dict[str, object]:
    """The slips for the wording: what was meant if one stands out, and all with their meaning."""
    parameters = s.case.knowledge.parameters
    best = one_correction(slips)
    likely = [
        {
            "ratio": parameters[slip.parameter].value,
            "meaning": parameters[slip.parameter].meaning,
            "meant": Quantity(shown(slip.meant.value, 3), slip.meant.unit),
            "about": not _is_standard(s, _mg_kg(s, slip.meant), within=_AS_GOOD_AS),
        }
        for slip in slips
    ]
    meant = None if best is None else Quantity(shown(best.meant.value, 3), best.meant.unit)
    return {"likely": likely, "meant": meant, "over": _over(s)}


def _over(s: Situation) -> Decimal | None:
    """Minutes that a dose IV is told with, which would read as a push without: of the order, else
    of the standard session, which is what a slip is measured by."""
    if not s.by_vein or s.order.rate is not None:
        return None
    return shown(s.within or s.case.knowledge.regimen_as("standard_session").duration_min, 1)


def _is_standard(s: Situation, dose: Decimal | None, within: Decimal = _NEAR) -> bool:
    """Within a share of the standard psychiatric dose; other purposes have no one dose."""
    if dose is None or not s.psychiatric or not s.racemic:
        return False
    standard = s.case.knowledge.regimen_as("standard_session").dose
    return standard is not None and abs(dose - standard) <= standard * within


def _is_standard_rate(s: Situation, rate: Decimal | None) -> bool:
    regimen = s.case.knowledge.regimen_as("standard_session")
    if rate is None or regimen.dose is None or regimen.duration_min is None:
        return False
    minutes = s.order.duration_min or regimen.duration_min
    return _is_standard(s, rate * minutes / 60)


def _mg_kg_h(s: Situation, rate: Quantity) -> Decimal | None:
    return _by_weight(s, rate, "mg/kg/h", "mg/h")


def _mg_kg(s: Situation, dose: Quantity) -> Decimal | None:
    return _by_weight(s, dose, "mg/kg", "mg")


def _by_weight(s: Situation, quantity: Quantity, per_kg: str, whole: str) -> Decimal | None:
    """A quantity per kg, as it says or by the weight; None for another dimension."""
    weight = s.amounts.weight
    for unit in (per_kg, whole):
        try:
            value = quantity.to(unit).value
        except UnitError:
            continue
        if unit == per_kg:
            return value
        return value / weight.value_kg if weight else None
    return None


def _between(low: Decimal, value: Decimal | None, high: Decimal) -> bool:
    return value is not None and low <= value <= high
