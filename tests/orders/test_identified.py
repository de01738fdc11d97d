"""What an order is told to be by its name: never less than it is when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from cards.model import Sender
from cds.api import Engine
from cds.assessment.relevance import is_relevant
from cds.chart import drafts
from cds.chart.drafts import name_draft, read_draft_dosages
from cds.chart.medication import resource
from cds.fhir.record.referred import Referred
from cds.knowledge.load import Knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.identified import identified
from cds.orders.model import Order
from cds.runtime import parse_body
from cds.service import Service
from cds.terminology.lookup import Terminology
from tests.charts.everything import drafts as every_draft
from tests.charts.reading import order_of

Json = dict[str, Any]
SITE = SiteProtocol()
SNOMED = "http://snomed.info/sct"
TOPICAL = {"route": {"coding": [{"system": SNOMED, "code": "6064005"}]}}
BY_MOUTH = {"route": {"coding": [{"system": SNOMED, "code": "26643006"}]}}
LISINOPRIL = "lisinopril 10 MG Oral Tablet"
LORAZEPAM = "lorazepam 1 MG Oral Tablet"


def draft(text: str, *dosages: Json, **fields: Any) -> Json:
    return {
        "resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
        "medicationCodeableConcept": {"text": text}, "dosageInstruction": list(dosages),
    } | fields  # fmt: skip


def told(made: Json, terminology: Terminology) -> tuple[Order, Order]:
    """The order by its name alone, and with its route."""
    named = name_draft(made, terminology, Referred())
    by_route = identified(named, terminology, read_draft_dosages(made))
    return identified(named, terminology), by_route


def test_what_is_passed_over_by_its_name_is_passed_over_when_read(
    terminology: Terminology, knowledge: Knowledge
) -> None:
    made = list(every_draft())
    assert len(made) > 200
    for one in made:
        read = order_of(one, terminology)
        whole = is_relevant(read, knowledge, SITE)
        named, by_route = told(one, terminology)
        assert is_relevant(named, knowledge, SITE) >= whole
        assert is_relevant(by_route, knowledge, SITE) == whole
        assert by_route.drug == read.drug


@pytest.mark.parametrize(
    ("code", "procedures"),
    [
        ({"text": "Electroconvulsive therapy"}, {"ect"}),
        ({"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "90870"}]}, {"ect"}),
        ({"text": "Chest X-ray"}, set()),
    ],
)
def test_a_service_is_known_by_the_procedures_that_its_name_tells(
    code: Json, procedures: set[str], terminology: Terminology, knowledge: Knowledge
) -> None:
    made = {"resourceType": "ServiceRequest", "id": "d", "status": "draft", "intent": "order",
            "code": code}  # fmt: skip
    named, by_route = told(made, terminology)
    assert named.procedure_sets == by_route.procedure_sets == frozenset(procedures)
    assert order_of(made, terminology).procedure_sets == frozenset(procedures)
    assert is_relevant(named, knowledge, SITE) is bool(procedures)


ROUTES: list[tuple[str, Sequence[Json], str | None, bool]] = [
    # medication, its dosages, the route that is told, whether it may be ketamine treatment or,
    # of another drug, any of our business
    ("ketamine 10 % cream", [], "topical", False),
    ("ketamine", [TOPICAL], "topical", False),
    ("ketamine", [TOPICAL, TOPICAL], "topical", False),
    ("ketamine", [TOPICAL, {"text": "35 mg IV"}], None, True),  # the other one may be the dose
    ("ketamine", [{"text": "apply topically"}], None, True),  # it may be said of another drug
    ("ketamine", [], None, True),
    ("diphenhydramine", [TOPICAL], "topical", False),
    ("diphenhydramine", [{"text": "apply topically"}], "topical", False),
    ("diphenhydramine", [BY_MOUTH], "oral", True),
    ("diphenhydramine", [{"text": "25 mg by mouth"}], "oral", True),
    ("diphenhydramine", [BY_MOUTH | {"sequence": 2}, TOPICAL | {"sequence": 1}], "topical", False),
    ("diphenhydramine", [BY_MOUTH | {"sequence": 1}, TOPICAL | {"sequence": 2}], "oral", True),
    ("diphenhydramine", [], None, True),  # by an unknown route it is a partner
    (LISINOPRIL, [BY_MOUTH], "oral", False),
    ("no such drug", [BY_MOUTH], "oral", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "dosages", "route", "ours"), ROUTES)
def test_the_route_decides_where_it_matters(
    text: str, dosages: Sequence[Json], route: str | None, ours: bool,
    terminology: Terminology, knowledge: Knowledge,
) -> None:  # fmt: skip
    _, order = told(draft(text, *dosages), terminology)
    assert order.route == route
    ketamine = "ketamine" in order.ingredients
    assert (order.drug is not None if ketamine else is_relevant(order, knowledge, SITE)) is ours


@pytest.mark.parametrize("fields", [{"status": "cancelled"}, {"doNotPerform": True}])
@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
def test_a_draft_that_orders_nothing_is_none_of_our_business(
    kind: str, fields: Json, terminology: Terminology, knowledge: Knowledge
) -> None:
    made = draft("ketamine", code={"text": "ketamine infusion"}, resourceType=kind)
    assert is_relevant(told(made, terminology)[0], knowledge, SITE)
    for order in told(made | fields, terminology):
        assert order == Order("%s/d" % kind, kind)  # type: ignore[arg-type]  # noqa: UP031


# ---- what a call reads ---------------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read of drafts, in turn: `route`, `dosages` or `draft`."""
    seen: list[str] = []

    def counting(what: str, function: Any) -> Any:
        def counted(*arguments: Any, **named: Any) -> Any:
            seen.append(what)
            return function(*arguments, **named)

        return counted

    monkeypatch.setattr(drafts, "read_dosages", counting("route", drafts.read_dosages))
    monkeypatch.setattr(resource, "read_dosages", counting("dosages", resource.read_dosages))
    whole = drafts.DraftReader.read
    monkeypatch.setattr(drafts.DraftReader, "read", counting("draft", whole))
    return seen


