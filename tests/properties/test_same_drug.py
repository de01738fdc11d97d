"""A drug is one drug, however the chart names it."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_charts import ESKETAMINE, KETAMINE, PATIENT, Patient, draft, sound, told

from fhir_fixtures.make import RXNORM, coded
from tests.examples import examples

Json = dict[str, Any]
NDC = "http://hl7.org/fhir/sid/ndc"
NAMES: dict[str, Json] = {
    "clinical drug": coded(RXNORM, "312938", "sertraline 100 MG Oral Tablet"),
    "brand": coded(RXNORM, "208149", "Zoloft 100 MG Oral Tablet"),
    "code without words": {"coding": [{"system": RXNORM, "code": "312938"}]},
    "package": {"coding": [{"system": NDC, "code": "00143-9654-30"}]},
    "package, plain digits": {"coding": [{"system": NDC, "code": "00143965430"}]},
    "salt, in words": {"text": "Sertraline HCl 100 mg tablet"},
    "generic, in words": {"text": "sertraline 100 mg oral tablet"},
    "brand, in words": {"text": "Zoloft 100 mg tab"},
    "ingredient by code, strength in words": {
        "coding": [{"system": RXNORM, "code": "36437"}],
        "text": "sertraline 100 mg tablet",
    },
    "brand and generic together": {
        "coding": [
            {"system": RXNORM, "code": "208149"},
            {"system": RXNORM, "code": "312938"},
            {"system": NDC, "code": "00143-9654-30"},
        ]
    },
}
HOLDERS = ["concept", "contained", "referenced", "absolute"]
JUDGED = (
    "ingredient", "class", "start", "end", "max_daily_dose_mg", "weeks", "adequacy", "outcome",
    "adherence", "basis",
)  # fmt: skip
"""What of a trial must not depend on how the drug is named"""


def held(resource: Json, concept: Json, how: str) -> list[Json]:
    """A medication resource that names its drug by `how`, and the Medication if it needs one."""
    bare = {k: v for k, v in resource.items() if k != "medicationCodeableConcept"}
    medication = {"resourceType": "Medication", "id": f"med-{resource['id']}", "code": concept}
    match how:
        case "concept":
            return [bare | {"medicationCodeableConcept": concept}]
        case "contained":
            inside = medication | {"id": "m"}
            return [bare | {"contained": [inside], "medicationReference": {"reference": "#m"}}]
        case "referenced":
            reference = {"reference": f"Medication/{medication['id']}"}
            return [bare | {"medicationReference": reference}, medication]
        case _:
            url = f"https://ehr.example.org/fhir/Medication/{medication['id']}/_history/2"
            return [bare | {"medicationReference": {"reference": url}}, medication]


def course(concept: Json, how: str, start: int = 200, end: int = 100) -> list[Json]:
    """One trial of the drug, and its dispenses."""
    patient = Patient()
    patient.problem("F33.2", "Major depressive disorder, recurrent severe", 420)
    patient.drug("sertraline 100", start, end, tablets=2)
    found: list[Json] = []
    for resource in patient.resources:
        if "medicationCodeableConcept" in resource:
            found += held(resource, concept, how)
        else:
            found.append(resource)
    return found


def judged(resources: list[Json]) -> list[Json]:
    return [{k: t[k] for k in JUDGED} for t in told(resources)["antidepressant_trials"]]


@pytest.mark.parametrize("how", HOLDERS)
@pytest.mark.parametrize("name", NAMES)
def test_the_trial_is_the_same_however_the_drug_is_named(name: str, how: str) -> None:
    [usual] = judged(course(NAMES["clinical drug"], "concept"))
    assert usual["max_daily_dose_mg"] == 200
    assert usual["adequacy"] == "strict"
    assert judged(course(NAMES[name], how)) == [usual]


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(NAMES)), st.sampled_from(HOLDERS)),
        min_size=2,
        max_size=4,
    )
)
@examples(25)
def test_refills_under_several_names_are_one_trial(shapes: list[tuple[str, str]]) -> None:
    """Each refill of the course is named otherwise: still one trial, of the same dose and weeks."""
    plain = course(NAMES["clinical drug"], "concept")
    varied: list[Json] = []
    medications = (r for r in range(1000))
    for resource in plain:
        if "medicationCodeableConcept" in resource:
            name, how = shapes[next(medications) % len(shapes)]
            varied += held(resource, NAMES[name], how)
        else:
            varied.append(resource)
    assert judged(varied) == judged(plain)


@given(st.sampled_from(sorted(NAMES)), st.sampled_from(HOLDERS), st.sampled_from(sorted(NAMES)))
@examples(25)
def test_the_same_course_written_twice_counts_once(first: str, how: str, second: str) -> None:
    """The same prescription from two systems is no second trial and no double dose."""
    once = course(NAMES[first], how)
    again = [deepcopy(r) for r in course(NAMES[second], "concept")]
    for resource in again:
        if resource["id"] != PATIENT:
            resource["id"] = f"copy-{resource['id']}"
        for link in resource.get("authorizingPrescription", ()):
            link["reference"] = link["reference"].replace("/", "/copy-")
    trials = judged([*once, *again])
    assert len(trials) == 1
    assert trials[0]["max_daily_dose_mg"] == 200
    assert trials[0]["weeks"] == judged(once)[0]["weeks"]


def test_release_forms_of_one_ingredient_are_one_trial() -> None:
    """Four weeks of immediate release, then four of extended release: eight weeks of one drug."""
    patient = Patient()
    patient.drug("venlafaxine 150", 156, 100)
    immediate = coded(RXNORM, "313586", "venlafaxine 75 MG Oral Tablet")
    patient.drug("venlafaxine 150", 212, 156, tablets=2)
    for resource in patient.resources:
        dosage = resource.get("dosageInstruction", [{}])[0]
        started = dosage.get("timing", {}).get("repeat", {}).get("boundsPeriod", {}).get("start")
        handed = resource.get("whenHandedOver", "")
        if (started and started < "2025-12-20") or (handed and handed < "2025-12-20"):
            resource["medicationCodeableConcept"] = immediate
    [trial] = told(patient.resources)["antidepressant_trials"]
    assert trial["ingredient"] == "venlafaxine"
    assert trial["class"] == "SNRI"
    assert trial["max_daily_dose_mg"] == 150


@pytest.mark.parametrize("how", HOLDERS)
@pytest.mark.parametrize(
    ("drug", "concept", "milligrams"),
    [
        ("ketamine", KETAMINE, 35),
        ("ketamine", {"text": "Ketalar 50 mg/mL injection"}, 35),
        ("ketamine", {"text": "ketamine hydrochloride 50 mg/mL injectable solution"}, 35),
        ("ketamine", coded(RXNORM, "6130", "ketamine"), 35),
        ("esketamine", ESKETAMINE, None),
        ("esketamine", {"text": "Spravato 56 mg dose kit"}, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_order_is_understood_however_its_drug_is_named(
    drug: str, concept: Json, milligrams: int | None, how: str
) -> None:
    patient = sound()
    order, *medication = held(draft(), concept, how)
    report = told([*patient.resources, *medication], [order])
    assert {d["drug"] for d in report["doses"]} == {drug}
    if milligrams:
        assert [d["dose_mg"] for d in report["doses"] if d["dose_mg"]] == [Decimal(milligrams)]
