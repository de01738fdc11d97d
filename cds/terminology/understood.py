"""Whether an entry was understood: by a code of a system that we know, or by all of its words.

What was not may be anything that a rule asks about, and is named. A near miss is never taken for
what it is like: "Szchizophrenia" is named, and nothing more.
"""

from __future__ import annotations

from itertools import chain

from cds.terminology.codes.concept import Coding, Concept
from cds.terminology.codes.icd import plain_icd
from cds.terminology.codes.real_codes import is_real
from cds.terminology.codes.systems import ANY_ICD10, SNOMED
from cds.terminology.codes.tables import DiagnosisWords
from cds.terminology.text.allergy_names import AllergyNames
from cds.terminology.text.certainty import is_placeholder
from cds.terminology.text.condition_names import ConditionNames
from cds.terminology.text.drug_names import DrugNames
from cds.terminology.text.other_drugs import OtherDrugs
from cds.terminology.text.other_entries import is_beside, parts, read_other_entries
from cds.terminology.text.procedure_names import ProcedureNames
from cds.terminology.text.spelt import spelt, words_of

_SHORT = 3
"""words of a piece that is rather a name than a remark"""


class Understood:
    """Asked of what the tables have no set for, and of what they know by words only."""

    def __init__(
        self,
        conditions: ConditionNames,
        procedures: ProcedureNames,
        drugs: DrugNames,
        allergies: AllergyNames,
        other_drugs: OtherDrugs,
        words: DiagnosisWords,
    ) -> None:
        self._conditions = conditions
        self._procedures = procedures
        self._drugs = drugs
        self._allergies = allergies
        self._other_drugs = other_drugs
        self._categories = frozenset(words.categories.split())
        self._reviewed = read_other_entries(words, [*conditions.phrases, *procedures.phrases])
        self._no_diagnosis = {
            ICD: frozenset(map(plain_icd, self._reviewed.icd10cm)) for ICD in ANY_ICD10
        } | {SNOMED: self._reviewed.snomed}

    def diagnosis(self, concept: Concept, *, known: bool) -> bool:
        """`known`: its words name a condition set; then only what stands beside it is looked at."""
        return self._entry(concept, self._conditions, known)

    def procedure(self, concept: Concept, *, known: bool) -> bool:
        """The same of a procedure."""
        return self._entry(concept, self._procedures, known)

    def substance(self, concept: Concept, *, known: bool) -> bool:
        """What an allergy is to. `known`: the words name a drug of the tables, or an allergy to
        ketamine."""
        if self._coded(concept):
            return True
        if not concept.codings and all(map(is_placeholder, concept.names)):
            return True
        said = {name: self._allergies.allergens(name) for name in concept.names}
        if self._says_nothing(concept, list(said.values())):
            return known
        return all(
            self._allergen(clauses, known=known or words_of(name) != words_of(" ".join(clauses)))
            for name, clauses in said.items()
        )

    def _entry(self, concept: Concept, names: ConditionNames | ProcedureNames, known: bool) -> bool:
        if self._coded(concept):
            return True
        pieces = [list(parts(names.affirmed(name))) for name in concept.names]
        if self._says_nothing(concept, pieces):
            return known
        strange = (
            (piece, unknown)
            for piece in chain(*pieces)
            if (unknown := self._unknown(piece, known)) and not names.sets(piece)
        )
        return not any(not known or is_beside(*one) for one in strange)

    def _unknown(self, piece: str, known: bool) -> list[str]:
        """Its words that are none of other entries: no drug of no relevance, "UC on mesalamine"."""
        found = self._reviewed.entries.unknown(piece)
        passed = self._reviewed.qualifiers if known else frozenset[str]()
        return [w for w in found if spelt(w) not in passed and not self._other_drugs.mentions(w)]

    def _says_nothing(self, concept: Concept, pieces: list[list[str]]) -> bool:
        """Whether no name tells what is meant. One that only denies tells that."""
        if not any(map(str.isalpha, "".join(concept.names))):
            return True
        return any(pieces) and self._reviewed.says_nothing(concept.names)

    def _coded(self, concept: Concept) -> bool:
        return any(map(self._tells, concept.codings))

    def _tells(self, coding: Coding) -> bool:
        code = plain_icd(coding.code) if coding.system in ANY_ICD10 else coding.code
        if code in self._no_diagnosis.get(coding.system, ()):
            return False
        return is_real(coding.system, coding.code, self._categories)

    def _allergen(self, clauses: list[str], *, known: bool) -> bool:
        """Whether they name substances that we know, and beside these only words of reactions.

        `known`: a substance is named elsewhere, or it is said that there is none.
        """
        pieces = list(parts(clauses))
        others = [piece for piece in pieces if not self._is_substance(piece)]
        if pieces and len(others) == len(pieces) and not known:
            return False
        return not any(map(self._another, others))

    def _another(self, piece: str) -> bool:
        """Whether a piece that names none of them may be a further substance, and no remark."""
        words, strange = words_of(piece), self._strange(piece)
        if len(words) <= _SHORT and {words[0], words[-1]} & {*strange}:
            return True
        return is_beside(piece, strange)

    def _is_substance(self, piece: str) -> bool:
        if not self._drugs.names_none(piece) or self._other_drugs.mentions(piece):
            return True
        return self._reviewed.substances.named(piece) and not self._strange(piece)

    def _strange(self, piece: str) -> list[str]:
        """Its words that are neither a substance nor of an allergy."""
        substances, reactions = self._reviewed.substances, self._reviewed.reactions
        return [word for word in substances.unknown(piece) if reactions.unknown(word)]
