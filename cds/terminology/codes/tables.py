"""The bundled tables: their shape in the files, and the indexes built from them at start-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec

PUBLIC = ("rxnorm", "ndc", "icd10cm", "icd10pcs", "hcpcs", "loinc", "sets", "icd10cm_words")
OPTIONAL = ("snomed_conditions", "snomed_procedures", "snomed_drugs", "atc", "cpt")
"""Content under a licence that a site may not have: the service works without these files."""
TITLES = "icd10cm_titles"
"""made by cds/terminology/build/titles.py, of the official titles and not from the code sets"""
BODY_WORDS = "icd10cm_body_words"
"""made by cds/terminology/build/body_words.py, of the same"""
ICD_NAMES = "icd10cm_names"
"""code → official title, of the same"""
SNOMED_NAMES = "snomed_names"
"""code → preferred term; may be missing, as the tables of SNOMED CT"""
LOINC_NAMES = "loinc_names"


class DrugRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """All codes that mean the same product, ingredient or brand."""

    level: str
    """product, pack, component (strength without form), form (form without strength), brand,
    ingredient"""
    ingredients: tuple[str, ...]
    """`name` or `name=50 mg/mL`, in the order of the product's name"""
    classes: str
    """tags, space separated"""
    codes: str
    """space separated"""
    form: str = ""
    route: str = ""
    flags: str = ""
    pack: int = 0
    volume: str = ""
    """what one piece holds, when its name says so: `10 mL`"""


class DrugTable(msgspec.Struct):
    """Drug codes of one system. `ingredients`: name → rxcui, or "" when it was not obtained."""

    ingredients: dict[str, str] = {}
    ingredient_classes: dict[str, str] = {}
    synonyms: dict[str, str] = {}
    """salt or precise ingredient, lower case → its ingredient"""
    brands: dict[str, DrugRow] = {}
    """brand, lower case → what it holds, without strength"""
    drugs: tuple[DrugRow, ...] = ()
    merged: dict[str, str] = {}
    """retired rxcui → the one that replaced it"""
    historical: str = ""
    """codes that are resolved but can no longer be prescribed, space separated"""

    def index(self) -> dict[str, DrugRow]:
        return {code: row for row in self.drugs for code in row.codes.split()}


class CodeSets(msgspec.Struct):
    """Codes of one system by set."""

    sets: dict[str, str] = {}
    unverified: dict[str, str] = {}
    """codes nobody has checked against a release; not used unless a site turns them on"""
    names: dict[str, str] = {}
    """plain name of a display → its codes"""

    def index(self, *, unverified: bool = False) -> dict[str, frozenset[str]]:
        return index_sets([self.sets, self.unverified] if unverified else [self.sets])


class PrefixRule(msgspec.Struct, frozen=True):
    """ICD-10-CM prefixes of a condition set, without dots."""

    prefixes: tuple[str, ...]
    excluded: tuple[str, ...] = ()


class SetTable(msgspec.Struct):
    """The names of all sets, the ICD prefixes of condition sets, and text patterns."""

    conditions: dict[str, PrefixRule] = {}
    condition_groups: dict[str, str] = {}
    """diagnosis, severity, contraindication or context"""
    observation_patterns: dict[str, str] = {}
    atc_prefixes: dict[str, str] = {}


class DiagnosisWords(msgspec.Struct):
    """Diagnoses of ICD-10-CM that no rule asks about: what they are called."""

    categories: str = ""
    """the first three characters of every code there is, of whatever diagnosis"""
    words: tuple[str, ...] = ()
    """words that stand mostly in titles of codes that speak against no treatment, as `spelt`"""
    names: tuple[str, ...] = ()
    """plain titles of codes in no set that have further words"""


def index_sets(tables: Iterable[dict[str, str]]) -> dict[str, frozenset[str]]:
    """Code → the sets it is in."""
    found: dict[str, list[str]] = {}
    for table in tables:
        for name, codes in table.items():
            for code in codes.split():
                found.setdefault(code, []).append(name)
    shared: dict[tuple[str, ...], frozenset[str]] = {}
    return {code: shared.setdefault(tuple(s), frozenset(s)) for code, s in found.items()}


_Table = TypeVar("_Table", DrugTable, CodeSets, SetTable, DiagnosisWords)


class TableError(Exception):
    """A bundled table is missing or unreadable."""


def read_table(kind: type[_Table], name: str, folder: Traversable | None = None) -> _Table:
    """The table of that name. An absent optional table is empty. Raises TableError."""
    path = (folder or files(__package__) / "data") / f"{name}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        if name in OPTIONAL:
            return kind()
        raise TableError(f"terminology table {name} is missing") from None
    except msgspec.DecodeError as error:
        raise TableError(f"terminology table {name}: {error}") from None


def read_titles(folder: Traversable | None = None) -> dict[str, str]:
    """Plain titles of ICD-10-CM that name what their codes do not mean → these codes.

    Public content that only keeps words from misleading: without the file there is none.
    """
    return _read_words(TITLES, folder)


def read_body_words(folder: Traversable | None = None) -> dict[str, str]:
    """The beginnings of the words of ICD-10-CM → the parts of the body that they tell of."""
    return _read_words(BODY_WORDS, folder)


def read_code_names(name: str, folder: Traversable | None = None) -> dict[str, str]:
    """ICD_NAMES, SNOMED_NAMES or LOINC_NAMES: code → what it is called. Empty without the file."""
    return _read_words(name, folder)


def _read_words(name: str, folder: Traversable | None) -> dict[str, str]:
    path = (folder or files(__package__) / "data") / f"{name}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        raise TableError(f"terminology table {name}: {error}") from None


def read_ndc_groups(folder: Traversable | None = None) -> dict[str, str]:
    """rxcui → its 11-digit NDCs, space separated. Raises TableError."""
    path = (folder or files(__package__) / "data") / "ndc.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.DecodeError) as error:
        raise TableError(f"terminology table ndc.json: {error}") from None


def index_ndc(groups: Mapping[str, str]) -> dict[str, str]:
    """11-digit NDC → rxcui of the product."""
    found: dict[str, str] = {}
    for rxcui, codes in groups.items():
        found.update(dict.fromkeys(codes.split(), rxcui))
    return found
