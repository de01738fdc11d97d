"""The safety card, the notes at the end of a card, and the orders of the work-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from made import HISTORY, assessment, case, finding, missing, offered, order
from made import said as told

from cards.lines import Worth, markdown
from cards.model import Action, Card, Suggestion
from cards.new_order import session_orders, workup_orders
from cards.notes import Notes, notes, safety_findings, with_good_news
from cards.safety import safety_card
from cards.unseen import unseen_lines
from cds.assessment.model import Finding
from cds.fhir.record.skipped import CUT_OFF, Skipped
from cds.history.model.history import History
from cds.history.model.unread import UnreadDrug, UnreadEntry
from cds.knowledge.load import load_knowledge
from tests.replaced import replace
from tests.rows import check_each

SHOCK = finding("shock", found=("low",))
WHY = "- With exhausted catecholamines ketamine can depress the heart instead of driving it."
AIRWAY = finding("airway", "info", "caution", found=("asthma",))
UNSEEN = replace(HISTORY, unavailable={"allergies": "404"})
ITEMS = tuple(load_knowledge().monitoring)[:14]


def each_in_a_state_of_its_own(most: int) -> list[Finding]:
    """Fourteen missing items, of which `most` are urgent."""
    return [
        missing(item, "warning" if n < most else "info", last=f"2026-0{n % 9 + 1}-01")
        for n, item in enumerate(ITEMS)
    ]


ALL_OF_THEM = (
    "- Before the dose: blood pressure, urinalysis (urinary symptoms on the chart) (last on"
    " 2026-01-01); weight, urine drug screen (last on 2026-02-01); height, depression scale (last"
    " on 2026-03-01); heart rate, suicide risk (last on 2026-04-01); oxygen saturation, pain score"
    " (last on 2026-05-01); respiratory rate (last on 2026-06-01); pregnancy test (last on"
    " 2026-07-01); liver tests (last on 2026-08-01); GGT (last on 2026-09-01)"
)


@dataclass(frozen=True)
class Row:
    case: str
    found: Sequence[Finding]
    says: str | None
    lines: Sequence[str] = ()
    indicator: str = "warning"
    danger: bool = False
    orders: Sequence[str] = ()
    history: History = HISTORY
    site: Mapping[str, Any] = field(default_factory=dict)


ROWS = (
    Row("nothing", [], None),
    Row("a stop is said elsewhere", [replace(SHOCK, severity="critical")], None),
    Row("what is wrong with the order as well", [replace(SHOCK, kind="order_error")], None),
    Row("and the course", [replace(SHOCK, kind="course")], None),
    Row("a reason against", [SHOCK], "Risk of circulatory failure: low", [WHY], danger=True),
    Row("two of them", [SHOCK, finding("porphyria", found=("porphyria",))],
        "Risk of circulatory failure: low (+1 more)",
        [WHY, "- **Avoid: porphyria** A specialist decides."], danger=True),
    Row("an interaction", [finding("vasopressin", kind="interaction", found=("vasopressin",))],
        "Pressor effect adds up: vasopressin", ["- Close monitoring and an individual dose."],
        danger=True),
    Row("what was not looked at",
        [finding("contraindications-not-excluded", kind="missing", found=(),
                 params={"unseen": ("allergies",), "unread": (), "empty": False})],
        "Contraindications not excluded: allergies not seen"),
    Row("and what is missing", [SHOCK, missing("weight")], "Risk of circulatory failure: low",
        [WHY, "- Before the dose: weight (none on record)"], danger=True,
        orders=["Order: Body weight"]),
    Row("what is missing, by its state",
        [missing("weight", "warning"), missing("ecg"), missing("liver-tests", last="2026-01-01")],
        "Before the dose: weight, ECG (cardiovascular disease on the chart) (none on record); liver"
        " tests (last on 2026-01-01)",
        orders=["Order: Body weight", "Order: EKG study",
                "Order: Hepatic function panel - Serum or Plasma"]),
    Row("only good to have", [missing("weight"), missing("weight")],
        "Before the dose: weight (none on record)", indicator="info",
        orders=["Order: Body weight"]),
    Row("the site orders by itself", [missing("ecg")],
        "Before the dose: ECG (cardiovascular disease on the chart) (none on record)",
        indicator="info", site={"workup_orders": False}),
    Row("too much for a line, two urgent", each_in_a_state_of_its_own(2),
        "Before the dose: blood pressure, weight and 12 more", [ALL_OF_THEM], orders=["..."]),
    Row("too much for a line, none urgent", each_in_a_state_of_its_own(0),
        "Before the dose: blood pressure, weight, height and 11 more", [ALL_OF_THEM],
        indicator="info", orders=["..."]),
    Row("too much for a line, and more urgent than it holds", each_in_a_state_of_its_own(14),
        "Before the dose: blood pressure, weight, height, heart rate, oxygen saturation,"
        " respiratory rate, pregnancy test, liver tests and 6 more", [ALL_OF_THEM], orders=["..."]),
    Row("a caution", [AIRWAY], "Postpone an elective session: asthma",
        ["- Laryngospasm is more likely; wait until it is over."], indicator="info"),
    Row("a caution beside what is missing", [AIRWAY, missing("weight")],
        "Before the dose: weight (none on record)", ["- Postpone an elective session: asthma"],
        indicator="info", orders=["Order: Body weight"]),
    Row("a caution beside a reason against", [SHOCK, AIRWAY], "Risk of circulatory failure: low",
        [WHY, "- Postpone an elective session: asthma"], danger=True),
    Row("nothing but what was not seen", [], "Part of the record was not seen or not readable",
        ["- Not seen: allergies."], indicator="info", history=UNSEEN),
    Row("a caution, and what was not seen", [AIRWAY], "Postpone an elective session: asthma",
        ["- Laryngospasm is more likely; wait until it is over.", "- Not seen: allergies."],
        indicator="info", history=UNSEEN),
    Row("what is missing, and what was not seen", [missing("weight")],
        "Before the dose: weight (none on record)", ["- Not seen: allergies."], indicator="info",
        history=UNSEEN, orders=["Order: Body weight"]),
    Row("an interaction that asks for little joins it",
        [SHOCK, finding("risperidone", "info", "interaction", found=())],
        "Risk of circulatory failure: low",
        [WHY, "- Risperidone weakened the ketamine signal in imaging"], danger=True),
    Row("alone it is no card of this kind",
        [finding("risperidone", "info", "interaction", found=())], None),
    Row("what a test asks for is not said again",
        [finding("pregnancy-not-excluded", found=("45 years",)), missing("pregnancy-test")],
        "Before the dose: pregnancy test (none on record)", indicator="info",
        orders=["Order: Choriogonadotropin (pregnancy test) [Presence] in Urine"]),
    Row("two readings have a card of their own", [finding("diagnosis-contradicts-itself")], None),
    Row("but beside a stop they are told here",
        [replace(SHOCK, severity="critical"),
         finding("diagnosis-contradicts-itself", found=("aneurysm",))],
        "Clarify before any dose: aneurysm",
        ["- Found: aneurysm. One of the two would speak against ketamine, and the other says that"
         " it is not so. No dose is suggested until the entry is corrected or confirmed."],
        danger=True),
    Row("what the candidacy says", [finding("trd-not-met", kind="caution")], None),
)  # fmt: skip


def test_what_it_says() -> None:
    check_each(ROWS, as_written, name=lambda row: row.case)


def as_written(row: Row) -> None:
    found = assessment(*row.found, orders=[order()], history=row.history, **row.site)
    card = safety_card(found, found.cases[0])
    if row.says is None:
        assert card is None
        return
    assert card is not None
    assert told(card) == (row.indicator, row.says, list(row.lines))
    labels = [s.label for s in card.suggestions]
    assert labels == list(row.orders) or row.orders == ["..."]
    marks = (card.kind, card.selection, card.danger, card.aside, card.order)
    assert marks == ("safety", "any", row.danger, False, None)
    assert {*card.rules} <= {f.id for f in row.found}


def test_its_rules_are_what_it_shows() -> None:
    shown = [SHOCK, AIRWAY, missing("weight")]
    unshown = [finding("trd-not-met", kind="caution"), finding("aneurysm", "critical")]
    found = assessment(*shown, *unshown, orders=[order()])
    card = safety_card(found, found.cases[0])
    assert card is not None
    assert card.rules == ("shock", "airway", "missing-weight")


# --- orders of the work-up ------------------------------------------------------------------------


def test_each_test_is_ordered_once() -> None:
    """Two items of the work-up may be one questionnaire; some can't be ordered."""
    wanted = [
        missing("depression-scale"), missing("suicide-risk"), missing("urinary-question"),
        finding("shock"), missing("ecg"),
    ]  # fmt: skip
    made = workup_orders(wanted, case(order()))
    assert offered(made) == [
        ("Order: PHQ-9 quick depression assessment panel", False,
         [("create", "PHQ-9 quick depression assessment panel")]),
        ("Order: EKG study", False, [("create", "EKG study")]),
    ]  # fmt: skip
    (action,) = made[1].actions
    assert action == Action(
        "create",
        "Adds a draft order for EKG study",
        resource={
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "order",
            "code": {
                "text": "EKG study",
                "coding": [
                    {"system": "http://loinc.org", "code": "11524-6", "display": "EKG study"}
                ],
            },
            "subject": {"reference": "Patient/p"},
        },
    )


