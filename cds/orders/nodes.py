"""Looking into FHIR JSON that may have any shape: the wrong type reads as nothing there."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds.wire import Json


def as_object(node: object) -> Json:
    return node if isinstance(node, dict) else {}


def as_objects(node: object) -> list[Json]:
    """The objects of a list; a lone object counts as a list of one, as some servers send it."""
    if isinstance(node, dict):
        return [node]
    return [item for item in node if isinstance(item, dict)] if isinstance(node, list) else []


def as_text(node: object) -> str:
    return node.strip() if isinstance(node, str) else ""


def as_number(node: object) -> Decimal | None:
    """A finite JSON number; a number in quotes is not one."""
    if isinstance(node, bool) or not isinstance(node, int | Decimal):
        return None
    value = Decimal(node)
    return value if value.is_finite() else None


def as_count(node: object) -> int | None:
    return node if isinstance(node, int) and not isinstance(node, bool) and node > 0 else None


def concept_texts(concept: object) -> Iterator[str]:
    """Text and displays of a CodeableConcept."""
    node = as_object(concept)
    for text in (node.get("text"), *(c.get("display") for c in as_objects(node.get("coding")))):
        if as_text(text):
            yield as_text(text)


def concept_codes(concept: object) -> Iterator[str]:
    for coding in as_objects(as_object(concept).get("coding")):
        if as_text(coding.get("code")):
            yield as_text(coding["code"])
