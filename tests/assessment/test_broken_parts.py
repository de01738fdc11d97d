"""A part of the assessment that raises costs its own findings, and is named; no dose beside it."""

from __future__ import annotations

from typing import Any

import pytest

import fhir_fixtures
from cds.api import Answer, assess, load, read_chart
from cds.assessment import assess as whole
from cds.assessment import contraindications, interactions
from cds.assessment.order_check import CHECKS
from cds.commands.show import show
from cds.wire import Json, decode, encode
from tests.rows import check_each

pytestmark = pytest.mark.usefixtures("faults_are_kept")

DAY = fhir_fixtures.ANCHOR
ENGINE = load()
UCUM = "http://unitsofmeasure.org"
KETAMINE: Json = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
TOPICAL: Json = KETAMINE | {
    "medicationCodeableConcept": {"text": "ketamine 10 % cream"}, "dosageInstruction": [],
}  # fmt: skip
SERTRALINE: Json = KETAMINE | {"medicationCodeableConcept": {"text": "sertraline 50 mg tablet"}}

ANEURYSM: Json = {
    "resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/ash"},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I71.40"}]},
}  # fmt: skip

PARTS = {
    "_candidacy": "the candidacy",
    "drug_doubts": "doubts about the drug",
    "not_understood": "what was not readable",
    "contradicted_drugs": "what was not readable",
    "mistakes": "the order",
    "workup": "the work-up",
    "candidacy_findings": "the rules of candidacy",
    "course": "the course so far",
    "propose": "the dose",
    "cases_of": "what the order is for",
    "contraindications": "doubts about contraindications",
    "interactions": "interactions",
}
"""what judges, and how it is named"""


def raises(*_: object) -> Any:
    raise KeyError("Jane Doe")


def answer(*drafts: Json, **more: Any) -> Answer:
    chart = read_chart(ENGINE, fhir_fixtures.load("ash", DAY))
    return assess(ENGINE, chart, DAY, drafts, **more)


def text(found: Answer) -> str:
    return "\n".join(f"{card.summary}\n{card.detail}" for card in found.cards)


