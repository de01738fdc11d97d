"""How a diagnosis is looked up: by its codes, by its words, and by both where they differ."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources.abc import Traversable

from msgspec.structs import replace

from cds.terminology.codes import systems
from cds.terminology.codes.body_systems import BodyParts, parts_of_code
from cds.terminology.codes.code_sets import (
    NO_MATCH,
    NOTHING,
    NameIndex,
    by_name,
    combine_sets,
    plain_name,
)
from cds.terminology.codes.concept import Coding, Concept
from cds.terminology.codes.icd import IcdIndex, plain_icd
from cds.terminology.codes.tables import (
    CodeSets,
    SetTable,
    read_body_words,
    read_table,
    read_titles,
)
from cds.terminology.model import SetMatch, TakenBack
from cds.terminology.site_map import Key
from cds.terminology.text import beside
from cds.terminology.text.condition_names import SUSPECTED, ConditionNames

_ICD = (systems.ICD10CM, systems.ICD10)


class ConditionLookup:
    """The condition sets of codes and of words."""

    def __init__(self, sets: SetTable, folder: Traversable | None) -> None:
        """Raises TableError."""
        icd = read_table(CodeSets, "icd10cm", folder)
        snomed = read_table(CodeSets, "snomed_conditions", folder)
        self.icd = IcdIndex(icd, sets.conditions)
        self._snomed = snomed.index()
        official = [NameIndex(icd.names, self.icd.codes), NameIndex(snomed.names, self._snomed)]
        self.names = ConditionNames(official, sets.condition_groups)
        self._titles = read_titles(folder)
        self._body = BodyParts(read_body_words(folder), self.icd.categories())
        self.site: Mapping[Key, frozenset[str]] = {}
        """a site's own codes, which come before the tables"""

    def condition(self, concept: Concept) -> SetMatch:
        """What the codes mean, or else the words; unconfirmed where the two differ."""
        coded = self._coded_condition(concept)
        said = self._said_beside(concept)
        elsewhere = self._elsewhere(concept, coded.sets, said)
        if not coded:
            found = by_name(NOTHING.union(*said.values()))
            return _doubted(found) if found and elsewhere else found
        narrowed = replace(coded, sets=beside.narrowed(coded.sets, said))
        unsaid = any(self.names.unsays(n, coded.sets) for n in concept.names)
        narrowed = replace(narrowed, taken_back=self._taken_back(concept, coded.sets))
        if unsaid or elsewhere or beside.differ(coded.sets, said.values()):
            return replace(narrowed, sets=narrowed.sets | {SUSPECTED}, unsaid=True)
        return narrowed

    def _taken_back(self, concept: Concept, coded: frozenset[str]) -> TakenBack:
        found = {self.names.taken_back(name, coded) for name in concept.names}
        kinds: tuple[TakenBack, ...] = ("denied", "old", "over")
        return next((kind for kind in kinds if kind in found), "")

    def beside(self, concept: Concept) -> SetMatch:
        """What the words name beside the codes that speaks against treatment."""
        coded = self._coded_condition(concept)
        if not coded:
            return NO_MATCH
        said = self._said_beside(concept)
        found = beside.added(coded.sets, said.values(), self.names.speaks_against)
        telling = {name: sets for name, sets in said.items() if sets & found}
        other = self._elsewhere(concept, coded.sets, telling)
        return _doubted(by_name(found)) if other else by_name(found)

    def _elsewhere(
        self, concept: Concept, coded: frozenset[str], said: Mapping[str, frozenset[str]]
    ) -> bool:
        """Whether one of the names is of another part of the body than the codes beside it."""
        icd = [c.code for c in concept.codings if c.system in _ICD]
        parts = frozenset().union(*map(parts_of_code, icd)) if icd else self._body.of_sets(coded)
        return bool(parts) and any(
            beside.is_elsewhere(name, sets, coded, parts, self._body) for name, sets in said.items()
        )

    def _coded_condition(self, concept: Concept) -> SetMatch:
        return combine_sets((coding, self._of_code(coding)) for coding in concept.codings)

    def _said_beside(self, concept: Concept) -> dict[str, frozenset[str]]:
        return {name: self.names.sets(name) for name in self._own_names(concept)}

    def _own_names(self, concept: Concept) -> list[str]:
        """The names that are not the official title of one of the codes.

        A code without a set means something else, whatever words its title shares with a set.
        """
        shown = {c.display for c in concept.codings if self._title_misleads(c)}
        codes = [c.code for c in concept.codings]
        icd = {plain_icd(c.code) for c in concept.codings if c.system in _ICD}
        return [
            name
            for name in concept.names
            if name not in shown
            and icd.isdisjoint(self._titles.get(plain_name(name), "").split())
            and not self.names.is_title(name, codes)
        ]

    def _of_code(self, coding: Coding) -> frozenset[str]:
        mapped = self.site.get((coding.system, coding.code))
        if mapped is not None:
            return mapped
        if coding.system == systems.ICD10CM:
            return self.icd.sets(coding.code)
        if coding.system == systems.ICD10:
            return self.icd.who_sets(coding.code)
        if coding.system == systems.SNOMED:
            return self._snomed.get(coding.code, NOTHING)
        return NOTHING

    def _title_misleads(self, coding: Coding) -> bool:
        return coding.system == systems.ICD10 and self.icd.title_misleads(coding.code)


def _doubted(match: SetMatch) -> SetMatch:
    """Told by words under a code of something else."""
    return replace(match, sets=match.sets | {SUSPECTED}, elsewhere=True)
