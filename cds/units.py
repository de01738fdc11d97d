"""The closed list of UCUM units that doses, rates and measurements may use.

A unit outside the list, or of another dimension, is a UnitError and never a number. Factors are
exact fractions. `kg` below a slash is body weight, so `mg/kg/h` and `mg/h` are different things.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

Dimensions = tuple[tuple[str, int], ...]
"""Powers by base dimension, sorted: `mg/kg/h` is mass 1, body weight -1, time -1."""


class UnitError(ValueError):
    """The unit is unknown, or does not measure what is asked for."""


class Unit(Struct, frozen=True):
    """A unit as factor × base units of its dimensions (gram, litre, second, metre, body-kg)."""

    factor: Fraction
    dimensions: Dimensions


class Quantity(Struct, frozen=True):
    """An exact value with its UCUM unit, e.g. `Quantity(Decimal("0.5"), "mg/kg")`."""

    value: Decimal
    unit: str

    def to(self, unit: str) -> Quantity:
        """The same amount in another unit of the same dimension. Raises UnitError."""
        return Quantity(convert(self.value, self.unit, unit), unit)

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}"


_MASS: dict[str, int | Fraction] = {
    "kg": 1000, "g": 1, "mg": Fraction(1, 10**3), "ug": Fraction(1, 10**6),
    "ng": Fraction(1, 10**9), "pg": Fraction(1, 10**12), "[lb_av]": Fraction("453.59237"),
    "[oz_av]": Fraction("28.349523125"),
}  # fmt: skip
_VOLUME: dict[str, int | Fraction] = {
    "L": 1, "dL": Fraction(1, 10), "mL": Fraction(1, 1000), "uL": Fraction(1, 10**6),
    "fL": Fraction(1, 10**15),
}  # fmt: skip
_TIME: dict[str, int | Fraction] = {
    "ms": Fraction(1, 1000), "s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800,
}  # fmt: skip
_LENGTH: dict[str, int | Fraction] = {
    "m": 1, "cm": Fraction(1, 100), "mm": Fraction(1, 1000), "[in_i]": Fraction("0.0254"),
    "[ft_i]": Fraction("0.3048"),
}  # fmt: skip
_AMOUNT: dict[str, int | Fraction] = {
    "mol": 1, "mmol": Fraction(1, 10**3), "umol": Fraction(1, 10**6), "nmol": Fraction(1, 10**9),
    "pmol": Fraction(1, 10**12),
}  # fmt: skip
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
    "kU": ("enzyme", Fraction(1000)),
    "[iU]": ("iu", Fraction(1)),
    "m[IU]": ("iu", Fraction(1, 1000)),
    "u[IU]": ("iu", Fraction(1, 10**6)),
    "mm[Hg]": ("pressure", Fraction(1)),
    "kPa": ("pressure", Fraction(10**6, 133322)),  # UCUM: 1 mm[Hg] is 133.322 Pa
    "{score}": ("score", Fraction(1)),
    "1": ("number", Fraction(1)),
    "10*3": ("number", Fraction(10**3)),
    "10*6": ("number", Fraction(10**6)),
    "10*9": ("number", Fraction(10**9)),
    "10*12": ("number", Fraction(10**12)),
}
_ALIASES = {
    "mcg": "ug", "μg": "ug", "µg": "ug", "gm": "g", "gram": "g", "grams": "g", "milligram": "mg",
    "milligrams": "mg", "microgram": "ug", "micrograms": "ug", "MG": "mg", "MCG": "ug", "UG": "ug",
    "mgs": "mg", "mcgs": "ug", "G": "g", "kilogram": "kg", "kilograms": "kg", "kgs": "kg",
    "KG": "kg", "Kg": "kg", "kilo": "kg", "kilos": "kg", "kilogramme": "kg", "kilogrammes": "kg",
    "lb": "[lb_av]", "lbs": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]", "LB": "[lb_av]",
    "Lb": "[lb_av]", "lb_av": "[lb_av]", "oz": "[oz_av]", "OZ": "[oz_av]", "Oz": "[oz_av]",
    "ounce": "[oz_av]", "ounces": "[oz_av]", "ml": "mL",
    "ML": "mL", "mls": "mL", "mLs": "mL", "cc": "mL", "cm3": "mL", "ccm": "mL",
    "milliliter": "mL", "milliliters": "mL",
    "millilitre": "mL", "millilitres": "mL", "l": "L", "dl": "dL", "DL": "dL",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "H": "h", "HR": "h", "Hr": "h",
    "minute": "min",
    "minutes": "min", "mins": "min", "MIN": "min", "sec": "s", "second": "s", "seconds": "s",
    "day": "d", "days": "d", "DAY": "d", "week": "wk", "weeks": "wk", "in": "[in_i]",
    "inch": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "mmHg": "mm[Hg]", "mm Hg": "mm[Hg]",
    "IU": "[iU]", "[IU]": "[iU]", "m[iU]": "m[IU]", "mIU": "m[IU]", "u[iU]": "u[IU]",
    "uIU": "u[IU]", "score": "{score}", "points": "{score}", "µmol": "umol", "μmol": "umol",
    "cms": "cm", "msec": "ms",
    "spray": "{spray}", "sprays": "{spray}", "{sprays}": "{spray}", "puff": "{spray}",
    "puffs": "{spray}", "{puff}": "{spray}", "actuation": "{spray}", "actuations": "{spray}",
    "{actuat}": "{spray}", "{actuation}": "{spray}", "device": "{device}", "devices": "{device}",
    "{devices}": "{device}", "vial": "{vial}", "vials": "{vial}", "{vials}": "{vial}",
    "kit": "{kit}", "kits": "{kit}", "tablet": "{tablet}", "tablets": "{tablet}",
    "tab": "{tablet}", "tabs": "{tablet}", "{tbl}": "{tablet}", "{tab}": "{tablet}",
    "{tablets}": "{tablet}", "capsule": "{capsule}", "capsules": "{capsule}", "cap": "{capsule}",
    "caps": "{capsule}", "{cap}": "{capsule}", "{capsules}": "{capsule}", "lozenge": "{lozenge}",
    "lozenges": "{lozenge}", "troche": "{lozenge}", "troches": "{lozenge}", "patch": "{patch}",
    "patches": "{patch}", "{patches}": "{patch}",
}  # fmt: skip
_EXPRESSIONS = {
    "bpm": "/min", "beats/min": "/min", "{beats}/min": "/min", "{Beats}/min": "/min",
    "breaths/min": "/min", "{breaths}/min": "/min", "{Breaths}/min": "/min", "IU/L": "U/L",
    "[IU]/L": "U/L", "[iU]/L": "U/L", "units/L": "U/L", "kg/m^2": "kg/m2", "kg/m²": "kg/m2",
    "lb(s)": "[lb_av]", "pound(s)": "[lb_av]", "kg(s)": "kg", "kilogram(s)": "kg",
}  # fmt: skip
"""Whole expressions that clinics write for a unit of the list."""
_WORD = 3
"""letters from which a name is a word, the same in capitals: `Kgs`, `LBS`; `Mg` and `M` are not"""

LONGEST_UNIT = 60
"""characters; what is longer is a text, and no unit"""
_DIGITS = 4
"""of a figure for a person"""
_SPANS = {"d": "days", "wk": "weeks"}
_IN_WORDS = {
    "ug": "mcg", "mm[Hg]": "mmHg", "[lb_av]": "lb", "[oz_av]": "oz", "[in_i]": "in", "[ft_i]": "ft",
    "[iU]": "IU", "m[IU]": "mIU", "u[IU]": "uIU", "{score}": "", "1": "", "{INR}": "",
}  # fmt: skip
"""as a clinic writes what UCUM spells in another way"""
_WEIGHED_PLACES, _GROWN = 2, 10
"""places of a weighed weight, and kilograms from which a converted one has a single place; also the
weeks from which a time has none"""
_LARGEST_POWER_OF_TEN = 9
"""of an amount of a medicine, in whatever unit: 20 million units of penicillin, a nanogram in g"""
_PART = re.compile(r"\{[^{}]*\}|[./()]|(?:\[[^\]]*\]|[^./(){}])+")
_EXPONENT = re.compile(r"(?P<name>.*?[A-Za-z\]}%])(?P<exponent>[+-]?\d{1,2})\Z")
_COUNT = re.compile(r"(?P<count>\d{1,3})\s?(?P<name>[A-Za-z]+)\Z")


def parse_unit(text: str) -> Unit:
    """Read a UCUM expression made of listed units, `/`, `.`, exponents and one level of brackets.

    As in UCUM, operators bind from left to right: `mg/kg/h` and `mg/(kg.h)` are a rate, while
    `mg/kg.h` is not. Annotations count as things: `{tablet}` and `{spray}` are dimensions of
    their own, and 10 mg and 10 mg/{spray} never agree. Raises UnitError.
    """
    if len(text) > LONGEST_UNIT:
        raise UnitError(f"unknown unit {text[:LONGEST_UNIT]!r}…")
    return _parsed(text)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Unit:
    parts = _PART.findall(_written(text))
    dimensions: dict[str, int] = {}
    factor = Fraction(1)
    sign, outer, bracket, expect_unit = 1, 1, False, True
    for position, part in enumerate(parts):
        if part in ("(", ")"):
            if (part == "(") == bracket or (part == "(") != expect_unit:
                raise UnitError(f"unknown unit {text!r}")
            bracket = part == "("
            outer = sign if bracket else 1
        elif part in (".", "/"):
            if expect_unit and not (part == "/" and position == 0):
                raise UnitError(f"unknown unit {text!r}")
            sign, expect_unit = outer * (-1 if part == "/" else 1), True
        elif expect_unit:
            dimension, scale, power = _atom(part.strip(), sign, text)
            factor *= scale ** (power * sign)
            dimensions[dimension] = dimensions.get(dimension, 0) + power * sign
            expect_unit = False
        else:
            raise UnitError(f"unknown unit {text!r}")
    if expect_unit or bracket:
        raise UnitError(f"unknown unit {text!r}")
    return Unit(factor, tuple(sorted((d, p) for d, p in dimensions.items() if p)))


def _written(text: str) -> str:
    """The expression without the full stop of an abbreviation: `lbs.`, `kg.`"""
    plainly = text.strip().removesuffix(".").rstrip()
    return _EXPRESSIONS.get(plainly, _EXPRESSIONS.get(plainly.lower(), plainly))


def _name(written: str) -> str:
    """The UCUM name of one unit, or what is written."""
    if written in _ATOMS or written in _ALIASES:
        return _ALIASES.get(written, written)
    worded = len(written) >= _WORD and written.isalpha()
    return _ALIASES.get(written.lower(), written) if worded else written


def _atom(written: str, sign: int, text: str) -> tuple[str, Fraction, int]:
    """Dimension, factor and exponent of one unit; `kg` below the line is body weight."""
    name, power, count = _name(written), 1, Fraction(1)
    if name not in _ATOMS:
        if sign < 0 and (match := _COUNT.match(name)):  # mg/24h
            count, name = Fraction(match["count"]), match["name"]
            if not count:
                raise UnitError(f"unknown unit {text!r}")  # mg/0h
        elif match := _EXPONENT.match(name):  # kg/m2, mg.kg-1.h-1
            name, power = match["name"], int(match["exponent"])
        name = _name(name)
    if name == "kg" and sign * power < 0:
        return "bodyweight", count, power
    if name in _ATOMS:
        dimension, scale = _ATOMS[name]
        return dimension, count * scale, power
    if name.startswith("{") and name.endswith("}") and len(name) > 2:
        return name, count, power
    raise UnitError(f"unknown unit {text!r}")


def convert(value: Decimal, unit: str, target: str) -> Decimal:
    """`value` of `unit` in `target`. Raises UnitError when the dimensions differ."""
    ratio = _ratio(unit, target)
    return value if ratio == 1 else decimal(Fraction(value) * ratio)


@lru_cache(maxsize=1024)
def _ratio(unit: str, target: str) -> Fraction:
    source, wanted = parse_unit(unit), parse_unit(target)
    if source.dimensions != wanted.dimensions:
        raise UnitError(f"{unit!r} cannot be read as {target!r}")
    return source.factor / wanted.factor


def decimal(value: Fraction) -> Decimal:
    """A fraction as a Decimal: exact where it terminates, else to 28 significant digits.

    Never with an exponent: `100`, not `1E+2`.
    """
    return Decimal(plain(Decimal(value.numerator) / Decimal(value.denominator)))


def ucum(text: str) -> str:
    """The unit in UCUM spelling: `mcg/kg/hr` is `ug/kg/h`. Raises UnitError."""
    parse_unit(text)
    return "".join(_spelled(part.strip()) for part in _PART.findall(_written(text)))


def _spelled(part: str) -> str:
    if match := _COUNT.match(part):
        return match["count"] + _name(match["name"])
    return _name(part)


def measures(unit: str, like: str) -> bool:
    """Whether a unit is known and measures the same as `like`."""
    try:
        return parse_unit(unit).dimensions == parse_unit(like).dimensions
    except UnitError:
        return False


def plain(value: Decimal) -> str:
    """A number as a person writes it: no exponent, no trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def readable(value: Decimal) -> str:
    """A figure for a person: four digits say enough, and a whole number keeps all of its own.

    >>> readable(Decimal("210.0178515")), readable(Decimal("0.125")), readable(Decimal("15000"))
    ('210', '0.125', '15000')
    """
    places = max(0, _DIGITS - 1 - value.adjusted()) if value else 0
    return plain(to_places(value, places))


