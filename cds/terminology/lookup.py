"""The loaded tables, and how a CodeableConcept is looked up in them."""

from __future__ import annotations

from functools import lru_cache

from cds.terminology.model import DrugMatch, SetMatch


class Terminology:
    """Codes to concepts. Unknown codes match nothing, and are never read as "not there"."""

    def drug(self, concept: object) -> DrugMatch | None:
        """The drug of a CodeableConcept (or Medication.code), or None when not recognised."""
        raise NotImplementedError

    def condition(self, concept: object) -> SetMatch:
        """The condition sets of a CodeableConcept."""
        raise NotImplementedError

    def observation(self, concept: object) -> SetMatch:
        """The observation kinds of a CodeableConcept."""
        raise NotImplementedError

    def procedure(self, concept: object) -> SetMatch:
        """The procedure sets of a CodeableConcept."""
        raise NotImplementedError

    def substance(self, concept: object) -> DrugMatch | None:
        """The drug or excipient that an AllergyIntolerance names."""
        raise NotImplementedError


@lru_cache(maxsize=1)
def load_terminology() -> Terminology:
    """The bundled tables."""
    raise NotImplementedError
