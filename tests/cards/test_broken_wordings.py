"""A misspelt variable in any template costs one finding its words, or one card; nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import lru_cache

import pytest
import structlog
from answer_rules import text_of
from broken import CHART, ash, broken, cards_of, fields, finding, is_template, with_finding
from headline_charts import Json, asked, rows
from prometheus_client import REGISTRY

from cards import words
from cards.model import Card
from cards.notes import PROCESS
from cards.said_by import said
from cards.unworded import in_words, name_of
from cds import logs
from cds.api import Answer
from cds.assessment.candidacy import SAID_BY_CANDIDACY
from cds.assessment.model import Finding, Severity
from cds.faults import Faults
from cds.hooks import schema
from cds.report import report
from cds.runtime import open_service
from tests.hooks import hooktools
from tests.hooks.response_rules import violations
from tests.rows import check_each

pytestmark = pytest.mark.usefixtures("faults_are_kept")

OF_CARDS = {ident for ident in words._texts() if ident.startswith("candidacy-")} | {
    *words._documents()["headlines.yaml"], "missing-state", "order-drug-unread",
    "unworded", "unworded-state",
}  # fmt: skip
"""wordings that no finding has"""
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
LACKING = "Not shown, by a fault of this service: "


# --- of findings ----------------------------------------------------------------------------------

OF_FINDINGS = [
    (file, ident, name, severity)
    for file, ident, name in fields()
    if ident not in OF_CARDS and is_template(name)
    for severity in (SEVERITIES if name == "summary" else SEVERITIES[:1])
]


def test_every_template_of_a_finding() -> None:
    assert len(OF_FINDINGS) > 900
    check_each(OF_FINDINGS, costs_its_own_words, name=" ".join)


def costs_its_own_words(row: tuple[str, str, str, Severity]) -> None:
    file, ident, name, severity = row
    one, faults = finding(file, ident, severity), Faults()
    assessment = with_finding(one)
    with broken(ident, name):
        cards = cards_of(assessment, faults)
        told = report(in_words(with_finding(one, alone=True), Faults()), [])["findings"]
    assert (faults.found[0].kind, faults.found[0].what) == ("finding", ident)
    assert faults.of("card") == []
    assert {"candidacy", "safety"} <= {card.kind for card in cards}
    assert next(f["severity"] for f in told if f["id"] == ident) == severity
    if severity == "critical":
        is_still_a_stop(cards[0], one)
    elif one.workup is None and not is_silent(one):
        assert name_of(one) in text_of(cards)


def is_still_a_stop(stop: Card, one: Finding) -> None:
    assert (stop.kind, stop.indicator, one.id in stop.rules) == ("stop", "critical", True)
    for said_of_it in (name_of(one), str(CHART), "could not be put into words"):
        assert said_of_it in text_of([stop])
    assert [(s.label, s.recommended) for s in stop.suggestions] == [("Remove the order", True)]


def is_silent(one: Finding) -> bool:
    """What no card shows, in whatever words."""
    a_dose_answers_it = one.id == "order-incomplete" or one.severity == "info"
    return (
        one.id in {*PROCESS, *SAID_BY_CANDIDACY, "diagnosis-contradicts-itself"}
        or said(one, [*ash().assessment.findings, one])
        or (one.kind == "order_error" and a_dose_answers_it)
    )


# --- of cards -------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def used() -> dict[str, tuple[Json, Answer]]:
    """Wording → a row of the headlines whose cards use it, and the answer to it."""
    found: dict[str, tuple[Json, Answer]] = {}
    seen: set[str] = set()
    whole = words._prepared

    def prepared(ident: str) -> object:
        seen.add(ident)
        return whole(ident)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "_prepared", prepared)
        for row in rows():
            answer = asked(row)
            found |= dict.fromkeys(seen - found.keys(), (row, answer))
    return found


def of_cards() -> Iterator[tuple[str, str]]:
    for _, ident, name in fields():
        if ident in OF_CARDS and ident in used() and is_template(name):
            yield ident, name


def test_every_template_of_a_card() -> None:
    elsewhere = {ident for ident in OF_CARDS if ident not in used()}
    of_doses = {ident for ident in elsewhere if ident.startswith("against-")}
    assert elsewhere - of_doses == {"order-drug-unread", "unworded", "unworded-state"}
    check_each(of_cards(), costs_its_card, name=" ".join)


def costs_its_card(row: tuple[str, str]) -> None:
    ident, name = row
    story, before = used()[ident]
    with broken(ident, name):
        after = asked(story)
    assert before.faults == ()
    lost = {card.kind for card in before.cards} - {card.kind for card in after.cards}
    if ident == "missing-state":
        assert lost == set()
        assert "see the chart" in text_of(after.cards)
        return
    assert {fault.error for fault in after.faults} == {"UndefinedError"}
    assert lost <= {"candidacy", "dose"}
    assert not lost or not after.cards or LACKING in text_of(after.cards)
    assert is_asked(before) is bool(after.cards)
    for card in after.cards:
        assert card.kind != "dose" or "dose" in {c.kind for c in before.cards}


def is_asked(answer: Answer) -> bool:
    """Whether an order for ketamine waits for an answer: else no card comes of a fault."""
    return any(order.drug for order in answer.assessment.orders)


def test_a_broken_word_for_what_is_broken_leaves_the_stop() -> None:
    faults = Faults()
    one = finding("contraindications", "aneurysm", "critical")
    with broken("aneurysm", "detail"), broken("unworded", "summary"):
        cards = cards_of(with_finding(one), faults)
    assert faults.of("card") == ["stop", "links"]
    assert cards[0].summary == "Do not give before this is cleared: aneurysm"
    assert (cards[0].indicator, cards[0].rules) == ("critical", ("aneurysm",))
    assert [s.label for s in cards[0].suggestions] == ["Remove the order"]
    assert LACKING + "the reasons for the stop" in text_of(cards)


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ident", "name", "of_what", "what"),
    [
        ("candidacy-met", "summary", "card", "candidacy"),
        ("missing-state", "summary", "finding", "missing-drug-screen"),
        ("process-infusion", "more", "finding", "process-infusion"),
    ],
)
def test_over_http(ident: str, name: str, of_what: str, what: str) -> None:
    stream = io.StringIO()
    logs.configure("info", stream)
    respond = open_service(hooktools.Settings(auth="off")).respond
    client = hooktools.app(respond).test_client()
    before = _counted(of_what, what)
    with broken(ident, name):
        answer = client.post(
            hooktools.SERVICES["order-select"],
            data=hooktools.plain(hooktools.fixture_request("ash")),
            content_type="application/json",
        )
    structlog.reset_defaults()
    body = answer.get_json()
    assert answer.status_code == 200
    assert schema.faults("response", body) == []
    assert violations(body, "ash") == set()
    assert len(body["cards"]) >= 2
    assert _counted(of_what, what) == before + 1
    told = [json.loads(text) for text in stream.getvalue().splitlines()]
    (fault,) = [line for line in told if line.get("rules") == [what] and line["level"] == "error"]
    assert fault.keys() == {"event", "level", "timestamp", "rules", "error", "where"}
    assert fault["error"] == "UndefinedError"


def test_over_http_without_a_chart() -> None:
    client = hooktools.app(open_service(hooktools.Settings(auth="off")).respond).test_client()
    nameless = hooktools.draft() | {"medicationCodeableConcept": {"text": ""}}
    body = hooktools.request(
        draftOrders={"resourceType": "Bundle", "entry": [{"resource": nameless}]}
    ) | {"prefetch": {}}
    said = []
    for name in ("summary", "detail"):
        with broken("order-drug-unread", name):
            answer = client.post(hooktools.SERVICES["order-select"], json=body)
        (card,) = answer.get_json()["cards"]
        said.append((answer.status_code, card["indicator"], card["detail"]))
    lacking = f"- {LACKING}orders that were not readable. See the order and the chart yourself."
    assert said == [(200, "warning", lacking)] * 2


def _counted(kind: str, what: str) -> float:
    labels = {"kind": kind, "what": what}
    return REGISTRY.get_sample_value("ketamine_cds_faults_total", labels) or 0
