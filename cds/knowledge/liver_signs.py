"""A sign of liver failure that scores in the Child-Pugh class."""

from __future__ import annotations

from typing import Literal

from cds.knowledge.base import Fact
from cds.knowledge.triggers import ConditionTest


class LiverSign(Fact):
    """Which diagnoses show the sign, and the points that it can score.

    A code rarely says how severe a sign is: the points are then a range.
    """

    sign: Literal["ascites", "encephalopathy"]
    condition: ConditionTest
    points_low: int
    points_high: int
