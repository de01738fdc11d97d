"""A drug that could not be read is named on the cards that it touches, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds.api import Answer, assess, load, read_chart
from tests.charts.fhir import ICD10CM, RXNORM, concept, condition, on_the_wire

ENGINE = load()
DAY = date(2026, 11, 22)
LOCAL = "urn:oid:1.2.36.1.2001.1005.77"
ORDER = {
    "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order",
    "medicationCodeableConcept": {"text": "ketamine 35 mg IV over 40 min"},
}  # fmt: skip


def order(drug: dict[str, Any], ident: str, **fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "id": ident, "status": "active", "intent": "order",
        "authoredOn": "2026-06-01", "medicationCodeableConcept": drug,
    } | fields  # fmt: skip


def daily(mg: int) -> dict[str, Any]:
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
    dose = [{"doseQuantity": {"value": mg, "unit": "mg", "code": "mg"}}]
    return {"dosageInstruction": [{"timing": {"repeat": repeat}, "doseAndRate": dose}]}


ZOLMEX = order(concept(LOCAL, "44812", "Zolmex 40"), "z")
STATIN = order({"text": "simvastatin 20 mg"}, "s")
OXYCODONE = order(concept(RXNORM, "1049683"), "o", **daily(120))
SERTRALINE = order({"text": "sertraline"}, "t1", **daily(150))
BUPROPION = order({"text": "bupropion XL tablet"}, "t2", **daily(300))


def answer(*medications: dict[str, Any]) -> Answer:
    depressed = condition(concept(ICD10CM, "F33.2"))
    chart = read_chart(
        ENGINE,
        on_the_wire([
            {"resourceType": "Patient", "id": "p", "birthDate": "1984-03-02"}, depressed,
            *medications,
        ]),
    )  # fmt: skip
    return assess(ENGINE, chart, DAY, [on_the_wire(ORDER)])


def text(found: Answer) -> str:
    return "\n".join(f"{card.summary}\n{card.detail}" for card in found.cards)


def test_it_is_named_in_one_line() -> None:
    said = text(answer(ZOLMEX))
    line = "Not recognised: “Zolmex 40” (44812) in the medication list"
    assert said.count(line) == 1
    assert "interactions and opioid and benzodiazepine totals unknown" in said
    assert said.count("ot recognised: “Zolmex") == 1


@pytest.mark.parametrize("drugs", [(STATIN,), (SERTRALINE, STATIN)], ids=["alone", "beside"])
def test_another_drug_is_not_mentioned(drugs: tuple[dict[str, Any], ...]) -> None:
    found = answer(*drugs)
    assert "Not recognised" not in text(found)
    assert "simvastatin" not in text(found)
    assert found.assessment.history.skipped == ()


def test_each_of_many_is_named_and_a_name_is_no_markup() -> None:
    odd = [
        order({"text": name}, f"x{n}")
        for n, name in enumerate(
            ["[Zol](http://x.org) **mex**", "Dolorex", "Painaway", "Zolmex", "Ayudol"]
        )
    ]
    said = text(answer(*odd))
    assert all(f"“{name}”" in said for name in ("Dolorex", "Painaway", "Zolmex", "Ayudol"))
    for mark in ("[Zol]", "**mex**", "http://x"):
        assert mark not in "\n".join(card.detail for card in answer(*odd).cards)


def verdict(found: Answer, indication: str = "trd-unipolar") -> str:
    return next(c.verdict for c in found.assessment.candidacy if c.indication == indication)


@pytest.mark.parametrize(
    ("drugs", "expected"),
    [
        ((), "cannot_determine"),
        ((SERTRALINE,), "not_met"),
        ((SERTRALINE, STATIN), "not_met"),
        ((SERTRALINE, ZOLMEX), "cannot_determine"),
        ((SERTRALINE, ZOLMEX | {"status": "completed", **daily(40)}), "cannot_determine"),
        ((SERTRALINE, BUPROPION), "met"),
        ((SERTRALINE, BUPROPION, ZOLMEX), "met"),
    ],
)
def test_trials_that_are_lacking_may_be_the_unread_drug(
    drugs: tuple[dict[str, Any], ...], expected: str
) -> None:
    found = answer(*drugs)
    assert verdict(found) == expected
    report = found.report()["adequate_trials"]
    hole = ZOLMEX["id"] in {drug["id"] for drug in drugs} and expected != "met"
    assert (report["minimum"] is None) is hole
    assert report["at_least"]["minimum"] == len({d["id"] for d in drugs} & {"t1", "t2"})
    if hole:
        assert "not understood: “Zolmex 40” (44812)" in text(found)


def test_it_opens_no_indication() -> None:
    for indication in ("oih_chronic", "opioid_tolerance_periop"):
        assert verdict(answer(ZOLMEX), indication) == "not_applicable"


def test_what_is_known_warns_as_before() -> None:
    found = answer(OXYCODONE, ZOLMEX)
    (warning,) = (f for f in found.assessment.findings if f.id == "opioids")
    assert warning.severity == "warning"
    assert "at least 180 MME/d" in text(found)
    report = found.report()["opioids"]
    assert (report["mme_per_day"], report["at_least"]) == (None, 180)
    assert "; 180 MME/d" in text(answer(OXYCODONE))


DISAGREE = {
    "another drug": (
        concept(RXNORM, "312938", "morphine sulfate 15 MG Oral Tablet"), {"sertraline", "morphine"},
        "the text means morphine, not sertraline",
    ),
    "a drug no rule asks about": (
        concept(RXNORM, "312938", "ursodiol 300 MG Oral Capsule"), {"sertraline"},
        "the text means ursodiol, not sertraline",
    ),
    "two codes": (
        {"coding": [{"system": RXNORM, "code": "312938"}, {"system": RXNORM, "code": "197591"}]},
        {"sertraline", "diazepam"}, "means sertraline, not diazepam",
    ),
    "another strength": (
        concept(RXNORM, "312938", "Sertraline 50 MG Oral Tablet"), {"sertraline"},
        "the text has another strength (50 mg) than RxNorm 312938 (100 mg)",
    ),
    "another strength in the text alone": (
        concept(RXNORM, "312938", text="sertraline 25 mg tab"), {"sertraline"}, "(25 mg)",
    ),
    "code system against code system": (
        concept(RXNORM, "312938", "Zoloft 50 mg"), {"sertraline"}, "(50 mg)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("drug", "names", "line"), DISAGREE.values(), ids=DISAGREE)
def test_code_and_name_that_disagree(drug: dict[str, Any], names: set[str], line: str) -> None:
    tablet = {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}
    timing = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    found = answer(order(drug, "x", dosageInstruction=[tablet | timing]))
    courses = found.assessment.history.medications
    assert {course.ingredient for course in courses} == names
    assert all(course.max_daily_dose is None for course in courses)
    assert all(course.current is not False for course in courses)
    assert not any(trial.adequate for trial in found.assessment.history.antidepressant_trials)
    assert text(found).count("Code and name of a medication disagree") == 1
    assert line in text(found)


AGREE = {
    "the brand": concept(RXNORM, "312938", "Zoloft 100 mg"),
    "no strength": concept(RXNORM, "312938", "sertraline"),
    "other words": concept(RXNORM, "312938", "SERTRALINE HCL 100MG TAB"),
    "in grams": concept(RXNORM, "312938", "sertraline 0.1 g"),
    "a name nobody knows": concept(RXNORM, "312938", "Serta-Depress"),
    "how it is taken": concept(RXNORM, "312938", text="sertraline 100 mg tab, take 200 mg daily"),
}


@pytest.mark.parametrize("drug", AGREE.values(), ids=AGREE)
def test_code_and_name_that_agree(drug: dict[str, Any]) -> None:
    assert "disagree" not in text(answer(order(drug, "x")))


def test_what_could_not_be_used_is_named_by_kind() -> None:
    old = {"resourceType": "MedicationOrder", "status": "active", "patient": {"reference": "p"}}
    found = answer(ZOLMEX, *({**old, "id": f"o{n}"} for n in range(3)))
    (line,) = [part for part in text(found).split("\n") if "Not readable: 3 " in part]
    assert line.startswith("- Not readable: 3 other entries (")
    assert "Zolmex" not in line
