"""What one unit of a product holds: from an amount, whoever wrote it, to milligrams."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from msgspec import Struct

from cds.chart.medication.entry import Substance
from cds.dosage.dose_units import MASSES
from cds.dosage.model import Span
from cds.units import Quantity, UnitError, rounded

ONE = Span(Fraction(1), Fraction(1))
WHOLE_UNITS = frozenset({
    "1", "{tablet}", "{capsule}", "{patch}", "{film}", "{lozenge}", "{suppository}", "{packet}",
    "{piece}",
})  # fmt: skip
"""Units that a strength without a denominator (`50 mg`) is of."""
_OWN_FORMS = {
    "{patch}": ("patch", "transdermal", "system"),
    "{suppository}": ("suppos", "rectal", "pessar", "vagin"),
}
"""units that only products of such a form have: a tablet has no patches"""
_ONE_UNIT_NOT_ASSUMED = (
    "opioid", "benzodiazepine", "barbiturate", "z_drug", "cns_depressant", "ketamine",
    "esketamine",
)  # fmt: skip
"""how the classes begin of drugs whose unwritten amount stays unknown: a wrong number hurts"""
_WORD = re.compile(r"[^\W\d_]{4,}")
"""a shorter one may be a word of the dosage, or anybody's initials"""


class NotReadable(ValueError):
    """An amount that can't be used. The message says why and quotes nothing."""


class NotKnown(NotReadable):
    """An amount that is well written and can't be weighed without more about the product."""


class NotWritten(NotReadable):
    """Part of the dose stands nowhere: nothing was misread, there is nothing to read."""


class Product(Struct, frozen=True):
    """What the dose of one ingredient depends on."""

    strength: Quantity | None = None
    """per unit of the product's form"""
    form: str | None = None
    rate_kept: bool = False
    """a transdermal opioid: its dose stays a rate"""
    combination: bool = False
    names: frozenset[str] = frozenset()
    """lower-case words that name it or its ingredients"""
    may_assume_one: bool = False
    """one unit per administration may be assumed where only the amount is missing"""


DOSE_RESTS_ON = attrgetter(
    "ingredient", "route", "classes", "product_ingredients", "form", "strength", "texts"
)
"""What of a substance `product_of` looks at: substances that are alike in it are one product."""


def product_of(substance: Substance) -> Product:
    """What the dose of this ingredient depends on."""
    classes = substance.classes
    hurts = any(name.startswith(_ONE_UNIT_NOT_ASSUMED) for name in classes)
    opioid = any(name.startswith("opioid") for name in classes)
    strength = substance.strength
    return Product(
        strength=strength,
        form=substance.form,
        rate_kept=opioid and substance.route == "transdermal",
        combination=len(substance.product_ingredients) > 1,
        names=_names(substance),
        may_assume_one=not hurts and strength is not None and "/" not in strength.unit,
    )


def _names(substance: Substance) -> frozenset[str]:
    """The words by which an instruction may name the product: its ingredients and its brand."""
    written = " ".join((substance.ingredient, *substance.product_ingredients, *substance.texts))
    return frozenset(_WORD.findall(written.lower()))


_SMALL = Fraction(1, 10)


def exact(value: Fraction) -> Decimal:
    """A Decimal of the fraction; one that does not end is rounded to four places, a small one to
    seven."""
    plain = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(plain) != value:
        plain = rounded(plain, 4 if abs(value) >= _SMALL else 7)
    return Decimal(format(plain.normalize(), "f"))


def mg_of(unit: str, product: Product) -> Fraction:
    """Milligrams of the ingredient in one `unit`. Raises NotReadable."""
    if product.combination and unit in MASSES:
        raise NotKnown("mass of a combination product")
    own = _OWN_FORMS.get(unit)
    if own and product.form and not any(word in product.form.lower() for word in own):
        raise NotReadable("unit of dose does not fit the product's form")
    return mg_per_unit(unit, product.strength)


def mg_per_unit(unit: str, strength: Quantity | None) -> Fraction:
    """Milligrams in one `unit` (mg, mL, `{tablet}` …) of a product. Raises NotReadable."""
    unit = unit or "1"
    if unit in MASSES:
        return Fraction(Quantity(Decimal(1), unit).to("mg").value)
    if strength is None:
        raise NotKnown("strength of the product is not known")
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
