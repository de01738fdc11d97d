"""What of a resource is too long to be read, so that it is said: no reader sees a word of it.

The readers find `cds.limits.UNREADABLE` in its place, which tells them nothing. Here it is told in
which fields that was, of those that any of them reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cds.fhir.record.referred import Referred
from cds.fhir_json import LEFT_OUT, as_objects, few, is_long_text
from cds.limits import (
    LONGEST_DOSAGE,
    LONGEST_INSTRUCTION,
    LONGEST_NOTES,
    LONGEST_TEXT,
    MOST_LISTED,
    UNREADABLE,
)
from cds.wire import Json, encode

READ_BY_NONE = frozenset({
    "text", "meta", "implicitRules", "language", "photo", "data", "valueAttachment",
    "supportingInformation", "supportingInfo", "insurance", "detectedIssue", "eventHistory",
    "relevantHistory", "evidence", "stage", "recorder", "asserter", "informationSource",
})  # fmt: skip
"""fields of any resource that no reader looks at: a narrative is often longer than any name"""
READ_BY_NONE_OF: Mapping[str, frozenset[str]] = {
    "Condition": frozenset({"note", "bodySite"}),
    "Encounter": frozenset({
        "participant", "diagnosis", "reasonCode", "statusHistory", "classHistory", "account",
    }),
    "Observation": frozenset({"note", "bodySite", "method", "specimen", "device", "performer"}),
    "Procedure": frozenset({
        "note", "report", "complication", "complicationDetail", "followUp", "outcome", "performer",
        "focalDevice", "usedReference", "usedCode", "reasonCode", "reasonReference",
    }),
}  # fmt: skip
"""and of a kind: a report is often written as a note"""
_ONLY_AS_LISTS = frozenset({"extension", "modifierExtension", "identifier"})
"""of these only few are read, and not what may be long in them"""
_DOSAGES = ("dosageInstruction", "dosage")
_LEFT_OUT = UNREADABLE.encode()
_NONE: frozenset[str] = frozenset()
_NEVER_INSIDE = frozenset({"data", "valueAttachment"}) | _ONLY_AS_LISTS

_NAMES = {
    "code": "name",
    "dosageInstruction": "dosage",
    "medication": "name",
    "medicationCodeableConcept": "name",
    "medicationReference": "name or ingredients",
    "component": "components",
    "item": "answers",
    "reaction": "reactions",
    "reasonCode": "reason",
    "reasonReference": "reason",
    "valueCodeableConcept": "value",
    "valueQuantity": "value",
    "valueString": "value",
}
_CAPITAL = re.compile("[A-Z]")


def overlong_fields(resource: Json) -> tuple[str, ...]:
    """The fields of a resource of which not all is read, in the order in which they stand."""
    read = _read_by_some(resource)
    return _overlong(read) if _may_be_overlong(read) else ()


def _read_by_some(resource: Json) -> Json:
    """The fields that a reader looks at, as far as there is anything in them."""
    own = READ_BY_NONE_OF.get(str(resource.get("resourceType")), _NONE)
    return {
        name: value
        for name, value in resource.items()
        if value and name not in READ_BY_NONE and name not in own
    }


def _may_be_overlong(read: Json) -> bool:
    """Whether it is large enough for anything in it to be too long.

    Its length as JSON settles nearly every resource, in a tenth of the time that its fields take.
    """
    try:
        written = encode(read)
    except (TypeError, ValueError, RecursionError):  # no JSON, or too deep: only a caller of ours
        return True
    longest = LONGEST_INSTRUCTION if b'"dosage' in written else LONGEST_TEXT
    return len(written) > longest or written.count(b",") >= MOST_LISTED or _LEFT_OUT in written


def _overlong(read: Json) -> tuple[str, ...]:
    return tuple(name for name, value in read.items() if _is_overlong(name, value))


def _is_overlong(name: str, value: object) -> bool:
    if isinstance(value, str):
        return is_long_text(value)
    if not isinstance(value, list | dict):
        return False
    if few(value) is not value or value == LEFT_OUT:
        return True
    if name in _ONLY_AS_LISTS:
        return False
    if name in _DOSAGES and any(map(_is_long_dosage, as_objects(value))):
        return True
    if name == "note" and sum(map(_length, as_objects(value))) > LONGEST_NOTES:
        return True
    return _holds_overlong(value)


def _is_long_dosage(dosage: Json) -> bool:
    text = dosage.get("text") or dosage.get("patientInstruction")
    if isinstance(text, str) and len(text) > LONGEST_INSTRUCTION:
        return True
    return len(encode(dosage)) > LONGEST_DOSAGE


def _length(note: Json) -> int:
    text = note.get("text")
    return len(text) if isinstance(text, str) else 0


def _holds_overlong(value: list[Any] | Json) -> bool:
    """Whether a text in it is too long, or a list of codings; other lists in it are read."""
    waiting: list[Any] = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            if is_long_text(node):
                return True
        elif isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "resourceType" in node:  # contained
                if _overlong(_read_by_some(node)):
                    return True
                continue
            if few(codings := node.get("coding")) is not codings:
                return True
            waiting += (inner for name, inner in node.items() if name not in _NEVER_INSIDE)
    return False


def in_words(fields: Iterable[str]) -> str:
    """Fields as a clinician calls them: `dosage, note`."""
    return ", ".join(dict.fromkeys(map(_name, fields)))


def _name(field: str) -> str:
    return _NAMES.get(field) or _CAPITAL.sub(lambda one: f" {one[0].lower()}", field)


def not_read(draft: Json, referred: Referred) -> tuple[str, ...]:
    """The same, with the Medication that it refers to; all dosages are called so."""
    fields = overlong_fields(draft)
    if draft.get("medicationReference") and _is_its_medication_overlong(draft, referred):
        fields = (*fields, "medicationReference")
    return fields


def _is_its_medication_overlong(resource: Json, referred: Referred) -> bool:
    found = referred.resolve(resource.get("medicationReference"), resource, ("Medication",))
    return found is not None and bool(overlong_fields(found))
