"""What broke is named, who waits for an answer is told, and a stop is never lost."""

from __future__ import annotations

from typing import Any

import pytest
from broken import DAY, broken, engine
from made import OTHER, REF, assessment, finding, missing, order
from test_answer_of_cards import RISPERIDONE, SHOCK, UNDILUTED, answer, cards_of

import fhir_fixtures
from cards.build import without_chart
from cards.lines import line
from cards.model import Card
from cards.unworded import in_words, with_faults
from cards.words import say
from cds.api import SiteProtocol, assess, read_chart
from cds.faults import Fault, Faults
from cds.wire import decode, encode
from tests.replaced import replace
from tests.rows import check_each

LACKING = "- Not shown, by a fault of this service: {}. See the order and the chart yourself."
ONE = Card("dose", "s", "info", (line("a"),), ())


@pytest.mark.parametrize(
    ("broken", "cards", "asked", "said"),
    [
        ([], [ONE, ONE], True, ["- a", "- a"]),
        (["dose"], [ONE, ONE], True, ["- a\n" + LACKING.format("the dose"), "- a"]),
        (["dose", "dose", "safety"], [ONE], False,
         ["- a\n" + LACKING.format("the dose, safety and work-up")]),
        (["links", "length", "repetitions"], [ONE], True, ["- a"]),
        (["candidacy"], [], True, [LACKING.format("the candidacy")]),
        (["course"], [], False, []),
        (["stop"], [ONE], True, ["- a\n" + LACKING.format("the reasons for the stop")]),
        (["unread", "topical"], [], True,
         [LACKING.format("orders that were not readable, ketamine for the skin")]),
        (["unasked", "all"], [], True,
         [LACKING.format("what the ordered drug means for ketamine treatment, all but the stops")]),
    ],
)  # fmt: skip
def test_a_card_that_is_lacking_is_named(
    broken: list[str], cards: list[Card], asked: bool, said: list[str]
) -> None:
    faults = Faults([Fault("card", what, "KeyError") for what in broken])
    faults.found.append(Fault("finding", "dose", "KeyError"))
    shown = with_faults(cards, faults, lambda: asked)
    assert [c.detail for c in shown] == said
    for new in shown[len(cards) :]:
        assert (new.kind, new.indicator) == ("safety", "warning")
        assert new.summary.startswith("Part of the advice could not be given")


UNSAID = (
    "It could not be put into words, by a fault of this service: see the order and the chart"
    " yourself."
)


@pytest.mark.usefixtures("faults_are_kept")
@pytest.mark.parametrize(
    ("one", "summary", "also"),
    [
        (finding("aneurysm", "critical", found=("aortic_arch",)),
         "Do not give before this is cleared: aneurysm (aortic_arch)", ""),
        (finding("aneurysm", "critical", found=("arch", "iliac", "x_y")),
         "Do not give before this is cleared: aneurysm (arch)", "Found: iliac; x\\_y."),
        (finding("shock", found=("low",)), "To be checked: shock (low)", ""),
        (finding("shock", "info", found=()), "To be checked: shock", ""),
        (replace(SHOCK, params={**SHOCK.params, "found": None}), "To be checked: shock", ""),
        (replace(SHOCK, params={**SHOCK.params, "found": (None, "low")}),
         "To be checked: shock (low)", ""),
        (replace(UNDILUTED, id="order-undiluted"), "To be checked: undiluted", ""),
        (missing("weight", "critical"), "Do not give before this is cleared: missing weight", ""),
    ],
)  # fmt: skip
def test_what_has_no_words_is_told_by_its_name_and_the_chart(
    one: Any, summary: str, also: str
) -> None:
    with broken(one.id, "summary"):
        (told,) = in_words(assessment(one), Faults()).findings
    words = say(told.id, told.params)
    assert (words.summary, [part.text for part in words.parts]) == (
        summary, [*([also] if also else []), UNSAID],
    )  # fmt: skip


@pytest.mark.usefixtures("faults_are_kept")
@pytest.mark.parametrize("ident", ["missing-weight", "missing-state"])
def test_what_is_missing_is_named_whatever_is_known_of_its_state(ident: str) -> None:
    with broken(ident, "summary"):
        (told,) = in_words(assessment(missing("weight")), Faults()).findings
    assert say("missing-state", told.params).summary == "see the chart"
    assert (told.id, told.workup) == ("missing-weight", "weight")


MAKERS = {
    "stop_card": "the reasons for the stop", "candidacy_card": "the candidacy",
    "dose_card": "the dose", "safety_card": "safety and work-up",
    "course_card": "the course so far",
    "unread_drug_card": "orders that were not readable", "fold": "all but the stops",
}  # fmt: skip


