"""Units of a dose, by code, and by the words of instructions: `words/vocabulary.yaml`."""

from __future__ import annotations

from functools import lru_cache

from cds.dosage.words.vocabulary import meaning_of
from cds.units import LONGEST_UNIT, UnitError, measures, ucum

MASSES = ("mg", "ug", "g", "ng")
COUNTED = (
    "1", "{tablet}", "{capsule}", "{patch}", "{film}", "{lozenge}", "{suppository}", "{packet}",
    "{spray}", "{device}", "{vial}", "{kit}",
)  # fmt: skip
RATES = ("mg/h", "mg/kg/h", "mL/h", "mL/kg/h", "{spray}/h")
"""one unit of each dimension that a rate may have"""
DOSES = ("mg", "mg/kg", "mL", "mL/kg", *COUNTED)
"""one unit of each dimension that a dose may have; the first that is there is an order's dose"""

_CODES = {
    # HL7 v3 orderable drug forms, v2 and vendors' abbreviations
    "TAB": "{tablet}", "ERTAB": "{tablet}", "CAP": "{capsule}", "ERCAP": "{capsule}",
    "PATCH": "{patch}", "SPRY": "{spray}", "PUFF": "{spray}", "FILM": "{film}",
    "SUPP": "{suppository}", "LOZ": "{lozenge}", "EA": "1",
    # SNOMED CT forms and units of presentation
    "385055001": "{tablet}", "421366001": "{tablet}", "732936001": "{tablet}",
    "428673006": "{tablet}", "385049006": "{capsule}", "732937005": "{capsule}",
    "428641000": "{capsule}", "385114002": "{patch}", "419702001": "{patch}",
    "421720008": "{spray}",
}  # fmt: skip
_ONE = frozenset({"each", "ea", "dose", "doses", "unit dose"})
"""words for a unit that is not named"""
_NAMED = frozenset({*MASSES, "mL", *COUNTED})


def dose_unit(word: str) -> str | None:
    """The unit of a dose that a code or word means, as `cds.units` spells it; None: not known.

    >>> dose_unit("Tablet, extended release"), dose_unit("mcg/hr"), dose_unit("bag")
    ('{tablet}', 'ug/h', None)
    """
    return _unit_of(word.strip()) if len(word) <= LONGEST_UNIT else None


@lru_cache(maxsize=1024)
def _unit_of(word: str) -> str | None:
    if word in _CODES:
        return _CODES[word]
    lower = word.lower().strip("{}() ").removesuffix("(s").strip()
    if lower in _ONE:
        return "1"
    if (named := _named(lower)) is not None:
        return named
    try:
        return ucum(word)
    except UnitError:
        pass
    head = lower.split(",")[0].split(" - ")[0].strip().rpartition(" ")[2]
    found = _named(head)  # "oral tablet", "tablet, extended release"
    return found if found is not None and found.startswith("{") else None


def _named(word: str) -> str | None:
    """A unit by the words of instructions; a spoonful is a volume and no unit."""
    kind, unit = meaning_of(word) or ("", "")
    return unit if kind == "unit" and unit in _NAMED else None


@lru_cache(maxsize=1024)
def is_rate(unit: str) -> bool:
    return any(measures(unit, like) for like in RATES)


@lru_cache(maxsize=1024)
def is_dose(unit: str) -> bool:
    return any(measures(unit, like) for like in DOSES)
