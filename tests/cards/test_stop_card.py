"""The stop card: what it says, and which of the orders it corrects or takes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from made import OTHER, REF, drafts, finding, mg, offered, order
from made import said as told

from cards.drafts import Drafts
from cards.said_by import SAID_BY, not_said_yet, said
from cards.stop import bare_stop, stop_card
from cds.assessment.model import Finding
from cds.orders.model import Order
from tests.replaced import replace
from tests.rows import check_each

THIRD = "MedicationRequest/c"
ANEURYSM = finding("aneurysm", "critical", found=("thoracic aneurysm",))
PREGNANCY = finding("pregnancy", "critical", found=("pregnant",))
CONTRADICTED = finding(
    "diagnosis-contradicts-itself", stops_dose=True, found=("aneurysm, refuted",)
)
MEANT = {"dose": mg("35")}


def mistake(meant: Any = MEANT, of: str = REF, ident: str = "order-dose-tiny") -> Finding:
    """0.5 mg where 35 mg was meant."""
    slip = {"meaning": "mg/kg written as mg", "meant": mg("35"), "about": False}
    return finding(
        ident, "critical", "order_error", order=of, correction=meant, found=(),
        params={"dose": Decimal("0.5"), "meant": mg("35"), "over": Decimal(40), "likely": [slip],
                "per_kg": Decimal("0.5"), "even_at": None},
    )  # fmt: skip


TINY = "0.5 mg in all is very little for an adult"
TIMED = order(route="intravenous", dose=mg("0.5"), duration_min=Decimal(40))
UNTIMED = replace(TIMED, duration_min=None)
LABEL = (
    "- Contraindicated on the esketamine label, applied here to racemic ketamine too. If repaired:"
    " the vascular or neurosurgical team decides first."
)
SLIP = (
    "Usual only for PCA, a test dose or titration; the order is not marked as one. Possible slip:"
    " mg/kg written as mg. 35 mg over 40 min would be the standard dose."
)
REMOVE = ("Remove the order", True, [("delete", REF)])
CORRECT = ("Correct the order: 35 mg IV over 40 min", True, [("update", "a")])
BOTH = ("Remove the orders", True, [("delete", REF), ("delete", OTHER)])


@dataclass(frozen=True)
class Row:
    case: str
    found: Sequence[Finding]
    says: str | None
    lines: Sequence[str] = ()
    offers: Sequence[Any] = ()
    orders: Sequence[Order] = (TIMED,)
    drafts: Drafts = drafts(REF, OTHER)  # noqa: RUF009
    indicator: str = "critical"
    rules: Sequence[str] | None = None


ROWS = (
    Row("nothing critical", [finding("shock")], None),
    Row("a reason in the patient", [ANEURYSM], "Do not give: thoracic aneurysm", [LABEL], [REMOVE]),
    Row("two of them", [ANEURYSM, PREGNANCY], "Do not give: thoracic aneurysm (+1 more)",
        [LABEL, "- **Do not give: pregnant** Elective treatment stops. Discuss alternatives with"
         " obstetrics."], [REMOVE]),
    Row("two orders", [ANEURYSM], "Do not give: thoracic aneurysm", [LABEL], [BOTH],
        orders=[TIMED, order(OTHER)]),
    Row("one of two is a draft", [ANEURYSM], "Do not give: thoracic aneurysm", [LABEL], [REMOVE],
        orders=[TIMED, order(THIRD)]),
    Row("no order is a draft", [ANEURYSM], "Do not give: thoracic aneurysm", [LABEL],
        orders=[order(THIRD)]),
    Row("no order", [ANEURYSM], "Do not give: thoracic aneurysm", [LABEL], orders=[]),
    Row("a mistake with one correction", [mistake()], f"{TINY}: was 35 mg over 40 min meant?",
        [f"- {SLIP}"], [CORRECT, ("Remove the order", False, [("delete", REF)])]),
    Row("a mistake without one", [mistake(None)], f"{TINY}: was 35 mg over 40 min meant?",
        [f"- {SLIP}"], [REMOVE]),
    Row("two mistakes with the same correction", [mistake(), mistake(ident="order-mg-per-kg")],
        f"{TINY}: was 35 mg over 40 min meant? (+1 more)", ...,  # type: ignore[arg-type]
        [CORRECT, ("Remove the order", False, [("delete", REF)])]),
    Row("two with different ones",
        [mistake(), mistake({"dose": mg("30")}, ident="order-mg-per-kg")],
        f"{TINY}: was 35 mg over 40 min meant? (+1 more)", ..., [REMOVE]),  # type: ignore[arg-type]
    Row("beside a reason in the patient none is said", [ANEURYSM, mistake()],
        "Do not give: thoracic aneurysm (+1 more)",
        [LABEL, f"- **{TINY}: was mg/kg meant?** Usual only for PCA, a test dose or titration; the"
         " order is not marked as one."], [REMOVE]),
    Row("nor beside a question about the patient", [mistake(), CONTRADICTED],
        f"{TINY}: was 35 mg over 40 min meant?", [f"- {SLIP}"], [REMOVE],
        rules=["order-dose-tiny"]),
    Row("a dose by vein without a time", [mistake()], f"{TINY}: was 35 mg over 40 min meant?",
        [f"- {SLIP}"], [REMOVE], orders=[UNTIMED]),
    Row("a note says otherwise", [mistake()], f"{TINY}: was 35 mg over 40 min meant?",
        [f"- {SLIP}", "- Correct the order by hand: a note of the order says something else than"
         " 35 mg IV over 40 min."], [REMOVE],
        drafts=drafts(note=[{"text": "give 10 mg IV over 5 min"}])),
    Row("one of two orders is wrong", [mistake()], f"{TINY}: was 35 mg over 40 min meant?",
        [f"- {SLIP}"], [CORRECT, ("Remove the order", False, [("delete", REF)])],
        orders=[TIMED, order(OTHER, display="other")]),
    Row("both are", [mistake(), mistake(of=OTHER)], f"{TINY}: was 35 mg over 40 min meant?",
        [f"- {SLIP}"],
        [("Remove the order: ketamine", False, [("delete", REF)]),
         ("Remove the order: other", False, [("delete", OTHER)])],
        orders=[TIMED, order(OTHER, display="other")]),
    Row("two readings, one dangerous", [CONTRADICTED], "Clarify before any dose: aneurysm, refuted",
        ["- Found: aneurysm, refuted. One of the two would speak against ketamine, and the other"
         " says that it is not so. No dose is suggested until the entry is corrected or"
         " confirmed."],
        indicator="warning"),
    Row("beside a stop it is said elsewhere", [ANEURYSM, CONTRADICTED],
        "Do not give: thoracic aneurysm", [LABEL], [REMOVE], rules=["aneurysm"]),
    Row("two that say the same", [finding("alcohol", "critical", found=("wine",)),
                                  finding("acute-intoxication", "critical", found=("drunk",))],
        "Do not dose today: drunk",
        ["- Intoxication adds to sedation and blood-pressure effects. No alcohol until the day"
         " after the session."], [REMOVE], rules=["alcohol", "acute-intoxication"]),
)  # fmt: skip


def test_what_it_says_and_offers() -> None:
    check_each(ROWS, as_written, name=lambda row: row.case)


def as_written(row: Row) -> None:
    card = stop_card(row.found, row.drafts, row.orders)
    if row.says is None:
        assert card is None
        return
    assert card is not None
    indicator, summary, lines = told(card) or ("", "", [])
    assert (indicator, summary) == (row.indicator, row.says)
    assert row.lines is ... or lines == list(row.lines)
    assert offered(card.suggestions) == list(row.offers)
    severity = "critical" if row.indicator == "critical" else "warning"
    rules = row.rules or [f.id for f in row.found if f.severity == severity]
    marks = (card.kind, card.rules, card.danger, card.withholds, card.aside, card.order)
    first = row.orders[0].ref if row.orders else None
    assert marks == ("stop", tuple(rules), True, False, False, first)


def test_a_long_name_is_cut_in_a_label() -> None:
    named = [replace(TIMED, display="x" * 90), order(OTHER, display="other")]
    card = stop_card([mistake(), mistake(of=OTHER)], drafts(REF, OTHER), named)
    assert card is not None
    assert [len(s.label) for s in card.suggestions] == [80, 23]


def test_the_actions_say_what_they_do() -> None:
    card = stop_card([mistake()], drafts(), [TIMED])
    assert card is not None
    assert [a.description for s in card.suggestions for a in s.actions] == [
        "Corrects the draft order: 35 mg IV over 40 min",
        "Removes the draft order from the session",
    ]


@pytest.mark.parametrize(
    ("found", "orders", "says", "removed"),
    [
        ([finding("shock")], [TIMED], None, []),
        ([ANEURYSM], [TIMED], "aneurysm", [REF]),
        ([ANEURYSM, PREGNANCY], [TIMED, order(OTHER)], "aneurysm, pregnancy", [REF, OTHER]),
        ([mistake()], [TIMED, order(OTHER)], "dose tiny", [REF]),
        ([ANEURYSM, mistake()], [TIMED, order(OTHER)], "aneurysm, dose tiny", [REF, OTHER]),
        ([ANEURYSM], [order(THIRD)], "aneurysm", []),
        ([ANEURYSM], [], "aneurysm", []),
    ],
)
def test_a_stop_without_its_words(
    found: list[Finding], orders: list[Order], says: str | None, removed: list[str]
) -> None:
    card = bare_stop(found, drafts(REF, OTHER), orders)
    if says is None:
        assert card is None
        return
    assert card is not None
    assert told(card) == ("critical", f"Do not give before this is cleared: {says}", [])
    assert [a.resource_id for s in card.suggestions for a in s.actions] == removed
    assert [s.recommended for s in card.suggestions] == [True] * bool(removed)
    assert (card.kind, card.danger) == ("stop", True)
    assert card.rules == tuple(f.id for f in found)
    assert card.order == (orders[0].ref if orders else None)


# --- what another finding says --------------------------------------------------------------------


def of(ident: str, severity: Any = "warning", *source: str, on: str | None = REF) -> Finding:
    return finding(ident, severity, "interaction", source=source, order=on)


@pytest.mark.parametrize(("ident", "sayer"), [(i, s) for i, by in SAID_BY.items() for s in by])
def test_the_same_is_said_once(ident: str, sayer: str) -> None:
    assert said(finding(ident, "critical"), [finding(sayer, "info")])
    assert not said(finding(ident), [finding("shock")])
    assert not_said_yet([finding(ident), finding(sayer)]) == [finding(sayer)]


SECOND, DUPLICATE = "second-ketamine-order", "order-duplicate"


@pytest.mark.parametrize(
    ("one", "other", "once"),
    [
        (of(SECOND, "warning", OTHER), of(DUPLICATE, "warning", OTHER), True),
        (of(SECOND, "warning", OTHER), of(DUPLICATE, "critical", OTHER), True),
        (of(SECOND, "critical", OTHER), of(DUPLICATE, "warning", OTHER), False),  # a stop is told
        (of(SECOND, "warning", OTHER), of(DUPLICATE, "warning", THIRD), False),  # another order
        (of(SECOND, "warning", OTHER, THIRD), of(DUPLICATE, "warning", OTHER), False),
        (of(SECOND, "warning", OTHER), of(DUPLICATE, "warning", OTHER, THIRD), True),
        (of(SECOND, "warning", OTHER, "Observation/w"), of(DUPLICATE, "warning", OTHER), True),
        (of(SECOND, "warning", OTHER, on=None), of(DUPLICATE, "warning", OTHER), False),
        (of(SECOND, "warning", OTHER), of("shock", "warning", OTHER), False),
        (of("second-esketamine-order"), of(DUPLICATE), True),
        (of("esketamine-and-ketamine"), of("ketamine-and-esketamine"), True),
        (of(DUPLICATE), of("ketamine-and-esketamine"), True),
        (of(DUPLICATE), of("esketamine-and-ketamine"), True),
        (of("course-concurrent"), of("ketamine-and-esketamine"), True),
        (of("course-concurrent"), of("esketamine-and-ketamine"), True),
    ],
)
def test_what_is_about_the_same_orders(one: Finding, other: Finding, once: bool) -> None:
    assert said(one, [one, other]) is once
    assert [f.id for f in not_said_yet([one, other])] == [other.id] * once + [
        one.id,
        other.id,
    ] * (not once)
