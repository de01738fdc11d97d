"""Which cards an answer has, in which order, and what joins what."""

from __future__ import annotations

from typing import Any

import pytest
from broken import DAY, engine
from made import OTHER, REF, assessment, dose, drafts, finding, mg, missing, no_dose, order

import fhir_fixtures
from cards.build import Occasion, build, fold
from cards.lines import Worth
from cards.model import Card
from cds.api import Answer, SiteProtocol, assess, read_chart
from cds.wire import decode, encode
from tests.replaced import replace
from tests.rows import check_each

Cards = list[tuple[str, str]]
STOP, WARNED = ("stop", "critical"), ("safety", "warning")
MET, NOT_MET = ("candidacy", "info"), ("candidacy", "warning")
DOSE, SAFETY, COURSE = ("dose", "info"), ("safety", "info"), ("course", "info")


def answer(name: str, hook: Any, **site: Any) -> Answer:
    chart = read_chart(engine(), decode(encode(fhir_fixtures.load(name, DAY))))
    draft = decode((fhir_fixtures.orders() / f"{name}.json").read_bytes())
    mine = replace(engine(), site=SiteProtocol(**site))
    return assess(mine, chart, DAY, [] if hook == "patient-view" else [draft], hook)


PATIENTS: list[tuple[str, Cards, Cards, Cards]] = [
    ("ash", [MET, DOSE, SAFETY], [DOSE, SAFETY], [MET]),
    ("birch", [NOT_MET, SAFETY], [NOT_MET, SAFETY], []),
    ("cedar", [STOP, MET, SAFETY], [STOP, SAFETY], []),
    ("dogwood", [WARNED, MET], [WARNED], [MET]),
    ("elm", [MET, DOSE, SAFETY], [DOSE, SAFETY], []),
    ("fir", [WARNED, MET], [WARNED], []),
    ("gum", [STOP, NOT_MET, WARNED], [STOP, NOT_MET, WARNED], []),
    ("hazel", [], [], []),
    ("juniper", [WARNED, MET, DOSE, COURSE], [WARNED, DOSE, COURSE], []),
    ("larch", [STOP, WARNED, MET], [STOP, WARNED], []),
]
"""when the order is selected, when it is signed, when the chart is opened"""


def test_the_cards_of_each_patient() -> None:
    def check(row: tuple[str, Cards, Cards, Cards]) -> None:
        name, *expected = row
        for hook, cards in zip(
            ("order-select", "order-sign", "patient-view"), expected, strict=True
        ):
            assert [(c.kind, c.indicator) for c in answer(name, hook).cards] == cards, hook

    check_each(PATIENTS, check, name=lambda row: row[0])


def test_an_order_of_another_drug_at_signing_raises_no_candidacy() -> None:
    chart = read_chart(engine(), decode(encode(fhir_fixtures.load("ash", DAY))))
    draft = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
    mirtazapine = draft | {"medicationCodeableConcept": {"text": "mirtazapine 15 mg tablet"}}
    for hook, kinds in (("order-select", ["candidacy"]), ("order-sign", [])):
        found = assess(engine(), chart, DAY, [mirtazapine], hook)  # type: ignore[arg-type]
        assert [c.kind for c in found.cards] == kinds


# --- the most that is shown -----------------------------------------------------------------------


def card(kind: Any, indicator: Any = "info", summary: str = "s", **fields: Any) -> Card:
    return replace(Card(kind, summary, indicator, (), ()), **fields)


FIVE = [card("course", summary="e"), card("stop", "critical", "a"), card("candidacy", summary="c_"),
        card("dose", "warning", "b"), card("dose", summary="d")]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "shown", "last"),
    [
        (6, "abcde", ""), (5, "abcde", ""),
        (4, "abcd", "- 1 more:\n- e"),
        (3, "abc", "- 2 more:\n- d\n- e"),
        (2, "ab", "- 3 more:\n- c\\_\n- d\n- e"),
        (1, "a", "- 4 more:\n- b\n- c\\_\n- d\n- e"),
    ],
)  # fmt: skip
def test_what_is_past_the_limit_is_named(limit: int, shown: str, last: str) -> None:
    cards = fold(FIVE, limit)
    assert "".join(c.summary[0] for c in cards) == shown
    assert [c.detail for c in cards] == [""] * (len(cards) - 1) + [last]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_a_site_has_fewer_cards(most: int) -> None:
    kinds = ["safety", "candidacy", "dose", "course"]
    cards = answer("juniper", "order-select", max_cards=most).cards
    assert [c.kind for c in cards] == kinds[:most]
    assert (f"{4 - most} more:" in cards[-1].detail) is (most < 4)


# --- what joins what ------------------------------------------------------------------------------

