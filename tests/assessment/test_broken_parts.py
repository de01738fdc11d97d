"""A part of the assessment that raises costs its own findings, and is named; no dose beside it."""

from __future__ import annotations

from typing import Any

import pytest

import fhir_fixtures
from cds.api import Answer, assess, load, read_chart
from cds.assessment import assess as whole
from cds.assessment import contraindications, interactions
from cds.commands.show import show
from cds.wire import Json, decode, encode
from tests.rows import check_each

pytestmark = pytest.mark.usefixtures("faults_are_kept")

DAY = fhir_fixtures.ANCHOR
ENGINE = load()
KETAMINE: Json = decode((fhir_fixtures.orders() / "ash.json").read_bytes())
TOPICAL: Json = KETAMINE | {
    "medicationCodeableConcept": {"text": "ketamine 10 % cream"}, "dosageInstruction": [],
}  # fmt: skip
SERTRALINE: Json = KETAMINE | {"medicationCodeableConcept": {"text": "sertraline 50 mg tablet"}}

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
    aneurysm = {
        "resourceType": "Condition", "id": "c", "subject": {"reference": "Patient/ash"},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I71.40"}]},
    }  # fmt: skip
    theophylline = {
        "resourceType": "MedicationRequest", "id": "t", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/ash"}, "authoredOn": DAY.isoformat(),
        "medicationCodeableConcept": {"text": "theophylline 200 mg tablet"},
    }  # fmt: skip
    bundle["entry"] += [{"resource": aneurysm}, {"resource": theophylline}]
    chart = read_chart(ENGINE, bundle)
    fired = module.fired
    bad = ENGINE.knowledge.contraindications["porphyria"].rules
    worse = ENGINE.knowledge.interactions["opioids"].rules

    def one_breaks(rules: object, case: object) -> Any:
        return raises() if rules in (bad, worse) else fired(rules, case)

    sound = assess(ENGINE, chart, DAY, [KETAMINE])
    monkeypatch.setattr(module, "fired", one_breaks)
    broken = assess(ENGINE, chart, DAY, [KETAMINE])
    named = "porphyria" if module is contraindications else "opioids"
    assert {f.what for f in broken.faults} == {module.__name__.rpartition(".")[2], named}
    told = {f.id for f in broken.assessment.findings}
    lost = {"severity-low-or-unknown"}
    assert {"aneurysm", "theophylline"} <= {f.id for f in sound.assessment.findings}
    assert {f.id for f in sound.assessment.findings} - told <= lost
    assert (broken.cards[0].kind, broken.cards[0].indicator) == ("stop", "critical")
    assert f"Not judged, by a fault of this service: {named}" in text(broken)


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
