"""What the program asks of any knowledge by its name, and so must be there on every day.

Of the other facts none is named: an indication, a regimen or a limit may end or be left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import get_args

from cds.knowledge.check.written import Slip
from cds.knowledge.load import Knowledge
from cds.knowledge.model.limits import LimitRole
from cds.knowledge.model.regimens import RegimenRole

WHOLE_SUBJECTS = (
    "uses", "order_checks", "weight_rules", "monitoring", "response", "measurements", "parameters",
)  # fmt: skip
"""subjects of which every fact that we ship must be there on the days on which ours holds: most
are asked for by their id"""
ONE_BY_ONE: Mapping[str, tuple[str, ...]] = {
    "contraindications": ("contraindications-not-excluded", "recorded-as-deceased"),
}
ROLES: Mapping[str, tuple[str, ...]] = {
    "limits": get_args(LimitRole),
    "regimens": get_args(RegimenRole),
}
_WITHOUT_DAYS = ("measurements",)
"""subjects that a chart is read by, which is read once for all days"""


def lacking(knowledge: Knowledge, shipped: Knowledge) -> list[Slip]:
    """What is not there, or not on every day."""
    found: dict[tuple[str, str], str] = {}
    for since in sorted({date.min, *knowledge.days, *shipped.days}):
        day = f" from {since} on" if since != date.min else ""
        for subject, what in _lacking_then(knowledge.on(since), shipped.on(since)):
            found.setdefault((subject, what), f"{what} is missing{day}: the program asks for it")
    for subject in _WITHOUT_DAYS:
        for fact in (*getattr(knowledge, subject).values(), *knowledge.earlier.get(subject, ())):
            if fact.effective or fact.until or fact.supersedes:
                found[subject, fact.id] = f"`{fact.id}` has a day: a chart is read for all days"
    place = knowledge.place or "cds/knowledge"
    return [Slip(f"{place}/data", 0, f"{subject}: {said}") for (subject, _), said in found.items()]


def _lacking_then(then: Knowledge, shipped: Knowledge) -> Iterator[tuple[str, str]]:
    whole = {subject: tuple(getattr(shipped, subject)) for subject in WHOLE_SUBJECTS}
    for subject, idents in {**whole, **ONE_BY_ONE}.items():
        there = getattr(then, subject)
        yield from ((subject, f"`{ident}`") for ident in idents if ident not in there)
    for subject, roles in ROLES.items():
        held = {role for fact in getattr(then, subject).values() for role in _roles(fact)}
        yield from (
            (subject, f"a fact with the role `{role}`") for role in roles if role not in held
        )
    if all(product.mg_per_device is None for product in then.products.values()):
        yield "products", "a product with `mg_per_device`"


def _roles(fact: object) -> tuple[str, ...]:
    role = getattr(fact, "role", None)
    return (role,) if role else tuple(getattr(fact, "roles", ()))
