"""The unit of a number of a fact: declared by its field, held by another one, or in its name."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel

from cds.knowledge.model.declared import declared
from cds.knowledge.model.quantities import In
from cds.units import plain, unit_in_words

SAID_BY: dict[str, dict[str, tuple[str, ...]]] = {
    "Limit": {
        "metric": (
            "ok_min", "ok_max", "warn_below", "warn_above", "warn_again_above", "stop_above",
        ),
    },
    "Regimen": {
        "dose_unit": ("dose", "dose_low", "dose_high", "first_dose"),
        "rate_unit": ("rate_low", "rate_high"),
    },
    "OrderContext": {"rate_unit": ("rate_low", "rate_high")},
    "AugmentationDose": {
        "unit": ("min_daily_dose", "max_daily_dose", "sleep_dose"),
        "level_unit": ("level_low", "level_high", "level_strict"),
    },
    "PainTrialDose": {"unit": ("min_daily_dose", "max_daily_dose")},
    "MmeFactor": {"unit": ()},
    "OpioidThreshold": {"unit": ("value",)},
    "Measurement": {"unit": ("lowest", "highest", "positive_from", "negative_below")},
    "NamedUnit": {"unit": ("below",)},
    "Parameter": {"unit": ("value",)},
    "Threshold": {"unit": ("value",)},
}  # fmt: skip
"""model → the field that holds a unit → the numbers that are in it"""

FIXED = {
    "Regimen.session_doses": "mg", "Regimen.weeks": "wk", "OrderContext.dose_low": "mg/kg",
    "OrderContext.dose_high": "mg/kg", "OrderContext.rate_low": "mg/min",
    "OrderContext.rate_high": "mg/min", "Product.mg_per_ml": "mg/mL", "Product.mg_per_device": "mg",
    "RenalRange.from_ml_min": "mL/min", "RenalRange.below_ml_min": "mL/min",
    "RenalRange.low": "mg/d", "RenalRange.high": "mg/d", "min_daily_dose_mg": "mg/d",
    "strict_daily_dose_mg": "mg/d", "sleep_dose_mg": "mg/d", "borderline_dose_mg": "mg/d",
    "min_age": "a", "max_age": "a", "age_from": "a", "older_from_age": "a",
}  # fmt: skip
"""of a field, or of that field of one model; what another field says comes first"""

ENDINGS = {
    "_mg_per_week": "mg/wk", "_mg_per_h": "mg/h", "_10_mg": "mg", "_mg": "mg", "_days": "d",
    "_weeks": "wk", "_min": "min", "_h": "h", "_percent": "%", "_percent_below": "%",
}  # fmt: skip

_IN_WORDS = {"a": "years", "any": "", "{session}": "sessions", "/mo": "a month"}
_SPANS = ("days", "weeks", "years", "sessions")


def unit_of(record: BaseModel, field: str) -> str:
    """As UCUM has it; empty for a count, a score or a ratio."""
    model = type(record).__name__
    for own in declared(type(record), field, In):
        return str(own.unit)
    for unit_field, numbers in SAID_BY.get(model, {}).items():
        if field in numbers and getattr(record, unit_field):
            return str(getattr(record, unit_field))
    for name in (f"{model}.{field}", field):
        if name in FIXED:
            return FIXED[name]
    return next((unit for ending, unit in ENDINGS.items() if field.endswith(ending)), "")


def amount(record: BaseModel, field: str, value: Decimal | int) -> str:
    """A number of a field with its unit, to its last digit: `0.5 mg/kg`, `14 days`, `10 %`."""
    of_one = any(each.of_one for each in declared(type(record), field, In))
    number = plain(Decimal(value) * 100 if of_one else Decimal(value))
    unit = unit_of(record, field)
    words = _IN_WORDS.get(unit, unit_in_words(unit))
    if number == "1" and words in _SPANS:
        words = words.removesuffix("s")
    return f"{number} {words}".rstrip()


def tells_unit(record: BaseModel, field: str) -> bool:
    """Whether the field is the unit of another one that has a value, and is told with it."""
    numbers = SAID_BY.get(type(record).__name__, {}).get(field, ())
    return any(getattr(record, number) is not None for number in numbers)
