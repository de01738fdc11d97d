"""What a code is called, for those who read the facts."""

from __future__ import annotations

from cds.terminology.codes import systems
from cds.terminology.codes.code_names import code_name

_SYSTEMS = {
    "ICD-10-CM": systems.ICD10CM,
    "SNOMED CT": systems.SNOMED,
    "LOINC": systems.LOINC,
}


def name_of_code(system: str, code: str) -> str | None:
    """By the system as the facts call it; None for a code of which no table has a name."""
    return code_name(_SYSTEMS[system], code) if system in _SYSTEMS else None
