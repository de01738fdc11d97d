"""Which body weight a dose rests on."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from cds.knowledge.model.base import Codes, Fact
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.quantities import Inches, Kg, KgPerM2, Share


class WeightRule(Fact):
    """What is known of the weight basis; some rules have the numbers of a formula."""

    statement: str


class WeightStatement(WeightRule):
    """For the reader alone."""

    id: Literal["actual-weight", "obesity-effect", "absolute-cap", "weight-display"]


class ObesityWeightRule(WeightRule):
    id: Literal["obesity-ideal-weight"]
    bmi_from: KgPerM2


class Devine(WeightRule):
    """Ideal weight: a base for each sex, and so much for each inch above a height."""

    id: Literal["devine"]
    base_male: Kg
    base_female: Kg
    per_inch: Kg
    above: Inches


class AdjustedWeight(WeightRule):
    id: Literal["adjusted-weight"]
    share_of_excess: Share
    """ideal weight plus this share of what is above it"""


class StatedWeight(WeightRule):
    id: Literal["stated-weight"]
    loinc: Annotated[Codes, NameOf("LOINC code")]
    """codes of weights that nobody measured"""


AnyWeightRule: TypeAlias = Annotated[
    WeightStatement | ObesityWeightRule | Devine | AdjustedWeight | StatedWeight,
    Field(discriminator="id"),
]