def test_the_steps_of_a_session_are_one_choice() -> None:
    steps = [
        finding("process-infusion", params={"order_set": ("pump", "quiet-room")}),
        finding("process-esketamine", params={"order_set": ("pump",)}),
        finding("shock"),
    ]
    (made,) = session_orders(steps, case(order()))
    assert (made.label, made.recommended) == ("Add the orders of a session", False)
    pump = load_knowledge().monitoring["pump"].name
    assert [a.description for a in made.actions] == [
        f"Adds: {pump}", "Adds: quiet room; benzodiazepine rescue at hand",
    ]  # fmt: skip
    assert made.actions[0].resource is not None
    assert made.actions[0].resource["code"] == {"text": pump}
    assert session_orders([finding("shock")], case(order())) == ()


# --- notes ----------------------------------------------------------------------------------------

STEPS = finding(
    "process-infusion", "info", "missing", found=(),
    params={"stays": False, "before": (), "during": (), "after": (), "discharge": (), "course": (),
            "order_set": ("pump",)},
)  # fmt: skip
RISPERIDONE = finding("risperidone", "info", "interaction", found=())
LITHIUM = finding("lithium", "info", "interaction", found=("lithium",))
FOUR_TRIALS = finding(
    "trd-four-trials", "info", "caution", found=(), params={"adequate": 4}, verified=False
)
RATING = finding(
    "severity-low-or-unknown", "info", "caution", found=(),
    params={"score": None, "when": None, "days": 30},
)  # fmt: skip
SESSION = "Session: consent, fasting, monitoring, escort, no driving for 24 h"


