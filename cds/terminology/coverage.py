"""Which codes in FHIR data the tables do not cover."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds.terminology.codes import systems
from cds.terminology.codes.concept import read_concept
from cds.terminology.lookup import Terminology

_KINDS = {
    "MedicationRequest": ("drug", "medicationCodeableConcept"),
    "MedicationStatement": ("drug", "medicationCodeableConcept"),
    "MedicationDispense": ("drug", "medicationCodeableConcept"),
    "MedicationAdministration": ("drug", "medicationCodeableConcept"),
    "Medication": ("drug", "code"),
    "AllergyIntolerance": ("substance", "code"),
    "Condition": ("condition", "code"),
    "Observation": ("observation", "code"),
    "Procedure": ("procedure", "code"),
}


class UnreadableData(Exception):
    """The file is neither a FHIR resource nor NDJSON of such; the message names the line."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A code that means nothing to the tables. No display: that is chart text."""

    resource_type: str
    system: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Concepts by resource type: recognised by code, by text only, not at all; and the codes."""

    by_code: Counter[str]
    by_text: Counter[str]
    not_at_all: Counter[str]
    missing: tuple[Missing, ...]
    """most frequent first"""


def coverage(paths: list[Path], terminology: Terminology) -> Coverage:
    """What the tables make of the coded concepts in those files. Raises UnreadableData."""
    by_code, by_text, not_at_all = Counter[str](), Counter[str](), Counter[str]()
    codes = Counter[tuple[str, str, str]]()
    for path in paths:
        for resource in read_resources(path):
            kind = _KINDS.get(str(resource.get("resourceType")))
            if kind is None or kind[1] not in resource:
                continue
            name, concept = resource["resourceType"], resource[kind[1]]
            match = getattr(terminology, kind[0])(concept)
            if match and match.code is not None:
                by_code[name] += 1
            elif match:
                by_text[name] += 1
            else:
                not_at_all[name] += 1
            if not match or match.code is None:
                codes.update((name, c.system, c.code) for c in read_concept(concept).codings)
    ordered = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    return Coverage(
        by_code, by_text, not_at_all, tuple(Missing(*key, count) for key, count in ordered)
    )


def read_resources(path: Path) -> Iterator[dict[str, Any]]:
    """Every resource in a JSON file (a Bundle's entries, contained ones too) or NDJSON file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableData(f"{path}: {error}") from None
    try:
        yield from _resources(json.loads(text))
    except json.JSONDecodeError:
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    yield from _resources(json.loads(line))
                except json.JSONDecodeError as error:
                    raise UnreadableData(f"{path}, line {number}: {error.msg}") from None


def _resources(value: object) -> Iterator[dict[str, Any]]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            if item.get("resourceType") not in (None, "Bundle"):
                yield item
            stack.extend(v for v in item.values() if isinstance(v, dict | list))


def short_system(uri: str) -> str:
    """A system's usual short name, for a table."""
    return _SHORT.get(uri, uri or "(no system)")


_SHORT = {
    systems.RXNORM: "RxNorm", systems.NDC: "NDC", systems.SNOMED: "SNOMED CT", systems.ATC: "ATC",
    systems.ICD10CM: "ICD-10-CM", systems.ICD10: "ICD-10", systems.ICD10PCS: "ICD-10-PCS",
    systems.LOINC: "LOINC", systems.CPT: "CPT", systems.HCPCS: "HCPCS",
}  # fmt: skip
