"""Amounts of a drug as orders write them, and what they weigh with the product's strength."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from cds.fhir_json import as_number, as_text
from cds.units import Quantity, UnitError, parse_unit
from cds.wire import Json

MASS_WORDS = {
    "mg": "mg", "milligram": "mg", "milligrams": "mg", "mgs": "mg", "g": "g", "gm": "g",
    "gram": "g", "grams": "g", "mcg": "ug", "ug": "ug", "microgram": "ug", "micrograms": "ug",
    "mcgs": "ug",
}  # fmt: skip
VOLUME_WORDS = {
    "ml": "mL", "mls": "mL", "milliliter": "mL", "milliliters": "mL", "millilitre": "mL",
    "millilitres": "mL", "cc": "mL", "teaspoon": "mL", "teaspoons": "mL", "teaspoonful": "mL",
    "tsp": "mL", "tablespoon": "mL", "tablespoons": "mL", "tablespoonful": "mL", "tbsp": "mL",
}  # fmt: skip
COUNT_WORDS = {
    word: unit
    for unit, words in {
        "{tablet}": ("tablet", "tablets", "tab", "tabs", "tbl", "caplet", "caplets", "pill",
                     "pills"),
        "{capsule}": ("capsule", "capsules", "cap", "caps", "softgel", "softgels"),
        "{patch}": ("patch", "patches", "transdermal patch", "transdermal patches"),
        "{film}": ("film", "films", "strip", "strips"),
        "{lozenge}": ("lozenge", "lozenges", "troche", "troches"),
        "{suppository}": ("suppository", "suppositories"),
        "{spray}": ("spray", "sprays", "puff", "puffs", "actuation", "actuations", "inhalation",
                    "inhalations"),
        "{packet}": ("packet", "packets", "sachet", "sachets"),
    }.items()
    for word in words
}  # fmt: skip
WHOLE_UNITS = frozenset({
    "1", "{tablet}", "{capsule}", "{patch}", "{film}", "{lozenge}", "{suppository}", "{packet}",
})  # fmt: skip
"""Units that a strength without a denominator (`50 mg`) is of."""
_CODED_UNITS = {
    "{tbl}": "{tablet}", "{tab}": "{tablet}", "{tablet}": "{tablet}", "TAB": "{tablet}",
    "{capsule}": "{capsule}", "{cap}": "{capsule}", "CAP": "{capsule}", "{patch}": "{patch}",
    "PATCH": "{patch}", "{spray}": "{spray}", "SPRY": "{spray}", "{puff}": "{spray}",
    "PUFF": "{spray}", "{actuat}": "{spray}", "385055001": "{tablet}", "385049006": "{capsule}",
    "385114002": "{patch}", "421366001": "{tablet}", "732936001": "{tablet}",
    "732937005": "{capsule}", "428641000": "{capsule}", "428673006": "{tablet}",
    "419702001": "{patch}", "421720008": "{spray}", "ERTAB": "{tablet}", "ERCAP": "{capsule}",
    "1": "1", "{dose}": "1", "{each}": "1", "EA": "1", "{film}": "{film}", "FILM": "{film}",
    "SUPP": "{suppository}", "LOZ": "{lozenge}", "{lozenge}": "{lozenge}",
}  # fmt: skip
_LOOSE = {"each": "1", "ea": "1", "unit dose": "1", "dose": "1", "doses": "1"}
MASSES = ("mg", "ug", "g", "ng")


class NotReadable(ValueError):
    """An amount that can't be used. The message says why and quotes nothing."""


def exact(value: Fraction) -> Decimal:
    """A Decimal of the fraction; one that does not end is rounded to four places."""
    plain = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(plain) != value:
        plain = round(plain, 4)
    return Decimal(format(plain.normalize(), "f"))


def unit_of(quantity: Json) -> str:
    """The canonical unit of a dose Quantity; `1` without any unit.

    Raises NotReadable when the unit is unknown, or when code and text name different units.
    """
    written = [as_text(quantity.get("code")), as_text(quantity.get("unit"))]
    if not any(written):
        return "1"
    known = {unit for word in written if word and (unit := unit_word(word))}
    if not known:
        raise NotReadable("unknown unit of dose")
    if len(known - {"1"}) > 1:
        raise NotReadable("code and text of the unit disagree")
    return next(iter(known - {"1"}), "1")


def unit_word(word: str) -> str | None:
    """The canonical unit of a code or word; None when it is not known."""
    if word in _CODED_UNITS:
        return _CODED_UNITS[word]
    lower = word.lower().strip("{}() ").removesuffix("(s").strip()
    found = MASS_WORDS.get(lower) or VOLUME_WORDS.get(lower) or COUNT_WORDS.get(lower)
    if found or lower in _LOOSE:
        return found or _LOOSE[lower]
    head = lower.split(",")[0].split(" - ")[0].strip()
    for word_, unit in COUNT_WORDS.items():  # "tablet, extended release", "oral tablet"
        if head.endswith(f" {word_}") or head == word_:
            return unit
    try:
        parse_unit(word)
    except UnitError:
        return None
    return word if "{" not in word else None


def value_of(quantity: Json) -> Fraction:
    """The positive number of a Quantity. Raises NotReadable."""
    value = as_number(quantity.get("value"))
    if value is None:
        raise NotReadable("no amount of dose")
    if quantity.get("comparator"):
        raise NotReadable("amount of dose is only a bound")
    if value <= 0:
        raise NotReadable("amount of dose is not positive")
    return Fraction(value)


def mg_per_unit(unit: str, strength: Quantity | None) -> Fraction:
    """Milligrams in one `unit` (mg, mL, `{tablet}` …) of a product. Raises NotReadable."""
    if unit in MASSES:
        return Fraction(Quantity(Decimal(1), unit).to("mg").value)
    if strength is None:
        raise NotReadable("strength of the product is not known")
    top, slash, bottom = strength.unit.partition("/")
    if top not in MASSES:
        raise NotReadable("strength is not a mass")
    mg = Fraction(strength.value) * Fraction(Quantity(Decimal(1), top).to("mg").value)
    if not slash and unit in WHOLE_UNITS:
        return mg
    if bottom == "mL" and unit == "mL":
        return mg
    if bottom in ("{actuat}", "{spray}") and unit in ("{spray}", "1"):
        return mg
    if bottom.startswith("{") and unit == bottom:
        return mg
    raise NotReadable("unit of dose does not fit the product's strength")


def hourly_rate(strength: Quantity | None) -> Fraction | None:
    """Micrograms per hour that one patch gives; None when the strength is not a rate."""
    if strength is None:
        return None
    try:
        return Fraction(strength.to("ug/h").value)
    except UnitError:
        return None
