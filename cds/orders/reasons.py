"""What the order is for."""

from __future__ import annotations

from dataclasses import dataclass

from cds.fhir.record.patient_record import PatientRecord
from cds.fhir_json import as_objects, as_text, concept_texts
from cds.terminology.lookup import Terminology
from cds.wire import Json

_REASONS = ("Condition", "Procedure", "ServiceRequest")


@dataclass(frozen=True, slots=True)
class Reasons:
    sets: frozenset[str]
    text: str
    """as written: chart text"""


def read_reasons(resource: Json, terminology: Terminology, record: PatientRecord | None) -> Reasons:
    """From reasonCode and reasonReference (R4), or `reason` as R5 and some servers send it."""
    sets: set[str] = set()
    texts: list[str] = []
    concepts = [*as_objects(resource.get("reasonCode"))]
    references = [*as_objects(resource.get("reasonReference"))]
    for node in as_objects(resource.get("reason")):
        concepts += as_objects(node.get("concept"))
        references += as_objects(node.get("reference"))
    for reference in references:
        target = (record or PatientRecord()).resolve(reference, resource, _REASONS)
        if target and target.get("resourceType") in _REASONS:
            concepts.append(target.get("code") or {})
        elif as_text(reference.get("display")):
            concepts.append({"text": as_text(reference["display"])})
    for concept in concepts:
        sets |= terminology.condition(concept).sets
        texts += concept_texts(concept)
    return Reasons(frozenset(sets), "; ".join(dict.fromkeys(texts)))
