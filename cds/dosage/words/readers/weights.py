"""The patient's weight beside a dose by weight: `(wt 20 kg)`. Fact: `weight`, in kilograms."""

from __future__ import annotations

from collections.abc import Sequence

from cds.dosage.words.facts import Said, skip
from cds.dosage.words.scan import Item

_CUES = ("wt", "wgt", "weight", "weighs", "weighing")
_MOST_KG = 300


def weight(items: Sequence[Item], at: int) -> Said | None:
    """`wt 20 kg`, `weight: 81.2 kg`, `dosing weight 70 kg`."""
    place = at + (items[at].key in ("dosing", "actual", "body", "current"))
    return _kilograms(items, place + 1) if items[place].key in _CUES else None


def alone(items: Sequence[Item], at: int) -> Said | None:
    """The `20 kg` of `(20 kg)` and `for a 20 kg child`."""
    return _kilograms(items, at) if items[at - 1].kind == "(" or items[at - 1].kind == "a" else None


def times_weight(items: Sequence[Item], at: int) -> Said | None:
    """The `x 20 kg` of `15 mg/kg x 20 kg`."""
    by_weight = at > 1 and items[at - 1].kind == "kg" and items[at - 2].kind in ("/", "per")
    return _kilograms(items, at + 1) if by_weight else None


def _kilograms(items: Sequence[Item], at: int) -> Said | None:
    """A weight that is told exactly: `< 50 kg` is none."""
    place = skip(items, at, ":", "=", "is", "of")
    if items[place].kind != "num" or items[place + 1].kind != "kg":
        return None
    span = items[place].value
    if span.low != span.high or not 0 < span.low <= _MOST_KG:
        return None
    end = skip(items, place + 2, "unknown") if items[place + 2].key in _PATIENT else place + 2
    return end, "weight", span.low


_PATIENT = ("child", "infant", "patient", "pt", "baby")


def bound(items: Sequence[Item], at: int) -> Said | None:
    """The `< 50 kg` of `(pt < 50 kg)`."""
    place = skip(items, at, "compare", "=")
    weighed = items[place].kind == "num" and items[place + 1].kind == "kg"
    return (place + 2, "ignored", "how") if weighed and items[place + 2].kind == ")" else None


def percent(items: Sequence[Item], at: int) -> Said | None:
    """The `25% reduction` of `(25% reduction for cross-tolerance)`."""
    told = items[at - 1].kind == "(" and items[at + 1].key == "%"
    return (at + 3, "advice", True) if told and items[at + 2].key in _CHANGES else None


_CHANGES = ("reduction", "increase", "decrease", "reduced", "increased")
