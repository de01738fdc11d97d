"""Daily benzodiazepine dose as diazepam."""

from __future__ import annotations

from cds.knowledge.model.base import Fact
from cds.knowledge.model.names import DrugRoutes, Ingredient, Positive


class BenzodiazepineEquivalent(Fact):
    """The oral dose of one benzodiazepine that stands for 10 mg of oral diazepam.

    Tables disagree up to twofold. One table is used throughout; where it gives a range, its low
    end, which yields the higher equivalent and so warns earlier.
    """

    ingredient: Ingredient
    """RxNorm ingredient name, lower case"""
    routes: DrugRoutes = ("oral",)
    equals_diazepam_10_mg: Positive | None = None
    """mg; missing: no equivalent is known, and none is computed"""
