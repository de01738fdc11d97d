"""A rule that asks for a diagnosis in words: what its text denies, the past, other people."""

from __future__ import annotations

import pytest

from cds.assessment.diagnosis import is_meant
from cds.chart.entries import Condition
from cds.knowledge.triggers import ConditionTest

SHOCK = ConditionTest(words=r"\bshock\b|\bhellp\b")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Septic shock", True),
        ("Septic shock, no seizures", True),  # something else is denied
        ("HELLP syndrome; history of migraine", True),
        ("possible septic shock", True),  # a warning does not wait for certainty
        ("no shock", False),
        ("shock ruled out", False),
        ("shock, resolved", False),
        ("history of septic shock", False),
        ("mother had septic shock", False),
        ("risk of shock", False),
        ("Shocking experience", False),
    ],
)
def test_a_diagnosis_in_words(written: str, meant: bool) -> None:
    fact = Condition(
        frozenset(), written, "active", "confirmed", "problem-list-item", ("Condition/c",)
    )
    assert is_meant(SHOCK, fact) is meant
