"""The one language of rules: what they ask, as records. `cds.assessment.rules` answers them."""

from cds.knowledge.model.predicates import care, combined, facts, situation, treatment
from cds.knowledge.model.predicates.base import KINDS, Predicate, When, read_predicate

__all__ = [
    "KINDS", "Predicate", "When", "care", "combined", "facts", "read_predicate", "situation",
    "treatment",
]  # fmt: skip
