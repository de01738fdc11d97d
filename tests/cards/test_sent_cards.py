"""A card as it goes out: its JSON, its order among others, its links, and what may be answered."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from made import assessment, dose, finding, judged, missing, order

from cards.lines import Part, line
from cards.links import with_facts
from cards.model import Action, Card, Fact, Sender, Suggestion, override_reasons
from cds.assessment.model import Finding
from tests.replaced import replace

ACTIONS = (
    Action("update", "Changes", resource={"resourceType": "MedicationRequest"}),
    Action("delete", "Removes", resource_id="MedicationRequest/a"),
)
CARD = Card(
    "dose", "s", "info", (line("a"), (Part("b"), Part("c"))), ("x",),
    (Suggestion("one", ACTIONS, recommended=True), Suggestion("two", ())), "any",
    facts=(Fact("limits/a", "limit a"), Fact("limits/b", "limit b")),
)  # fmt: skip
BARE = Card("stop", "s", "critical", (), ())


def sender(url: str | None = None) -> Sender:
    number = count(1)
    return Sender("Ours", url, lambda: f"uuid-{next(number)}")


def test_what_is_not_there_is_left_out() -> None:
    assert BARE.json() == {"summary": "s", "indicator": "critical", "kind": "stop"}
    sent = sender().json(BARE)
    assert sent.keys() == {"uuid", "summary", "indicator", "source", "overrideReasons"}
    assert (sent["uuid"], sent["source"]) == ("uuid-1", {"label": "Ours"})


ONE: dict[str, Any] = {
    "label": "one",
    "actions": [
        {"type": "update", "description": "Changes",
         "resource": {"resourceType": "MedicationRequest"}},
        {"type": "delete", "description": "Removes", "resourceId": "MedicationRequest/a"},
    ],
    "isRecommended": True,
}  # fmt: skip
TWO: dict[str, Any] = {"label": "two", "actions": []}


def test_a_whole_card() -> None:
    assert CARD.json() == {
        "summary": "s", "indicator": "info", "kind": "dose", "detail": "- a\n- b c",
        "suggestions": [ONE, TWO],
    }  # fmt: skip
    sent = sender("https://k").json(CARD)
    assert sent.pop("overrideReasons")
    assert sent == {
        "uuid": "uuid-1", "summary": "s", "indicator": "info", "detail": "- a\n- b c",
        "source": {"label": "Ours", "url": "https://k/limits/a"},
        "suggestions": [ONE | {"uuid": "uuid-2"}, TWO | {"uuid": "uuid-3"}],
        "selectionBehavior": "any",
        "links": [
            {"label": "Evidence: limit a", "url": "https://k/limits/a", "type": "absolute"},
            {"label": "Evidence: limit b", "url": "https://k/limits/b", "type": "absolute"},
        ],
    }  # fmt: skip


def test_links_need_a_page_and_facts() -> None:
    assert "links" not in sender().json(CARD)
    unfounded = sender("https://k").json(BARE)
    assert unfounded["source"] == {"label": "Ours", "url": "https://k"}
    assert "links" not in unfounded
    assert Sender().json(BARE)["source"] == {"label": "Ketamine CDS"}
    assert len(Sender().json(BARE)["uuid"]) == 36


def test_lines_are_added() -> None:
    assert CARD.with_lines([line("d")]).detail == "- a\n- b c\n- d"


def test_the_most_urgent_first() -> None:
    def card(kind: Any, indicator: Any, **marks: bool) -> Card:
        return replace(BARE, kind=kind, indicator=indicator, **marks)

    ranked = [
        card("stop", "critical"),
        card("dose", "warning", danger=True, withholds=True),
        card("safety", "warning", danger=True),
        card("course", "warning", danger=True),
        card("candidacy", "warning"),
        card("dose", "warning"),
        card("candidacy", "info"),
        card("dose", "info"),
        card("safety", "info"),
        card("course", "info"),
    ]
    mixed = [*ranked[1::2], *ranked[::2]]
    assert sorted(mixed, key=lambda c: c.urgency) == ranked


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("stop", ["condition-ruled-out", "benefit-outweighs-risk", "emergency", "order-intended"]),
        ("candidacy", ["trials-elsewhere", "specialist-decision", "recipient-disagrees-evidence",
                       "cds-not-applicable"]),
        ("dose", ["local-protocol", "dose-individualised", "weight-differs",
                  "recipient-disagrees-evidence"]),
        ("safety", ["action-completed", "risk-mitigated", "not-needed", "cds-suboptimal-context"]),
        ("course", ["response-judged-clinically", "sessions-elsewhere", "cds-not-applicable"]),
    ],
)  # fmt: skip
def test_override_reasons(kind: Any, codes: list[str]) -> None:
    for rules, own in (((), []), (("aneurysm", "aneurysm-repair"), ["repair-excluded"])):
        reasons = override_reasons(replace(BARE, kind=kind, rules=rules))
        assert [reason["code"] for reason in reasons] == own + codes
    systems = {reason["code"]: reason["system"] for reason in reasons}
    assert systems["repair-excluded"] == "urn:ketamine-cds:override-reason"
    hl7 = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
    assert systems.get("cds-not-applicable", hl7) == hl7


# --- where the facts of a card are ----------------------------------------------------------------

FOUND: dict[str, Finding] = {
    "aneurysm": finding("aneurysm", found=("x",)),
    "theophylline": finding("theophylline", kind="interaction", found=("x" * 80,)),
    "trd-four-trials": finding("trd-four-trials", params={"adequate": 4}, found=()),
    "missing-weight": missing("weight"),
    "order-undiluted": finding(
        "order-undiluted", basis=("psy:E9",), params={"strength": 100}, found=()
    ),
    "workup-pending": finding("workup-pending", params={"names": ["x"]}, found=()),
}


@pytest.mark.parametrize(
    ("rule", "path", "name"),
    [
        ("aneurysm", "contraindications/aneurysm", "Do not give: x"),
        ("theophylline", "interactions/theophylline",
         "Do not combine, seizures: " + "x" * 33 + "…"),
        ("trd-four-trials", "candidacy_rules/trd-four-trials",
         "4 adequate trials: also meets the stricter VA infusion…"),
        ("missing-weight", "monitoring/weight", "weight"),
        ("workup-pending", None, None),
        ("not-found", None, None),
        ("regimen:iv-std-acute", "regimens/iv-std-acute", "Standard IV course"),
        ("candidacy:trd-unipolar:met", "indications/trd-unipolar",
         "Treatment-resistant unipolar depression without psychosis…"),
        ("trigger:crps", "indications/crps", "Complex regional pain syndrome"),
        ("candidacy:iv-std-acute:met", None, None),
        ("regimen:unknown", None, None),
    ],
)  # fmt: skip
def test_the_place_of_a_fact(rule: str, path: str | None, name: str | None) -> None:
    found = assessment(*FOUND.values(), orders=[order()], doses=[dose()], candidacy=[judged()])
    card = with_facts(replace(BARE, rules=(rule, rule)), found)
    assert card.facts == ((Fact(path, name or ""),) if path else ())


@pytest.mark.parametrize("subject", ["order_checks", "limits", "response"])
def test_a_finding_without_a_fact_of_its_name_goes_by_its_first_row(subject: str) -> None:
    known = assessment().cases[0].knowledge
    of_others = {
        row
        for other in ("contraindications", "interactions", "candidacy_rules", "order_checks")
        for entry in getattr(known, other).values()
        for row in entry.basis
        if other != subject
    }
    fact = next(f for f in getattr(known, subject).values() if {*f.basis} - of_others)
    row = next(row for row in fact.basis if row not in of_others)
    first = next(f.id for f in getattr(known, subject).values() if row in f.basis)
    one = finding("shock", basis=("no-such-row", row))
    for ident in ("order-topical", "workup-pending"):
        params = {"names": ["x"], "allergies_seen": True, "called": ""}
        unnamed = replace(one, id=ident, params={**one.params, **params})
        card = with_facts(replace(BARE, rules=(ident,)), assessment(unnamed))
        assert [f.path for f in card.facts] == [f"{subject}/{first}"]
