"""A service is one file and one line: what follows from them, and what they must not say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import hooktools
import pytest
from flask import Flask

from cards.model import Sender
from cds.api import load
from cds.commands import ehr_request
from cds.commands.call import call
from cds.hooks import schema, services
from cds.hooks.accept import compiled
from cds.hooks.read import read_request
from cds.hooks.services import OF_HOOK, OFFERED, SERVICES
from cds.hooks.services.context import DRAFT_ORDERS, ENCOUNTER, PATIENT, USER, ContextField, Scene
from cds.hooks.services.service_info import ServiceInfo
from cds.hooks.services_page import page
from cds.service import Service
from cds.web.page import page as demo_page
from tests.replaced import replace
from tests.rows import check_each

ROOT = Path(__file__).parents[2]
RELEASED = {
    "ketamine-order-select": "order-select",
    "ketamine-order-sign": "order-sign",
    "ketamine-patient-view": "patient-view",
}
"""what EHRs have configured: an id and its hook never change"""
SHARED = {"__init__", "context", "service_info"}

SELECT = SERVICES["ketamine-order-select"]
DISPATCHED = ContextField(
    "dispatchedOrders",
    {"type": "array", "items": {"$ref": "common.json#/$defs/text"}},
    lambda scene: [f"ServiceRequest/{draft['id']}" for draft in scene.drafts],
)
APPOINTMENTS = ContextField("appointments", DRAFT_ORDERS.schema, lambda scene: None)


def service(hook: str, *context: ContextField, **changes: Any) -> ServiceInfo:
    """A service that is not offered, about a patient unless the changes say otherwise."""
    given = {"id": f"ketamine-{hook}", "hook": hook, "title": "T", "description": "D",
             "answers": "A", "gesture": "G", "cards_as": "patient-view",
             "candidacy_unasked": False} | changes  # fmt: skip
    return ServiceInfo(context=context, **given)


def test_what_was_released_stays() -> None:
    assert RELEASED.items() <= {one.id: one.hook for one in SERVICES.values()}.items()


def test_each_file_is_offered_and_one_service_answers_a_hook() -> None:
    files = {path.stem for path in Path(services.__file__).parent.glob("*.py")}
    assert files - SHARED == set(OFFERED)
    assert len(OFFERED) == len(SERVICES) == len(OF_HOOK)


@pytest.mark.parametrize(
    ("says", "context", "changes"),
    [
        ("must name the patient", (USER,), {}),
        ("must name the patient", (USER, PATIENT.optional()), {}),
        ("without draft orders", (PATIENT, DRAFT_ORDERS), {}),
        ("without draft orders", (PATIENT,), {"cards_as": "order-sign"}),
        ("can't be switched off", (PATIENT,), {"cards_off": frozenset({"stop"})}),
    ],
)
def test_a_service_that_contradicts_itself_is_refused(
    says: str, context: tuple[ContextField, ...], changes: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=says):
        service("encounter-start", *context, **changes)


ADMITTED = service("encounter-start", USER, PATIENT, ENCOUNTER)
BOOKED = service("appointment-book", USER, PATIENT, ENCOUNTER.optional(), APPOINTMENTS)
SENT_OFF = service("order-dispatch", PATIENT, DISPATCHED)
BUNDLE = {"resourceType": "Bundle"}
WHO = {"userId": "Practitioner/1", "patientId": "p"}
CONTEXTS = [
    (ADMITTED, WHO | {"encounterId": "e"}, True),
    (ADMITTED, WHO, False),
    (ADMITTED, WHO | {"encounterId": 1}, False),
    (BOOKED, WHO | {"appointments": BUNDLE}, True),
    (BOOKED, WHO | {"appointments": BUNDLE, "encounterId": "e"}, True),
    (BOOKED, WHO | {"appointments": {"resourceType": "Appointment"}}, False),
    (BOOKED, WHO, False),
    (SENT_OFF, {"patientId": "p", "dispatchedOrders": ["ServiceRequest/1"]}, True),
    (SENT_OFF, {"patientId": "p", "dispatchedOrders": "ServiceRequest/1"}, False),
    (SENT_OFF, {"patientId": "../p", "dispatchedOrders": []}, False),
]


def body(hook: str, context: dict[str, Any]) -> dict[str, Any]:
    return hooktools.request() | {"hook": hook, "context": context}


def test_the_schema_of_requests_follows_from_the_context() -> None:
    def check(row: tuple[ServiceInfo, dict[str, Any], bool]) -> None:
        asked, context, fits = row
        accepts = compiled(schema.expanded(asked.schema()))
        assert accepts(body(asked.hook, context)) == fits
        assert not accepts(body("order-sign", context))

    check_each(CONTEXTS, check)


def test_a_context_is_what_the_scene_tells() -> None:
    order = {"resourceType": "ServiceRequest", "id": "o1"}
    scene = Scene("Practitioner/1", "p", None, [order])
    rows = [
        (ADMITTED, WHO),
        (SENT_OFF, {"patientId": "p", "dispatchedOrders": ["ServiceRequest/o1"]}),
        (SELECT, WHO | {"selections": ["ServiceRequest/o1"], "draftOrders": BUNDLE | {
            "type": "collection", "entry": [{"resource": order}]}}),
    ]  # fmt: skip
    check_each(rows, lambda row: _same(row[0].context_in(scene), row[1]))
    visit = replace(scene, encounter="e")
    assert ADMITTED.context_in(visit) == WHO | {"encounterId": "e"}


def _same(found: object, wanted: object) -> None:
    assert found == wanted


def test_prefetch_is_asked_for_by_what_the_context_holds() -> None:
    assert "encounter" in ADMITTED.json()["prefetch"]
    assert "encounter" not in SENT_OFF.json()["prefetch"]
    assert "patient" in SENT_OFF.json()["prefetch"]


def test_a_hook_that_tells_no_user_is_read() -> None:
    request = read_request(SELECT, hooktools.request())
    assert request.user_id == "Practitioner/u1"


def answered(name: str, **changes: Any) -> list[str]:
    """The kinds of the cards for a fixture patient, from order-select changed in one way."""
    served = Service(load(), Sender(url=""), lambda request: None, lambda zone: _today())
    read = read_request(SELECT, hooktools.fixture_request(name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cds.service.SERVICES", {SELECT.id: replace(SELECT, **changes)})
        return [card.kind for card in served.respond(read).shown]


def _today() -> Any:
    return datetime.now(UTC).date()


def test_a_service_shows_the_cards_that_it_names() -> None:
    rows = [
        ("ash", {}, ["candidacy", "dose", "safety"]),
        ("ash", {"cards_off": frozenset({"dose"})}, ["candidacy", "safety"]),
        ("ash", {"cards_off": frozenset({"dose", "candidacy"})}, ["safety"]),
    ]  # fmt: skip
    check_each(rows, lambda row: _same(answered(row[0], **row[1]), row[2]))
    everything = frozenset({"candidacy", "dose", "safety", "course"})
    assert answered("cedar", cards_off=everything) == ["stop"]


def test_the_page_of_services_is_current() -> None:
    """Rewrite it with `make docs`."""
    assert (ROOT / "docs" / "services.md").read_text("utf-8") == page()


def test_the_command_line_offers_every_hook() -> None:
    (option,) = [one for one in call.params if one.name == "hook"]
    assert list(option.type.choices) == list(OF_HOOK)  # type: ignore[attr-defined]


def test_the_command_line_asks_for_what_a_hook_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ehr_request, "OF_HOOK", {one.hook: one for one in (ADMITTED, BOOKED)})
    scene = Scene("Practitioner/1", "p")
    with pytest.raises(click.ClickException, match="needs encounterId: --encounter is missing"):
        ehr_request.hook_request("encounter-start", "https://f.example.org", scene, None)
    with pytest.raises(click.ClickException, match="needs appointments: can't be called"):
        ehr_request.hook_request("appointment-book", "https://f.example.org", scene, None)


def demo() -> Any:
    app = Flask("demo")
    app.register_blueprint(demo_page)
    return app.test_client()


def test_the_demo_has_a_button_for_every_service() -> None:
    screen = demo().get("/").text
    for one in SERVICES.values():
        told = f'data-hook="{one.hook}" data-service="{one.id}"'
        assert told + (" data-orders" if one.about_orders else " ") in screen
        assert f">{one.gesture}</button>" in screen


@pytest.mark.parametrize("hook", list(OF_HOOK))
def test_the_demo_makes_a_valid_request_of_every_hook(hook: str) -> None:
    made = json.loads(demo().get(f"/demo/request/ash?hook={hook}").data)
    assert schema.issues(OF_HOOK[hook].request_schema, made) == []
    assert set(made["context"]) >= set(OF_HOOK[hook].required)


def test_the_demo_knows_its_patients_and_hooks() -> None:
    assert demo().get("/demo/request/nobody").status_code == 404
    assert demo().get("/demo/request/ash?hook=order-review").status_code == 404
