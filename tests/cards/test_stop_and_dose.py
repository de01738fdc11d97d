"""What the stop card and the dose card offer, and what they never offer beside a danger."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

import fhir_fixtures
from cards.model import Card
from cds.api import Answer, assess, load, read_chart
from cds.wire import Json, decode, encode

DAY = fhir_fixtures.ANCHOR
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


@cache
def engine() -> Any:
    return load()


def answer(*texts: str, icd: str = "F33.2", problems: tuple[str, ...] = (), **more: Any) -> Answer:
    """Of `ash`, a clear candidate of 70.2 kg, with problems added, for orders in words."""
    bundle = fhir_fixtures.load("ash", DAY)
    for code in problems:
        concept = {"coding": [{"system": ICD, "code": code}]}
        condition = {
            "resourceType": "Condition",
            "id": code,
            "code": concept,
            "subject": {"reference": "Patient/ash"},
            "recordedDate": "2025-01-01",
        }
        bundle["entry"].append({"resource": condition})
    drafts = [draft(text, n, icd, more) for n, text in enumerate(texts, 1)]
    return assess(engine(), read_chart(engine(), bundle), DAY, drafts)


def draft(text: str, number: int, icd: str, more: Json) -> Json:
    made: Json = {
        "resourceType": "MedicationRequest",
        "id": f"draft-{number}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/ash"},
        "medicationCodeableConcept": {
            "coding": [{"system": RXNORM, "code": "238084"}],
            "text": "ketamine 50 mg/mL",
        },
        "reasonCode": [{"coding": [{"system": ICD, "code": icd}]}],
        "dosageInstruction": [{"text": text}],
    }
    read: Json = decode(encode(made | more))
    return read


def card(found: Answer, kind: str) -> Card | None:
    return next((card for card in found.cards if card.kind == kind), None)


def labels(found: Answer, kind: str) -> list[tuple[str, bool]]:
    shown = card(found, kind)
    return [] if shown is None else [(s.label, s.recommended) for s in shown.suggestions]


@pytest.mark.parametrize(
    ("text", "problems", "offered"),
    [
        ("35 mg/kg IV over 40 min", (),
         [("Correct the order: 35 mg IV over 40 min", True), ("Remove the order", False)]),
        ("35 mg IV push", (),
         [("Correct the order: 35 mg IV over 40 min", True), ("Remove the order", False)]),
        # about the patient: only removal
        ("35 mg/kg IV over 40 min", ("I71.40",), [("Remove the order", True)]),
        ("35 mg/kg IV over 40 min", ("Q28.2",), [("Remove the order", True)]),
        ("35 mg IV over 40 min", ("I71.40",), [("Remove the order", True)]),
        # no time to tell the corrected dose with
        ("35 mg/kg IV", (), [("Remove the order", True)]),
        # two dosages: which of them is meant?
        ("350 mg IV over 40 min; 35 mg IV over 40 min", (), []),
    ],
)  # fmt: skip
def test_the_stop_card_offers(
    text: str, problems: tuple[str, ...], offered: list[tuple[str, bool]]
) -> None:
    assert labels(answer(text, problems=problems), "stop") == offered


def test_a_stop_of_the_patient_removes_every_ketamine_order_of_the_session() -> None:
    found = answer("35 mg IV over 40 min", "20 mg IM once", problems=("I71.40",))
    stop = card(found, "stop")
    assert stop is not None
    (removal,) = stop.suggestions
    assert removal.label == "Remove the orders"
    assert [a.resource_id for a in removal.actions] == [
        "MedicationRequest/draft-1",
        "MedicationRequest/draft-2",
    ]


def test_each_order_that_is_wrong_is_removed_by_itself() -> None:
    found = answer("20 mg IM once", "35 mg/kg IV over 40 min")  # one too many, and one too much
    stop = card(found, "stop")
    assert stop is not None
    assert [[a.resource_id for a in s.actions] for s in stop.suggestions] == [
        ["MedicationRequest/draft-1"],
        ["MedicationRequest/draft-2"],
    ]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("35 mg IV", "35 mg IV without a time: over how many minutes?"),
    ],
)
def test_a_question_about_a_danger_comes_first_and_without_a_dose(text: str, asks: str) -> None:
    found = answer(text)
    assert card(found, "stop") is None
    first = found.cards[0]
    assert (first.kind, first.indicator) == ("dose", "warning")
    assert first.summary.startswith(asks)
    assert first.suggestions == ()
    assert all(dose.dose_mg is None for dose in found.assessment.doses)


def test_a_dose_that_something_speaks_against_is_an_option_and_says_why() -> None:
    found = answer("IV", problems=("F14.20",))
    assert labels(found, "dose") == [
        ("Order 35.1 mg IV over 40 min, 2 per week, 6 sessions", False)
    ]
    dose = card(found, "dose")
    assert dose is not None
    assert dose.summary.startswith("Option, not recommended: ketamine 35.1 mg IV over 40 min")
    assert "Not recommended while this stands: Treat the use disorder first" in dose.detail


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"note": [{"text": "may increase to 0.5 mg/kg IV over 60 min"}]}, "a note of the order"),
        ({"medicationCodeableConcept": {"text": "Ketamine 20 mg IV over 60 min"}},
         "the name of what is ordered"),
    ],
)  # fmt: skip
def test_what_can_not_be_taken_out_of_a_draft_is_named(more: Json, what: str) -> None:
    found = answer("15 mg IV over 60 min", **more)
    offered = [a for c in found.cards for s in c.suggestions for a in s.actions]
    assert not [action for action in offered if action.type == "update"]
    dose = card(found, "dose")
    assert dose is not None
    assert f"Change the order by hand: {what} says something else" in dose.detail


@pytest.mark.parametrize(
    ("reason", "against"),
    [
        ("Chronic hiccups", ("reason-without-rule",)),
        ("Psoriasis vulgaris", ("reason-without-rule",)),
        ("rule out depression", ("reason-without-rule",)),
        ("Major depressive disorder, recurrent, severe", ()),
    ],
)
def test_a_dose_for_the_record_is_no_recommendation_for_another_reason(
    reason: str, against: tuple[str, ...]
) -> None:
    found = answer("35 mg IV over 40 min", reasonCode=[{"text": reason}])
    (first,) = [dose for dose in found.assessment.doses if dose.first_choice]
    assert (first.against, first.recommended) == (against, not against)


@pytest.mark.parametrize(("total", "recommended"), [(4, False), (5, False), (6, True)])
def test_a_score_in_the_range_of_remission_leaves_an_option(total: int, recommended: bool) -> None:
    bundle = fhir_fixtures.load("ash", DAY)
    for entry in bundle["entry"]:
        coded = entry["resource"].get("code", {}).get("coding", [{}])
        if coded[0].get("code") == "44261-6":
            entry["resource"]["valueQuantity"]["value"] = total
    order = draft("", 1, "F33.2", {})
    found = assess(engine(), read_chart(engine(), bundle), DAY, [order])
    (first,) = [dose for dose in found.assessment.doses if dose.first_choice]
    assert first.recommended is recommended
    shown = card(found, "dose")
    assert shown is not None
    assert shown.summary.startswith("Option, not recommended") is not recommended