def test_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = answer(KETAMINE)

    def check(part: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(whole, part, raises)
            broken = answer(KETAMINE)
        assert {(f.kind, f.error) for f in broken.faults} == {("part", "KeyError")}
        assert PARTS[part] in {f.what for f in broken.faults}
        (named,) = [f for f in broken.assessment.findings if f.id == "not-judged"]
        assert (named.severity, named.stops_dose) == ("warning", True)
        assert f"Not judged, by a fault of this service: {PARTS[part]}" in text(broken)
        assert "Jane Doe" not in text(broken) + encode(broken.report()).decode()
        assert broken.assessment.candidacy == ()
        assert all(dose.dose_mg is None for dose in broken.assessment.doses)
        assert not any(card.suggestions for card in broken.cards if card.kind != "safety")
        if part != "workup":  # what else was found is said all the same
            assert {f.id for f in sound.assessment.findings if f.kind == "missing"} <= {
                f.id for f in broken.assessment.findings
            }

    assert sound.faults == ()
    check_each(PARTS, check)


@pytest.mark.parametrize("module", [contraindications, interactions])
def test_an_entry_that_breaks_costs_that_entry(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are judged: a stop among them is not lost."""
    bundle = fhir_fixtures.load("ash", DAY)
    theophylline = {
        "resourceType": "MedicationRequest", "id": "t", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/ash"}, "authoredOn": DAY.isoformat(),
        "medicationCodeableConcept": {"text": "theophylline 200 mg tablet"},
    }  # fmt: skip
    bundle["entry"] += [{"resource": ANEURYSM}, {"resource": theophylline}]
    chart = read_chart(ENGINE, bundle)
    fired = module.fired
    bad = ENGINE.knowledge.contraindications["hypersensitivity"].rules
    worse = ENGINE.knowledge.interactions["antihypertensives"].rules

    def one_breaks(rules: Any, case: object) -> Any:
        return raises() if rules[0] in (*bad, *worse) else fired(rules, case)

    sound = assess(ENGINE, chart, DAY, [KETAMINE])
    monkeypatch.setattr(module, "fired", one_breaks)
    broken = assess(ENGINE, chart, DAY, [KETAMINE])
    named = "hypersensitivity" if module is contraindications else "antihypertensives"
    assert {f.what for f in broken.faults} == {module.__name__.rpartition(".")[2], named}
    told = {f.id for f in broken.assessment.findings}
    lost = {"severity-low-or-unknown", named}
    assert {"aneurysm", "theophylline"} <= {f.id for f in sound.assessment.findings}
    assert {f.id for f in sound.assessment.findings} - told <= lost
    assert (broken.cards[0].kind, broken.cards[0].indicator) == ("stop", "critical")
    assert f"Not judged, by a fault of this service: {named}" in text(broken)


def dosed(text: str, milligrams: int, **more: Any) -> Json:
    given = {"text": text, "route": {"text": "intravenous"}, **more}
    amount = {"value": milligrams, "unit": "mg", "system": UCUM, "code": "mg"}
    return KETAMINE | {"dosageInstruction": [given | {"doseAndRate": [{"doseQuantity": amount}]}]}


PUSH = dosed("500 mg IV push", 500, method={"text": "push"})
UNTIMED = dosed("35 mg IV", 35)

CHECK, ORDER = "cds.assessment.order_check", "doubts about the order"
ORDER_PARTS: dict[str, str | None] = {
    "limits._value": "iv bolus ambiguous",
    "limit_finding": "iv bolus ambiguous",
    "passed": "the order",
    "either_way": None,
    "united": ORDER,
    "at_heaviest": ORDER,
    "check_maxima": ORDER,
    "_say_of_sedation_once": ORDER,
    "_keep_sound_corrections": ORDER,
    "_read_both_ways": ORDER,
    "_join": "iv bolus ambiguous",
}
"""what breaks in checking a push of 500 mg, and how it is named; None: nothing asks for it"""


def test_an_order_check_that_breaks_costs_that_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stop that another gives is not lost, nor is the way to take the order away."""
    rows = {f"{CHECK}.{what}": named for what, named in ORDER_PARTS.items()}
    rows |= {f"{CHECK}:{name}": name for name in CHECKS}

    def check(what: str) -> None:
        with monkeypatch.context() as patch:
            if ":" in what:
                patch.setitem(CHECKS, what.partition(":")[2], raises)
            else:
                patch.setattr(what, raises)
            found = answer(PUSH)
        stop = found.cards[0]
        assert (stop.kind, stop.indicator) == ("stop", "critical")
        assert [s.label for s in stop.suggestions] == ["Remove the order"]
        named = rows[what]
        told = [f.params["parts"] for f in found.assessment.findings if f.id == "not-judged"]
        assert told == ([(named,)] if named else [])
        assert bool(found.faults) is bool(named)

    check_each(rows, check)


def test_what_one_check_would_correct_another_might_find_fault_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (dosage,) = dosed("35 mg/kg IV over 40 min", 35)["dosageInstruction"]
    dosage["doseAndRate"][0]["doseQuantity"] |= {"unit": "mg/kg", "code": "mg/kg"}
    slip = KETAMINE | {"dosageInstruction": [dosage]}
    labels = [s.label for s in answer(slip).cards[0].suggestions]
    assert labels == ["Correct the order: 35 mg IV over 40 min", "Remove the order"]
    monkeypatch.setitem(CHECKS, "the course", raises)
    stop = answer(slip).cards[0]
    assert (stop.indicator, [s.label for s in stop.suggestions]) == (
        "critical", ["Remove the order"],
    )  # fmt: skip


def test_an_order_that_is_asked_about_is_no_stop_where_its_checks_break(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """35 mg without a time may be an infusion: what only a push is wrong in stays a question."""
    asked = answer(UNTIMED)
    assert {f.severity for f in asked.assessment.findings if f.stops_dose} == {"warning"}
    for what in ("check_routes", "_read_both_ways"):
        with monkeypatch.context() as patch:
            if what == "check_routes":
                patch.setitem(CHECKS, "the route", raises)
            else:
                patch.setattr(f"{CHECK}.{what}", raises)
            found = answer(UNTIMED)
        stopping = [f for f in found.assessment.findings if f.stops_dose]
        assert {f.severity for f in stopping} == {"warning"}
        assert {f.kind for f in stopping} >= {"order_error", "caution"}


PATIENT_PARTS: dict[str, str | None] = {
    "use.read_amounts": "what the order is for",
    "amounts._Reader._mg": "what the order is for",
    "amounts._Reader.read": "what the order is for",
    "amounts._in": "what the order is for",
    "cases.case_of": "what the order is for",
    "cases.decide_use": "what the order is for",
    "assess.cases_of": "what the order is for",
    "use.signs_of": "what the order is for",
    "contraindications._not_excluded": "doubts about contraindications",
    "contraindications._contradicted": "doubts about contraindications",
    "contraindications._without_range": "doubts about contraindications",
    "contraindications._missed_by_a_stop": "doubts about contraindications",
    "parts.Parts._entries": None,
    "assess.one_by_one": None,
    "assess.of_any_use": None,
    "assess.undecided_cases": None,
    "assess.in_order": None,
    "assess._urgency": None,
}
"""what breaks with an aneurysm on record, and how it is named"""


def test_what_speaks_against_the_patient_needs_no_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = fhir_fixtures.load("ash", DAY)
    bundle["entry"].append({"resource": ANEURYSM})
    chart = read_chart(ENGINE, bundle)

    def check(what: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(f"cds.assessment.{what}", raises)
            found = assess(ENGINE, chart, DAY, [UNTIMED])
        stop = found.cards[0]
        assert (stop.kind, stop.indicator, "aneurysm" in stop.rules) == ("stop", "critical", True)
        assert [s.label for s in stop.suggestions] == ["Remove the order"]
        assert all(dose.dose_mg is None for dose in found.assessment.doses)
        named = PATIENT_PARTS[what]
        if named:
            assert named in text(found)
            assert found.assessment.candidacy == ()

    check_each(PATIENT_PARTS, check)


def test_of_an_order_whose_use_is_unknown_only_what_is_wrong_in_any_use_is_a_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """100 mg are right for anaesthesia, and too much for a treatment; 500 mg are too much."""
    monkeypatch.setattr("cds.assessment.cases.decide_use", raises)
    for order, severity in ((dosed("100 mg IV push", 100, method={"text": "push"}), "warning"),
                            (PUSH, "critical")):  # fmt: skip
        found = answer(order).assessment.findings
        wrong = [f.severity for f in found if f.kind == "order_error"]
        assert wrong[0] == severity


def test_a_frame_that_breaks_is_told_to_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One warning card, no dose, no candidacy; nothing where nobody asked."""

    def check(what: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(what, raises)
            found, cream = answer(PUSH), answer(TOPICAL)
            assert [answer(SERTRALINE).cards, answer(hook="patient-view").cards] == [(), ()]
        for one in (found, cream):
            (card,) = one.cards
            assert (card.indicator, card.suggestions) == ("warning", ())
            assert card.summary.startswith("This service could not judge the order")
            assert [f.what for f in one.faults] == ["all"]
        assert (found.assessment.candidacy, found.assessment.doses) == ((), ())
        assert found.report()["faults"][0]["what"] == "all"

    frame = ("assess._judged", "assess._first_told", "parts.Parts.not_judged")
    check_each([f"cds.assessment.{name}" for name in frame], check)


def test_a_part_of_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "topical_findings", raises)
    assert "Not judged, by a fault of this service: ketamine for the skin" in text(answer(TOPICAL))
    monkeypatch.setattr(whole, "interactions_with_treatment", raises)
    found = answer(SERTRALINE)
    assert "Not judged, by a fault of this service: interactions" in text(found)
    assert [card.indicator for card in found.cards] == ["warning"]


def test_a_chart_that_was_opened_is_not_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "contradicted_drugs", raises)
    found = answer(hook="patient-view")
    assert (found.cards, len(found.faults)) == ((), 1)


def test_a_death_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "recorded_as_deceased", raises)
    bundle = fhir_fixtures.load("ash", DAY)
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"]["deceasedBoolean"] = True
    found = assess(ENGINE, read_chart(ENGINE, bundle), DAY, [KETAMINE])
    assert [f.id for f in found.assessment.findings] == ["not-judged"]
    assert "Not judged, by a fault of this service: the death on record" in text(found)
    assert (found.assessment.candidacy, found.assessment.doses) == ((), ())


def test_the_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "read_weight", raises)
    found = answer(KETAMINE)
    assert found.assessment.weight is None
    assert found.report()["weight_why_not"] == "the weight could not be judged"


def test_a_report_and_the_terminal_name_what_broke(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "faults" not in answer(KETAMINE).report()
    monkeypatch.setattr(whole, "course", raises)
    found = answer(KETAMINE)
    assert found.report()["faults"] == [
        {"kind": "part", "what": "the course so far", "error": "KeyError"}
    ]
    show(found)
    assert "Failed: part the course so far (KeyError)" in capsys.readouterr().out