@pytest.fixture
def call(terminology: Terminology, knowledge: Knowledge) -> Any:
    service = Service(
        engine=Engine(terminology, knowledge, SITE),
        sender=Sender(url="https://cds.example.org"), connect=lambda request: None,
        today=lambda zone: date(2026, 11, 22),
    )  # fmt: skip

    def respond(*sent: Json) -> Any:
        entries = [{"resource": one | {"id": f"d{n}"}} for n, one in enumerate(sent)]
        bundle = {"resourceType": "Bundle", "entry": entries}
        keys = ("conditions", "medicationRequests", "observations", "allergies", "procedures")
        prefetch: Json = {key: {"resourceType": "Bundle", "type": "searchset"} for key in keys}
        context = {
            "userId": "Practitioner/p", "patientId": "p", "draftOrders": bundle,
            "selections": [f"{one['resourceType']}/d{n}" for n, one in enumerate(sent)],
        }  # fmt: skip
        return service.respond(parse_body({
            "hook": "order-select", "hookInstance": "00000000-0000-4000-8000-000000000000",
            "context": context, "prefetch": prefetch | {"patient": {"resourceType": "Patient",
            "id": "p", "gender": "female", "birthDate": "1980-01-01"}},
        }))  # fmt: skip

    return respond


DOSAGE = {"text": "35 mg IV over 40 minutes"}
SERVICE = {"resourceType": "ServiceRequest", "status": "draft", "intent": "order",
           "code": {"text": "chest x-ray"}}  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ([draft(LISINOPRIL, DOSAGE)], []),
        ([draft("no such drug", DOSAGE)], []),
        ([draft(LISINOPRIL, DOSAGE), draft("amlodipine 5 mg", DOSAGE)], []),
        ([SERVICE], []),
        ([draft("ketamine", DOSAGE, status="cancelled")], []),
        ([draft("diphenhydramine", TOPICAL)], ["route"]),
        ([draft("ketamine", DOSAGE)], ["route", "draft", "dosages"]),
        ([draft(LORAZEPAM, DOSAGE)], ["route", "draft", "dosages"]),
        (
            [draft("ketamine", DOSAGE), draft(LISINOPRIL, DOSAGE)],
            ["route", "draft", "dosages", "draft", "dosages"],
        ),
    ],
)
def test_a_draft_is_read_once_and_an_unrelated_one_not_at_all(
    sent: list[Json], read: list[str], reads: list[str], call: Any
) -> None:
    response = call(*sent)
    assert reads == read
    assert bool(response.cards) is any(one.get("status") == "draft" and "ketamine" in str(one)
                                       for one in sent)  # fmt: skip
