"""Whether a code can be one of its system: one that is, and is in no set, means something else."""

from __future__ import annotations

import re
from collections.abc import Set

from cds.terminology.codes import systems
from cds.terminology.codes.icd import plain_icd, plain_who

_ICD = re.compile(r"[A-TV-Z]\d[0-9AB][0-9A-Z]{0,4}|U\d\d[0-9A-Z]?")
_SHAPES = {
    systems.CPT: re.compile(r"\d{4}[0-9A-Z]"),
    systems.HCPCS: re.compile(r"[A-Z]\d{4}"),
    systems.ICD10PCS: re.compile(r"[0-9A-HJ-NP-Z]{7}"),
    systems.LOINC: re.compile(r"(?:LA|LP)?\d{1,7}-\d"),
    systems.RXNORM: re.compile(r"[1-9]\d{0,7}"),
}
_SCTID = re.compile(r"[1-9]\d{2,14}[01]0\d")
"""a concept, international or of an extension, and the check digit"""
_D5 = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTED = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip
"""Verhoeff's tables, with which SNOMED CT makes its check digit"""


def is_real(system: str, code: str, icd10cm: Set[str]) -> bool:
    """By its shape and check digit. `icd10cm`: the categories that ICD-10-CM has."""
    if system == systems.ICD10CM:
        plain = plain_icd(code)
        return bool(_ICD.fullmatch(plain)) and plain[:3] in icd10cm
    if system == systems.ICD10:
        return _ICD.fullmatch(plain_who(code)) is not None
    if system == systems.SNOMED:
        return _SCTID.fullmatch(code) is not None and _checked(code)
    shape = _SHAPES.get(system)
    return shape is not None and shape.fullmatch(code.strip().upper()) is not None


def _checked(code: str) -> bool:
    check = 0
    for at, digit in enumerate(reversed(code)):
        check = int(_D5[check][int(_PERMUTED[at % 8][int(digit)])])
    return check == 0
