"""Over HTTP: a drug that stands only in a Medication, and a draft of which none can be read."""

from __future__ import annotations

from typing import Any

import hooktools
import pytest

from cds.hooks.app import create_app
from cds.runtime import open_service
from cds.settings import Settings

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HOOKS = ["order-select", "order-sign"]
UNREAD = "The drug of this order is not readable"


def medication(ident: str, code: Any = None, **more: Any) -> dict[str, Any]:
    made = {"resourceType": "Medication", "id": ident} | more
    return made | ({"code": code} if code else {})


VIAL = medication("vial", {"coding": [{"system": RXNORM, "code": "238084"}]})
BAG = medication("bag", ingredient=[{"itemReference": {"reference": "Medication/vial"}}])
TABLET = medication("tablet", {"text": "cefalexin 250 mg tablet"})


def draft(ident: str = "rx1", **fields: Any) -> dict[str, Any]:
    made = hooktools.draft(ident, "ash") | {
        "dosageInstruction": [{"text": "350 mg IV over 40 minutes"}],
        "medicationCodeableConcept": None,
    }
    return {name: value for name, value in (made | fields).items() if value is not None}


def referring(to: str, **fields: Any) -> dict[str, Any]:
    return draft(medicationReference={"reference": to}, **fields)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Any:
    store = f"sqlite:///{tmp_path_factory.mktemp('store')}/s.sqlite"
    settings = Settings(auth="off", database_url=store)
    client = create_app(settings, open_service(settings).respond).test_client()

    def cards(hook: str, drafts: list[Any], included: list[Any], **prefetch: Any) -> Any:
        body = hooktools.fixture_request("ash", hook)
        body["context"]["draftOrders"]["entry"] = [{"resource": one} for one in drafts]
        if hook == "order-select":
            body["context"]["selections"] = [f"MedicationRequest/{d['id']}" for d in drafts]
        body["prefetch"]["medicationRequests"]["entry"] += [
            {"resource": one, "search": {"mode": "include"}} for one in included
        ]
        body["prefetch"] |= prefetch
        answer = client.post(hooktools.SERVICES[hook], data=hooktools.plain(body),
                             content_type="application/json")  # fmt: skip
        assert answer.status_code == 200, answer.get_json()
        return [(card["indicator"], card["summary"]) for card in answer.get_json()["cards"]]

    return cards


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    ("reference", "included"),
    [
        ("Medication/vial", [VIAL]),
        ("https://ehr.example.org/fhir/Medication/vial/_history/2", [VIAL]),
        ("Medication/bag", [BAG, VIAL]),
    ],
)
def test_a_medication_of_the_prefetch_tells_the_drug(
    ask: Any, hook: str, reference: str, included: list[Any]
) -> None:
    cards = ask(hook, [referring(reference)], included)
    assert "critical" in [indicator for indicator, _ in cards]
    assert UNREAD not in [summary for _, summary in cards]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "order",
    [
        referring("Medication/x"),
        referring("Condition/vial"),
        referring("Medication/empty"),
        draft(medicationReference={}),
        draft(medicationCodeableConcept={"coding": []}),
        referring("Medication/x", note=[{"text": "ketamine as discussed"}]),
    ],
)
def test_a_drug_that_could_not_be_read_is_said_and_nothing_else(
    ask: Any, hook: str, order: dict[str, Any]
) -> None:
    assert ask(hook, [order], [medication("empty")]) == [("info", UNREAD)]


@pytest.mark.parametrize(
    "order",
    [
        referring("Medication/tablet"),
        draft(medicationReference={"reference": "Medication/x", "display": "cefalexin"}),
        draft(medicationCodeableConcept={"text": "Foobarol"}),
        draft(medicationCodeableConcept={"coding": [{"system": RXNORM, "code": "2231"}]}),
        referring("Medication/x", dosageInstruction=[{"text": "zolpidem 5 mg at night"}]),
        referring("Medication/x", note=[{"text": "zolpidem, as at home"}]),
        referring("Medication/x", status="cancelled"),
        draft(),  # none was chosen yet
    ],
)
def test_an_order_that_names_another_drug_is_answered_with_silence(
    ask: Any, order: dict[str, Any]
) -> None:
    assert ask("order-sign", [order], [TABLET]) == []


def test_it_is_said_without_a_chart(ask: Any) -> None:
    """Nothing is asked of the record, so nothing that it lacks is in the way."""
    assert ask("order-sign", [referring("Medication/x")], [], conditions=None) == [("info", UNREAD)]


def test_it_is_said_beside_what_a_ketamine_order_draws(ask: Any) -> None:
    known = draft("rx2", medicationCodeableConcept=VIAL["code"])
    alone = ask("order-select", [known], [])
    both = ask("order-select", [known, referring("Medication/x")], [])
    assert both == [*alone, ("info", UNREAD)]
    two = [referring("Medication/x"), referring("Medication/y", id="rx3")]
    assert ask("order-sign", two, []) == [("info", "The drug of 2 of these orders is not readable")]
