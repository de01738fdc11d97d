"""How sure a coded diagnosis is, where the code itself says it: the marks of ICD-10-GM.

In Germany a diagnosis of ambulatory care carries one: confirmed (G), suspected (V), excluded (A),
state after (Z). It stands in an extension of the coding, as the national profile has it, or behind
the code, before or after a side (R, L, B).
Source: BfArM, ICD-10-GM, Zusatzkennzeichen für die Diagnosensicherheit.
"""

from __future__ import annotations

import re

from cds.fhir_json import as_object, as_objects, as_text, child
from cds.terminology.codes import systems
from cds.terminology.model import Said

_MEANS = {"V": Said.DOUBTFUL, "A": Said.DENIED, "Z": Said.PAST}
_BEHIND = re.compile(r"[A-Z]\d\d(?:\.?[\d-]{1,3})?[-*+†!]?\s?[LRB]?\s?(?P<mark>[AGVZ])\s?[LRB]?\Z")
_EXTENSION = "diagnosesicherheit"


def marked(concept: object) -> Said | None:
    """What the marks say of the diagnosis; None: confirmed, or no mark. Two that differ: doubt."""
    marks = {
        mark for coding in as_objects(as_object(concept).get("coding")) if (mark := _mark(coding))
    }
    if len(marks) > 1:
        return Said.DOUBTFUL
    return _MEANS.get(next(iter(marks), "G"))


def _mark(coding: object) -> str | None:
    for extension in as_objects(child(coding, "extension")):
        if as_text(extension.get("url")).rstrip("/").endswith(_EXTENSION):
            return as_text(child(extension, "valueCoding", "code")) or None
    if systems.canonical(as_text(child(coding, "system"))) != systems.ICD10:
        return None
    found = _BEHIND.match(as_text(child(coding, "code")).upper())
    return found["mark"] if found else None
