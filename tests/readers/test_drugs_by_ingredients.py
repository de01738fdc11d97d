"""A drug by its ingredients: on record and in an order alike, with the strength that they state."""

from __future__ import annotations

from typing import Any

import pytest
from ketamine_orders import DAY, RXNORM, entry, ketamine, second_orders

from cds.chart.product import Product, read_product
from cds.fhir.record.patient_record import gather, records_from_ndjson
from cds.fhir.record.referred import Referred
from cds.history.model.history import History
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty
from cds.units import Quantity
from cds.wire import encode
from tests.charts.fhir import one_patient
from tests.charts.reading import chart_of, history_of, order_of

OXYCODONE = {"coding": [{"system": RXNORM, "code": "7804"}]}
KETAMINE = {"coding": [{"system": RXNORM, "code": "6130"}]}
VIAL = {"coding": [{"system": RXNORM, "code": "238084"}]}  # ketamine 50 mg/mL
SALINE = {"text": "Sodium chloride 0.9 %"}


def ratio(value: Any, unit: str, per: Any = None, per_unit: str | None = None) -> dict[str, Any]:
    """`ratio(500, "mg", 500, "mL")`"""
    below = {"value": per} | ({"unit": per_unit} if per_unit else {})
    return {"numerator": {"value": value, "unit": unit}} | (
        {"denominator": below} if per is not None else {}
    )


def part(item: dict[str, Any], strength: dict[str, Any] | None = None, **more: Any) -> Any:
    named = "itemReference" if "reference" in item else "itemCodeableConcept"
    return {named: item} | ({"strength": strength} if strength else {}) | more


def medication(*parts: Any, code: Any = None, form: str = "", ident: str = "mix") -> dict[str, Any]:
    made: dict[str, Any] = {"resourceType": "Medication", "id": ident, "ingredient": list(parts)}
    made |= {"code": code} if code else {}
    return made | ({"form": {"text": form}} if form else {})


def order(mixture: dict[str, Any], contained: bool, **fields: Any) -> list[dict[str, Any]]:
    reference = "#mix" if contained else "Medication/mix"
    made = ketamine("rx", medicationCodeableConcept=None, **fields)
    made["medicationReference"] = {"reference": reference}
    return [made | {"contained": [mixture]}] if contained else [made, mixture]


@pytest.fixture
def read(terminology):
    def reader(mixture: dict[str, Any], *library: dict[str, Any]) -> Product:
        made, *rest = order(mixture, False)
        return read_product(made, terminology, gather([*rest, *library]).referred)

    return reader


@pytest.fixture
def history(terminology, knowledge):
    def reader(*resources: dict[str, Any]) -> History:
        chart = one_patient(*resources)
        return history_of(chart, terminology, knowledge, DAY)

    return reader


# ---- strength ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strength", "meant"),
    [
        (ratio(10, "mg"), "10 mg"),
        (ratio(10, "mg", 1, "tablet"), "10 mg"),
        (ratio(10, "mg", 1, "{tbl}"), "10 mg"),
        (ratio(20, "mg", 2, "Capsules"), "10 mg"),
        (ratio(10, "mg", 1, "each"), "10 mg"),
        (ratio(10, "mg", 1), "10 mg"),
        (ratio(500, "mg", 500, "mL"), "1 mg/mL"),
        (ratio(1, "g", 1, "L"), "1 mg/mL"),
        (ratio(100, "mg", 3, "mL"), "33.33333333333333333333333333 mg/mL"),
        (ratio(25, "mcg", 1, "h"), "25 ug/h"),
        (ratio(10, "mg", 1, "spray"), "10 mg/{spray}"),
        (ratio(10, "mg", 1, "flurb"), None),
        (ratio(10, "mL", 1, "bag"), None),
        (ratio(10, "", 1, "tablet"), None),
        (ratio(0, "mg", 1, "tablet"), None),
        (ratio(10, "mg", 0, "tablet"), None),
    ],
)
def test_the_strength_of_an_ingredient(read, strength, meant) -> None:
    match = read(medication(part(OXYCODONE, strength))).match
    (ingredient,) = match.ingredients
    assert (str(ingredient.strength) if ingredient.strength else None) == meant
    assert match.certainty is Certainty.CODE


def strengths(product: Product) -> dict[str, str | None]:
    assert product.match is not None
    return {i.name: str(i.strength) if i.strength else None for i in product.match.ingredients}


