"""The demo over HTTP: what a first user sees, and what an EHR needs of the answers."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from fhir.resources.R4B import get_fhir_model_class

from cds.hooks import schema

JSON = {"Content-Type": "application/json"}


def call(demo: str, patient: str, hook: str = "order-select") -> Any:
    body = requests.get(f"{demo}/demo/request/{patient}", timeout=10).json()
    body["hook"] = hook
    if hook != "order-select":
        del body["context"]["selections"]
    if hook == "patient-view":
        del body["context"]["draftOrders"]
    answer = requests.post(f"{demo}/cds-services/ketamine-{hook}", json=body, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.json()


def kinds(answer: Any) -> list[tuple[str, str]]:
    return [(card["indicator"], card["summary"]) for card in answer["cards"]]


def test_the_clear_candidate_gets_a_dose_that_can_be_applied(demo: str) -> None:
    cards = call(demo, "ash")["cards"]
    assert any(card["summary"].startswith("Meets TRD criteria: 3") for card in cards)
    [dose] = [
        card for card in cards if card["summary"].startswith("Ketamine 35.1 mg IV over 40 min")
    ]
    assert "0.5 mg/kg x 70.2 kg" in dose["summary"]
    assert dose["selectionBehavior"] == "at-most-one"
    [action] = [
        suggestion["actions"][0] for suggestion in dose["suggestions"]
        if suggestion.get("isRecommended")
    ]  # fmt: skip
    assert action["type"] == "update"
    assert action["resource"]["id"] == "draft-1"
    instruction = action["resource"]["dosageInstruction"][0]
    assert instruction["doseAndRate"][0]["doseQuantity"]["value"] == 35.1


def test_an_applied_suggestion_draws_no_dose_card_when_signed(demo: str) -> None:
    body = requests.get(f"{demo}/demo/request/ash", timeout=10).json()
    select = requests.post(f"{demo}/cds-services/ketamine-order-select", json=body, timeout=20)
    updates = [
        suggestion["actions"][0]["resource"]
        for card in select.json()["cards"]
        for suggestion in card.get("suggestions", [])
        if suggestion["actions"][0]["type"] == "update"
    ]
    body["hook"] = "order-sign"
    del body["context"]["selections"]
    body["context"]["draftOrders"]["entry"] = [{"resource": updates[0]}]
    signed = requests.post(f"{demo}/cds-services/ketamine-order-sign", json=body, timeout=20).json()
    assert not [c for c in signed["cards"] if "mg IV" in c["summary"] or "No dose" in c["summary"]]


@pytest.mark.parametrize(
    ("patient", "indicator", "words"),
    [
        ("birch", "warning", "Does not meet TRD criteria"),
        ("cedar", "critical", "aneurysm"),
        ("dogwood", "warning", "weight (last on"),
        ("elm", "info", "CRPS"),
        ("gum", "critical", "16"),
        ("juniper", "info", "PHQ-9"),
        ("larch", "critical", "theophylline"),
    ],
)
def test_each_story_is_told(demo: str, patient: str, indicator: str, words: str) -> None:
    told = kinds(call(demo, patient))
    assert any(
        level == indicator and words.lower() in summary.lower() for level, summary in told
    ), told


def test_a_course_under_way_is_completed_and_not_started_over(demo: str) -> None:
    counts = [
        action["resource"]["dosageInstruction"][0]["timing"]["repeat"]["count"]
        for card in call(demo, "juniper")["cards"]
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
        if action["type"] == "update"
    ]
    assert counts == [2], "four of six infusions were given"


def test_an_unrelated_order_is_answered_with_silence(demo: str) -> None:
    assert call(demo, "hazel") == {"cards": []}


@pytest.mark.parametrize("patient", ["cedar", "gum", "larch"])
def test_a_stop_offers_to_remove_the_order_and_no_dose(demo: str, patient: str) -> None:
    cards = call(demo, patient)["cards"]
    actions = [
        action
        for card in cards
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
    ]
    assert {"type": "delete", "resourceId": "MedicationRequest/draft-1"}.items() <= {
        k: v for k, v in actions[0].items() if k != "description"
    }.items()
    assert "update" not in [action["type"] for action in actions]


@pytest.mark.parametrize("patient", ["ash", "birch", "cedar", "dogwood", "elm", "fir", "gum",
                                     "hazel", "juniper", "larch"])  # fmt: skip
@pytest.mark.parametrize("hook", ["order-select", "order-sign", "patient-view"])
def test_every_answer_fits_the_specification(demo: str, patient: str, hook: str) -> None:
    answer = call(demo, patient, hook)
    assert schema.faults("response", answer) == []
    assert len(answer["cards"]) <= 4
    for card in answer["cards"]:
        for suggestion in card.get("suggestions", []):
            for action in suggestion["actions"]:
                if "resource" in action:
                    kind = action["resource"]["resourceType"]
                    get_fhir_model_class(kind).model_validate(action["resource"])


def test_the_page_is_served_with_its_policy(demo: str) -> None:
    page = requests.get(demo, timeout=10)
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert "Rowan Ash" in page.text
