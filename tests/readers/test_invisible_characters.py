"""Texts with characters that can't be seen, or of full width, say what they say without them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fhir_fixtures
from cds.api import assess, load, read_chart
from cds.wire import decode, encode
from tests.examples import examples
from tests.properties.property_charts import DAY, DRAFTS, Patient, patients

Json = dict[str, Any]
Spell = Callable[[str], str]
_WORDS = frozenset({
    "text", "display", "unit", "valueString", "patientInstruction", "div", "comment",
})  # fmt: skip
"""the fields that hold what a person wrote"""
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SPELLINGS: dict[str, Spell] = {
    "a zero-width space in each word": lambda t: re.sub(r"(\w\w)(\w)", "\\1\u200b\\2", t),
    "between all letters": "\u2060".join,
    "a mark before": lambda t: "\ufeff" + t,
    "joiners": lambda t: t.replace("e", "\u200de\u200c"),
    "soft hyphens": lambda t: t.replace("am", "a\u00adm").replace("er", "e\u00adr"),
    "direction marks": lambda t: "\u202a" + t + "\u202c\u200f",
    "full width": lambda t: t.translate(WIDE),
    "full width, with wide spaces": lambda t: t.translate(WIDE | {0x20: 0x3000}),
    "no-break spaces": lambda t: t.replace(" ", "\u00a0"),
    "control characters": lambda t: t.replace("a", "a\x00"),
}  # fmt: skip


def respelled(value: Any, spell: Spell) -> Any:
    if isinstance(value, list):
        return [respelled(item, spell) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: spell(item) if key in _WORDS and isinstance(item, str) else respelled(item, spell)
        for key, item in value.items()
    }


def in_words(value: Any) -> Any:
    """Without codes: what a concept says stands in its text alone."""
    if isinstance(value, list):
        return [in_words(item) for item in value]
    if not isinstance(value, dict):
        return value
    coding = value.get("coding")
    if isinstance(coding, list) and coding and "display" in coding[0]:
        return {"text": value.get("text") or coding[0]["display"]}
    return {key: in_words(item) for key, item in value.items()}


def told(resources: Any, drafts: list[Json], day: date) -> Json:
    """The report, without the drafts that are handed back as they were written."""
    chart = read_chart(load(), decode(encode(resources)))
    report = assess(load(), chart, day, decode(encode(drafts))).report()
    for card in report["cards"]:
        card.pop("suggestions", None)
    return report


# ---- each kind of text has something to tell ----------------------------------------------------

SUBJECT = {"reference": "Patient/p"}
ADULT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980-01-01"}
ORDER = {
    "resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order",
    "subject": SUBJECT, "medicationCodeableConcept": {"text": "Ketamine 50 mg/mL injection"},
    "dosageInstruction": [{"text": "35 mg IV over 40 minutes"}],
}  # fmt: skip


def entry(kind: str, **fields: Any) -> Json:
    return {"resourceType": kind, "id": "x", "subject": SUBJECT} | fields


HIDDEN: dict[str, tuple[list[Json], str]] = {
    "allergy": (
        [entry("AllergyIntolerance", patient=SUBJECT, code={"text": "Ketamine"},
               recordedDate="2026-01-01")],
        "hypersensitivity"),
    "condition": (
        [entry("Condition", code={"text": "Abdominal aortic aneurysm"},
               recordedDate="2026-01-01")],
        "aneurysm"),
    "condition by display": (
        [entry("Condition", code={"coding": [{"system": "urn:local", "code": "X",
               "display": "Schizophrenia"}]}, recordedDate="2026-01-01")],
        "schizophrenia"),
    "drug": (
        [entry("MedicationStatement", status="active",
               medicationCodeableConcept={"text": "Phenelzine 15 mg tablet"},
               effectivePeriod={"start": "2026-11-01"})],
        "mao-inhibitors"),
    "observation": (
        [entry("Observation", status="final", code={"text": "Systolic blood pressure"},
               effectiveDateTime="2026-11-28", valueQuantity={"value": 195, "unit": "mmHg"})],
        "high-blood-pressure"),
    "answer": (
        [entry("Observation", status="final", code={"text": "Urine pregnancy test"},
               effectiveDateTime="2026-11-28", valueString="positive")],
        "pregnancy"),
    "dosage": (
        [entry("MedicationRequest", status="active", intent="order", authoredOn="2026-11-20",
               medicationCodeableConcept={"text": "Oxycodone 10 mg tablet"},
               dosageInstruction=[{"text": "2 tablets every 6 hours"}])],
        "opioids"),
    "procedure": (
        [entry("Procedure", status="completed", code={"text": "Ketamine infusion"},
               performedDateTime="2026-11-27")],
        "course-response-unknown"),
}  # fmt: skip


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize(("resources", "finding"), HIDDEN.values(), ids=HIDDEN)
def test_nothing_hides(resources: list[Json], finding: str, spell: Spell) -> None:
    day = date(2026, 11, 28)
    read, without = told([ADULT, *resources], [ORDER], day), told([ADULT], [ORDER], day)
    assert finding in {f["id"] for f in read["findings"]} - {f["id"] for f in without["findings"]}
    assert told(respelled([ADULT, *resources], spell), [respelled(ORDER, spell)], day) == read


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("name", ["ash", "elm", "juniper"])
def test_the_fixture_patients_in_words(name: str, spell: Spell) -> None:
    bundle = in_words(fhir_fixtures.load(name, fhir_fixtures.ANCHOR))
    draft = in_words(decode((fhir_fixtures.orders() / f"{name}.json").read_bytes()))
    base = told(bundle, [draft], fhir_fixtures.ANCHOR)
    assert told(respelled(bundle, spell), [respelled(draft, spell)], fhir_fixtures.ANCHOR) == base


@given(patients(), DRAFTS, st.sampled_from(sorted(SPELLINGS)))
@examples(40)
def test_any_chart_in_words(patient: Patient, order: Json, name: str) -> None:
    resources, draft = in_words(patient.resources), in_words(order)
    spell = SPELLINGS[name]
    base = told(resources, [draft], DAY)
    assert told(respelled(resources, spell), [respelled(draft, spell)], DAY) == base
