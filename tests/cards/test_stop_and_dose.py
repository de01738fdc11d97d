"""What the stop card and the dose card offer, and what they never offer beside a danger."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

import fhir_fixtures
from cards.model import Card
from cds.api import Answer, assess, load, read_chart
from cds.wire import Json, decode, encode

DAY = fhir_fixtures.ANCHOR
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


@cache
def engine() -> Any:
    return load()


def answer(*texts: str, icd: str = "F33.2", problems: tuple[str, ...] = (), **more: Any) -> Answer:
    """Of `ash`, a clear candidate of 70.2 kg, with problems added, for orders in words."""
    bundle = fhir_fixtures.load("ash", DAY)
    for code in problems:
        concept = {"coding": [{"system": ICD, "code": code}]}
        condition = {
            "resourceType": "Condition",
            "id": code,
            "code": concept,
            "subject": {"reference": "Patient/ash"},
            "recordedDate": "2025-01-01",
        }
        bundle["entry"].append({"resource": condition})
    drafts = [draft(text, n, icd, more) for n, text in enumerate(texts, 1)]
    return assess(engine(), read_chart(engine(), bundle), DAY, drafts)


def draft(text: str, number: int, icd: str, more: Json) -> Json:
    made: Json = {
        "resourceType": "MedicationRequest",
        "id": f"draft-{number}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/ash"},
        "medicationCodeableConcept": {
            "coding": [{"system": RXNORM, "code": "238084"}],
            "text": "ketamine 50 mg/mL",
        },
        "reasonCode": [{"coding": [{"system": ICD, "code": icd}]}],
        "dosageInstruction": [{"text": text}],
    }
    read: Json = decode(encode(made | more))
    return read


def card(found: Answer, kind: str) -> Card | None:
    return next((card for card in found.cards if card.kind == kind), None)


def labels(found: Answer, kind: str) -> list[tuple[str, bool]]:
    shown = card(found, kind)
    return [] if shown is None else [(s.label, s.recommended) for s in shown.suggestions]


@pytest.mark.parametrize(
    ("text", "problems", "offered"),
    [
        ("35 mg/kg IV over 40 min", (),
         [("Correct the order: 35 mg IV over 40 min", True), ("Remove the order", False)]),
        ("35 mg IV push", (),
         [("Correct the order: 35 mg IV over 40 min", True), ("Remove the order", False)]),
        # about the patient: only removal
        ("35 mg/kg IV over 40 min", ("I71.40",), [("Remove the order", True)]),
        ("35 mg/kg IV over 40 min", ("Q28.2",), [("Remove the order", True)]),
        ("35 mg IV over 40 min", ("I71.40",), [("Remove the order", True)]),
        # no time to tell the corrected dose with
        ("35 mg/kg IV", (), [("Remove the order", True)]),
        # two dosages: which of them is meant?
        ("350 mg IV over 40 min; 35 mg IV over 40 min", (), []),
    ],
)  # fmt: skip
def test_the_stop_card_offers(
    text: str, problems: tuple[str, ...], offered: list[tuple[str, bool]]
) -> None:
    assert labels(answer(text, problems=problems), "stop") == offered


def test_a_stop_of_the_patient_removes_every_ketamine_order_of_the_session() -> None:
    found = answer("35 mg IV over 40 min", "20 mg IM once", problems=("I71.40",))
    stop = card(found, "stop")
    assert stop is not None
    (removal,) = stop.suggestions
    assert removal.label == "Remove the orders"
    assert [a.resource_id for a in removal.actions] == [
        "MedicationRequest/draft-1",
        "MedicationRequest/draft-2",
    ]


def test_each_order_that_is_wrong_is_removed_by_itself() -> None:
    found = answer("20 mg IM once", "35 mg/kg IV over 40 min")  # one too many, and one too much
    stop = card(found, "stop")
    assert stop is not None
    assert [[a.resource_id for a in s.actions] for s in stop.suggestions] == [
        ["MedicationRequest/draft-1"],
        ["MedicationRequest/draft-2"],
    ]


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("35 mg IV", "35 mg IV without a time: over how many minutes?"),
    ],
)
def test_a_question_about_a_danger_comes_first_and_without_a_dose(text: str, asks: str) -> None:
    found = answer(text)
    assert card(found, "stop") is None
    first = found.cards[0]
    assert (first.kind, first.indicator) == ("dose", "warning")
    assert first.summary.startswith(asks)
    assert first.suggestions == ()
    assert all(dose.dose_mg is None for dose in found.assessment.doses)


def test_a_dose_that_something_speaks_against_is_an_option_and_says_why() -> None:
    found = answer("IV", problems=("F14.20",))
    offered = labels(found, "dose")
    assert ("Order 35.1 mg IV over 40 min, 2 per week, 6 sessions", False) in offered
    assert not any(recommended for _, recommended in offered)
    dose = card(found, "dose")
    assert dose is not None
    assert dose.summary.startswith("Option, not recommended: ketamine 35.1 mg IV over 40 min")
    assert "Not recommended while this stands: Treat the use disorder first" in dose.detail


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"note": [{"text": "Give 15 mg IV over 60 min"}]}, "a note of the order"),
        ({"medicationCodeableConcept": {"text": "Ketamine 15 mg IV over 60 min"}},
         "the name of what is ordered"),
    ],
)  # fmt: skip
def test_what_can_not_be_taken_out_of_a_draft_is_named(more: Json, what: str) -> None:
    found = answer("15 mg IV over 60 min", **more)
    offered = [a for c in found.cards for s in c.suggestions for a in s.actions]
    assert not [action for action in offered if action.type == "update"]
    dose = card(found, "dose")
    assert dose is not None
    assert f"Change the order by hand: {what} says something else" in dose.detail


_MG = {"doseQuantity": {"value": 35, "unit": "mg", "code": "mg"}}
_FORTY = {"repeat": {"duration": 40, "durationUnit": "min"}}


@pytest.mark.parametrize(
    ("text", "more", "second"),
    [
        ("35 mg IV over 40 min then 100 mg IV", {}, "100 mg IV"),
        ("35 mg IV over 40 min; repeat 70 mg IV push if no response", {}, "70 mg IV push"),
        ("35 mg IV over 40 min. Give second dose of 100 mg IM at 20 min", {}, "100 mg IM"),
        ("Start 35 mg IV over 40 min, increase to 70 mg next session", {}, "70 mg IV"),
        ("35 mg IV over 40 min ***CORRECTION: give 350 mg***", {}, "350 mg IV"),
        ("35 mg IV over 40 min", {"additionalInstruction": [{"text": "then 100 mg IV"}]},
         "100 mg IV"),
    ],
)  # fmt: skip
def test_a_second_dose_in_words_is_named_and_no_dose_is_offered(
    text: str, more: Json, second: str
) -> None:
    dosage = {"text": text, "doseAndRate": [_MG], "timing": _FORTY, **more}
    found = answer("", dosageInstruction=[dosage])
    first = found.cards[0]
    assert f"The order also says {second} beside its dose" in first.summary + first.detail
    offered = [a for c in found.cards for s in c.suggestions for a in s.actions]
    assert not [action for action in offered if action.type == "update"]


def test_a_dose_in_words_that_is_the_one_in_the_fields_is_no_second_one() -> None:
    for text in (
        "35 mg IV over 40 min from a 500 mg vial",
        "35 mg (0.7 mL) IV over 40 min. Max 70 mg",
        "35 mg IV over 40 min, then flush with 10 mL saline",
        "35 mg IV over 40 min, may repeat 35 mg in a week",
    ):
        dosage = {"text": text, "doseAndRate": [_MG], "timing": _FORTY}
        said = "".join(c.summary + c.detail for c in answer("", dosageInstruction=[dosage]).cards)
        assert "also says" not in said, text


@pytest.mark.parametrize(
    "rate",
    [
        {"rateQuantity": {"value": 17.5, "unit": "mg/min", "code": "mg/min"}},
        {"rateRatio": {"numerator": {"value": 35, "unit": "mg"},
                       "denominator": {"value": 2, "unit": "min"}}},
        {"rateRange": {"low": {"value": 17.5, "unit": "mg/min", "code": "mg/min"}}},
    ],
)  # fmt: skip
def test_a_corrected_time_leaves_no_rate_of_the_old_time(rate: Json) -> None:
    two = {"repeat": {"duration": 2, "durationUnit": "min"}}
    dosage = {"text": "35 mg IV over 2 min", "doseAndRate": [_MG | rate], "timing": two}
    stop = card(answer("", dosageInstruction=[dosage]), "stop")
    assert stop is not None
    correct = stop.suggestions[0]
    assert correct.label == "Correct the order: 35 mg IV over 40 min"
    resource = correct.actions[0].resource
    assert resource is not None
    assert [set(one) for one in resource["dosageInstruction"][0]["doseAndRate"]] == [
        {"doseQuantity"}
    ]
    again = assess(engine(), read_chart(engine(), fhir_fixtures.load("ash", DAY)), DAY, [resource])
    assert not [f for f in again.assessment.findings if f.kind == "order_error"]


@pytest.mark.parametrize(
    ("order", "note", "said"),
    [
        ("", "RN: give over 2 minutes", "a note of the order says something else"),
        ("", "Give 100 mg IV", "1.42 mg/kg IV (100 mg) is above 1 mg/kg"),
        (
            "350 mg IV over 40 min",
            "Dose 350 mg verified",
            "a note of the order says something else",
        ),
        ("35 mg IV over 40 min", "RN: give over 2 minutes IV push", "says 2 min, not 40 min"),
        ("35 mg IV over 40 min", "give as rapid bolus", "says bolus, not 40 min"),
        ("35 mg IV over 40 min", "give IM", "says intramuscular, not intravenous"),
    ],
)
def test_a_note_that_says_something_else_is_told_and_no_order_is_offered(
    order: str, note: str, said: str
) -> None:
    found = answer(order, note=[{"text": note}])
    assert any(said in c.summary + c.detail for c in found.cards)
    offered = [a for c in found.cards for s in c.suggestions for a in s.actions]
    assert not [action for action in offered if action.type == "update"]


@pytest.mark.parametrize(
    "note",
    [
        "Monitor BP every 15 min for 2 hours",
        "Bring a responsible adult who takes you home",
        "Take home medications as usual",
        "IV access before the visit",
        "Give ondansetron IV over 2 min if nausea",
        "give over 40 min",
    ],
)
def test_a_note_of_something_else_is_no_instruction(note: str) -> None:
    plain_cards = [(c.summary, c.detail) for c in answer("35 mg IV over 40 min").cards]
    noted = answer("35 mg IV over 40 min", note=[{"text": note}])
    assert [(c.summary, c.detail) for c in noted.cards] == plain_cards


@pytest.mark.parametrize(
    ("beside", "at_home"),
    [
        ("Inject into your thigh at home", True),
        ("Patient to take home", True),
        ("Patient to take the kit home", True),
        ("Take home medications as usual", False),
        ("Someone must take you home", False),
        ("Not for home use", False),
    ],
)
def test_home_counts_wherever_it_stands(beside: str, at_home: bool) -> None:
    patient = {"text": "35 mg IM weekly", "patientInstruction": beside}
    for more in ({"note": [{"text": beside}]}, {"dosageInstruction": [patient]}):
        order = answer("35 mg IM weekly", **more).assessment.cases[0].order
        assert order is not None
        assert (order.community is True) is at_home, more


@pytest.mark.parametrize(
    ("site", "stays"), [("left deltoid", False), ("left antecubital vein", True), ("PICC", True)]
)
def test_a_site_of_another_route_goes_with_it(site: str, stays: bool) -> None:
    dosage = {"text": "35 mg IV push", "site": {"text": site}}
    stop = card(answer("", dosageInstruction=[dosage]), "stop")
    assert stop is not None
    resource = stop.suggestions[0].actions[0].resource
    assert resource is not None
    assert ("site" in resource["dosageInstruction"][0]) is stays


@pytest.mark.parametrize(("given", "recommended"), [(DAY, False), (DAY - timedelta(days=3), True)])
def test_a_session_given_today_is_no_open_order_and_leaves_no_dose_for_today(
    given: date, recommended: bool
) -> None:
    bundle = fhir_fixtures.load("ash", DAY)
    session = {
        "resourceType": "MedicationAdministration",
        "id": "given",
        "status": "completed",
        "medicationCodeableConcept": {"text": "ketamine"},
        "subject": {"reference": "Patient/ash"},
        "effectiveDateTime": given.isoformat(),
        "dosage": {"dose": {"value": 35, "unit": "mg"}, "route": {"text": "IV"}},
    }
    bundle["entry"].append({"resource": session})
    found = assess(engine(), read_chart(engine(), bundle), DAY, [draft("", 1, "F33.2", {})])
    ids = {f.id for f in found.assessment.findings}
    assert not ids & {"second-ketamine-order", "order-duplicate"}
    doses = [d for d in found.assessment.doses if d.first_choice]
    assert [d.recommended for d in doses] == [recommended]
    dose = card(found, "dose")
    assert dose is not None
    said = "A session is on record for" in dose.summary + dose.detail
    assert said is not recommended


@pytest.mark.parametrize(
    ("running", "new", "severity"),
    [
        ("0.3 mg/kg/h IV continuous", "0.5 mg/kg/h IV continuous", "warning"),
        ("35 mg IV over 40 min", "0.5 mg/kg/h IV continuous", "critical"),
        ("0.3 mg/kg/h IV continuous", "35 mg IV over 40 min", "critical"),
    ],
)
def test_a_new_rate_of_a_running_infusion_is_asked_about(
    running: str, new: str, severity: str
) -> None:
    bundle = fhir_fixtures.load("ash", DAY)
    old = draft(running, 9, "F33.2", {}) | {"status": "active", "authoredOn": DAY.isoformat()}
    bundle["entry"].append({"resource": old | {"subject": {"reference": "Patient/ash"}}})
    found = assess(engine(), read_chart(engine(), bundle), DAY, [draft(new, 1, "F33.2", {})])
    [twice] = [f for f in found.assessment.findings if f.id == "order-duplicate"]
    assert (twice.severity, twice.stops_dose) == (severity, True)


@pytest.mark.parametrize(
    ("pounds", "said"),
    [
        ("154.3", "34.9 mg IV over 40 min (0.5 mg/kg x 69.99 kg"),
        ("154.4", "35 mg IV over 40 min (0.5 mg/kg x 70 kg"),
        ("396.8", "89.9 mg IV over 40 min (0.5 mg/kg x 179.9 kg"),
    ],
)
def test_the_factors_that_are_shown_give_the_dose_that_is_shown(pounds: str, said: str) -> None:
    bundle = fhir_fixtures.load("ash", DAY)
    for entry in bundle["entry"]:
        resource = entry["resource"]
        if "29463-7" in str(resource.get("code")):
            resource["valueQuantity"] = {"value": float(pounds), "unit": "lb", "code": "[lb_av]"}
    found = assess(engine(), read_chart(engine(), bundle), DAY, [draft("", 1, "F33.2", {})])
    assert any(said in c.summary + c.detail for c in found.cards)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("350 mg IV over 40 min", "4.99 mg/kg IV over 40 min (350 mg) is above 1 mg/kg"),
        ("70.5 mg IV over 40 min", "1.004 mg/kg IV over 40 min (70.5 mg) is above 0.5 mg/kg"),
        ("35 mcg IV over 40 min", "0.035 mg in all is very little"),
        ("35000 mg IV over 40 min", "was 35 mg over 40 min meant?"),
    ],
)
def test_figures_have_three_digits_and_never_read_as_the_bound(text: str, said: str) -> None:
    assert any(said in c.summary for c in answer(text).cards)


@pytest.mark.parametrize(
    ("reason", "against"),
    [
        ("Chronic hiccups", ("reason-without-rule",)),
        ("Psoriasis vulgaris", ("reason-without-rule",)),
        ("rule out depression", ("reason-without-rule",)),
        ("Major depressive disorder, recurrent, severe", ()),
    ],
)
def test_a_dose_for_the_record_is_no_recommendation_for_another_reason(
    reason: str, against: tuple[str, ...]
) -> None:
    found = answer("35 mg IV over 40 min", reasonCode=[{"text": reason}])
    (first,) = [dose for dose in found.assessment.doses if dose.first_choice]
    assert (first.against, first.recommended) == (against, not against)


@pytest.mark.parametrize(("total", "recommended"), [(4, False), (5, False), (6, True)])
def test_a_score_in_the_range_of_remission_leaves_an_option(total: int, recommended: bool) -> None:
    bundle = fhir_fixtures.load("ash", DAY)
    for entry in bundle["entry"]:
        coded = entry["resource"].get("code", {}).get("coding", [{}])
        if coded[0].get("code") == "44261-6":
            entry["resource"]["valueQuantity"]["value"] = total
    order = draft("", 1, "F33.2", {})
    found = assess(engine(), read_chart(engine(), bundle), DAY, [order])
    (first,) = [dose for dose in found.assessment.doses if dose.first_choice]
    assert first.recommended is recommended
    shown = card(found, "dose")
    assert shown is not None
    assert shown.summary.startswith("Option, not recommended") is not recommended
