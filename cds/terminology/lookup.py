"""The loaded tables, and how a CodeableConcept is looked up in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from cds.terminology.codes import systems
from cds.terminology.codes.code_sets import NameIndex
from cds.terminology.codes.concept import Concept, read_concept
from cds.terminology.codes.tables import CodeSets, DiagnosisWords, SetTable, read_table
from cds.terminology.condition_lookup import ConditionLookup
from cds.terminology.drug_lookup import DrugLookup
from cds.terminology.model import Certainty, DrugMatch, SetMatch
from cds.terminology.set_lookup import SetLookup
from cds.terminology.site_map import Known, read_site_map
from cds.terminology.text.condition_names import HISTORY_OF, SUSPECTED
from cds.terminology.text.drug_names import OURS
from cds.terminology.text.observation_names import ObservationNames
from cds.terminology.text.procedure_names import ProcedureNames
from cds.terminology.understood import Understood
from cds.usual import Usual, concept_of, usual

_CACHED = 16_384
_FEW = 64
"""long names of which is remembered how they were read: while all that is asked of one is"""
_Rest = ParamSpec("_Rest")
_Read = TypeVar("_Read")
_PROCEDURE_TABLES = {
    systems.CPT: "cpt",
    systems.HCPCS: "hcpcs",
    systems.ICD10PCS: "icd10pcs",
    systems.SNOMED: "snomed_procedures",
}


class Terminology:
    """Codes to concepts. Unknown codes match nothing, and are never read as "not there".

    Every method takes whatever stands where a CodeableConcept should, and never raises. The
    tables do not change once loaded, so one instance serves all threads.
    """

    def __init__(
        self,
        folder: Traversable | None = None,
        site_map: Path | None = None,
        classes: Mapping[str, str] | None = None,
    ) -> None:
        """`classes`: ingredient → tags, instead of those of `drug_classes.yaml`.

        Raises TableError or SiteMapError.
        """
        self._loaded_from = folder, site_map
        self._sets = read_table(SetTable, "sets", folder)
        self._drugs = DrugLookup(folder, classes)
        self._conditions = ConditionLookup(self._sets, folder)
        self._load_observations(folder)
        self._load_procedures(folder)
        self._understood = Understood(
            self._conditions.names,
            self._procedure_names,
            self._drugs.names,
            self._drugs.allergies,
            self._drugs.others,
            read_table(DiagnosisWords, "icd10cm_words", folder),
        )
        self._load_site_map(site_map)
        self._drug = remembered(self._drugs.drug)
        self._ordered = remembered(self._drugs.ordered)
        self._condition = remembered(self._conditions.condition)
        self._beside = remembered(self._conditions.beside)
        self._observation = remembered(self._observations.find)
        self._procedure = remembered(self._procedures.find)
        self._understands_condition = remembered(self._reads_condition)
        self._understands_procedure = remembered(self._reads_procedure)
        self._once = lru_cache(_CACHED)(self._read_strings)

    def __reduce__(self) -> tuple[Callable[..., Terminology], tuple[object, ...]]:
        """Pickled by how it was loaded: a process that receives it reads the same files, once."""
        folder, site_map = self._loaded_from
        if folder is not None:
            return Terminology, (folder, site_map)
        return load_terminology, (site_map and site_map.absolute(),)

    def drug(self, concept: object) -> DrugMatch | None:
        """The drug of a CodeableConcept (or Medication.code), as one that is or was taken.

        None when it is not recognised, or only named to say that it is not taken: `denies_drug`.
        """
        return self._drug(read_concept(concept))

    def ordered_drug(self, concept: object, *, shorthand: bool = True) -> DrugMatch | None:
        """The drug of an order: an order that names one is for it, whatever else it says.

        Ketamine also by a name with a slip in it and, with `shorthand`, by a short one: then
        `taken_for` has what is written. `doubt`: its words say that it is not to be given, or only
        ask for it.
        """
        return self._ordered(read_concept(concept), shorthand)

    def told_ketamine(self, text: str, *, instructs: bool = False) -> DrugMatch | None:
        """Ketamine that a note orders with its amount, or an instruction also by its first word."""
        head = self._drugs.orders.told(text, instructs=instructs)
        match = self.ordered_drug({"text": head}, shorthand=False) if head is not None else None
        return match if match is not None and match.names & OURS else None

    def beside(
        self,
        match: DrugMatch,
        other: DrugMatch | None,
        names: Iterable[str],
        called: str,
        *,
        ordered: bool = False,
    ) -> DrugMatch:
        """The drug of an entry that names it in a second place, contradicted where that is another.

        `other`, `names`: the drug of the second place, if it is one of the tables, and its words;
        `called`: what it is called. `ordered`: of an order, which is for ketamine if either is.
        """  # fmt: skip
        return self._drugs.beside(match, other, names, called, ordered=ordered)

    def denies_drug(self, concept: object) -> bool:
        """Whether the words say of all drugs that they name that none is taken: "no opioids"."""
        names = read_concept(concept).names
        return bool(names) and all(map(self._drugs.names.denied, names))

    def is_other_drug(self, names: Iterable[str], codes: Iterable[tuple[str, str]] = ()) -> bool:
        """Whether one that `drug` does not recognise is known to be a drug no rule asks about."""
        return self._drugs.is_other(names, codes)

    def unread_beside(self, text: str) -> str | None:
        """What a text joins to the drug that it names and may be a further one, or what makes it
        another product: "with Zolmex", "Tylenol Cold"."""
        return self._drugs.unread_beside(text)

    def condition(self, concept: object) -> SetMatch:
        """The condition sets of a CodeableConcept.

        A text that speaks of the past gives the `…_history` set where there is one, else the set
        itself, and the pseudo-set `history_of` beside it. A text that doubts gives contraindication
        sets only, and the pseudo-set `suspected` beside them. So do words that take back what the
        code says.
        """
        return self._condition(read_concept(concept))

    def condition_beside(self, concept: object) -> SetMatch:
        """What the words of a coded diagnosis name beside its code that speaks against treatment.

        A coarse code ("F33.9", "K74.60") does not switch off what its text says ("with psychosis",
        "decompensated"). By text only, with the pseudo-sets of a text; nothing where no code gave
        a set: `condition` reads the words then.
        """
        return self._beside(read_concept(concept))

    def titled(self, concept: object) -> tuple[tuple[str, str], ...]:
        """The codes of which the words of a diagnosis are the official title."""
        systems_of = (systems.ICD10CM, systems.SNOMED)
        listed = map(self._conditions.names.titled, read_concept(concept).names)
        return tuple(
            (system, code)
            for each in listed
            for system, codes in zip(systems_of, each, strict=True)
            for code in codes
        )

    def named(self, text: str) -> frozenset[str]:
        """The condition sets that a text names, whatever code it stands beside."""
        return self._conditions.names.sets(text) - {HISTORY_OF, SUSPECTED}

    def year_of(self, concept: object) -> int | None:
        """The year that the words of a stroke or an infarction give it, the latest of several."""
        years = map(self._conditions.names.year, read_concept(concept).names)
        return max((year for year in years if year is not None), default=None)

    def of_icd10cm(self, code: str) -> frozenset[str]:
        """The condition sets of a code of ICD-10-CM."""
        return self._conditions.icd.sets(code)

    def speaks_against(self, name: str) -> bool:
        """Whether a condition set is one that speaks against treatment."""
        return self._conditions.names.speaks_against(name)

    def observation(self, concept: object) -> SetMatch:
        """The observation kinds of a CodeableConcept."""
        return self._observation(read_concept(concept))

    def procedure(self, concept: object) -> SetMatch:
        """The procedure sets of a CodeableConcept."""
        return self._procedure(read_concept(concept))

    def procedure_not_done(self, concept: object) -> bool:
        """Whether the words say of the procedures that they name that none was done."""
        names = read_concept(concept).names
        return any(map(self._procedure_names.not_done, names))

    def substance(self, concept: object) -> DrugMatch | None:
        """The drug or excipient that an AllergyIntolerance names, by code or by text.

        `doubt`: its words say that the allergy has ended, or take it back ("no ketamine allergy").
        Ketamine also in other letters, and with a slip in its name: `taken_for` is the word then.
        """
        return self._drugs.substance(read_concept(concept))

    def forbids_drug(self, text: str) -> bool:
        """Whether a text forbids the drug that it seems to deny: "NO KETAMINE - laryngospasm"."""
        return self._drugs.allergies.forbids(text)

    def harmful(self, concept: object) -> DrugMatch | None:
        """Ketamine, where the words of a diagnosis say that it did harm or is to be avoided."""
        told = map(self._drugs.allergies.harmful, read_concept(concept).names)
        return next(filter(None, told), None)

    def understands_condition(self, concept: object) -> bool:
        """Whether it is read in full, as a condition of a set or as one no rule asks about."""
        return self._understands_condition(read_concept(concept))

    def understands_procedure(self, concept: object) -> bool:
        """Whether it is read, as a procedure of a set or as one no rule asks about."""
        return self._understands_procedure(read_concept(concept))

    def understands_substance(self, concept: object) -> bool:
        """Whether it is read in full what an allergy is to, or that there is none."""
        match = self.substance(concept)
        by_code = match is not None and match.certainty is Certainty.CODE
        known = match is not None or bool(self.condition(concept))
        return by_code or self._understood.substance(read_concept(concept), known=known)

    def once(self, read: Callable[[Terminology, object], _Read], concept: object) -> _Read:
        """What `read` makes of a concept, and of nothing else; remembered of the usual shape."""
        strings = usual(concept)
        return read(self, concept) if strings is None else self._once(read, strings)  # type: ignore[return-value]

    def prescribable(self, rxcui: str) -> bool:
        """Whether an RxNorm code is known and not historical: fit to be proposed in an order."""
        return self._drugs.prescribable(rxcui)

    def set_names(self, kind: str) -> frozenset[str]:
        """The names of all sets of a kind: condition, observation or procedure."""
        return self.known().sets[kind]

    # ---- loading -----------------------------------------------------------------------------

    def _load_observations(self, folder: Traversable | None) -> None:
        loinc = read_table(CodeSets, "loinc", folder)
        codes, patterns = loinc.index(), self._sets.observation_patterns
        names = ObservationNames(NameIndex(loinc.names, codes), patterns)
        self._observations = SetLookup({systems.LOINC: codes}, names)
        self._observation_sets = (
            frozenset({*loinc.sets, *loinc.unverified, *patterns}) | names.kinds
        )

    def _load_procedures(self, folder: Traversable | None) -> None:
        tables = {
            system: read_table(CodeSets, name, folder) for system, name in _PROCEDURE_TABLES.items()
        }
        codes = {system: table.index() for system, table in tables.items()}
        self._procedure_names = ProcedureNames(
            NameIndex(tables[systems.SNOMED].names, codes[systems.SNOMED])
        )
        self._procedures = SetLookup(codes, self._procedure_names)
        self._procedure_sets = frozenset(
            {name for table in tables.values() for name in (*table.sets, *table.unverified)}
            | self._procedure_names.rule_sets
        )

    def _load_site_map(self, path: Path | None) -> None:
        known = self.known()
        site = read_site_map(Path(__file__).with_name("added_codes.yaml"), known)
        if path is not None:
            site = site.under(read_site_map(path, known))
        self._drugs.index.site = site.drugs
        self._conditions.site = site.of("condition")
        self._observations.site = site.of("observation")
        self._procedures.site = site.of("procedure")

    def known(self) -> Known:
        """What can be named: sets of each kind, ingredients with their tags, products."""
        drugs = self._drugs.index
        return Known(
            sets={
                "condition": self._conditions.names.rule_sets
                | {*self._sets.conditions, HISTORY_OF, SUSPECTED},
                "observation": self._observation_sets,
                "procedure": self._procedure_sets,
            },
            ingredients={name: drugs.classes.get(name, "") for name in drugs.names if name},
            rxnorm=drugs.rxnorm_rows,
        )

    def _read_strings(
        self, read: Callable[[Terminology, object], object], strings: Usual
    ) -> object:
        return read(self, concept_of(strings))

    # ---- what was understood -----------------------------------------------------------------

    def _reads_condition(self, concept: Concept) -> bool:
        match = self._condition(concept)
        return match.code is not None or self._understood.diagnosis(concept, known=bool(match))

    def _reads_procedure(self, concept: Concept) -> bool:
        match = self._procedure(concept)
        return match.code is not None or self._understood.procedure(concept, known=bool(match))


def remembered(read: Callable[Concatenate[Concept, _Rest], _Read]) -> Callable[..., _Read]:
    """`lru_cache` for a reader of concepts, whose entries are bounded in bytes as well."""
    short, long = lru_cache(_CACHED)(read), lru_cache(_FEW)(read)

    def reader(concept: Concept, *rest: _Rest.args, **named: _Rest.kwargs) -> _Read:
        return (long if concept.is_long else short)(concept, *rest, **named)  # type: ignore[arg-type]

    return reader


@lru_cache(maxsize=4)
def load_terminology(site_map: Path | None = None) -> Terminology:
    """The bundled tables, with a site's own codes. Raises TableError or SiteMapError."""
    return Terminology(site_map=site_map)
