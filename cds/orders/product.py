"""The ordered product: drug, strength, and what else is in the bag or syringe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cds.fhir.record.patient_record import PatientRecord
from cds.fhir_json import as_object, as_objects, as_text, concept_texts
from cds.orders.quantities import Problems, read_ratio
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch
from cds.units import Quantity, UnitError, measures
from cds.wire import Json

_DILUENT = re.compile(
    r"(?i)\b(sodium chloride|saline|dextrose|glucose|ringer|water for injection|sterile water)\b"
)
_SALT = re.compile(r"(?i)\b(hydrochloride|hcl)\b")
_BASE = re.compile(r"(?i)\bbase\b")


@dataclass(frozen=True, slots=True)
class OrderedProduct:
    """What the order's medication is."""

    display: str = ""
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


def read_product(
    resource: Json, terminology: Terminology, record: PatientRecord | None, problems: Problems
) -> OrderedProduct:
    """From medicationCodeableConcept, or a Medication that is contained, in the session or read."""
    concept = resource.get("medicationCodeableConcept")
    medication: Json = {}
    if not concept:
        medication = _referenced(resource, record, problems)
        concept = medication.get("code")
    elements = [_Element.read(node, terminology, problems) for node in _ingredients(medication)]
    active = next((e for e in elements if e.is_ketamine), None)
    match = terminology.ordered_drug(concept) if concept else None
    if active and (match is None or not _names_ketamine(match)):
        match = active.match
    texts = list(concept_texts(concept))
    others = [e for e in elements if e is not active and not e.diluent]
    diluents = [e for e in elements if e.diluent]
    volume = next((e.volume for e in diluents if e.volume), None)
    concentration, strength = _strengths(match, active)
    mixed = concentration if diluents and active and active.concentration else None
    return OrderedProduct(
        display=texts[0] if texts else "",
        match=match,
        concentration=None if mixed else concentration,
        mixed=mixed,
        strength=strength,
        salt=_salt(texts),
        diluent=next((e.display or "diluent" for e in diluents), None),
        volume=volume,
        co_ingredients=tuple(sorted({name for e in others for name in e.names})),
    )


def _referenced(resource: Json, record: PatientRecord | None, problems: Problems) -> Json:
    reference = as_object(resource.get("medicationReference"))
    target = as_text(reference.get("reference"))
    if not target:
        if as_text(reference.get("display")):
            return {"code": {"text": as_text(reference["display"])}}
        problems.add("medication[x]", "no medication")
        return {}
    for contained in as_objects(resource.get("contained")):
        if target.lstrip("#") == contained.get("id"):
            return contained
    found = record.resolve(target, resource) if record is not None else None
    if found is None:
        problems.add("medicationReference", "the Medication could not be read")
        return (
            {"code": {"text": as_text(reference.get("display"))}}
            if reference.get("display")
            else {}
        )
    return found


def _ingredients(medication: Json) -> Iterator[Json]:
    yield from as_objects(medication.get("ingredient"))


def _names_ketamine(match: DrugMatch) -> bool:
    return bool(match.names & {"ketamine", "esketamine"})


def _salt(texts: list[str]) -> bool | None:
    """Whether the name gives the strength as the hydrochloride; None when it says neither."""
    joined = " ".join(texts)
    if _BASE.search(joined):
        return False
    return True if _SALT.search(joined) else None


@dataclass(frozen=True, slots=True)
class _Element:
    """One ingredient of a Medication."""

    display: str
    match: DrugMatch | None
    concentration: Quantity | None
    strength: Quantity | None
    volume: Quantity | None
    diluent: bool

    @classmethod
    def read(cls, node: Json, terminology: Terminology, problems: Problems) -> _Element:
        concept = node.get("itemCodeableConcept")
        text = next(concept_texts(concept), "")
        ratio = as_object(node.get("strength"))
        strength = read_ratio(ratio, "Medication.ingredient.strength", problems) if ratio else None
        amount = as_object(ratio.get("numerator"))
        unit = as_text(amount.get("code")) or as_text(amount.get("unit"))
        diluent = bool(_DILUENT.search(text))
        return cls(
            display=text,
            match=terminology.ordered_drug(concept) if concept else None,
            concentration=_as(strength, "mg/mL"),
            strength=_as(strength, "mg"),
            volume=_as(read_ratio(ratio, "", Problems()), "mL")
            if diluent and measures(unit, "mL")
            else None,
            diluent=diluent,
        )

    @property
    def is_ketamine(self) -> bool:
        return self.match is not None and _names_ketamine(self.match)

    @property
    def names(self) -> frozenset[str]:
        if self.match is not None:
            return self.match.names
        return frozenset({self.display.lower()} if self.display else ())


def _as(quantity: Quantity | None, unit: str) -> Quantity | None:
    if quantity is None:
        return None
    try:
        return quantity.to(unit)
    except UnitError:
        return None


def _strengths(
    match: DrugMatch | None, active: _Element | None
) -> tuple[Quantity | None, Quantity | None]:
    """(mg/mL, mg per unit): the Medication's own statement first, then the product code's."""
    if active and (active.concentration or active.strength):
        return active.concentration, active.strength
    if match is None:
        return None, None
    for ingredient in match.ingredients:
        if ingredient.name in ("ketamine", "esketamine") and ingredient.strength:
            strength = ingredient.strength
            per_unit = "{" in strength.unit or measures(strength.unit, "mg")
            unit_free = Quantity(strength.value, strength.unit.split("/")[0]) if per_unit else None
            return _as(strength, "mg/mL"), _as(unit_free, "mg")
    return None, None
