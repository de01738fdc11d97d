"""What the codes of the knowledge are called, by the tables beside it."""

from __future__ import annotations

from functools import partial

from cds.knowledge.model.declared import CodeNames, Kind
from cds.terminology.codes import systems
from cds.terminology.codes.code_names import code_name, has_names

_SYSTEMS: dict[Kind, str] = {
    "ICD-10-CM code": systems.ICD10CM,
    "SNOMED CT code": systems.SNOMED,
    "LOINC code": systems.LOINC,
}


def names_of_codes() -> CodeNames:
    """Of the systems that have a table here: a site may not have that of SNOMED CT."""
    return {
        kind: partial(code_name, system) for kind, system in _SYSTEMS.items() if has_names(system)
    }
