"""The answers to the predicates of the knowledge, and the rules that hold by them."""

from cds.assessment.rules import (
    combined,
    of_care,
    of_diagnoses,
    of_drugs,
    of_opioids,
    of_orders,
    of_patient,
    of_results,
    of_treatments,
    of_trials,
)
from cds.assessment.rules.answer import Answer, Match, said
from cds.assessment.rules.awake import awake
from cds.assessment.rules.evaluate import evaluate
from cds.assessment.rules.fired import Fired, fired

REGISTERED = (
    combined, of_care, of_diagnoses, of_drugs, of_opioids, of_orders, of_patient, of_results,
    of_treatments, of_trials,
)  # fmt: skip
"""The modules whose import registers the functions."""

__all__ = ["REGISTERED", "Answer", "Fired", "Match", "awake", "evaluate", "fired", "said"]
