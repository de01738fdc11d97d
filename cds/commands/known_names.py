"""The names that the knowledge may use of what is beside it: tables, charts, code systems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache, partial
from typing import get_args

from cds.chart.encounter import ACT_CODES
from cds.chart.places import Unit
from cds.dosage.model import Route
from cds.knowledge.check import Lookup, names_of, unit_fault
from cds.knowledge.model.declared import Kind
from cds.knowledge.model.indications import Family
from cds.reviewed import read_reviewed
from cds.terminology.answers import all_answers
from cds.terminology.codes import systems
from cds.terminology.codes.real_codes import is_real
from cds.terminology.codes.tables import DiagnosisWords, read_table
from cds.terminology.lookup import Terminology

_ANY_ROUTE = ("any", "unknown")
_CHAPTER = re.compile(r"[A-Z]")
"""a whole chapter of ICD-10: `S`, injuries"""
AWAITED = frozenset({"fasting_status", "responsible_adult", "lsas_total"})
"""kinds that rules ask for, and no table has a code or a name of yet"""


@lru_cache(maxsize=1)
def names_beside(terminology: Terminology) -> Mapping[Kind, Lookup]:
    """All of them but the wordings and the rows of evidence."""
    known = terminology.known()
    rows = known.rxnorm.values()
    names: dict[Kind, Iterable[str]] = {
        "condition set": known.sets["condition"],
        "procedure set": known.sets["procedure"],
        "observation kind": known.sets["observation"] | AWAITED,
        "drug class": _each([*known.ingredients.values(), *(row.classes for row in rows)]),
        "flag of a product": _each(row.flags for row in rows),
        "route of a drug": {*(row.route for row in rows), *get_args(Route), *_ANY_ROUTE} - {""},
        "answer": all_answers(),
        "encounter class": ACT_CODES,
        "hospital unit": get_args(Unit),
        "purpose": get_args(Family),
    }
    looked_up = {kind: names_of(kind, listed) for kind, listed in names.items()}
    ingredient = partial(_ingredient_fault, terminology, known.ingredients.keys())
    return {**looked_up, "ingredient": ingredient, **shapes()}


def _ingredient_fault(
    terminology: Terminology, listed: Collection[str], name: str, among: Collection[str]
) -> str | None:
    """A drug may be known by its name alone, and by another one beside that of the tables."""
    if name in listed:
        return None
    found = terminology.drug({"text": name})
    if found is None:
        return names_of("ingredient", listed)(name, among)
    if not found.names.isdisjoint(among):
        return None
    return f"the tables call `{name}` {' / '.join(f'`{called}`' for called in found.names)}"


def _each(tags: Iterable[str]) -> set[str]:
    return {tag for several in set(tags) for tag in several.split()}


def shapes() -> dict[Kind, Lookup]:
    """What is known by its shape."""
    categories = frozenset(read_table(DiagnosisWords, "icd10cm_words").categories.split())
    who = read_reviewed("cds.terminology", "codes/icd10_who.yaml")
    icd10 = categories.union(code[:3] for code in (*who["codes"], *who["beginnings"]))
    return {
        "ICD-10-CM code": partial(_code_fault, "ICD-10-CM code", systems.ICD10CM, icd10),
        "SNOMED CT code": partial(_code_fault, "SNOMED CT code", systems.SNOMED, icd10),
        "unit": unit_fault,
        "LOINC code": partial(_code_fault, "LOINC code", systems.LOINC, icd10),
    }


def _code_fault(
    kind: Kind, system: str, icd10: frozenset[str], code: str, among: Collection[str]
) -> str | None:
    if system == systems.ICD10CM and (_CHAPTER.fullmatch(code) or code.find(".") not in (-1, 3)):
        return None if "." not in code else f"`{code}` can be no {kind}: its dot is misplaced"
    return None if is_real(system, code, icd10) else f"`{code}` can be no {kind}: look it up"
