"""The closed list of UCUM units that doses, rates and measurements may use.

A unit outside the list, or of another dimension, is a UnitError and never a number. Factors are
exact fractions. `kg` below a slash is body weight, so `mg/kg/h` and `mg/h` are different things.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

Dimensions = tuple[tuple[str, int], ...]
"""Powers by base dimension, sorted: `mg/kg/h` is mass 1, body weight -1, time -1."""


class UnitError(ValueError):
    """The unit is unknown, or does not measure what is asked for."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as factor × base units of its dimensions (gram, litre, second, metre, body-kg)."""

    factor: Fraction
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact value with its UCUM unit, e.g. `Quantity(Decimal("0.5"), "mg/kg")`."""

    value: Decimal
    unit: str

    def to(self, unit: str) -> Quantity:
        """The same amount in another unit of the same dimension. Raises UnitError."""
        return Quantity(convert(self.value, self.unit, unit), unit)

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}"


_MASS: dict[str, int | Fraction] = {"kg": 1000, "g": 1, "mg": Fraction(1, 10**3), "ug": Fraction(1, 10**6),
         "ng": Fraction(1, 10**9), "[lb_av]": Fraction("453.59237"),
         "[oz_av]": Fraction("28.349523125")}  # fmt: skip
_VOLUME: dict[str, int | Fraction] = {
    "L": 1,
    "dL": Fraction(1, 10),
    "mL": Fraction(1, 1000),
    "uL": Fraction(1, 10**6),
}
_TIME: dict[str, int | Fraction] = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}
_LENGTH: dict[str, int | Fraction] = {"m": 1, "cm": Fraction(1, 100), "mm": Fraction(1, 1000),
           "[in_i]": Fraction("0.0254"), "[ft_i]": Fraction("0.3048")}  # fmt: skip
_AMOUNT: dict[str, int | Fraction] = {"mol": 1, "mmol": Fraction(1, 10**3), "umol": Fraction(1, 10**6),
           "nmol": Fraction(1, 10**9), "pmol": Fraction(1, 10**12)}  # fmt: skip
_TABLES: dict[str, dict[str, int | Fraction]] = {
    "mass": _MASS,
    "volume": _VOLUME,
    "time": _TIME,
    "length": _LENGTH,
    "amount": _AMOUNT,
}
_ATOMS: dict[str, tuple[str, Fraction]] = {
    name: (dimension, Fraction(factor))
    for dimension, table in _TABLES.items()
    for name, factor in table.items()
} | {
    "%": ("percent", Fraction(1)),
    "U": ("enzyme", Fraction(1)),
    "[iU]": ("iu", Fraction(1)),
    "m[IU]": ("iu", Fraction(1, 1000)),
    "mm[Hg]": ("pressure", Fraction(1)),
    "kPa": ("pressure", Fraction("7.50061683")),
    "{score}": ("score", Fraction(1)),
    "1": ("number", Fraction(1)),
}
_ALIASES = {
    "mcg": "ug", "μg": "ug", "µg": "ug", "gm": "g", "gram": "g", "grams": "g", "milligram": "mg",
    "milligrams": "mg", "microgram": "ug", "micrograms": "ug", "MG": "mg", "MCG": "ug", "kilogram": "kg",
    "kilograms": "kg", "kgs": "kg", "lb": "[lb_av]", "lbs": "[lb_av]", "pound": "[lb_av]",
    "pounds": "[lb_av]", "oz": "[oz_av]", "ml": "mL", "ML": "mL", "cc": "mL", "l": "L", "dl": "dL",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "H": "h", "HR": "h", "minute": "min",
    "minutes": "min", "mins": "min", "sec": "s", "second": "s", "seconds": "s", "day": "d",
    "days": "d", "week": "wk", "weeks": "wk", "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]",
    "ft": "[ft_i]", "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "IU": "[iU]", "[IU]": "[iU]",
    "m[iU]": "m[IU]", "mIU": "m[IU]", "u[iU]": "u[IU]", "score": "{score}", "points": "{score}",
    "µmol": "umol", "μmol": "umol",
}  # fmt: skip


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit:
    """Read a UCUM expression made of listed units, `/` and `.`; annotations count as things.

    `{tablet}` and `{spray}` are dimensions of their own: 10 mg and 10 mg/{spray} never agree.
    Raises UnitError.
    """
    dimensions: dict[str, int] = {}
    factor = Fraction(1)
    numerator, *denominators = text.strip().split("/")
    for part, power in [(numerator, 1), *((d, -1) for d in denominators)]:
        for atom in part.split("."):
            name = _ALIASES.get(atom, atom)
            count = Fraction(1)
            if power < 0 and name[:2].isdigit() and name[2:]:  # mg/24h
                count, name = Fraction(name[:2]), _ALIASES.get(name[2:], name[2:])
            if not name and power > 0 and denominators:
                continue  # "/min"
            dimension, scale = _atom(name, text)
            if power < 0 and name == "kg":
                dimension, scale = "bodyweight", Fraction(1)
            factor *= (count * scale) ** power
            dimensions[dimension] = dimensions.get(dimension, 0) + power
    return Unit(factor, tuple(sorted((d, p) for d, p in dimensions.items() if p)))


def _atom(name: str, text: str) -> tuple[str, Fraction]:
    if name in _ATOMS:
        return _ATOMS[name]
    if name.startswith("{") and name.endswith("}") and len(name) > 2:
        return name, Fraction(1)
    raise UnitError(f"unknown unit {text!r}")


def convert(value: Decimal, unit: str, target: str) -> Decimal:
    """`value` of `unit` in `target`. Raises UnitError when the dimensions differ."""
    source, wanted = parse_unit(unit), parse_unit(target)
    if source.dimensions != wanted.dimensions:
        raise UnitError(f"{unit!r} cannot be read as {target!r}")
    if source.factor == wanted.factor:
        return value
    return _decimal(Fraction(value) * source.factor / wanted.factor)


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).normalize()


def plain(value: Decimal) -> str:
    """A number as a person writes it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
