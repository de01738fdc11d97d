"""What bears on the Child-Pugh class beside bilirubin and albumin."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import UpTo
from cds.knowledge.model.names import Ingredients
from cds.knowledge.model.predicates.facts import ConditionTest


class LiverSign(Fact):
    """Which diagnoses and drugs show it, and the points that it can score.

    A code rarely says how severe a sign is: the points are then a range. Under anticoagulation the
    INR scores anything, since it tells of the drug.
    """

    sign: Literal["ascites", "encephalopathy", "anticoagulation"]
    condition: ConditionTest
    ingredients: Ingredients = ()
    points_low: Annotated[int, UpTo("points_high")]
    points_high: int
