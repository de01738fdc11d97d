"""One ingredient of a Medication: the drug, and how much of it is in what."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from msgspec import Struct

from cds.fhir_json import as_number, as_object, as_quantity, as_text, concept_texts, unit_texts
from cds.limits import UNREADABLE
from cds.terminology.codes.concept import codings
from cds.terminology.model import DrugMatch
from cds.terminology.text.diluent_names import is_diluent, is_only_diluent
from cds.units import Quantity, UnitError, decimal, measures, plausible, ucum
from cds.wire import Json

Find = Callable[[object], DrugMatch | None]
"""How a concept is looked up: as a drug that is taken, or as one that is ordered"""

_PIECES = frozenset({
    "1", "each", "ea", "piece", "pieces", "unit dose", "dose", "{dose}", "film", "films", "strip",
    "suppository", "suppositories", "packet", "sachet", "syringe", "ampule", "ampoule", "bag",
    "bottle", "supp", "loz", "film-coated tablet",
})  # fmt: skip
"""Words for one piece of a product, beside those that are units (`tablet`, `{capsule}`, `vial`)."""


class Part(Struct, frozen=True):
    """One ingredient of a Medication."""

    display: str
    """as the chart names it"""
    match: DrugMatch | None
    strength: Quantity | None = None
    """as the drug tables write it: `50 mg` of one piece, `1 mg/mL`, `25 ug/h`, `10 mg/{spray}`"""
    volume: Quantity | None = None
    """mL in one piece of the product: of what a drug is dissolved in"""
    diluent: bool = False
    """it is called by what a drug is dissolved in; where it names a drug as well, it is both"""
    inactive: bool = False
    problem: str | None = None
    """why a strength that is written could not be read; quotes nothing"""
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code) of its codings, where none of them told the drug"""
    source: tuple[str, ...] = ()
    """the resources that tell it, where the Medication only refers to them"""

    @property
    def is_drug(self) -> bool:
        """A drug that the tables know."""
        return self.match is not None and not self.inactive

    @property
    def unread(self) -> bool:
        """Its name is too long to be read, so that it may be any drug."""
        return self.match is None and self.display == UNREADABLE and not self.inactive


def read_part(node: Json, concept: object, find: Find) -> Part:
    """An element of `Medication.ingredient`; `concept` is its item, resolved."""
    text = next(concept_texts(concept), "")
    ratio = as_object(node.get("strength") or node.get("strengthRatio"))
    amount = as_object(node.get("strengthQuantity") or ratio.get("numerator"))
    below = as_object(ratio.get("denominator"))
    strength = _strength(amount, below)
    match = find(concept) if concept else None
    # "ketamine 50 mg/mL, in saline" is ketamine, "saline with ketamine" both
    diluent = is_diluent(text) if match is None else is_only_diluent(text)
    unread = bool(amount) and strength is None and not diluent
    return Part(
        display=text,
        match=match,
        strength=strength,
        volume=_volume(amount, below),
        diluent=diluent,
        inactive=node.get("isActive") is False,
        problem="the strength could not be read" if unread else None,
        codes=() if match is not None else tuple(codings(concept)),
    )


def _strength(amount: Json, below: Json) -> Quantity | None:
    """Mass per piece, volume, hour or spray; None when it is another thing, or not understood."""
    quantity = _quantity(amount)
    if quantity is None or not measures(quantity.unit, "mg"):
        return None
    mass = Fraction(quantity.to("mg").value)
    if (pieces := _pieces(below)) is not None:
        return Quantity(decimal(mass / pieces), "mg")
    per = _quantity(below)
    if per is None:
        return None
    if measures(per.unit, "mL"):
        return Quantity(decimal(mass / Fraction(per.to("mL").value)), "mg/mL")
    if measures(per.unit, "h"):
        return Quantity(decimal(mass * 1000 / Fraction(per.to("h").value)), "ug/h")
    if measures(per.unit, "{spray}"):
        return Quantity(decimal(mass / Fraction(per.value)), "mg/{spray}")
    return None


def _quantity(node: Json) -> Quantity | None:
    """An amount that something can hold."""
    found = as_quantity(node)
    return found if found is not None and found.value > 0 and plausible(found.value) else None


def _pieces(below: Json) -> Fraction | None:
    """The number of pieces below the line; None where it is no count of pieces."""
    if not below:
        return Fraction(1)
    count = as_number(below.get("value"))
    if count is None or count <= 0 or not plausible(count) or below.get("comparator"):
        return None
    written = unit_texts(below) or [text for text in (as_text(below.get("code")),) if text]
    return Fraction(count) if all(map(_is_piece, written)) else None


def _is_piece(unit: str) -> bool:
    if unit.lower() in _PIECES:
        return True
    for written in (unit, unit.lower()):
        try:
            spelled = ucum(written)
        except UnitError:
            continue
        return spelled.startswith("{") and spelled != "{spray}" and "/" not in spelled
    return False


def _volume(amount: Json, below: Json) -> Quantity | None:
    quantity, pieces = _quantity(amount), _pieces(below)
    if quantity is None or pieces is None or not measures(quantity.unit, "mL"):
        return None
    return Quantity(decimal(Fraction(quantity.to("mL").value) / pieces), "mL")
