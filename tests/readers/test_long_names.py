"""A name is read by the same reader at whatever length a text may have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest

from cds.chart.allergy import read_allergy
from cds.chart.condition import read_condition
from cds.chart.diagnosis import diagnosis
from cds.chart.drafts import name_draft
from cds.chart.entries import Allergy, Condition, Procedure
from cds.chart.ketamine_care import read_ketamine_care
from cds.chart.procedure import read_procedure
from cds.chart.product import read_product
from cds.dosage.quantity import Problems
from cds.fhir.record.referred import Referred
from cds.limits import LONGEST_TEXT
from cds.orders.identified import identified
from cds.orders.product import OrderedProduct
from cds.orders.product import read_product as ordered_product
from cds.terminology.codes.concept import read_concept
from cds.terminology.lookup import Terminology, remembered
from cds.terminology.model import Said
from cds.terminology.text.certainty import DRUGS, read
from tests.hooks import hooktools
from tests.work import processor_seconds

Json = dict[str, Any]
LENGTHS = (399, 400, 401, 1_001, 2_000, 2_001, LONGEST_TEXT)
"""round those at which a text was cut, or is cut into pieces to be read"""
FILLERS = (
    "Store below 25 degrees and keep in the outer carton. ",
    "as discussed with the team, ",
    "as written,",
)


def texts(word: str) -> Iterator[str]:
    """The word at the start, in the middle and at the end of texts of every length."""
    for length, filler in zip(LENGTHS, cycle(FILLERS), strict=False):
        rest = filler * (length // len(filler) + 1)
        half = (length - len(word)) // 2 - 2
        yield f"{word}. {rest}"[:length]
        yield f"{rest[:half]}. {word}. {rest}"[:length]
        yield f"{rest[: length - len(word) - 2]}. {word}"


def entry(kind: str, text: str) -> Json:
    return {"resourceType": kind, "id": "x", "status": "active", "code": {"text": text}}


def drug_of_draft(terminology: Terminology, fields: Json) -> tuple[str | None, bool]:
    """Of a draft: ketamine or None, and whether it may be any drug."""
    draft = hooktools.draft()
    del draft["medicationCodeableConcept"]
    order = identified(name_draft(draft | fields, terminology, Referred({})), terminology)
    return order.drug, order.drug_unread


def by_name(text: str) -> Json:
    return {"medicationCodeableConcept": {"text": text}}


def by_displays(text: str) -> Json:
    other = {"system": "urn:house", "code": "1", "display": "Injection, see text"}
    named = {"system": "urn:house", "code": "2", "display": text}
    return {"medicationCodeableConcept": {"coding": [other, named]}}


def contained(**fields: Any) -> Json:
    held = {"resourceType": "Medication", "id": "m", **fields}
    return {"medicationReference": {"reference": "#m"}, "contained": [held]}


def by_medication(text: str) -> Json:
    return contained(code={"text": text})


def by_ingredient(text: str) -> Json:
    return contained(ingredient=[{"itemCodeableConcept": {"text": text}}])


def by_mixture(text: str) -> Json:
    saline = {"itemCodeableConcept": {"text": "Sodium chloride 0.9 %"}}
    return contained(
        code={"text": "House mix 7"}, ingredient=[saline, {"itemCodeableConcept": {"text": text}}]
    )


def by_substance(text: str) -> Json:
    made = contained(ingredient=[{"itemReference": {"reference": "#s"}}])
    substance = {"resourceType": "Substance", "id": "s", "code": {"text": text}}
    return made | {"contained": [*made["contained"], substance]}


def by_name_of_a_bare_substance(text: str) -> Json:
    made = contained(ingredient=[{"itemReference": {"reference": "#s", "display": text}}])
    return made | {"contained": [*made["contained"], {"resourceType": "Substance", "id": "s"}]}


PLACES: list[Callable[[str], Json]] = [
    by_name, by_displays, by_medication, by_ingredient, by_mixture, by_substance,
    by_name_of_a_bare_substance,
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_ketamine_is_ordered_by_a_text_of_any_length(terminology, place) -> None:
    for text in texts("Ketamine 50 mg/mL"):
        assert drug_of_draft(terminology, place(text)) == ("ketamine", False), len(text)


@pytest.mark.parametrize("place", PLACES)
def test_beyond_what_is_read_it_may_be_any_drug(terminology, place) -> None:
    text = "Ketamine. ".ljust(LONGEST_TEXT + 1, "x")
    assert drug_of_draft(terminology, place(text)) == (None, True)
    assert drug_of_draft(terminology, place(text[:-1])) == ("ketamine", False)


@pytest.mark.parametrize(
    "text",
    [
        "Ketamine 50 mg/mL, in saline",
        "Ketamine. dilute in saline",
        "Ketamine 50 mg/mL injection. dilute in saline and give slowly",
        "ketamine in dextrose 5 %",
        "Saline 100 mL with ketamine 50 mg",
        "ketamine. give slowly",
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_what_a_drug_is_dissolved_in_deletes_no_drug(terminology, place, text) -> None:
    assert drug_of_draft(terminology, place(text)) == ("ketamine", False)


def test_a_fluid_beside_ketamine_is_its_diluent(terminology) -> None:
    def made(*names: str) -> OrderedProduct:
        listed = [{"itemCodeableConcept": {"text": name}} for name in names]
        draft = contained(code={"text": "House mix 7"}, ingredient=listed)
        product = read_product(draft, terminology, Referred({}), ordered=True)
        return ordered_product(product, Problems())

    mixed = made("Sodium chloride 0.9 % (for ketamine)", "Ketamine 50 mg/mL")
    assert (mixed.diluent, mixed.co_ingredients) == ("Sodium chloride 0.9 % (for ketamine)", ())
    assert made("Ketamine", "Midazolam 5 mg, in saline").co_ingredients == ("midazolam",)
    assert made("Ketamine", "Sodium chloride 0.9 %").co_ingredients == ()
    assert made("Ketamine 50 mg/mL, in saline").diluent is None


def test_what_matters_in_a_chart_is_found_in_a_text_of_any_length(terminology) -> None:
    for text in texts("Abdominal aortic aneurysm"):
        resource = entry("Condition", text)
        found = read_condition(resource, diagnosis(resource["code"], terminology), None)
        assert isinstance(found, Condition)
        assert found.sets == {"aneurysmal_vascular_disease"}, len(text)
    for text in texts("ketamine"):
        allergy = read_allergy(entry("AllergyIntolerance", text), terminology)
        assert isinstance(allergy, Allergy)
        assert allergy.ingredients == {"ketamine"}, len(text)
    for text in texts("tranylcypromine 10 mg"):
        taken = terminology.drug({"text": text})
        assert taken is not None
        assert taken.names == {"tranylcypromine"}, len(text)
    for text in texts("ketamine infusion"):
        care = read_ketamine_care(entry("Procedure", text), frozenset())
        assert care is not None, len(text)
    for text in texts("electroconvulsive therapy"):
        done = entry("Procedure", text) | {"status": "completed"}
        procedure = read_procedure(done, terminology)
        assert isinstance(procedure, Procedure)
        assert "ect" in procedure.sets, len(text)


def test_a_cut_parts_no_name_and_no_word() -> None:
    """In a text without a sentence, wherever the name stands in it."""
    for begin in (*range(2_370, 2_420), *range(3_970, 4_020)):
        for word, filler in (("abdominal aortic aneurysm", "tall oaks "), ("ketamine", "oak,")):
            text = f"No pain. {(filler * 1_500)[:begin]} {word} {filler * 100}"
            assert any(word in clause.text for clause in read(text, DRUGS)), (begin, word)


def test_a_long_sentence_is_denied_to_its_end() -> None:
    listed = ", ".join(["psychosis", "mania", "delusions", "seizures"] * 20)
    text = f"{'Seen in clinic. ' * 130}No {listed} or aneurysm. {'Slept well. ' * 20}"
    clauses = read(text, frozenset({Said.DENIED}))
    [named] = (clause for clause in clauses if "aneurysm" in clause.text)
    assert Said.DENIED in named.said


READERS = (
    "drug", "ordered_drug", "denies_drug", "condition", "condition_beside", "observation",
    "procedure", "substance", "harmful", "understands_condition", "understands_procedure",
    "understands_substance",
)  # fmt: skip
SHAPES = ("ketamine ", "no ketamine allergy, rash; ", "not ", "? ", "r(", "a. ", "mg/", "avoid x, ")


@pytest.mark.parametrize("reader", READERS)
def test_a_name_as_long_as_may_be_takes_no_second(terminology, reader) -> None:
    look_up = getattr(terminology, reader)
    look_up({"text": "x"})
    for shape in SHAPES:
        text = (shape * LONGEST_TEXT)[: LONGEST_TEXT - 1] + "z"
        assert processor_seconds(lambda text=text: look_up({"text": text})) < 1.5, shape


@pytest.mark.parametrize(("length", "times"), [(399, 1), (400, 1), (401, 2)])
def test_of_long_names_few_are_remembered(length, times) -> None:
    asked = []
    reader = remembered(asked.append)
    names = [str(number).rjust(length, "x") for number in range(80)]
    for name in names * 2:
        reader(read_concept({"text": name}))
        reader(read_concept({"text": name}))
    assert len(asked) == len(names) * times
