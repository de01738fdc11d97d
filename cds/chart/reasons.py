"""What an order, or a drug that is taken, is for."""

from __future__ import annotations

from dataclasses import dataclass

from cds.fhir.record.referred import Referred
from cds.fhir_json import as_objects, as_text, concept_texts
from cds.terminology.lookup import Terminology
from cds.wire import Json

_KINDS = ("Condition", "Procedure", "ServiceRequest")
_FIELDS = ("reasonCode", "reasonReference", "reason")


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why something is ordered or taken."""

    sets: frozenset[str] = frozenset()
    """condition sets of all of them"""
    text: str = ""
    """as written: chart text"""


NO_REASONS = Reasons()


def read_reasons(resource: Json, terminology: Terminology, referred: Referred) -> Reasons:
    """From reasonCode and reasonReference (R4), or `reason` as R5 and some servers send it."""
    if not any(resource.get(field) for field in _FIELDS):
        return NO_REASONS
    sets: set[str] = set()
    texts: list[str] = []
    concepts = [*as_objects(resource.get("reasonCode"))]
    references = [*as_objects(resource.get("reasonReference"))]
    for node in as_objects(resource.get("reason")):
        concepts += as_objects(node.get("concept"))
        references += as_objects(node.get("reference"))
    for reference in references:
        target = referred.resolve(reference, resource, _KINDS)
        if target and target.get("resourceType") in _KINDS:
            concepts.append(target.get("code") or {})
        elif as_text(reference.get("display")):
            concepts.append({"text": as_text(reference["display"])})
    for concept in concepts:
        sets |= terminology.condition(concept).sets
        texts += concept_texts(concept)
    return Reasons(frozenset(sets), "; ".join(dict.fromkeys(texts)))