@pytest.mark.usefixtures("faults_are_kept")
def test_a_card_that_breaks_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {c.kind for c in answer("juniper", "order-select").cards}

    def check(maker: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(f"cards.build.{maker}", _raises)
            left = answer("juniper", "order-select").cards
            stopped = answer("cedar", "order-select").cards
        kind = maker.partition("_card")[0]
        assert {c.kind for c in left} == (
            {"safety"} if maker == "fold" else whole - {kind} or whole
        )
        assert MAKERS[maker] in left[0].detail or maker == "stop_card"
        assert (stopped[0].kind, stopped[0].indicator) == ("stop", "critical")
        assert [s.label for s in stopped[0].suggestions] == ["Remove the order"]

    check_each(MAKERS, check)


@pytest.mark.usefixtures("faults_are_kept")
@pytest.mark.parametrize("step", ["once", "within", "with_facts", "notes"])
def test_what_puts_cards_in_order_hides_none(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = answer("juniper", "order-select")
    monkeypatch.setattr(f"cards.build.{step}", _raises)
    left = answer("juniper", "order-select")
    assert [c.summary for c in left.cards] == [c.summary for c in whole.cards]


@pytest.mark.usefixtures("faults_are_kept")
@pytest.mark.parametrize(
    ("hook", "drug", "shown"),
    [
        ("patient-view", None, 0),
        ("order-select", "mirtazapine 15 mg tablet", 0),
        ("order-select", "ketamine 10 % cream", 1),
    ],
)
def test_nobody_is_told_of_what_nobody_asked_for(
    hook: Any, drug: str | None, shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for maker in ("trigger_cards", "view_cards", "topical_cards"):
        monkeypatch.setattr(f"cards.build.{maker}", _raises)
    chart = read_chart(engine(), decode(encode(fhir_fixtures.load("ash", DAY))))
    draft = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    sent = [draft | {"medicationCodeableConcept": {"text": drug}}] if drug else []
    found = assess(engine(), chart, DAY, sent, hook)
    assert (len(found.cards), bool(found.faults)) == (shown, True)


SERTRALINE = order(drug=None, ingredients=("sertraline",))
UNREAD = order(OTHER, drug=None, drug_unread=True)


@pytest.mark.usefixtures("faults_are_kept")
@pytest.mark.parametrize(
    ("hook", "orders", "found", "shown"),
    [
        ("order-select", [SERTRALINE], [], 0),
        ("order-select", [SERTRALINE], [replace(SHOCK, kind="interaction")], 1),
        ("order-select", [SERTRALINE], [replace(RISPERIDONE, severity="info")], 0),
        ("order-select", [SERTRALINE], [SHOCK], 0),  # of the patient: it warns of no drug
        ("order-select", [SERTRALINE, UNREAD], [], 1),
        ("order-sign", [order()], [], 1),
        ("patient-view", [], [replace(SHOCK, kind="interaction")], 0),
    ],
)
def test_who_waits_for_an_answer_is_told_that_it_broke(
    hook: Any, orders: list[Any], found: list[Any], shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for maker in ("trigger_cards", "view_cards", "unread_drug_card", "dose_card"):
        monkeypatch.setattr(f"cards.build.{maker}", _raises)
    cards = cards_of(*found, orders=orders, hook=hook)
    assert [c.rules for c in cards] == [("not-shown",)] * shown


@pytest.mark.usefixtures("faults_are_kept")
@pytest.mark.parametrize(
    ("orders", "whole", "broken"),
    [
        ([UNREAD], "order-drug-unread", "not-shown"),
        ([SERTRALINE, UNREAD], "order-drug-unread", "not-shown"),
        ([SERTRALINE], None, None),
        ([], None, None),
    ],
)
def test_without_a_chart(
    orders: list[Any], whole: str | None, broken: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rules() -> list[str]:
        return [c.rules[0] for c in without_chart(orders, SiteProtocol(), Faults())]

    assert rules() == [whole] * bool(whole)
    monkeypatch.setattr("cards.build.unread_drug_card", _raises)
    assert rules() == [broken] * bool(broken)


@pytest.mark.usefixtures("faults_are_kept")
@pytest.mark.parametrize(
    ("maker", "of", "stops", "removed"),
    [
        ("trigger_cards", order(drug=None), finding("shock", "critical", "interaction", order=REF),
         []),
        ("topical_cards", order(drug=None, topical="ketamine"),
         finding("hypersensitivity", "critical", order=REF), ["Remove the order"]),
        ("trigger_cards", order(drug=None), finding("aneurysm", "critical"), None),
        ("view_cards", None, finding("aneurysm", "critical"), None),
    ],
)  # fmt: skip
def test_a_stop_of_another_order_is_not_lost(
    maker: str, of: Any, stops: Any, removed: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"cards.build.{maker}", _raises)
    hook = "patient-view" if of is None else "order-select"
    cards = cards_of(stops, orders=[of] if of else [], hook=hook)
    if removed is None:
        assert cards == ()
        return
    (stop,) = cards
    assert (stop.kind, stop.indicator, stop.rules) == ("stop", "critical", (stops.id,))
    assert [s.label for s in stop.suggestions] == removed
    assert "Not shown, by a fault of this service" in stop.detail


def _raises(*_: object, **__: object) -> Any:
    raise ValueError("Jane Doe")
