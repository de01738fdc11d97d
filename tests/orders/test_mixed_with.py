"""Ketamine mixed with another drug: how much of what is not told, and no dose is filled in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import Answer, assess, load, read_chart
from tests.charts.fhir import on_the_wire

ENGINE = load()
DAY = date(2026, 11, 24)
SIG = "35 mg IV over 40 min"


def answer(name: str = "Ketamine 50 mg/mL injection", sig: str = SIG, note: str = "") -> Answer:
    draft: dict[str, Any] = {
        "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order",
        "medicationCodeableConcept": {"text": name}, "dosageInstruction": [{"text": sig}],
    } | ({"note": [{"text": note}]} if note else {})  # fmt: skip
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}]))
    return assess(ENGINE, chart, DAY, [on_the_wire(draft)])


def beside(found: Answer) -> tuple[str, ...]:
    (order,) = found.assessment.orders
    return tuple(name.lower() for name in order.drug_doubts.beside)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ketamine with magnesium", "magnesium"),
        ("Ketamine/magnesium infusion", "magnesium"),
        ("ketamine + MgSO4", "mgso4"),
        ("ketamine w/ mag", "mag"),
        ("magnesium and ketamine", "magnesium"),
        ("ketamine plus magnesium sulfate", "magnesium sulfate"),
        ("ketamine with NAD+", "nad+"),
        ("ketamine with lidocaine", "lidocaine"),
        ("ketamine + midazolam", "midazolam"),
        ("ketamine with vitamin C", "vitamin c"),
    ],
)
def test_a_name_that_holds_two(name: str, other: str) -> None:
    found = answer(name)
    assert beside(found) == (other,)
    assert {"order-drug-unsure"} <= {f.id for f in found.assessment.findings}
    assert all(dose.dose_mg is None for dose in found.assessment.doses)


@pytest.mark.parametrize(
    "name",
    ["ketamine", "ketamine in normal saline", "ketamine hydrochloride 50 mg/mL",
     "ketamine 35 mg in 100 mL NS"],
)  # fmt: skip
def test_a_name_that_holds_one(name: str) -> None:
    assert beside(answer(name)) == ()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("35 mg IV over 40 min, mixed with magnesium", "magnesium"),
        ("Ketamine 35 mg IV over 40 min with magnesium", "magnesium"),
        ("ketamine 0.5 mg/kg + magnesium 2 g IV over 40 min", "magnesium"),
        ("with magnesium 2 g, IV over 40 min", "magnesium"),
        ("Ketamine 35 mg with midazolam 2 mg IV over 40 min", "midazolam"),
        ("35 mg IV over 40 min, compounded with lidocaine", "lidocaine"),
    ],
)
def test_an_instruction_or_a_note_that_mixes(text: str, other: str) -> None:
    assert beside(answer(sig=text)) == (other,)
    assert beside(answer(note=text)) == (other,)


@pytest.mark.parametrize(
    "text",
    [
        "35 mg IV over 40 min with monitoring",
        "Ketamine 35 mg with 100 mL normal saline over 40 min",
        "ketamine mixed with saline",
        "Ketamine 35 mg IV over 40 min; ondansetron 4 mg IV before",
        "35 mg IV over 40 min with ondansetron 4 mg prn",
        "35 mg IV over 40 min with zofran before",
        "35 mg IV over 40 min. Give midazolam 2 mg for agitation",
        "Ketamine 35 mg IV over 40 min, hold lamotrigine",
        "Do not mix with diazepam",
    ],
)
def test_what_is_given_beside_it_is_no_mixture(text: str) -> None:
    assert beside(answer(sig=text)) == ()


def test_the_amount_of_the_other_is_none_of_ketamine() -> None:
    found = answer(sig="with magnesium 2 g, IV over 40 min")
    (order,) = found.assessment.orders
    assert order.dose is None
    assert all(finding.severity != "critical" for finding in found.assessment.findings)
