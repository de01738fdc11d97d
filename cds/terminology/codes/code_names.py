"""What a code is called: for those who write or review the knowledge, and never for a chart.

The tables are read when somebody asks. A chart is read by the plain names of `CodeSets`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cds.terminology.codes import systems
from cds.terminology.codes.icd import plain_icd
from cds.terminology.codes.tables import ICD_NAMES, LOINC_NAMES, SNOMED_NAMES, read_code_names

_TABLES = {
    systems.ICD10CM: ICD_NAMES,
    systems.SNOMED: SNOMED_NAMES,
    systems.LOINC: LOINC_NAMES,
}

_CALLED = {"ICD-10-CM": systems.ICD10CM, "SNOMED CT": systems.SNOMED, "LOINC": systems.LOINC}


@cache
def _names(system: str) -> Mapping[str, str]:
    return read_code_names(_TABLES[system]) if system in _TABLES else {}


def code_name(system: str, code: str) -> str | None:
    """As the code system has it; None for a code of which no table here has a name."""
    return _names(system).get(plain_icd(code) if system == systems.ICD10CM else code)


def name_of_code(system: str, code: str) -> str | None:
    """The same by the system as the knowledge calls it: `ICD-10-CM`, `SNOMED CT`, `LOINC`."""
    return code_name(_CALLED[system], code) if system in _CALLED else None


def has_names(system: str) -> bool:
    """Whether there is a table of the system: a site may not have that of SNOMED CT."""
    return bool(_names(system))
