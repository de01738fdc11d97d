"""The dose card as a table: order, findings and computed doses → what it says and offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from made import (
    OTHER,
    REF,
    assessment,
    dose,
    drafts,
    finding,
    judged,
    mg,
    missing,
    no_dose,
    offered,
)
from made import order as ordered
from made import said as told

from cards.dose import SAME_DOSE, as_ordered, dose_card, headline, patient_instruction
from cards.drafts import Drafts
from cards.words import has_wording
from cds.assessment.model import DoseProposal, Finding
from cds.orders.model import Order
from tests.replaced import replace
from tests.rows import check_each

BLANK = ordered()
WRITTEN = ordered(route="intravenous", dose=mg("35"), duration_min=Decimal(40))
STANDARD = "Ketamine 35 mg IV over 40 min (0.5 mg/kg x 70 kg, weighed 2026-11-10)"
STANDARD_ORDER = "Order 35 mg IV over 40 min, 2 per week, 6 sessions"
TWENTY = f"- **{STANDARD.replace('35', '20')}**; 30 mg/h"
NAMED = f"- **{STANDARD}**; 52.5 mg/h"
OF_REGIMEN = ("regimen:iv-std-acute",)


def mistake(ident: str, severity: Any = "warning", **params: Any) -> Finding:
    return finding(ident, severity, "order_error", order=REF, params=params, found=())


UNDILUTED = mistake("order-undiluted", strength=Decimal(100))
LOW = mistake(
    "order-low-total", "info", dose=Decimal(10), minutes=None, below_mg=Decimal(80),
    below_min=Decimal(120),
)  # fmt: skip
NO_TIME = replace(
    mistake("order-time-not-stated", dose=Decimal(35), per_kg=None, even_at=None, psychiatric=True),
    stops_dose=True,
)
NO_WEIGHT = no_dose("no weight on record")
BELOW = "10 mg is below the chronic-pain guideline (80 mg, 120 min)"
POSITIVE = (
    "For information only: the positive trial in CRPS and other published regimens also lie"
    " below it."
)
DILUTE = "- State the diluent and its volume, or choose a weaker vial."


def lacks(*what: str) -> Finding:
    return mistake("order-incomplete", "info", missing=list(what))


@dataclass(frozen=True)
class Row:
    case: str
    says: str | None
    lines: Sequence[str] = ()
    offers: Sequence[tuple[str, bool]] = ()
    doses: Sequence[DoseProposal] = (dose(),)
    found: Sequence[Finding] = ()
    order: Order = BLANK
    indicator: str = "info"
    rules: Sequence[str] = OF_REGIMEN
    danger: bool = False
    withholds: bool = False
    aside: bool = False
    drafts: Drafts = field(default_factory=drafts)
    final: bool = False
    held: bool = False
    beside: bool = False
    more: dict[str, Any] = field(default_factory=dict)


ROWS = (
    # --- a dose for the order
    Row("a drug just picked", STANDARD, ["- 52.5 mg/h"], [(STANDARD_ORDER, True)]),
    Row("signed without a dose", STANDARD, ["- 52.5 mg/h"], [(STANDARD_ORDER, True)], final=True),
    Row("ordered as proposed", None, order=WRITTEN),
    Row("within 5 %", None, order=WRITTEN, doses=[dose(dose_mg=Decimal("36.75"))]),
    Row("more than 5 % above", STANDARD.replace("35", "36.9"),
        ["- 55.35 mg/h"], [("Order 36.9 mg IV over 40 min, 2 per week, 6 sessions", True)],
        order=WRITTEN, doses=[dose(dose_mg=Decimal("36.9"))]),
    Row("signed with another dose", None, order=WRITTEN, final=True,
        doses=[dose(dose_mg=Decimal(40))]),
    Row("of another order", None, doses=[dose(order=OTHER)]),
    Row("of this order", STANDARD, ["- 52.5 mg/h"], [(STANDARD_ORDER, True)],
        doses=[dose(order=REF)]),
    Row("beside a stop", None, held=True),
    Row("outside treatment", None, more={"infusion_therapy": False}),
    Row("no doses", None, doses=[]),
    # --- several doses
    Row("on ideal weight beside it", STANDARD,
        ["- 52.5 mg/h",
         "- **Ketamine 30 mg IV over 40 min (0.5 mg/kg x 60 kg ideal weight, weighed 2026-11-10)**;"
         " 45 mg/h"],
        [(STANDARD_ORDER, True)], rules=OF_REGIMEN * 2,
        doses=[dose(), dose(weight_basis="ideal", weight_kg=Decimal(60), dose_mg=Decimal(30),
                            first_choice=False, recommended=False)]),
    Row("the first choice leads, wherever it stands", STANDARD,
        ["- 52.5 mg/h", TWENTY],
        [("Order 20 mg IV over 40 min, 2 per week, 6 sessions", False), (STANDARD_ORDER, True)],
        rules=OF_REGIMEN * 2, doses=[dose(dose_mg=Decimal(20), first_choice=False), dose()]),
    Row("none is the first choice", STANDARD, ["- 52.5 mg/h"], [(STANDARD_ORDER, False)],
        doses=[dose(first_choice=False, recommended=False)]),
    Row("the first choice on ideal weight",
        "Ketamine 35 mg IV over 40 min (0.5 mg/kg x 70 kg ideal weight, weighed 2026-11-10)",
        ["- 52.5 mg/h"], [(STANDARD_ORDER, True)], doses=[dose(weight_basis="ideal")]),
    Row("a regimen beside it that has no dose", STANDARD,
        ["- 52.5 mg/h", "- Standard IV course: no dose; no weight on record"],
        [(STANDARD_ORDER, True)], rules=OF_REGIMEN * 2, doses=[dose(), NO_WEIGHT]),
    Row("and a dose behind it", STANDARD,
        ["- 52.5 mg/h", "- Standard IV course: no dose; no weight on record", TWENTY],
        [(STANDARD_ORDER, True), ("Order 20 mg IV over 40 min, 2 per week, 6 sessions", False)],
        rules=OF_REGIMEN * 3,
        doses=[NO_WEIGHT, dose(), dose(dose_mg=Decimal(20), first_choice=False)]),
    # --- what the line says beside the headline
    Row("everything", "Ketamine 34.9 mg IV over 40 min (0.5 mg/kg x 69.9 kg, weighed 2026-11-10)",
        ["- up to 70 mg; 52.35 mg/h; 0.7 mL at 50 mg/mL; six sessions in 3 weeks; rounded down from"
         " 0.5 mg/kg x 69.9 kg _(evidence: randomised trials (A); off label)_"],
        [("Order 34.9 mg IV over 40 min, 2 per week, 6 sessions", True)],
        doses=[dose(dose_mg=Decimal("34.95"), rounded_mg=Decimal("34.9"), dose_mg_high=Decimal(70),
                    volume_ml=Decimal("0.70"), concentration=mg("50", "mg/mL"),
                    rounding="to 0.1 mg", course="six sessions in 3 weeks",
                    weight_kg=Decimal("69.9"), grade="A", regulatory="off label")]),
    Row("the range is one dose", STANDARD, ["- 52.5 mg/h"], [(STANDARD_ORDER, True)],
        doses=[dose(dose_mg_high=Decimal(35))]),
    Row("a volume of no known strength", STANDARD, ["- 52.5 mg/h; 0.7 mL"],
        [(STANDARD_ORDER, True)], doses=[dose(volume_ml=Decimal("0.7"))]),
    Row("beside the candidacy, which tells the approval", STANDARD,
        ["- 52.5 mg/h _(evidence: randomised trials (A))_"], [(STANDARD_ORDER, True)],
        doses=[dose(grade="A", regulatory="off label")], beside=True),
    Row("the same evidence of two doses once", STANDARD,
        ["- 52.5 mg/h _(evidence: randomised trials (A))_",
         TWENTY],
        [(STANDARD_ORDER, True), ("Order 20 mg IV over 40 min, 2 per week, 6 sessions", False)],
        rules=OF_REGIMEN * 2,
        doses=[dose(grade="A"), dose(grade="A", dose_mg=Decimal(20), first_choice=False)]),
    Row("devices", "Esketamine 56 mg intranasally (2 x 28 mg)", [],
        [("Order 56 mg intranasally (2 devices of 28 mg, 5 min apart), 2 per week, 8…", True)],
        rules=["regimen:esk-trd-us-induction"], order=ordered(drug="esketamine"),
        doses=[dose("esk-trd-us-induction", drug="esketamine", route="intranasal",
                    dose_mg=Decimal(56), devices=2, dose_per_kg=None, weight_kg=None,
                    weight_basis="fixed", duration_min=Decimal(15), sessions=8)]),
    Row("fixed, whatever the weight", "Ketamine 35 mg IV over 40 min", ["- 52.5 mg/h"],
        [(STANDARD_ORDER, True)], doses=[dose(dose_per_kg=None, weight_basis="fixed")]),
    Row("fixed and rounded", "Ketamine 35 mg IV over 40 min", ["- 52.5 mg/h; to 0.1 mg"],
        [(STANDARD_ORDER, True)],
        doses=[dose(dose_per_kg=None, weight_kg=None, weight_basis="fixed", rounding="to 0.1 mg")]),
    Row("an option, and why", "Option, not recommended: k" + STANDARD[1:],
        ["- Not recommended while this stands: Risk of circulatory failure: low; the disease is in"
         " remission or over on record.", "- 52.5 mg/h"], [(STANDARD_ORDER, False)],
        doses=[dose(against=("shock", "but-over"), recommended=False)],
        found=[finding("shock", found=("low",))]),
    # --- no dose, and why
    Row("no weight", "No dose suggested: no weight on record", indicator="warning", aside=True,
        doses=[NO_WEIGHT]),
    Row("no weight, which is asked for", "No dose suggested without a weight", indicator="warning",
        aside=True, doses=[NO_WEIGHT], found=[missing("weight")],
        more={"weight": None, "weight_why_not": "no weight on record"}),
    Row("another reason, and a weight is asked for", "No dose suggested: pregnancy",
        indicator="warning", aside=True, doses=[no_dose("pregnancy")], found=[missing("weight")],
        more={"weight": None, "weight_why_not": "no weight on record"}),
    Row("no reason", "No dose suggested: the record is not complete", indicator="warning",
        aside=True, doses=[no_dose("")]),
    Row("of a regimen that never has one", "No dose suggested: not offered", aside=True,
        rules=["regimen:oral-range"], doses=[no_dose("not offered", "oral-range")]),
    Row("the indication in words", "No dose suggested: no weight for TRD", indicator="warning",
        aside=True, doses=[no_dose("no weight for trd-unipolar", why_not_for="trd-unipolar")],
        more={"candidacy": [judged()]}),
    Row("the candidacy says it", None, doses=[no_dose("x", why_not_for="trd-unipolar")],
        more={"candidacy": [judged(verdict="not_met")]}),
    Row("of another indication", "No dose suggested: x", indicator="warning", aside=True,
        doses=[no_dose("x", why_not_for="crps")], more={"candidacy": [judged(verdict="not_met")]}),
    Row("of none, where none is on record", None, doses=[no_dose("x")],
        more={"candidacy": [judged(verdict="not_applicable")]}),
    Row("of none, where one is", "No dose suggested: x", indicator="warning", aside=True,
        doses=[no_dose("x")], more={"candidacy": [judged(verdict="not_met")]}),
    Row("no dose, signed", None, doses=[NO_WEIGHT], final=True, order=WRITTEN),
    # --- what is unusual about the order
    Row("a warning", "100 mg/mL must be diluted before it is given IV", [DILUTE, NAMED],
        [(STANDARD_ORDER, True)], found=[UNDILUTED], indicator="warning", danger=True,
        rules=["order-undiluted", *OF_REGIMEN]),
    Row("a warning, signed, beside a dose", "100 mg/mL must be diluted before it is given IV",
        [DILUTE, NAMED], found=[UNDILUTED], indicator="warning", danger=True, final=True,
        order=WRITTEN, rules=["order-undiluted", *OF_REGIMEN]),
    Row("a warning beside a stop", "100 mg/mL must be diluted before it is given IV", [DILUTE],
        found=[UNDILUTED], indicator="warning", danger=True, held=True, rules=["order-undiluted"]),
    Row("good to know beside a stop", None, found=[LOW], held=True),
    Row("good to know", STANDARD,
        [f"- **{BELOW}** {POSITIVE}", "- 52.5 mg/h"],
        [(STANDARD_ORDER, True)], found=[LOW], rules=["order-low-total", *OF_REGIMEN]),
    Row("good to know alone", BELOW, [f"- {POSITIVE}"], found=[LOW], doses=[], aside=True,
        rules=["order-low-total"]),
    Row("good to know, signed", None, found=[LOW], doses=[], final=True),
    Row("a question that withholds the dose",
        "35 mg IV without a time: over how many minutes? Too much to be given at once",
        ["- State the infusion time (trials in depression gave 0.5 mg/kg over 40 min); no dose is"
         " suggested until it is clear."], found=[NO_TIME], indicator="warning", danger=True,
        withholds=True, rules=["order-time-not-stated"]),
    Row("a question about another order", STANDARD, ["- 52.5 mg/h"], [(STANDARD_ORDER, True)],
        found=[replace(NO_TIME, order=OTHER)]),
    Row("a question about the patient", None, found=[replace(NO_TIME, order=None)]),
    Row("a stop is said elsewhere", None, doses=[],
        found=[replace(UNDILUTED, severity="critical")]),
    # --- what the order lacks
    Row("a drug just picked lacks all", None, doses=[], found=[lacks("dose")]),
    Row("signed, it does not say what is missing", None, doses=[], found=[lacks("dose")],
        final=True),
    Row("a draft with words lacks a dose", "To judge the dose, this is missing: dose",
        doses=[], found=[lacks("dose")], order=ordered(text="x"), aside=True,
        rules=["order-incomplete"]),
    Row("a rate without a weight", "To judge the dose, this is missing: weight", doses=[],
        found=[lacks("weight")], order=ordered(rate=mg("20", "mg/h")), aside=True,
        rules=["order-incomplete"]),
    Row("the dose answers it", STANDARD, ["- 52.5 mg/h"], [(STANDARD_ORDER, True)],
        found=[lacks("dose")], order=ordered(text="x")),
    Row("without the weight that is asked for", "To judge the dose, this is missing: route",
        doses=[], found=[lacks("weight", "route"), missing("weight")], order=WRITTEN, aside=True,
        rules=["order-incomplete"]),
    Row("with the weight that nobody else asks for",
        "To judge the dose, this is missing: weight, route", doses=[],
        found=[lacks("weight", "route")], order=WRITTEN, aside=True, rules=["order-incomplete"]),
    Row("nothing but the weight", None, doses=[], found=[lacks("weight"), missing("weight")],
        order=WRITTEN),
    # --- what can't be offered
    Row("a ServiceRequest", STANDARD, ["- 52.5 mg/h"], order=ordered("ServiceRequest/s"),
        drafts=drafts("ServiceRequest/s")),
    Row("an order that is no draft", STANDARD, ["- 52.5 mg/h"], order=ordered(OTHER)),
    Row("a note says otherwise", STANDARD,
        ["- 52.5 mg/h", "- Change the order by hand: a note of the order says something else than"
         " 35 mg IV over 40 min, 2 per week, 6 sessions."],
        drafts=drafts(note=[{"text": "give 10 mg IV over 5 min"}])),
    Row("its name says otherwise", STANDARD,
        ["- 52.5 mg/h", "- Change the order by hand: the name of what is ordered says something"
         " else than 35 mg IV over 40 min, 2 per week, 6 sessions."],
        drafts=drafts(medicationCodeableConcept={"text": "ketamine 15 mg IV over 60 min"})),
)  # fmt: skip


def test_what_it_says_and_offers() -> None:
    check_each(ROWS, as_written, name=lambda row: row.case)


def as_written(row: Row) -> None:
    found = assessment(*row.found, orders=[row.order], doses=row.doses, **row.more)
    card = dose_card(
        found, row.order, row.drafts, final=row.final, held=row.held, beside=row.beside
    )
    if row.says is None:
        assert card is None
        return
    assert card is not None
    assert told(card) == (row.indicator, row.says, list(row.lines))
    assert [(label, best) for label, best, _ in offered(card.suggestions)] == list(row.offers)
    assert card.rules == tuple(row.rules)
    marks = (card.kind, card.order, card.danger, card.withholds, card.aside, card.selection)
    assert marks == (
        "dose", row.order.ref, row.danger, row.withholds, row.aside, "at-most-one",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({}, True),
        ({"dose": mg("33.25")}, True), ({"dose": mg("33.2")}, False),
        ({"dose": mg("36.75")}, True), ({"dose": mg("36.8")}, False),
        ({"dose": mg("0.035", "g")}, True), ({"dose": mg("35", "mL")}, False),
        ({"dose": None}, False), ({"dose": mg("0.5", "mg/kg")}, False),
        ({"duration_min": Decimal(41)}, False), ({"duration_min": None}, False),
        ({"route": "intramuscular"}, False), ({"route": None}, True),
    ],
)  # fmt: skip
def test_the_same_dose(fields: dict[str, Any], same: bool) -> None:
    assert Decimal("0.05") == SAME_DOSE
    assert as_ordered(replace(WRITTEN, **fields), dose()) is same


@pytest.mark.parametrize(
    ("weight", "rounded", "shown"),
    [
        ("70.2", "35.1", "70.2"), ("70.12", "35", "70.12"), ("69.98532", "34.9", "69.99"),
        ("69.99642", "34.9", "69.99"),  # to two places it is 70
        ("134.579", "67.2", "134.5"), ("134.44", "67.2", "134.4"), ("134.56", "67.3", "134.6"),
        ("99.9999", "49.9", "99.99"), ("100.19", "50", "100.1"),
    ],
)  # fmt: skip
def test_the_factors_give_the_dose(weight: str, rounded: str, shown: str) -> None:
    kg = Decimal(weight)
    made = dose(weight_kg=kg, dose_mg=kg / 2, rounded_mg=Decimal(rounded), rounding="to 0.1 mg")
    said = headline(assessment(orders=[BLANK]), made)
    assert f"(0.5 mg/kg x {shown} kg," in said


def test_the_patient_is_told_each_thing_once() -> None:
    steps = [
        finding("process-infusion", params={"patient_texts": ("Fast.", "Do not drive.")}),
        finding("process-esketamine", params={"patient_texts": ("Do not drive.", "Rest.")}),
        finding("shock"),
    ]
    assert patient_instruction(steps) == "Fast. Do not drive. Rest."
    card = dose_card(
        assessment(*steps, orders=[BLANK], doses=[dose()]), BLANK, drafts(),
        final=False, held=False, beside=False,
    )  # fmt: skip
    assert card is not None
    (update,) = card.suggestions[0].actions
    assert update.description == (
        "Fills in the draft order: 35 mg IV over 40 min, 2 per week, 6 sessions"
    )
    assert update.resource is not None
    (dosage,) = update.resource["dosageInstruction"]
    assert dosage["patientInstruction"] == "Fast. Do not drive. Rest."


@pytest.mark.parametrize(
    ("against", "why"),
    [
        ("but-over", "the disease is in remission or over on record"),
        ("but-reason-in-remission", "the order's own reason says in remission"),
        ("but-score-in-remission", "the depression score is in the remission range"),
        ("but-earlier-episode", "no trial counts in the current episode"),
        ("but-refuted", "the diagnosis is refuted on record"),
        ("reason-without-rule", "the order gives another reason"),
        ("reason-switched-off", "the order gives another reason"),
    ],
)
def test_what_turns_a_verdict_is_named_beside_the_dose(against: str, why: str) -> None:
    assert has_wording(f"against-{against}")
    doses = [dose(against=(against,), recommended=False)]
    card = dose_card(
        assessment(orders=[BLANK], doses=doses), BLANK, drafts(),
        final=False, held=False, beside=False,
    )  # fmt: skip
    assert card is not None
    assert card.detail.startswith(f"- Not recommended while this stands: {why}.")
