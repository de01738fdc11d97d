"""The tables that are made of the official titles of ICD-10-CM, by the package simple-icd-10-cm.

It holds CDC's list with the titles that the seventh characters make, and is needed for this alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from cds.terminology.build.body_words import body_words
from cds.terminology.build.titles import misleading_titles
from cds.terminology.build.writer import write_table
from cds.terminology.codes.tables import BODY_WORDS, TITLES
from cds.terminology.lookup import load_terminology


def build_from_titles(out: Path) -> dict[str, int]:
    """Write both tables to `out`; rows by file name. ImportError without the package."""
    icd = import_module("simple_icd_10_cm")
    terminology = load_terminology()
    titles = list(_titles(icd))
    tables = {
        TITLES: misleading_titles(titles, terminology.named, terminology.of_icd10cm),
        BODY_WORDS: body_words([*titles, *_inclusion_terms(icd)]),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_table(out / f"{name}.json", table)
    return {f"{name}.json": len(table) for name, table in tables.items()}


def _codes(icd: ModuleType) -> Iterator[str]:
    codes = icd.get_all_codes(with_dots=False)
    return (code for code in codes if not icd.is_chapter_or_block(code))


def _titles(icd: ModuleType) -> Iterator[tuple[str, str]]:
    return ((code, icd.get_description(code)) for code in _codes(icd))


def _inclusion_terms(icd: ModuleType) -> Iterator[tuple[str, str]]:
    return ((code, term) for code in _codes(icd) for term in icd.get_inclusion_term(code))
