"""A rule that asks for a diagnosis in words: what its text denies, the past, other people."""

from __future__ import annotations

import pytest

from cds.assessment.diagnosis import is_meant
from cds.knowledge.model.predicates.facts import ConditionTest
from tests.charts.entries import condition

SHOCK = ConditionTest(words="shock")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Septic shock", True),
        ("Septic shock, no seizures", True),  # something else is denied
        ("Septic shock; history of migraine", True),
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
    assert is_meant(SHOCK, condition(display=written)) is meant
