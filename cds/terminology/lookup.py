"""The loaded tables, and how a CodeableConcept is looked up in them."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources.abc import Traversable

from cds.terminology import systems
from cds.terminology.code_sets import NOTHING, IcdIndex, combine_sets
from cds.terminology.concept import Coding, Concept, read_concept
from cds.terminology.drug_text import DrugNames
from cds.terminology.drugs import DrugIndex
from cds.terminology.model import DrugMatch, SetMatch
from cds.terminology.tables import CodeSets, DrugTable, SetTable, read_ndc, read_table

_CACHED = 16_384


class Terminology:
    """Codes to concepts. Unknown codes match nothing, and are never read as "not there".

    The tables are immutable once loaded, so one instance serves all threads.
    """

    def __init__(self, folder: Traversable | None = None) -> None:
        sets = read_table(SetTable, "sets", folder)
        rxnorm = read_table(DrugTable, "rxnorm", folder)
        self._drugs = DrugIndex(
            rxnorm,
            read_ndc(folder),
            read_table(DrugTable, "snomed_drugs", folder),
            read_table(DrugTable, "atc", folder),
        )
        self._names = DrugNames(rxnorm, self._drugs)
        self._icd = IcdIndex(read_table(CodeSets, "icd10cm", folder), sets.conditions)
        self._conditions = read_table(CodeSets, "snomed_conditions", folder).index()
        self._loinc = read_table(CodeSets, "loinc", folder).index()
        self._procedures = {
            systems.CPT: read_table(CodeSets, "cpt", folder).index(),
            systems.HCPCS: read_table(CodeSets, "hcpcs", folder).index(),
            systems.ICD10PCS: read_table(CodeSets, "icd10pcs", folder).index(),
            systems.SNOMED: read_table(CodeSets, "snomed_procedures", folder).index(),
        }
        self._drug = lru_cache(_CACHED)(self._find_drug)
        self._condition = lru_cache(_CACHED)(self._find_condition)

    def drug(self, concept: object) -> DrugMatch | None:
        """The drug of a CodeableConcept (or Medication.code), or None when not recognised."""
        return self._drug(read_concept(concept))

    def condition(self, concept: object) -> SetMatch:
        """The condition sets of a CodeableConcept."""
        return self._condition(read_concept(concept))

    def observation(self, concept: object) -> SetMatch:
        """The observation kinds of a CodeableConcept."""
        codings = read_concept(concept).codings
        return combine_sets(
            (c, self._loinc.get(c.code, NOTHING)) for c in codings if c.system == systems.LOINC
        )

    def procedure(self, concept: object) -> SetMatch:
        """The procedure sets of a CodeableConcept."""
        codings = read_concept(concept).codings
        return combine_sets(
            (c, self._procedures.get(c.system, {}).get(c.code.upper(), NOTHING)) for c in codings
        )

    def substance(self, concept: object) -> DrugMatch | None:
        """The drug or excipient that an AllergyIntolerance names."""
        return self._drugs.resolve(read_concept(concept), self._names.substance)

    def _find_drug(self, concept: Concept) -> DrugMatch | None:
        return self._drugs.resolve(concept, self._names.drug)

    def _find_condition(self, concept: Concept) -> SetMatch:
        return combine_sets((c, self._condition_code(c)) for c in concept.codings)

    def _condition_code(self, coding: Coding) -> frozenset[str]:
        if coding.system in (systems.ICD10CM, systems.ICD10):
            return self._icd.sets(coding.code)
        if coding.system == systems.SNOMED:
            return self._conditions.get(coding.code, NOTHING)
        return NOTHING


@lru_cache(maxsize=1)
def load_terminology() -> Terminology:
    """The bundled tables."""
    return Terminology()
