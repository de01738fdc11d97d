"""Diagnoses of the kinds that ketamine is asked for, for which no indication is known here."""

from __future__ import annotations

from cds.assessment.case import Case
from cds.assessment.diagnosis import is_current
from cds.assessment.indicated import OF_PAIN, OF_THE_MIND, SUICIDALITY_SETS
from cds.assessment.model import ChartText
from cds.terminology.codes.named_codes import starts

FAMILY_SETS = (OF_THE_MIND | OF_PAIN) - SUICIDALITY_SETS
"""wider than any one indication: the kind of illness, and not which"""
_ICD10CM = (
    "F34", "F38", "F39", "F40", "F41", "F42", "F43", "F44", "F45", "F48", "F50", "F60",
    "G43", "G44", "G89", "H93.1", "M79", "N94.8", "R51", "R52",
)  # fmt: skip
"""mood, anxiety, stress, somatoform, eating and personality disorders; pain; tinnitus"""
_NAMED = 2


def unruled_problems(case: Case) -> tuple[ChartText, ...]:
    """The first current ones, as the chart calls them."""
    found = [
        ChartText(fact.display)
        for fact in case.history.conditions
        if is_current(fact) is not False
        and fact.display
        and (not fact.sets.isdisjoint(FAMILY_SETS) or starts(fact.codes, _ICD10CM))
    ]
    return tuple(dict.fromkeys(found))[:_NAMED]