@pytest.mark.parametrize(
    ("found", "more", "lines", "rules", "left_out", "labels", "summary"),
    [
        ([], {}, [], [], [], [], ""),
        ([RISPERIDONE], {}, ["- Risperidone weakened the ketamine signal in imaging"],
         ["risperidone"], [], [], "Risperidone weakened the ketamine signal in imaging"),
        ([RATING, RISPERIDONE], {},
         ["- No depression score on record in the last 30 days",
          "- Risperidone weakened the ketamine signal in imaging"],
         ["severity-low-or-unknown", "risperidone"], [], [],
         "No depression score on record in the last 30 days"),
        ([LITHIUM], {}, [], [], ["lithium"], [], ""),
        ([AIRWAY, replace(RISPERIDONE, severity="warning")], {}, [], [], [], [], ""),
        ([STEPS], {}, [f"- {SESSION}"], ["process-infusion"], [],
         ["Add the orders of a session"], ""),
        ([STEPS, STEPS, RISPERIDONE], {},
         ["- Risperidone weakened the ketamine signal in imaging", f"- {SESSION}"],
         ["process-infusion", "risperidone"], [], ["Add the orders of a session"],
         "Risperidone weakened the ketamine signal in imaging"),
        ([STEPS], {"infusion_therapy": False}, [], [], ["process-infusion"], [], ""),
        ([STEPS, replace(SHOCK, stops_dose=True)], {}, [], [], ["process-infusion"], [], ""),
    ],
)  # fmt: skip
def test_notes(
    found: list[Finding], more: dict[str, Any], lines: list[str], rules: list[str],
    left_out: list[str], labels: list[str], summary: str,
) -> None:  # fmt: skip
    made = notes(assessment(*found, orders=[order()], **more), case(order()))
    assert markdown(made.lines).split("\n") == (lines or [""])
    assert (made.rules, made.left_out) == (tuple(rules), tuple(left_out))
    assert [s.label for s in made.suggestions] == labels
    assert made.summary == summary


def test_steps_are_worth_least() -> None:
    made = notes(assessment(STEPS, RISPERIDONE, orders=[order()]), case(order()))
    assert [part.worth for parts in made.lines for part in parts] == [Worth.FOUND, Worth.STEPS]


CHOICE = Suggestion("x", ())
NOTES = Notes(((),), ("n",), suggestions=(CHOICE,))


@pytest.mark.parametrize(
    ("suggestions", "selection", "joined", "then"),
    [
        ((), "at-most-one", (CHOICE,), "any"),
        ((Suggestion("own", ()),), "any", (Suggestion("own", ()), CHOICE), "any"),
        ((Suggestion("own", ()),), "at-most-one", (Suggestion("own", ()),), "at-most-one"),
    ],
)
def test_notes_join_a_card(suggestions: Any, selection: Any, joined: Any, then: str) -> None:
    card = Card("dose", "s", "info", ((),), ("a",), suggestions, selection)
    with_notes = NOTES.joined_to(card)
    assert (with_notes.suggestions, with_notes.selection) == (joined, then)
    assert (with_notes.rules, len(with_notes.lines)) == (("a", "n"), 2)
    alone = Notes((), ()).joined_to(card)
    assert alone == card


