"""The tables that are made of the official titles of ICD-10-CM, by the package simple-icd-10-cm.

It holds CDC's list with the titles that the seventh characters make, and is needed for this alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from cds.terminology.build.body_words import body_words
from cds.terminology.build.titles import misleading_titles
from cds.terminology.build.writer import write_table
from cds.terminology.codes.tables import BODY_WORDS, ICD_NAMES, TITLES
from cds.terminology.lookup import load_terminology


def build_from_titles(out: Path) -> dict[str, int]:
    """Write the three tables to `out`; rows by file name. ImportError without the package."""
    icd = import_module("simple_icd_10_cm")
    terminology = load_terminology()
    titles = list(_titles(icd))
    tables = {
        TITLES: misleading_titles(titles, terminology.named, terminology.of_icd10cm),
        BODY_WORDS: body_words([*titles, *_inclusion_terms(icd)]),
        ICD_NAMES: _names(icd),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_table(out / f"{name}.json", table)
    return {f"{name}.json": len(table) for name, table in tables.items()}


_CODE = re.compile(r"[A-Z]\d[0-9A-Z]{1,5}")
_INJURIES = tuple("SVWXY")
"""chapters of injuries and their causes: what stands behind the fourth character tells side, kind
and encounter, in 55,000 codes that no rule names"""
_ENCOUNTER = 7
"""the character that tells first encounter, later one or sequela of a code of T"""


def _told_apart(code: str) -> bool:
    short = 4 if code.startswith(_INJURIES) else _ENCOUNTER - 1 if code.startswith("T") else 7
    return len(code) <= short


def _names(icd: ModuleType) -> dict[str, str]:
    """Code → title. A category that is a block of its own, as T14, is a code as well."""
    codes = icd.get_all_codes(with_dots=False)
    shaped = (code for code in codes if _CODE.fullmatch(code) and _told_apart(code))
    return {code: icd.get_description(code) for code in shaped}


def _codes(icd: ModuleType) -> Iterator[str]:
    codes = icd.get_all_codes(with_dots=False)
    return (code for code in codes if not icd.is_chapter_or_block(code))


def _titles(icd: ModuleType) -> Iterator[tuple[str, str]]:
    return ((code, icd.get_description(code)) for code in _codes(icd))


def _inclusion_terms(icd: ModuleType) -> Iterator[tuple[str, str]]:
    return ((code, term) for code in _codes(icd) for term in icd.get_inclusion_term(code))
