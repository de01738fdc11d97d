"""Whether an entry was understood: by a code of a system that we know, or by all of its words.

What was not may be anything that a rule asks about, and is named. A near miss is never taken for
what it is like: "Szchizophrenia" is named, and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from cds.terminology.codes.concept import Coding, Concept
from cds.terminology.codes.icd import plain_icd
from cds.terminology.codes.real_codes import is_real
from cds.terminology.codes.systems import ANY_ICD10, SNOMED
from cds.terminology.codes.tables import DiagnosisWords
from cds.terminology.text.condition_names import ConditionNames
from cds.terminology.text.drug_names import DrugNames
from cds.terminology.text.other_drugs import OtherDrugs
from cds.terminology.text.other_entries import is_beside, parts, read_other_entries
from cds.terminology.text.procedure_names import ProcedureNames


class Understood:
    """Asked of what the tables have no set for, and of what they know by words only."""

    def __init__(
        self,
        conditions: ConditionNames,
        procedures: ProcedureNames,
        drugs: DrugNames,
        other_drugs: OtherDrugs,
        words: DiagnosisWords,
    ) -> None:
        self._conditions = conditions
        self._procedures = procedures
        self._drugs = drugs
        self._other_drugs = other_drugs
        self._categories = frozenset(words.categories.split())
        self._reviewed = read_other_entries(words, [*conditions.phrases, *procedures.phrases])
        self._no_diagnosis = {
            ICD: frozenset(map(plain_icd, self._reviewed.icd10cm)) for ICD in ANY_ICD10
        } | {SNOMED: self._reviewed.snomed}

    def diagnosis(self, concept: Concept, *, known: bool) -> bool:
        """`known`: its words name a condition set; then only what stands beside it is looked at."""
        names = ((self._conditions.affirmed(name), self._conditions.sets) for name in concept.names)
        return self._entry(concept, names, known)

    def procedure(self, concept: Concept, *, known: bool) -> bool:
        """The same of a procedure."""
        names = ((self._procedures.affirmed(name), self._procedures.sets) for name in concept.names)
        return self._entry(concept, names, known)

    def _entry(
        self,
        concept: Concept,
        names: Iterable[tuple[list[str], Callable[[str], Collection[str]]]],
        known: bool,
    ) -> bool:
        if self._coded(concept):
            return True
        if self._reviewed.says_nothing(concept.names):
            return known
        strange = (
            (part, unknown)
            for clauses, sets in names
            for part in parts(clauses)
            if (unknown := self._reviewed.entries.unknown(part)) and not sets(part)
        )
        return not any(is_beside(*one) if known else True for one in strange)

    def substance(self, concept: Concept, *, known: bool) -> bool:
        """What an allergy is to. `known`: the words name a drug of the tables, or an allergy to
        ketamine; then only what stands beside it is looked at."""
        if self._coded(concept):
            return True
        if self._reviewed.says_nothing(concept.names):
            return known
        return all(self._allergen(name, known) for name in concept.names)

    def _coded(self, concept: Concept) -> bool:
        return any(map(self._tells, concept.codings))

    def _tells(self, coding: Coding) -> bool:
        code = plain_icd(coding.code) if coding.system in ANY_ICD10 else coding.code
        if code in self._no_diagnosis.get(coding.system, ()):
            return False
        return is_real(coding.system, coding.code, self._categories)

    def _allergen(self, name: str, known: bool) -> bool:
        """Whether it names substances that we know, and beside them only words of reactions."""
        pieces = list(parts(self._drugs.allergens(name)))
        others = [piece for piece in pieces if not self._is_substance(piece)]
        if pieces and len(others) == len(pieces) and not known:
            return False
        return not any(is_beside(piece, self._strange(piece)) for piece in others)

    def _is_substance(self, piece: str) -> bool:
        if not self._drugs.names_none(piece) or self._other_drugs.mentions(piece):
            return True
        return self._reviewed.substances.named(piece) and not self._strange(piece)

    def _strange(self, piece: str) -> list[str]:
        """Its words that are neither a substance nor of an allergy."""
        substances, reactions = self._reviewed.substances, self._reviewed.reactions
        return [word for word in substances.unknown(piece) if reactions.unknown(word)]