ANEURYSM = finding("aneurysm", "critical", found=("x",))
SHOCK = finding("shock", found=("low",))
RISPERIDONE = finding("risperidone", "info", "interaction", found=())
LITHIUM = finding("lithium", "info", "interaction", found=("lithium",))
DUE = finding("shock", "info", "course", found=("due",))
UNDILUTED = finding("order-undiluted", kind="order_error", order=REF, found=(),
                    params={"strength": 100})  # fmt: skip
WRITTEN = order(text="ketamine")


def cards_of(*findings: Any, hook: Any = "order-select", **fields: Any) -> tuple[Card, ...]:
    fields = {"orders": [WRITTEN]} | fields
    found = assessment(*findings, **fields)
    return build(found, Occasion(hook, drafts(REF, OTHER)))


def test_a_doubtful_order_beside_a_stop_is_a_part_of_it() -> None:
    (stop,) = cards_of(ANEURYSM, UNDILUTED)
    assert (
        "- **100 mg/mL must be diluted before it is given IV**\n- State the diluent" in stop.detail
    )
    assert stop.rules == ("aneurysm", "order-undiluted")
    first, second = cards_of(SHOCK, UNDILUTED)
    assert (first.kind, second.kind) == ("dose", "safety")


def test_the_same_of_two_drafts_is_one_card() -> None:
    two = [WRITTEN, replace(WRITTEN, ref=OTHER)]
    assert [c.kind for c in cards_of(doses=[dose()], orders=two)] == ["dose"]
    apart = [dose(order=REF), dose(order=OTHER, dose_mg=mg("30").value)]
    assert [c.order for c in cards_of(doses=apart, orders=two)] == [REF, OTHER]


@pytest.mark.parametrize(
    ("findings", "kinds", "host"),
    [
        ([SHOCK, DUE], ["safety", "course"], 0),
        ([DUE], ["course"], 0),
        ([], ["dose"], None),
    ],
)
def test_no_dose_is_a_line_of_another_card(
    findings: list[Any], kinds: list[str], host: int | None
) -> None:
    cards = cards_of(*findings, doses=[no_dose("pregnancy")])
    assert [c.kind for c in cards] == kinds
    if host is None:
        assert cards[0].summary == "No dose suggested: pregnancy"
    else:
        assert cards[host].detail.endswith("- No dose suggested: pregnancy")
        assert cards[host].rules[-1] == "regimen:iv-std-acute"


def test_notes_stand_on_the_last_card_or_alone() -> None:
    said = "Risperidone weakened the ketamine signal in imaging"
    (course,) = cards_of(DUE, RISPERIDONE)
    assert course.detail.endswith(f"- {said}")
    (alone,) = cards_of(RISPERIDONE)
    assert (alone.kind, alone.summary, alone.detail) == ("safety", said, "")
    assert cards_of(LITHIUM) == ()
    assert cards_of(RISPERIDONE, cards_off=("safety",)) == ()


def test_notes_and_good_news_stand_on_the_candidacy() -> None:
    first, *_ = answer("ash", "order-select", max_words=2000).cards
    assert first.detail.endswith("aripiprazole 5 mg/d, 10 weeks")
    stopped = next(c for c in answer("cedar", "order-select").cards if c.kind == "candidacy")
    assert all(part.worth <= Worth.ADVICE for parts in stopped.lines for part in parts)


def test_an_unread_order_beside_one_of_ketamine() -> None:
    unread = order(OTHER, drug=None, drug_unread=True)
    cards = cards_of(SHOCK, orders=[WRITTEN, unread])
    assert [c.summary for c in cards][1] == "The drug of this order is not readable"
    (alone,) = cards_of(orders=[unread])
    assert alone.rules == ("order-drug-unread",)
    skin = order(drug=None, topical="ketamine")
    info = finding("order-topical", "info", "caution", order=REF, found=(),
                   params={"allergies_seen": True, "called": ""})  # fmt: skip
    both = cards_of(info, orders=[skin, unread])
    assert {c.rules for c in both} == {("order-topical",), ("order-drug-unread",)}
    assert len(cards_of(info, orders=[skin, unread], max_cards=1)) == 1


def test_kinds_that_are_off_are_not_shown_and_a_stop_is_never_off() -> None:
    off = ("safety", "dose", "course", "candidacy")
    cards = cards_of(ANEURYSM, SHOCK, DUE, missing("weight"), cards_off=off)
    assert [c.kind for c in cards] == ["stop"]


def test_a_sentence_is_said_on_the_first_card_alone() -> None:
    again = replace(SHOCK, kind="course")
    first, second = cards_of(SHOCK, again)
    assert first.detail.startswith("- With exhausted catecholamines")
    assert second.detail == ""


def test_a_long_answer_loses_its_advice() -> None:
    (whole,) = cards_of(SHOCK)
    assert whole.detail
    (shorter,) = cards_of(SHOCK, max_words=10)
    assert (shorter.summary, shorter.detail) == (whole.summary, "")


def test_a_card_has_its_facts() -> None:
    (one,) = cards_of(SHOCK)
    assert [fact.path for fact in one.facts] == ["contraindications/shock"]
