"""What a card tells first, what it tells once, and what it does not say beside a stop."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cards.said_by import said
from cds.api import Answer, assess, load, read_chart
from cds.assessment.model import Finding
from cds.orders.places import in_words
from tests.charts.fhir import ICD10CM, concept, condition, on_the_wire

ENGINE = load()
DAY = date(2026, 11, 22)
DEPRESSED = condition(concept(ICD10CM, "F33.2"))
Json = dict[str, Any]


def order(text: str, ident: str, status: str = "active") -> Json:
    return {
        "resourceType": "MedicationRequest", "id": ident, "status": status, "intent": "order",
        "authoredOn": "2026-11-20", "medicationCodeableConcept": {"text": text},
    }  # fmt: skip


def answer(*entries: Json, drafts: tuple[str, ...] = ("ketamine 35 mg IV over 40 min",)) -> Answer:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1984-03-02", "gender": "female"}
    chart = read_chart(ENGINE, on_the_wire([patient, DEPRESSED, *entries]))
    orders = [order(text, f"draft-{n}", "draft") for n, text in enumerate(drafts)]
    return assess(ENGINE, chart, DAY, [on_the_wire(one) for one in orders])


def summary(found: Answer, kind: str) -> str:
    return next(card.summary for card in found.cards if card.kind == kind)


def text(found: Answer) -> str:
    return "\n".join(f"{card.summary}\n{card.detail}" for card in found.cards)


OPIOID, BENZO, MAOI = "oxycodone 5 mg tablet", "lorazepam 1 mg tablet", "phenelzine 15 mg tablet"


@pytest.mark.parametrize(
    ("taken", "first"),
    [
        ((BENZO,), "Benzodiazepine"),
        ((BENZO, MAOI), "MAO inhibitor"),
        ((BENZO, OPIOID), "Opioid and sedative"),
        ((BENZO, MAOI, OPIOID), "Opioid and sedative"),
        ((MAOI, OPIOID), "MAO inhibitor"),
    ],
)
def test_the_most_dangerous_interaction_is_told_first(taken: tuple[str, ...], first: str) -> None:
    found = answer(*(order(name, f"m{n}") for n, name in enumerate(taken)))
    assert summary(found, "safety").startswith(first)


@pytest.mark.parametrize("whole", [True, False], ids=["some are missing", "all are missing"])
def test_a_long_list_of_what_is_missing_is_counted_and_not_cut(whole: bool) -> None:
    no_allergy: Json = {
        "resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "No known allergies"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
    }  # fmt: skip
    read: list[Json] = [
        {
            "resourceType": "Observation", "id": f"o{loinc}", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
            "effectiveDateTime": "2026-11-21",
            "valueQuantity": {"value": value, "unit": unit, "code": unit,
                              "system": "http://unitsofmeasure.org"},
        }
        for loinc, value, unit in (("29463-7", 70, "kg"), ("8302-2", 170, "cm"),
                                   ("8867-4", 70, "/min"), ("2708-6", 98, "%"))
    ]  # fmt: skip
    found = answer(no_allergy, *(read if whole else []))
    card = next(card for card in found.cards if card.kind == "safety")
    assert card.summary.startswith("Before the dose: ")
    assert "…" not in card.summary
    assert (" more" in card.summary) is not whole
    assert card.detail.count("Before the dose: ") == (0 if whole else 1)


def test_beside_a_ban_no_other_dose_is_named() -> None:
    aneurysm = condition(concept(ICD10CM, "I67.1"), id="x")
    weight: Json = {
        "resourceType": "Observation", "id": "w", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "effectiveDateTime": "2026-11-21",
        "valueQuantity": {"value": 70, "unit": "kg", "code": "kg",
                          "system": "http://unitsofmeasure.org"},
    }  # fmt: skip
    high = ("ketamine 350 mg IV over 40 min",)
    alone, beside = answer(weight, drafts=high), answer(weight, aneurysm, drafts=high)
    meant = "35 mg over 40 min"
    assert meant in text(alone)
    assert meant not in text(beside)
    assert summary(beside, "stop").startswith("Do not give")
    assert "350 mg" in text(beside)


BOTH = ("ketamine 35 mg IV over 40 min", "Spravato 56 mg intranasal")


@pytest.mark.parametrize(
    ("drafts", "once"),
    [
        (BOTH, ("Do not give both", "Another order for")),
        ((BOTH[0], BOTH[0]), ("Another order for", "Do not give")),
    ],
    ids=["two forms", "one form"],
)
def test_two_orders_are_told_once(drafts: tuple[str, ...], once: tuple[str, str]) -> None:
    said_of_it = text(answer(drafts=drafts))
    assert said_of_it.count(once[0]) == 1
    assert once[1] not in said_of_it
    assert "order is active" not in said_of_it
    assert "Do not combine" not in said_of_it


def finding(ident: str, severity: Any, *source: str) -> Finding:
    return Finding(ident, "interaction", severity, (), source=source, order="draft")


@pytest.mark.parametrize(
    ("other", "is_said"),
    [
        (finding("order-duplicate", "critical", "a", "b"), True),
        (finding("order-duplicate", "warning", "a"), True),
        (finding("order-duplicate", "info", "a"), False),  # a warning is not left to a note
        (finding("order-duplicate", "critical", "b"), False),  # about another order
        (finding("opioids", "critical", "a"), False),
    ],
)
def test_only_the_same_order_is_told_by_another_finding(other: Finding, is_said: bool) -> None:
    second = finding("second-ketamine-order", "warning", "a", "Observation/weight")
    assert said(second, [second, other]) is is_said


@pytest.mark.parametrize(("code", "said_twice"), [
    ("F32.3", "Psychiatry first"), ("F31.4", "Mood stabiliser and watch"),
])  # fmt: skip
def test_a_diagnosis_is_told_once_on_the_safety_card(code: str, said_twice: str) -> None:
    found = answer(condition(concept(ICD10CM, code), id="x"), order("lithium 300 mg", "l"))
    assert said_twice not in text(found)
    assert "Not met: no " not in text(found)


def test_an_empty_chart_is_no_reason_to_treat_a_disease() -> None:
    chart = read_chart(ENGINE, on_the_wire([{"resourceType": "Patient", "id": "p"}]))
    said_of_it = text(assess(ENGINE, chart, DAY, [on_the_wire(order("ketamine", "d", "draft"))]))
    assert "No indication can be judged" in said_of_it
    for told in ("bipolar depression", "psychiatric consultation", "the present antidepressant"):
        assert told not in said_of_it


@pytest.mark.parametrize(
    ("reason", "heads"), [("F11.20", "opioid use disorder"), ("F11.20 G90.511", "CRPS")]
)
def test_the_reason_of_the_order_heads_the_card(reason: str, heads: str) -> None:
    """Dependence is a diagnosis of its own before it is a sign of high opioid use."""
    entries = [condition(concept(ICD10CM, code), id=code) for code in reason.split()]
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1984-03-02", "gender": "female"}
    draft = order("ketamine 35 mg IV over 40 min", "draft", "draft")
    draft["reasonCode"] = [concept(ICD10CM, reason.split()[-1])]
    chart = read_chart(ENGINE, on_the_wire([patient, *entries]))
    assert heads in summary(assess(ENGINE, chart, DAY, [on_the_wire(draft)]), "candidacy")


def test_opioids_that_are_all_counted_are_not_called_partial() -> None:
    daily = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    dose = {"doseQuantity": {"value": 120, "unit": "mg", "code": "mg"}}
    dosage = {"dosageInstruction": [{"timing": daily, "doseAndRate": [dose]}]}
    whole = text(answer(order("oxycodone", "o") | dosage))
    assert "; 180 MME/d" in whole
    assert "ot all counted" not in whole
    assert "Not counted" not in whole
    assert "Not counted" in text(answer(order("oxycodone", "o") | dosage, order("tramadol", "q")))


@pytest.mark.parametrize(("more", "partial"), [("", False), (" as needed", True)])
def test_a_dose_as_needed_beside_is_not_counted(more: str, partial: bool) -> None:
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    dose = [{"doseQuantity": {"value": 20, "unit": "mg", "code": "mg"}}]
    regular = {"timing": timing, "doseAndRate": dose}
    also = [regular | {"asNeededBoolean": True}] if more else []
    drug = order("oxycodone 5 mg tablet", "o") | {"dosageInstruction": [regular, *also]}
    said_of_it = text(answer(drug))
    assert "30 MME/d" in said_of_it
    assert ("not all counted" in said_of_it) is partial


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("HTN, brain aneurysm, zolk disease", "Understood in part"),
        ("zolk disease", "Not recognised"),
    ],
)
def test_what_counts_in_part_is_not_called_unknown(written: str, state: str) -> None:
    found = answer(condition({"text": written}, id="x"))
    assert f"{state}: “{written}” in the problem list" in text(found)


@pytest.mark.parametrize(
    ("problem", "said_of_it"),
    [
        ("dosageInstruction[0].route: names two", "route: names two"),
        ("dosageInstruction[0]: names two", "names two"),
        ("dosageInstruction[1].route: names two", "dosage 2 of the order, route: names two"),
        ("dosageInstruction[1]: names two", "dosage 2 of the order: names two"),
    ],
)
def test_an_only_dosage_needs_no_number(problem: str, said_of_it: str) -> None:
    assert in_words(problem) == said_of_it