@pytest.mark.parametrize(
    ("code", "strength", "meant"),
    [
        (None, None, "50 mg/mL"),  # the item's own
        (VIAL, None, "50 mg/mL"),
        (VIAL, ratio(500, "mg", 10, "mL"), "50 mg/mL"),
        (VIAL, ratio(10, "mg", 1, "mL"), None),  # they contradict each other
        (VIAL, ratio(500, "mg", 1, "vial"), "50 mg/mL"),
        (VIAL, ratio(50, "mg", 1, "flurb"), None),
        (KETAMINE, ratio(10, "mg", 1, "mL"), None),  # the item is the vial
    ],
)
def test_the_strength_of_code_and_ingredient_together(read, code, strength, meant) -> None:
    assert strengths(read(medication(part(VIAL, strength), code=code))) == {"ketamine": meant}


def test_in_a_bag_only_what_is_stated_counts(read) -> None:
    """The vial that went into it tells nothing of the bag."""
    stated = ratio(500, "mg", 500, "mL")
    bag = ratio(490, "mL", 1, "bag")
    assert strengths(read(medication(part(VIAL, stated), part(SALINE, bag)))) == {
        "ketamine": "1 mg/mL"
    }
    unstated = read(medication(part(VIAL), part(SALINE, bag), code=VIAL))
    assert strengths(unstated) == {"ketamine": None}
    assert unstated.diluents[0].volume == Quantity(490, "mL")


# ---- which drug ----------------------------------------------------------------------------------


def test_ingredients_and_code_add_up(read) -> None:
    known = part(KETAMINE), part({"text": "Midazolam"})
    assert set(strengths(read(medication(*known)))) == {"ketamine", "midazolam"}
    assert set(strengths(read(medication(*known, code=VIAL)))) == {"ketamine", "midazolam"}
    local = read(medication(*known, code={"text": "house mixture no. 4"}))
    assert set(strengths(local)) == {"ketamine", "midazolam"}
    assert local.display == "house mixture no. 4"
    assert not local.match.disagreement


def test_a_code_that_contradicts_the_ingredients_is_said_and_gives_no_strength(read) -> None:
    product = read(medication(part(OXYCODONE, ratio(10, "mg")), code=VIAL))
    assert strengths(product) == {"ketamine": None, "oxycodone": None}
    assert product.match.disagreement == ("the code means ketamine, the ingredients are oxycodone",)


def test_what_is_inactive_or_dissolves_is_no_drug_of_the_product(read) -> None:
    product = read(medication(part(KETAMINE), part(SALINE), part(OXYCODONE, isActive=False)))
    assert set(strengths(product)) == {"ketamine"}


@pytest.mark.parametrize(
    ("form", "route"),
    [("lozenge", "sublingual_buccal"), ("Nasal spray", "nasal"), ("cream", "topical"), ("", None)],
)
def test_the_form_tells_the_route(read, form, route) -> None:
    assert read(medication(part(KETAMINE), form=form)).match.route == route


def test_an_ingredient_by_reference(read) -> None:
    """To another Medication, which may be a mixture itself; one that is not here is unread."""
    inner = medication(part(OXYCODONE), ident="inner")
    outer = medication(part({"reference": "Medication/inner/_history/1"}, ratio(10, "mg")))
    assert strengths(read(outer, inner)) == {"oxycodone": "10 mg"}
    assert read(outer).match is None
    itself = medication(part({"reference": "Medication/mix"}))
    assert read(itself).match is None


def test_an_ingredient_that_the_order_contains(terminology) -> None:
    vial = {"resourceType": "Medication", "id": "vial", "code": VIAL}
    made = ketamine("rx", medicationCodeableConcept=None, medicationReference={"reference": "#mix"})
    made["contained"] = [medication(part({"reference": "#vial"})), vial]
    product = read_product(made, terminology, Referred())
    assert strengths(product) == {"ketamine": "50 mg/mL"}


@pytest.mark.parametrize(
    ("reference", "problem", "drug"),
    [
        ({"reference": "Medication/gone"}, "the Medication could not be read", None),
        (
            {"reference": "Medication/gone", "display": "ketamine"},
            "the Medication could not be read",
            {"ketamine"},
        ),
        ({"identifier": {"value": "7"}}, "the Medication could not be read", None),
        ({"display": "ketamine"}, None, {"ketamine"}),
        ({}, "no medication", None),
        (None, "no medication", None),
    ],
)
def test_a_medication_that_is_not_here(terminology, reference, problem, drug) -> None:
    made = ketamine("rx", medicationCodeableConcept=None, medicationReference=reference)
    product = read_product(made, terminology, Referred())
    assert product.problem == problem
    assert (set(product.match.names) if product.match else None) == drug


