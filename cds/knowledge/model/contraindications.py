"""A reason not to give ketamine, or to take care."""

from __future__ import annotations

from typing import Annotated

from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.names import OrderedDrugs
from cds.knowledge.model.rule import Rule


class Contraindication(Fact):
    """One concept, e.g. pregnancy, with the rows of both digests that speak of it.

    Each rule is a row with its own trigger and severity: the finding unites the rows that hold and
    takes the most severe of them.
    """

    rules: tuple[Rule, ...] = ()
    drugs: OrderedDrugs = ("ketamine", "esketamine")
    """the ordered forms that it applies to"""
    elective_only: bool = True
    """False: it holds in an emergency and in the operating theatre too"""
    treatment_only: bool = False
    """True: of elective treatment alone; in a hospital use it is not even a fact to know"""
    any_route: bool = False
    """True: it holds for ketamine on the skin too, of which hardly any reaches the blood"""
    answered_by_allergy_list: bool = False
    """True: an empty list of allergies is asked about for it"""
    workup: Annotated[str | None, NameOf("work-up item")] = None
    """work-up item that would answer it"""

    @property
    def wording(self) -> str | None:
        return self.id