def test_notes_alone() -> None:
    assert notes(assessment(STEPS, orders=[order()]), case(order())).card() is None
    made = notes(assessment(RISPERIDONE, RATING, STEPS, orders=[order()]), case(order())).card()
    assert told(made) == (
        "info", "Risperidone weakened the ketamine signal in imaging",
        ["- No depression score on record in the last 30 days", f"- {SESSION}"],
    )  # fmt: skip
    assert made is not None
    assert (made.kind, made.selection, made.rules, len(made.suggestions)) == (
        "safety", "any", ("risperidone", "severity-low-or-unknown", "process-infusion"), 1,
    )  # fmt: skip


def test_good_news_stands_on_the_card_of_the_candidacy() -> None:
    card = Card("candidacy", "s", "info", (), ("candidacy:x:met",))
    good = with_good_news(card, assessment(LITHIUM, FOUR_TRIALS, RISPERIDONE, orders=[order()]))
    assert good.detail == (
        "- No interaction found: lithium; 4 adequate trials: also meets the stricter VA infusion"
        " protocol (4, as reported)"
    )
    assert good.rules == ("candidacy:x:met", "lithium", "trd-four-trials")
    assert [part.worth for parts in good.lines for part in parts] == [Worth.MORE]
    assert with_good_news(card, assessment(RISPERIDONE, orders=[order()])) is card
    warned = replace(LITHIUM, severity="warning")
    assert with_good_news(card, assessment(warned, orders=[order()])) is card


def test_safety_is_about() -> None:
    kinds = ("contraindication", "interaction", "caution", "missing", "order_error", "course")
    found = [finding("shock", kind=kind) for kind in kinds]  # type: ignore[arg-type]
    assert [f.kind for f in safety_findings(assessment(*found))] == list(kinds[:4])


# --- what was not seen ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({}, ""),
        ({"unavailable": {"procedures": "404", "allergies": "404"}},
         "- Not seen: allergies, procedures."),
        ({"unavailable": {"procedures": CUT_OFF, "allergies": "404", "conditions": CUT_OFF}},
         "- Not seen: allergies.\n- Not seen to the end, the file is cut off: diagnoses,"
         " procedures."),
        ({"skipped": (Skipped("Condition/1", "no code"),)},
         "- Not readable: 1 diagnosis (no code)."),
        ({"skipped": (Skipped("Observation/1", "no unit"), Skipped("Observation/2", "no unit"),
                      Skipped("Observation/3", "no code"), Skipped("Binary/4", "x_y"))},
         "- Not readable: 2 results or measurements (no unit); 1 result or measurement (no code);"
         " 1 other entry (x\\_y)."),
        ({"skipped": (Skipped("Binary/1", "x"), Skipped("Binary/2", "x"))},
         "- Not readable: 2 other entries (x)."),
        ({"skipped": (Skipped("Condition/1", "refuted"),)}, ""),
        ({"skipped": (Skipped("Condition/1", "no code"),),
          "unread_entries": (UnreadEntry("condition", "x", "", "y", ("Condition/1",)),)}, ""),
        ({"skipped": (Skipped("MedicationRequest/1", "no code"),),
          "unread_drugs": (UnreadDrug("x", "", "y", (), ("MedicationRequest/1",)),)}, ""),
        ({"skipped": (Skipped("Condition", CUT_OFF),), "unavailable": {"conditions": CUT_OFF}},
         "- Not seen to the end, the file is cut off: diagnoses."),
        ({"skipped": (Skipped("Condition", CUT_OFF),)},
         "- Not readable: 1 diagnosis (cut off: no whole JSON)."),
    ],
)  # fmt: skip
def test_what_was_not_seen_or_readable(fields: dict[str, Any], lines: str) -> None:
    assert markdown(unseen_lines(replace(HISTORY, **fields))) == lines


@pytest.mark.parametrize(
    ("kind", "one", "two"),
    [
        ("AllergyIntolerance", "allergy", "allergies"),
        ("Condition", "diagnosis", "diagnoses"),
        ("Encounter", "encounter", "encounters"),
        ("Medication", "medication", "medications"),
        ("MedicationAdministration", "dose given", "doses given"),
        ("MedicationDispense", "dispense", "dispenses"),
        ("MedicationRequest", "prescription", "prescriptions"),
        ("MedicationStatement", "reported medication", "reported medications"),
        ("Observation", "result or measurement", "results or measurements"),
        ("Procedure", "procedure", "procedures"),
        ("QuestionnaireResponse", "questionnaire", "questionnaires"),
        ("ServiceRequest", "order for a test", "orders for tests"),
    ],
)
def test_entries_have_names(kind: str, one: str, two: str) -> None:
    for count, name in ((1, one), (2, two)):
        lost = tuple(Skipped(f"{kind}/{n}", "x") for n in range(count))
        told = markdown(unseen_lines(replace(HISTORY, skipped=lost)))
        assert told == f"- Not readable: {count} {name} (x)."
