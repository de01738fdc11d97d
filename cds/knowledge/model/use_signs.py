"""By what a use of ketamine outside elective treatment is told."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Fact, Record, Texts
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.names import FreeWords, OrderRoutes
from cds.knowledge.model.predicates.facts import ConditionTest
from cds.knowledge.model.uses import UseId


class DrugSign(Record):
    """Another drug of the session, or one that runs."""

    names: FreeWords
    """ingredients, or a word of the name that the order gives"""
    routes: OrderRoutes = ()
    words: FreeWords = ()
    """in its instruction: one of them must stand there"""
    on_record: bool = False
    """one that is taken on the day counts as well"""


class UseSign(Fact):
    """One sign. One that is decisive names the use; of strong ones two do."""

    name: str
    """as a card names it: "propofol ordered with it" """
    weight: Literal["decisive", "strong"]
    uses: tuple[UseId, ...] = ()
    """those that it speaks for, the likeliest first; none: for elective treatment"""
    words: FreeWords = ()
    """in the order's own words: its name, instruction, notes and reason"""
    services: FreeWords = ()
    """in the name of a service or device that is ordered with it"""
    drugs: tuple[DrugSign, ...] = ()
    places: Annotated[Texts, NameOf("hospital unit")] = ()
    """the unit in which it is to be given"""
    reason: ConditionTest | None = None
    """the order's own reason"""
    diagnosis: ConditionTest | None = None
    """a diagnosis of this encounter"""
    specialties: FreeWords = ()
    """of the requester"""
    ordered_as: FreeWords = ()
    """push, continuous, driver, anaesthetic, pca, ward: the shape of the order"""