def written(quantity: Quantity) -> str:
    """A quantity for a person, its unit as a clinic writes it.

    >>> written(Quantity(Decimal("0.50"), "mg/kg")), written(Quantity(Decimal(6), "ug/kg/min"))
    ('0.5 mg/kg', '6 mcg/kg/min')
    """
    number = {"kg": kilograms, "wk": weeks}.get(quantity.unit, readable)(quantity.value)
    return f"{number} {unit_in_words(quantity.unit)}".rstrip()


def unit_in_words(unit: str) -> str:
    """A unit of UCUM as a clinic writes it: `mmHg`, `mcg/kg/min`, `/min`; nothing for a score."""
    if unit in _SPANS:
        return _SPANS[unit]
    return "".join(_IN_WORDS.get(part, part.strip("{}")) for part in _PART.findall(unit))


def weeks(value: Decimal) -> str:
    """A time in weeks for a person: days make no difference from the tenth on.

    >>> weeks(Decimal("21.43")), weeks(Decimal("5.857"))
    ('21', '5.9')
    """
    return plain(to_places(value, 0 if value >= _GROWN else 1))


def kilograms(value: Decimal) -> str:
    """A body weight for a person: of one that was converted, no more than a scale shows.

    >>> kilograms(Decimal("78.01788764")), kilograms(Decimal("72.35")), kilograms(Decimal(80))
    ('78', '72.35', '80')
    """
    return readable(Decimal(scale_reading(value)))


def scale_reading(value: Decimal) -> str:
    """A body weight for arithmetic, with the place of the scale that shows it was rounded.

    >>> scale_reading(Decimal("78.01788764")), scale_reading(Decimal("72.35"))
    ('78.0', '72.35')
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -_WEIGHED_PLACES:
        return plain(value)
    return format(to_places(value, 1 if value >= _GROWN else _WEIGHED_PLACES), "f")


def to_places(value: Decimal, places: int) -> Decimal:
    """To at most so many places, a half up as people round; a value with fewer stays as it is."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -places:
        return value
    try:
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    except InvalidOperation:
        return value


def rounded(value: Decimal, places: int) -> Decimal:
    """To so many places; a number that has more digits than can be rounded stays as it is."""
    try:
        return round(value, places)
    except InvalidOperation:
        return value


def plausible(value: Decimal) -> bool:
    """Whether a dose, a strength or a rate can be a number of this size."""
    return not value or abs(value.adjusted()) <= _LARGEST_POWER_OF_TEN
