"""A birth date that is written in part decides what both of its ages decide alike."""

from __future__ import annotations

from typing import Any

import pytest

import fhir_fixtures
from cds.api import Answer, assess, load, read_chart
from cds.wire import decode, encode

DAY = fhir_fixtures.ANCHOR  # 2026-06-01
DRAFT = decode((fhir_fixtures.orders() / "ash.json").read_bytes())


def born(written: str | None) -> Answer:
    bundle: Any = decode(encode(fhir_fixtures.load("ash", DAY)))
    bundle["entry"][0]["resource"]["birthDate"] = written
    return assess(load(), read_chart(load(), bundle), DAY, [DRAFT])


def told(answer: Answer) -> tuple[str | None, str, list[Any]]:
    """The gravest card, the verdict, and the doses."""
    assessment = answer.assessment
    indicator = answer.cards[0].indicator if answer.cards else None
    return indicator, assessment.candidacy[0].verdict, [d.order_mg for d in assessment.doses]


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("1985", "1985-12-31"),
        ("1985-06", "1985-06-30"),
        ("1985-01", "1985-01-31"),
        ("2007", "2007-12-31"),
        ("2008-05", "2008-05-01"),
        ("1950", "1950-01-01"),
    ],
)
def test_an_adult_by_either_age(written: str, full: str) -> None:
    assert told(born(written)) == told(born(full))
    assert "age is not known" not in encode(born(written).report()).decode()


@pytest.mark.parametrize("written", ["2009", "2014", "2009-01", "2008-07", "2026"])
def test_a_child_by_either_age(written: str) -> None:
    answer = born(written)
    assert "under-18" in {finding.id for finding in answer.assessment.findings}
    assert not any(dose.order_mg for dose in answer.assessment.doses)


@pytest.mark.parametrize("written", ["2008", "2008-06"])
def test_17_or_18(written: str) -> None:
    answer = born(written)
    _, verdict, doses = told(answer)
    assert verdict != "met"
    assert not any(doses)
    assert "17 or 18" in encode(answer.report()).decode()


@pytest.mark.parametrize("written", [None, "", "198", "2026-13", "2027", "1890"])
def test_no_age_at_all(written: str | None) -> None:
    answer = born(written)
    assert "age is not known" in encode(answer.report()).decode()
    assert not any(dose.order_mg for dose in answer.assessment.doses)
