"""A proposed dose in words, as a person would write the instruction."""

from __future__ import annotations

from decimal import Decimal

from cds.assessment.model import DoseProposal
from cds.units import readable

ROUTE_NAMES = {
    "intravenous": "IV",
    "intramuscular": "IM",
    "subcutaneous": "SC",
    "intranasal": "intranasally",
}


def in_words(dose: DoseProposal) -> str:
    """`35 mg IV over 40 min, 2 per week, 6 sessions`."""
    route = ROUTE_NAMES.get(dose.route, dose.route)
    text = f"{readable(ordered(dose))} mg {route}"
    if dose.devices:
        text += f" ({dose.devices} device{'s' if dose.devices > 1 else ''} of 28 mg, 5 min apart)"
    if dose.duration_min is not None and not dose.devices:
        text += f" over {readable(dose.duration_min)} min"
    if dose.sessions_per_week is not None:
        text += f", {readable(dose.sessions_per_week)} per week"
    if dose.sessions is not None:
        text += f", {dose.sessions} session{'s' if dose.sessions > 1 else ''}"
    return text


def ordered(dose: DoseProposal) -> Decimal:
    """The milligrams that a suggestion orders. Only a computed dose is ever suggested."""
    assert dose.order_mg is not None
    return dose.order_mg