# ---- on record -----------------------------------------------------------------------------------


@pytest.mark.parametrize("contained", [True, False])
@pytest.mark.parametrize("code", [None, {"text": "pain mixture no. 4"}])
@pytest.mark.parametrize(
    ("strength", "sig", "mg"),
    [
        (None, "10 mg by mouth four times daily", 40),
        (ratio(10, "mg", 1, "tablet"), "1 tablet by mouth four times daily", 40),
        (ratio(5, "mg", 5, "mL"), "10 mL by mouth four times daily", 40),
        (None, "1 tablet by mouth four times daily", None),
    ],
)
def test_an_opioid_on_record_known_by_its_ingredients(
    history, contained, code, strength, sig, mg
) -> None:
    text = [{"text": sig, "route": {"text": "oral"}}]
    mixture = medication(part(OXYCODONE, strength), code=code)
    intake = history(*order(mixture, contained, dosageInstruction=text)).opioids
    assert intake.mme_per_day == (mg * 1.5 if mg else None)


@pytest.mark.parametrize("contained", [True, False])
def test_a_compounded_ketamine_on_record_is_a_duplicate(contained: bool) -> None:
    mixture = medication(part(KETAMINE, ratio(500, "mg", 500, "mL")), part(SALINE))
    mixture["code"] = {"text": "infusion no. 7"}
    record = [entry(resource) for resource in order(mixture, contained)]
    said = second_orders(record, ketamine("new", "draft"))
    assert said == {"order-duplicate", "second-ketamine-order"}


def test_a_session_with_a_mixture_has_its_dose_in_milligrams(history) -> None:
    given = {
        "resourceType": "MedicationAdministration", "id": "a", "status": "completed",
        "effectiveDateTime": "2026-11-15", "subject": {"reference": "Patient/p"},
        "medicationReference": {"reference": "Medication/mix"},
        "dosage": {"dose": {"value": 35, "unit": "mL"}},
    }  # fmt: skip
    mixture = medication(part(KETAMINE, ratio(500, "mg", 500, "mL")), part(SALINE))
    (session,) = history(given, mixture).ketamine_sessions
    assert session.dose == Quantity(35, "mg")


def test_a_chart_of_an_export_takes_what_its_medications_are_mixed_from(
    terminology: Terminology,
) -> None:
    made, outer = order(medication(part({"reference": "Medication/inner"})), False)
    inner = medication(part(OXYCODONE), ident="inner")
    people = [{"resourceType": "Patient", "id": ident} for ident in ("p", "q")]
    records = records_from_ndjson(map(encode, [*people, made, outer, inner]))
    found = {record.patient["id"]: record for record in records if record.patient}
    product = read_product(made, terminology, found["p"].referred)
    assert product.match is not None
    assert product.match.names == {"oxycodone"}


# ---- in an order ---------------------------------------------------------------------------------


def test_an_order_reads_the_same_medication(terminology) -> None:
    mixture = medication(
        part(KETAMINE, ratio(500, "mg", 500, "mL")), part(SALINE, ratio(490, "mL"))
    )
    made, rest = order(mixture, False)
    ordered = order_of(made, terminology, chart_of(gather([rest]), terminology))
    assert ordered.drug == "ketamine"
    assert ordered.concentration == Quantity(1, "mg/mL")
    assert ordered.diluent == "Sodium chloride 0.9 %"
    assert ordered.problems == ()


def test_an_unread_strength_of_the_ordered_drug_is_a_problem(terminology) -> None:
    made, rest = order(medication(part(KETAMINE, ratio(500, "mg", 1, "flurb"))), False)
    ordered = order_of(made, terminology, chart_of(gather([rest]), terminology))
    assert ordered.problems == ("Medication.ingredient.strength: the strength could not be read",)


def test_another_drug_ordered_by_its_ingredients_is_recognised(terminology) -> None:
    sertraline = {"coding": [{"system": RXNORM, "code": "36437"}]}
    made, rest = order(medication(part(sertraline, ratio(50, "mg", 1, "tablet"))), False)
    assert order_of(made, terminology, chart_of(gather([rest]), terminology)).ingredients == (
        "sertraline",
    )
