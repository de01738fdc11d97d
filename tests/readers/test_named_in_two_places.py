"""A drug that is named twice: by a concept, a Medication, and the name beside the reference.

Each row is read of an order on record and of a draft alike.
"""

from __future__ import annotations

from typing import Any

import pytest
from ketamine_orders import RXNORM, ketamine

from cds.chart.product import read_product
from cds.fhir.record.patient_record import gather

VIAL = {"coding": [{"system": RXNORM, "code": "238084"}]}  # ketamine 50 mg/mL
LOCAL = {"coding": [{"system": "urn:house", "code": "K-7", "display": "KETA-INJ-LOCAL"}]}
KETAMINE, NOTHING, ANOTHER = frozenset({"ketamine"}), frozenset(), frozenset({"zolpidem"})
UNREAD, NONE = "the Medication could not be read", "no medication"


def vial(code: Any, kind: str = "Medication", ident: str = "m") -> dict[str, Any]:
    return {"resourceType": kind, "id": ident} | ({"code": code} if code else {})


ROWS: dict[str, tuple[Any, Any, Any, frozenset[str], str | None]] = {
    # (medicationCodeableConcept, medicationReference, what it refers to, drugs, problem)
    "no codings": ({"coding": []}, {"reference": "Medication/m"}, vial(VIAL), KETAMINE, None),
    "an empty text": ({"text": ""}, {"reference": "Medication/m"}, vial(VIAL), KETAMINE, None),
    "a text that tells nothing": (
        {"text": "see attached"}, {"reference": "Medication/m"}, vial(VIAL), KETAMINE, None,
    ),
    "a house's code": (LOCAL, {"reference": "Medication/m"}, vial(VIAL), KETAMINE, None),
    "a concept that is known goes first": (
        {"text": "zolpidem 5 mg tablet"}, {"reference": "Medication/m"}, vial(VIAL), ANOTHER, None,
    ),
    "the name beside the reference": (
        None, {"reference": "Medication/m", "display": "ketamine 50 mg/mL"}, vial(LOCAL),
        KETAMINE, None,
    ),
    "the name beside a Medication that is empty": (
        None, {"reference": "Medication/m", "display": "ketamine 50 mg/mL"}, vial(None),
        KETAMINE, None,
    ),
    "a Medication that is known goes first": (
        None, {"reference": "Medication/m", "display": "ketamine"},
        vial({"text": "zolpidem 5 mg tablet"}), ANOTHER, None,
    ),
    "a name beside what is not here": (
        None, {"reference": "Medication/x", "display": "ketamine"}, vial(VIAL), KETAMINE, UNREAD,
    ),
    "what is not here": (None, {"reference": "Medication/x"}, vial(VIAL), NOTHING, UNREAD),
    "an unknown text and what is not here": (
        {"text": "see attached"}, {"reference": "Medication/x"}, vial(VIAL), NOTHING, UNREAD,
    ),
    "an empty Medication": (None, {"reference": "Medication/m"}, vial(None), NOTHING, UNREAD),
    "a Condition": (
        None, {"reference": "Condition/m"}, vial({"text": "ketamine"}, "Condition"),
        NOTHING, UNREAD,
    ),
    "an empty reference": (None, {}, vial(VIAL), NOTHING, NONE),
    "nothing at all": (None, None, vial(VIAL), NOTHING, NONE),
    "an empty concept alone": ({"coding": []}, None, vial(VIAL), NOTHING, NONE),
    "a name that nobody knows": ({"text": "Foobarol"}, None, vial(VIAL), NOTHING, None),
}  # fmt: skip


BOTH_KNOWN = {"a concept that is known goes first", "a Medication that is known goes first"}
"""of a draft the one that is ketamine goes first"""


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("contained", [True, False])
def test_the_drug(name: str, ordered: bool, contained: bool, terminology: Any) -> None:
    concept, reference, other, drugs, problem = ROWS[name]
    order = ketamine("rx", medicationCodeableConcept=concept, medicationReference=reference)
    if contained and reference and reference.get("reference", "").endswith("/m"):
        order |= {"contained": [other]}
        order |= {"medicationReference": reference | {"reference": "#m"}}
    referred = gather([] if contained else [other]).referred
    product = read_product(order, terminology, referred, ordered=ordered)
    expected = KETAMINE if ordered and name in BOTH_KNOWN else drugs
    assert (product.match.names if product.match else NOTHING) == expected
    assert bool(product.match and product.match.contradiction) == (name in BOTH_KNOWN)
    assert product.problem == problem


def test_all_names_are_kept(terminology: Any) -> None:
    """The house may know the vial by one of them alone."""
    order = ketamine(
        "rx",
        medicationCodeableConcept={"text": "see attached"},
        medicationReference={"reference": "Medication/m", "display": "ketamine"},
    )
    product = read_product(order, terminology, gather([vial(LOCAL)]).referred)
    assert product.texts == ("see attached", "KETA-INJ-LOCAL", "ketamine")
    assert product.codes == (("urn:house", "K-7"),)


@pytest.mark.parametrize("kind", ["Condition", "Location"])
def test_an_ingredient_is_no_other_thing(kind: str, terminology: Any) -> None:
    mixture = {
        "resourceType": "Medication", "id": "m", "code": {"text": "bag"},
        "ingredient": [{"itemReference": {"reference": f"{kind}/z"}}],
    }  # fmt: skip
    order = ketamine(
        "rx", medicationCodeableConcept=None, medicationReference={"reference": "Medication/m"}
    )
    library = [mixture, vial({"text": "ketamine"}, kind, "z")]
    assert read_product(order, terminology, gather(library).referred).match is None
