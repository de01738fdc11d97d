"""Over HTTP: an order for ketamine by a name that is no plain one, and what only looks like it."""

from __future__ import annotations

from typing import Any

import hooktools
import pytest

from cds.hooks.app import create_app
from cds.runtime import open_service
from cds.settings import Settings

HOOKS = ["order-select", "order-sign"]
CREAM = "ketamine 10% / amitriptyline 4% / gabapentin 6% cream"
ALLERGY = {
    "resourceType": "AllergyIntolerance", "id": "al", "code": {"text": "ketamine"},
    "patient": {"reference": "Patient/ash"},
}  # fmt: skip


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Any:
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/s.sqlite"
    settings = Settings(auth="off", database_url=store)
    client = create_app(settings, open_service(settings).respond).test_client()

    def cards(hook: str, text: str, *allergies: Any, **fields: Any) -> list[dict[str, Any]]:
        body = hooktools.fixture_request("ash", hook)
        order = hooktools.draft("rx1", "ash") | {"medicationCodeableConcept": {"text": text}}
        order = {k: v for k, v in order.items() if k != "dosageInstruction"} | fields
        body["context"]["draftOrders"]["entry"] = [{"resource": order}]
        if hook == "order-select":
            body["context"]["selections"] = ["MedicationRequest/rx1"]
        body["prefetch"]["allergies"]["entry"] = [{"resource": one} for one in allergies]
        answer = client.post(hooktools.SERVICES[hook], data=hooktools.plain(body),
                             content_type="application/json")  # fmt: skip
        assert answer.status_code == 200, answer.get_json()
        return list(answer.get_json()["cards"])

    return cards


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "text", ["Ket 35mg IV", "ket gtt", "KET/MID nasal", "keta 0.5 mg/kg", "ketmaine", "ketamime"]
)
def test_shorthand_and_slips_are_asked_about(ask: Any, hook: str, text: str) -> None:
    cards = ask(hook, text)
    assert "was taken for ketamine" in str(cards)
    types = {a["type"] for c in cards for s in c.get("suggestions", ()) for a in s["actions"]}
    assert "update" not in types


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("text", ["kétamine", "Ketamina", "кетамин", "ketofol", "ketamineHCl"])
def test_a_name_in_another_language_is_the_name(ask: Any, hook: str, text: str) -> None:
    cards = ask(hook, text)
    assert cards
    assert "was taken for" not in str(cards)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_cream(ask: Any, hook: str) -> None:
    """No trigger either: its amitriptyline is no antidepressant."""
    [card] = ask(hook, CREAM)
    assert card["indicator"] == "info"
    assert card["summary"].startswith("Topical ketamine")
    stop, _ = ask(hook, CREAM, ALLERGY)
    assert stop["indicator"] == "critical"


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "text", ["ketoconazole shampoo", "Ketostix", "ketotifen eye drops", "Ket strips", "urine ket"]
)
def test_what_only_looks_like_it_is_silence(ask: Any, hook: str, text: str) -> None:
    assert ask(hook, text) == []
