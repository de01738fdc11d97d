"""Doses by the patient's weight: what they come to, where the text tells it."""

from __future__ import annotations

from cds.dosage.words.facts import MASSES, Dose, span_of
from cds.dosage.words.steps.builder import Builder


def by_weight(b: Builder, dose: Dose) -> Dose:
    """`15 mg/kg` of 20 kg as a mass; as it is where no weight is told."""
    top, _, below = dose.unit.partition("/")
    if b.weight is None or below not in ("kg", "kg/d"):
        return dose
    unit = top + below.removeprefix("kg")
    return dose._replace(span=dose.span * span_of(b.weight), unit=unit)


def told_in_mass(b: Builder, dose: Dose) -> bool:
    """Whether the mass itself stands beside it: `120 mg (approx 15 mg/kg)`, `0.5 mg/kg (35 mg)`."""
    below = dose.unit.partition("/")[2]
    if not below.startswith("kg"):
        return False
    held = b.take.amount
    weighed = held is not None and (held.unit in MASSES or b.take.mass is not None)
    opened = b.kind(-2 if b.kind(-1) in ("ignored", "fill") else -1) == "open"
    return (opened and weighed) or (below == "kg" and held is None and _worked_out(b))


def _worked_out(b: Builder) -> bool:
    """Whether the mass that a dose by weight comes to stands right behind it."""
    ahead = b.facts[b.at + 1 : b.at + 4]
    kinds = [fact.kind for fact in ahead]
    if kinds[:2] in (["open", "dose"], ["equals", "dose"]):
        mass = ahead[1].value
    elif kinds[:3] == ["open", "equals", "dose"]:
        mass = ahead[2].value
    else:
        return False
    return mass.unit in MASSES and mass.span.low == mass.span.high and mass.each is None
