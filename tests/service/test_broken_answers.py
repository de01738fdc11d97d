"""What breaks between the cards and the wire, and words that can't be read: it costs one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

import fhir_fixtures
from cards import words
from cards.declared import WordingError
from cards.model import LACKING
from cds.api import Answer, assess, load, read_chart
from cds.commands.serve import serve
from cds.hooks import schema
from cds.knowledge import load as knowledge_files
from cds.knowledge.load import KnowledgeError
from cds.reviewed import parsed
from cds.runtime import open_service
from cds.wire import Json, decode
from tests.hooks import hooktools
from tests.hooks.response_rules import violations
from tests.rows import check_each

pytestmark = pytest.mark.usefixtures("faults_are_kept")

DAY = fhir_fixtures.ANCHOR


@pytest.fixture
def client() -> FlaskClient:
    return hooktools.app(open_service(hooktools.Settings(auth="off")).respond).test_client()


def raises(*_: object, **__: object) -> Any:
    raise KeyError("Jane Doe")


def posted(client: FlaskClient, name: str, hook: str = "order-select") -> tuple[int, Json]:
    answer = client.post(
        hooktools.SERVICES[hook],
        data=hooktools.plain(hooktools.fixture_request(name, hook)),
        content_type="application/json",
    )
    return answer.status_code, answer.get_json()


def counted() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == "ketamine_cds_faults"
        for sample in metric.samples
        if sample.name.endswith("_total")
    )


SENDING = {
    "cards.model.markdown": {"detail"},
    "cards.model.Card.detail": {"detail"},
    "cards.model.Action.json": {"suggestions", "selectionBehavior"},
    "cards.model.Suggestion.json": {"suggestions", "selectionBehavior"},
    "cards.model.override_reasons": {"overrideReasons"},
    "cards.model._override_reasons": {"overrideReasons"},
    "cards.model.Sender._page": {"links", "source"},
    "cards.model.Sender._links": {"links"},
    "cards.model.Sender._source": {"source"},
    "cards.model.Sender.json": {
        "detail", "suggestions", "selectionBehavior", "overrideReasons", "links", "source",
    },
}  # fmt: skip
"""what breaks as a card is written, and what of the card it costs"""


def test_what_breaks_as_a_card_is_written_costs_that_part(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole = posted(client, "cedar")
    before = whole["cards"][0]
    assert before["indicator"] == "critical"

    def check(what: str) -> None:
        faults = counted()
        with monkeypatch.context() as patch:
            patch.setattr(what, property(raises) if what.endswith("detail") else raises)
            status, body = posted(client, "cedar")
        after = body["cards"][0]
        assert status == 200
        assert schema.faults("response", body) == []
        assert violations(body, "cedar") == set()
        assert len(body["cards"]) == len(whole["cards"])
        assert after["summary"] == before["summary"]
        lost = {name for name in before if _plain(before, name) != _plain(after, name)}
        assert lost <= SENDING[what]
        assert lost
        if "detail" in SENDING[what]:
            assert after["detail"] == LACKING
        else:
            assert after["detail"] == before["detail"]
        assert "Jane Doe" not in json.dumps(body)
        assert counted() > faults

    check_each(SENDING, check)


def _plain(card: Json, name: str) -> object:
    """A part of a card without the uuids, which are fresh each time."""
    told = card.get(name)
    if name == "uuid":
        return None
    if name == "suggestions" and told:
        return [{**each, "uuid": None} for each in told]
    return told


def test_a_card_without_its_text_can_only_take_an_order_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = [s for c in posted(client, "juniper")[1]["cards"] for s in c.get("suggestions", ())]
    assert "update" in {action["type"] for s in offered for action in s["actions"]}
    monkeypatch.setattr("cards.model.markdown", raises)
    assert not any(card.get("suggestions") for card in posted(client, "juniper")[1]["cards"])
    stop = posted(client, "cedar")[1]["cards"][0]
    assert [s["label"] for s in stop["suggestions"]] == ["Remove the order"]


NET = {
    "cards.build._least": None,
    "cards.build.bare_stop": None,
    "cards.build.wordless_stop": None,
    "cards.stop.name_of": None,
    "cards.unworded.name_of": None,
    "cards.stop._removal": "a reason against it",
    "cards.stop.shorten": None,
    "cards.build.with_faults": None,
    "cds.api.in_words": None,
}
"""what is made for the case that something breaks, and what it costs when nothing else does"""


def test_a_net_that_breaks_costs_nothing_where_it_is_not_needed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [card["summary"] for card in posted(client, "cedar")[1]["cards"]]

    def check(what: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(what, raises)
            status, body = posted(client, "cedar")
        first, *others = body["cards"]
        assert (status, first["indicator"]) == (200, "critical")
        assert [card["summary"] for card in others] == whole[1:]
        assert (NET[what] or whole[0]) in first["summary"]

    check_each(NET, check)


COULD_NOT = "This service could not judge the order: see the order and the chart yourself"


def test_what_breaks_once_the_chart_is_read_is_a_warning(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(what: str) -> None:
        faults = counted()
        with monkeypatch.context() as patch:
            patch.setattr(what, raises)
            status, body = posted(client, "cedar")
            opened = posted(client, "cedar", "patient-view")
        (card,) = body["cards"]
        assert (status, card["summary"], card["indicator"]) == (200, COULD_NOT, "warning")
        assert schema.faults("response", body) == []
        assert opened == (200, {"cards": []})
        assert counted() > faults

    frame = (
        "cds.service.assess", "cds.api.build_history", "cds.api.read_order",
        "cds.api.assess_orders", "cds.api.build",
    )  # fmt: skip
    check_each(frame, check)


def test_what_breaks_before_is_no_answer(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cds.service.read_chart", raises)
    status, body = posted(client, "cedar")
    assert (status, body["resourceType"]) == (500, "OperationOutcome")
    refused = client.post(hooktools.SERVICES["order-select"], json={"hook": "order-select"})
    assert refused.status_code == 400


# --- words ----------------------------------------------------------------------------------------


def answer(name: str) -> Answer:
    draft = decode((fhir_fixtures.orders() / f"{name}.json").read_bytes())
    chart = read_chart(load(), fhir_fixtures.load(name, DAY))
    return assess(load(), chart, DAY, [draft])


def test_a_report_says_what_an_answer_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has no words: a report names it, and what broke."""

    def check(what: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(what, property(raises) if what.endswith("detail") else raises)
            found = answer("cedar")
            told = found.report()
        assert [f["id"] for f in told["findings"]] == [f.id for f in found.assessment.findings]
        assert all(finding["summary"] for finding in told["findings"])
        assert told["cards"][0]["indicator"] == "critical"
        assert {fault["error"] for fault in told["faults"]} == {"KeyError"}
        assert all(fault.keys() == {"kind", "what", "error"} for fault in told["faults"])

    rows = ("cards.unworded.say", "cards.words._prepared", "cards.model.Card.detail",
            "cards.model.Suggestion.json", "cards.model.Action.json")  # fmt: skip
    check_each(rows, check)


@pytest.mark.parametrize("lacking", ["candidacy_card", "safety_card", "course_card", "stop_card"])
def test_no_click_on_a_dose_beside_a_card_that_is_lacking(
    lacking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doses() -> list[Any]:
        return [card for card in answer("juniper").cards if card.kind == "dose"]

    (whole,) = doses()
    assert whole.suggestions
    monkeypatch.setattr(f"cards.build.{lacking}", raises)
    (left,) = doses()
    assert (left.summary, left.suggestions) == (whole.summary, ())


@pytest.mark.parametrize("file", sorted(words._documents()))
def test_a_file_of_words_that_is_no_yaml_leaves_no_click_beside_what_it_hides(
    file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others have their words here, as where only one was changed."""
    hidden = words._documents()[file].keys()
    texts = {ident: text for ident, text in words._texts().items() if ident not in hidden}
    before = answer("juniper")
    monkeypatch.setattr(words, "_texts", lambda: texts)
    words._prepared.cache_clear()
    found = answer("juniper")
    words._prepared.cache_clear()
    clicks = [card for card in found.cards if card.kind == "dose" and card.suggestions]
    lost = {card.kind for card in before.cards} - {card.kind for card in found.cards}
    assert not (clicks and lost)
    assert found.cards


WRONG: tuple[tuple[str, bytes, str], ...] = (
    ("a key without its colon", b"a: 1\nb\nc: 2\n", ", line 3: could not find expected ':'"),
    ("a bracket that is left open", b"a: [1\n", ", line 2: did not find expected ',' or ']'"),
    ("a tab", b"a:\n\t- b\n", ", line 2: found character that cannot start any token"),
    ("a list", b"- a\n", ", line 1: a mapping is wanted"),
    ("nothing", b"", ", line 1: a mapping is wanted"),
    ("bytes that are no text", b"a: \xff\xfe\xff\n", ": "),
)


def test_a_file_that_is_no_yaml_is_named_with_its_line() -> None:
    def check(row: tuple[str, bytes, str]) -> None:
        _, text, said = row
        with pytest.raises(KnowledgeError) as error:
            parsed("a.yaml", text, KnowledgeError)
        assert str(error.value).startswith(f"a.yaml{said}")
        assert "\n" not in str(error.value)

    check_each(WRONG, check, name=lambda row: row[0])


@pytest.fixture
def nothing_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The files are read again, and the words once more after the test.

    The knowledge is read aside: other tests hold the facts that are loaded.
    """
    monkeypatch.setattr(knowledge_files, "_bundled", knowledge_files._bundled.__wrapped__)

    def forget() -> None:
        for read in (words._documents, words._texts):
            read.cache_clear()

    forget()
    yield
    forget()


@pytest.mark.usefixtures("nothing_read")
@pytest.mark.parametrize(
    ("reader", "wrong", "told"),
    [
        (words, WordingError, "cards/wording/candidacy.yaml, line 2: "),
        (knowledge_files, KnowledgeError, "cds/knowledge/data/sources.yaml, line 2: "),
    ],
)
def test_it_does_not_serve_what_it_cannot_read(
    reader: Any, wrong: type[ValueError], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(name: str, text: bytes, error: type[ValueError]) -> Any:
        return parsed(name, b"a: [1\n" if told.partition(",")[0].endswith(name) else text, error)

    monkeypatch.setattr(reader, "parsed", cut)
    monkeypatch.setenv("KETAMINE_CDS_AUTH", "off")
    monkeypatch.setattr(
        "cds.commands.serve.serve_until_stopped", lambda *_: pytest.fail("it serves")
    )
    result = CliRunner().invoke(serve, [])
    assert result.exit_code == 2
    assert f"Error: {told}" in result.output
