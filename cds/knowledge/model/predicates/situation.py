"""What a rule may ask of an order for ketamine: what is given, how, where and what for."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator

from cds.knowledge.model.names import FreeWords
from cds.knowledge.model.predicates.base import Predicate
from cds.knowledge.model.uses import UseId

Given: TypeAlias = Literal["bolus", "infusion", "injection", "other"]
Family: TypeAlias = Literal["psychiatric", "chronic_pain", "acute_pain", "seizure"]
"""what the indications of an order have in common"""
Place: TypeAlias = Literal[
    "outpatient", "inpatient", "emergency", "icu", "operating_room", "home", "unstated"
]
RouteOfOrder: TypeAlias = Literal[
    "intravenous", "intramuscular", "subcutaneous", "intraosseous", "intranasal", "oral",
    "sublingual", "buccal", "rectal", "epidural", "intrathecal", "caudal", "unstated",
]  # fmt: skip


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_ONE_OR_MORE = BeforeValidator(_as_list)


_PARTS = (
    "drugs", "settings", "uses", "treatment", "elective", "families", "only_for", "at_home",
    "of_days", "says",
)  # fmt: skip


class SituationTest(Predicate, name="situation", asks_by=_PARTS):
    """The order in its situation. Every part that is given has to hold."""

    drugs: Annotated[tuple[Literal["ketamine", "esketamine"], ...], _ONE_OR_MORE] = ()
    settings: Annotated[tuple[Place, ...], _ONE_OR_MORE] = ()
    """where it is to be given: as the order says, else the encounter at hand"""
    uses: Annotated[tuple[UseId, ...], _ONE_OR_MORE] = ()
    treatment: bool | None = None
    """with a regimen, and not anaesthesia, sedation or intensive care"""
    elective: bool | None = None
    """a course of sessions, and no use of a hospital"""
    families: Annotated[tuple[Family, ...], _ONE_OR_MORE] = ()
    """for one of these, perhaps beside others"""
    only_for: Family | None = None
    """for this and for nothing else"""
    at_home: bool | None = None
    of_days: bool | None = None
    """an infusion longer than any session"""
    says: FreeWords = ()
    """a phrase of its name or instruction"""
