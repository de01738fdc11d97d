"""The course card, ketamine for the skin, unread orders, and cards that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from made import HISTORY, OTHER, REF, assessment, drafts, finding, order
from made import said as told

from cards.course import course_card
from cards.topical import topical_cards
from cards.triggers import trigger_cards, view_cards
from cards.unread_drug import unread_drug_card
from cds.assessment.model import Finding
from cds.knowledge.site import SiteProtocol
from tests.replaced import replace

WHY = "- With exhausted catecholamines ketamine can depress the heart instead of driving it."
AIRWAY = (
    "- **Postpone an elective session: asthma** Laryngospasm is more likely; wait until it is over."
)


def shock(severity: Any = "warning", kind: Any = "course", **fields: Any) -> Finding:
    return finding("shock", severity, kind, found=("low",), **fields)


def airway(severity: Any = "info", kind: Any = "course", **fields: Any) -> Finding:
    return finding("airway", severity, kind, found=("asthma",), **fields)


# --- the course -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "indicator", "lines", "rules"),
    [
        ([], None, [], []),
        ([shock("critical")], None, [], []),
        ([shock(kind="caution")], None, [], []),
        ([shock()], "warning", [WHY], ["shock"]),
        ([shock("info")], "info", [WHY], ["shock"]),
        ([shock("info"), airway()], "info", [WHY, AIRWAY], ["shock", "airway"]),
        ([shock(), airway(), airway("critical")], "warning", [WHY, AIRWAY], ["shock", "airway"]),
    ],
)
def test_the_course(
    found: list[Finding], indicator: str | None, lines: list[str], rules: list[str]
) -> None:
    card = course_card(assessment(*found))
    if indicator is None:
        assert card is None
        return
    assert card is not None
    more = " (+1 more)" if len(rules) > 1 else ""
    assert told(card) == (indicator, f"Risk of circulatory failure: low{more}", lines)
    marks = (card.kind, card.rules, card.danger, card.suggestions)
    assert marks == ("course", tuple(rules), indicator == "warning", ())


# --- ketamine for the skin ------------------------------------------------------------------------

CREAM = order(drug=None, topical="ketamine")
TOPICAL = finding(
    "order-topical", "info", "caution", found=(), order=REF,
    params={"allergies_seen": True, "called": "cream"},
)  # fmt: skip
ALLERGY = finding("hypersensitivity", "critical", found=("ketamine",), order=REF,
                  params={"rows": ("pain:hypersensitivity",)})  # fmt: skip
TOPICAL_SAYS = (
    "Topical ketamine: the indications, doses and tests known here do not apply to it",
    ["- Only an allergy was looked for (“cream”). If it is to be given another way, choose that"
     " product or route."],
)  # fmt: skip


@pytest.mark.parametrize(
    ("found", "site", "cards"),
    [
        ([], {}, []),
        ([TOPICAL], {}, [("info", *TOPICAL_SAYS)]),
        ([TOPICAL], {"cards_off": ("safety",)}, []),
        ([replace(TOPICAL, order=OTHER)], {}, []),
        ([replace(TOPICAL, kind="interaction")], {}, []),
        ([replace(TOPICAL, severity="warning")], {}, [("warning", *TOPICAL_SAYS)]),
        ([ALLERGY], {}, []),
        ([ALLERGY, TOPICAL], {},
         [("critical", "Do not give: ketamine",
           ["- An intolerance counts, unless its reaction is known to be nausea or vomiting"
            " alone."]),
          ("info", *TOPICAL_SAYS)]),
    ],
)  # fmt: skip
def test_ketamine_for_the_skin(
    found: list[Finding], site: dict[str, Any], cards: list[Any]
) -> None:
    made = topical_cards(assessment(*found, orders=[CREAM], **site), drafts())
    assert [told(card) for card in made] == cards
    for card in made:
        stops = card.indicator == "critical"
        assert (card.kind, card.rules) == (
            ("stop", ("hypersensitivity",)) if stops else ("safety", ("order-topical",))
        )
        assert [s.label for s in card.suggestions] == ["Remove the order"] * stops


def test_beside_another_drug_it_is_about_the_cream_alone() -> None:
    other = order(OTHER, drug=None, ingredients=("sertraline",))
    both = assessment(ALLERGY, TOPICAL, orders=[other, CREAM])
    stop, calm = topical_cards(both, drafts(OTHER, REF))
    assert (stop.order, calm.rules) == (REF, ("order-topical",))
    assert [a.resource_id for s in stop.suggestions for a in s.actions] == [REF]
    about_the_other = assessment(replace(TOPICAL, order=OTHER), orders=[other, CREAM])
    assert topical_cards(about_the_other, drafts(OTHER, REF)) == ()


# --- an order whose drug could not be read --------------------------------------------------------

UNREAD = order(drug=None, drug_unread=True)


@pytest.mark.parametrize(
    ("orders", "off", "says"),
    [
        ([order()], (), None),
        ([order(), UNREAD], (), "The drug of this order is not readable"),
        ([UNREAD, replace(UNREAD, ref=OTHER)], (), "The drug of 2 of these orders is not readable"),
        ([UNREAD], ("safety",), None),
        ([UNREAD], ("dose",), "The drug of this order is not readable"),
    ],
)
def test_an_unread_drug(orders: list[Any], off: Sequence[str], says: str | None) -> None:
    card = unread_drug_card(orders, SiteProtocol(cards_off=tuple(off)))
    if says is None:
        assert card is None
        return
    assert told(card) == (
        "info", says,
        ["- Nothing was checked, neither for ketamine nor for a drug that matters beside it. If it"
         " is for ketamine, choose the drug by its name."],
    )  # fmt: skip
    assert card is not None
    assert (card.kind, card.rules, card.order) == ("safety", ("order-drug-unread",), REF)


# --- cards that nobody asked for ------------------------------------------------------------------

SERTRALINE = order(drug=None, ingredients=("sertraline",))
BESIDE: dict[str, Any] = {"kind": "interaction", "order": REF}


@pytest.mark.parametrize(
    ("found", "cards"),
    [
        ([], []),
        ([shock("info", **BESIDE)], []),
        ([shock("warning", kind="interaction", order=OTHER)], []),
        ([shock("warning", kind="caution", order=REF)], []),
        ([shock(**BESIDE)],
         [("safety", "warning", "Risk of circulatory failure: low", [WHY], ("shock",))]),
        ([shock(**BESIDE), airway(**BESIDE)],
         [("safety", "warning", "Risk of circulatory failure: low", [WHY], ("shock",))]),
        ([shock("critical", **BESIDE), airway("warning", **BESIDE)],
         [("stop", "critical", "Risk of circulatory failure: low", [WHY], ("shock",))]),
    ],
)  # fmt: skip
def test_another_drug_under_treatment(found: list[Finding], cards: list[Any]) -> None:
    made = trigger_cards(assessment(*found, orders=[SERTRALINE]), candidacy_wanted=True)
    assert [(c.kind, *(told(c) or ()), c.rules) for c in made] == cards
    assert not any(card.suggestions for card in made)


@pytest.mark.parametrize(
    ("found", "rules"),
    [
        ([], []),
        ([shock("info")], []),
        ([shock()], [("shock",)]),
        ([shock("warning"), shock("critical", kind="caution")], [("shock",)]),
    ],
)
def test_a_chart_is_opened_and_something_is_due(found: list[Finding], rules: list[Any]) -> None:
    made = view_cards(assessment(*found, history=HISTORY), candidacy_wanted=True)
    assert [card.rules for card in made] == rules
    assert all((c.kind, c.indicator) == ("course", "warning") for c in made)
