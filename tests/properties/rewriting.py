"""Ways to write a coded entry: in words, under an alias, by its ingredient, in a local code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from cds.terminology.codes import systems
from cds.terminology.lookup import load_terminology

Json = dict[str, Any]
LOCAL = "urn:oid:1.2.36.1.2001.1005.77"
ALIASES = {
    systems.ICD10CM: "urn:oid:2.16.840.1.113883.6.90",
    systems.SNOMED: "urn:oid:2.16.840.1.113883.6.96",
    systems.RXNORM: "urn:oid:2.16.840.1.113883.6.88",
    systems.LOINC: "urn:oid:2.16.840.1.113883.6.1",
    systems.NDC: "urn:oid:2.16.840.1.113883.6.69",
    systems.CPT: "urn:oid:2.16.840.1.113883.6.12",
}
NAMED_BY = {
    "Condition": "code",
    "AllergyIntolerance": "code",
    "Procedure": "code",
    "Observation": "code",
    "MedicationRequest": "medicationCodeableConcept",
    "MedicationStatement": "medicationCodeableConcept",
    "MedicationDispense": "medicationCodeableConcept",
    "MedicationAdministration": "medicationCodeableConcept",
}
"""what names the entry, by its type"""


def name_of(concept: Json) -> str:
    shown = (coding["display"] for coding in concept["coding"] if "display" in coding)
    return concept.get("text") or next(shown, "")


def in_words(concept: Json) -> Json:
    return {"text": name_of(concept)}


def under_an_alias(concept: Json) -> Json:
    return concept | {
        "coding": [c | {"system": ALIASES.get(c["system"], c["system"])} for c in concept["coding"]]
    }


def in_a_local_code(concept: Json) -> Json:
    return {"coding": [{"system": LOCAL, "code": "L-77", "display": name_of(concept)}]}


def local_code_and_text(concept: Json) -> Json:
    return {"coding": [{"system": LOCAL, "code": "L-77"}], "text": name_of(concept)}


def in_capitals(concept: Json) -> Json:
    return {"text": name_of(concept).upper()}


CONCEPTS: dict[str, Callable[[Json], Json]] = {
    "in words": in_words,
    "under an alias": under_an_alias,
    "in a local code": in_a_local_code,
    "local code and text": local_code_and_text,
    "in capitals": in_capitals,
}


def by_ingredient_code(resource: Json) -> Json | None:
    """A product named by the code of its only ingredient."""
    parts = _ingredients(resource)
    if len(parts) != 1 or not parts[0].rxcui:
        return None
    coding = {"system": systems.RXNORM, "code": parts[0].rxcui, "display": parts[0].name}
    return resource | {"medicationCodeableConcept": {"coding": [coding]}}


def by_ingredients(resource: Json) -> Json | None:
    """A contained Medication that has no code, and says what is in it."""
    parts = _ingredients(resource)
    if not parts:
        return None
    listed = [{"itemCodeableConcept": {"text": part.name}} for part in parts]
    bare = {k: v for k, v in resource.items() if k != "medicationCodeableConcept"}
    inside = {"resourceType": "Medication", "id": "m", "ingredient": listed}
    return bare | {"contained": [inside], "medicationReference": {"reference": "#m"}}


def _ingredients(resource: Json) -> tuple[Any, ...]:
    concept = resource.get("medicationCodeableConcept")
    match = load_terminology().drug(concept) if concept else None
    return match.ingredients if match is not None else ()


def rewritten(resource: Json) -> Iterator[tuple[str, Json]]:
    """The entry in each other way that it may be written."""
    field = NAMED_BY.get(resource["resourceType"])
    concept = resource.get(field) if field else None
    if not field or not concept or not concept.get("coding") or not name_of(concept):
        return
    for name, rewrite in CONCEPTS.items():
        yield name, deepcopy(resource) | {field: rewrite(concept)}
    if field == "medicationCodeableConcept":
        for name, other in (
            ("by its ingredient's code", by_ingredient_code(resource)),
            ("by its ingredients", by_ingredients(resource)),
        ):
            if other is not None:
                yield name, other
