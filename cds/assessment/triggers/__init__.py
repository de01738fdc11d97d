"""Declarative triggers: `evaluate` answers one for a case, `fired` the rules of an entry."""

from cds.assessment.triggers.answer import Answer, Match, said
from cds.assessment.triggers.evaluate import Fired, evaluate, fired

__all__ = ["Answer", "Fired", "Match", "evaluate", "fired", "said"]
