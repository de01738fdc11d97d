"""How an observation or a procedure is looked up: by its codes, else by its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cds.terminology.codes.code_sets import NOTHING, by_name, combine_sets
from cds.terminology.codes.concept import Coding, Concept
from cds.terminology.model import SetMatch
from cds.terminology.site_map import Key


class Names(Protocol):
    """Reads the sets of a text."""

    def sets(self, text: str) -> frozenset[str]: ...


class SetLookup:
    """The sets of one kind. `codes`: of each system, code → sets."""

    def __init__(self, codes: Mapping[str, Mapping[str, frozenset[str]]], names: Names) -> None:
        self._codes = codes
        self._names = names
        self.site: Mapping[Key, frozenset[str]] = {}
        """a site's own codes, which come before the tables"""

    def find(self, concept: Concept) -> SetMatch:
        """What the codes mean; the words count where no code tells."""
        coded = combine_sets((coding, self._of_code(coding)) for coding in concept.codings)
        return coded or by_name(NOTHING.union(*map(self._names.sets, concept.names)))

    def _of_code(self, coding: Coding) -> frozenset[str]:
        by_site = self.site.get((coding.system, coding.code))
        return by_site or self._codes.get(coding.system, {}).get(coding.code.upper(), NOTHING)
