"""The ordered product: drug, strength, and what else is in the bag or syringe."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from cds.chart.ingredient import Part
from cds.chart.product import Product
from cds.dosage.quantity import Problems
from cds.orders.model import NO_DOUBTS, DrugDoubts
from cds.terminology.model import DrugMatch, Said
from cds.units import Quantity, UnitError, measures

_SALT = re.compile(r"(?i)\b(hydrochloride|hcl)\b")
_BASE = re.compile(r"(?i)\bbase\b")


class OrderedProduct(Struct, frozen=True):
    """What the order's medication is."""

    display: str = ""
    names: tuple[str, ...] = ()
    """every text and display of the medication, as written"""
    match: DrugMatch | None = None
    concentration: Quantity | None = None
    """mg/mL of the product as supplied"""
    mixed: Quantity | None = None
    """mg/mL after dilution, where the medication describes the mixture"""
    strength: Quantity | None = None
    """mg per device, tablet or spray"""
    salt: bool | None = None
    diluent: str | None = None
    volume: Quantity | None = None
    co_ingredients: tuple[str, ...] = ()
    doubts: DrugDoubts = NO_DOUBTS


def read_product(
    product: Product, problems: Problems, told: DrugMatch | None = None
) -> OrderedProduct:
    """What the product of a draft means for the order; `told`: by other words of it."""
    if told is not None:
        product = replace(product, match=replace(told, told=True))
    if product.problem is not None:
        referred = product.problem != "no medication"
        problems.add("medicationReference" if referred else "medication[x]", product.problem)
    ours = sorted(filter(_is_ketamine, product.drugs), key=lambda part: part.diluent)
    active = next(iter(ours), None)  # not the saline of "saline for ketamine" beside it
    match = product.match
    if active and active.match and (product.coded is None or not _names_ketamine(product.coded)):
        match = product.formed(active.match)
    if active and active.problem:
        problems.add("Medication.ingredient.strength", active.problem)
    others = [p for p in product.parts if p is not active and _is_other(p)]
    volume = next((part.volume for part in product.diluents if part.volume), None)
    concentration, strength = _strengths(match, active)
    mixed = concentration if product.diluents and active and active.strength else None
    return OrderedProduct(
        display=product.display,
        names=product.texts,
        match=match,
        concentration=None if mixed else concentration,
        mixed=mixed,
        strength=strength,
        salt=_salt(product.texts),
        diluent=next((part.display for part in product.diluents), None),
        volume=volume,
        doubts=_doubts(match, product.match),
        co_ingredients=tuple(sorted({name for part in others for name in _named(part)})),
    )


def _doubts(match: DrugMatch | None, named: DrugMatch | None) -> DrugDoubts:
    """Of the drug that is ordered, and of all that the product names."""
    both = [one for one in (match, named) if one is not None]
    if match is None or not _names_ketamine(match):
        return NO_DOUBTS
    return DrugDoubts(
        disagree=tuple(dict.fromkeys(line for one in both for line in one.contradiction)),
        taken_for=match.taken_for,
        against=match.doubt not in (None, Said.DOUBTFUL),
        asked=match.doubt is Said.DOUBTFUL,
        told=match.told,
        beside=tuple(dict.fromkeys(other for one in both for other in one.beside)),
    )


def _is_other(part: Part) -> bool:
    """Whether it is in the product beside ketamine, and neither what that is dissolved in."""
    dissolves = part.diluent and (part.match is None or _is_ketamine(part))
    return not dissolves and not part.inactive


def _is_ketamine(part: Part) -> bool:
    return part.match is not None and _names_ketamine(part.match)


def _named(part: Part) -> frozenset[str]:
    if part.match is not None:
        return part.match.names
    return frozenset({part.display.lower()} if part.display else ())


def _names_ketamine(match: DrugMatch) -> bool:
    return bool(match.names & {"ketamine", "esketamine"})


def _salt(texts: tuple[str, ...]) -> bool | None:
    """Whether the name gives the strength as the hydrochloride; None when it says neither."""
    joined = " ".join(texts)
    if _BASE.search(joined):
        return False
    return True if _SALT.search(joined) else None


def _as(quantity: Quantity | None, unit: str) -> Quantity | None:
    if quantity is None:
        return None
    try:
        return quantity.to(unit)
    except UnitError:
        return None


def _strengths(
    match: DrugMatch | None, active: Part | None
) -> tuple[Quantity | None, Quantity | None]:
    """(mg/mL, mg per unit): the Medication's own statement first, then the product code's."""
    if active and active.strength:
        return _as(active.strength, "mg/mL"), _as(active.strength, "mg")
    if match is None or match.contradicted:
        return None, None
    for ingredient in match.ingredients:
        if ingredient.name in ("ketamine", "esketamine") and ingredient.strength:
            strength = ingredient.strength
            per_unit = "{" in strength.unit or measures(strength.unit, "mg")
            unit_free = Quantity(strength.value, strength.unit.split("/")[0]) if per_unit else None
            return _as(strength, "mg/mL"), _as(unit_free, "mg")
    return None, None
