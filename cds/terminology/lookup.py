"""The loaded tables, and how a CodeableConcept is looked up in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path

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
from cds.terminology.codes.concept import Coding, Concept, read_concept
from cds.terminology.codes.drugs import DrugIndex, contradict, label
from cds.terminology.codes.icd import IcdIndex, plain_icd
from cds.terminology.codes.tables import (
    CodeSets,
    DiagnosisWords,
    DrugTable,
    SetTable,
    read_body_words,
    read_ndc,
    read_table,
    read_titles,
)
from cds.terminology.model import Certainty, DrugMatch, Said, SetMatch
from cds.terminology.site_map import Key, Known, read_site_map
from cds.terminology.text import beside
from cds.terminology.text.condition_names import HISTORY_OF, SUSPECTED, ConditionNames
from cds.terminology.text.diluent_names import is_only_diluent
from cds.terminology.text.drug_names import OURS, DrugNames
from cds.terminology.text.meant_drug import Meant, meant_in
from cds.terminology.text.observation_names import ObservationNames
from cds.terminology.text.ordered_names import OrderedNames, unless_of_another_form
from cds.terminology.text.other_drugs import OtherDrugs
from cds.terminology.text.procedure_names import ProcedureNames
from cds.terminology.text.written_drug import offers_alternatives
from cds.terminology.understood import Understood

_CACHED = 16_384
_ICD = (systems.ICD10CM, systems.ICD10)
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

    def __init__(self, folder: Traversable | None = None, site_map: Path | None = None) -> None:
        """Raises TableError or SiteMapError."""
        self._loaded_from = folder, site_map
        self._sets = read_table(SetTable, "sets", folder)
        rxnorm = read_table(DrugTable, "rxnorm", folder)
        snomed = read_table(DrugTable, "snomed_drugs", folder)
        self._historical = frozenset(rxnorm.historical.split())
        self._drugs = DrugIndex(
            rxnorm,
            read_ndc(folder),
            snomed,
            read_table(DrugTable, "atc", folder),
        )
        self._drug_names = DrugNames(rxnorm, snomed, self._drugs)
        self._other_drugs = OtherDrugs(self._drug_names.knows, self._drug_names.is_name)
        self._ordered_names = OrderedNames(self._drug_names, self._other_drugs)
        self._load_conditions(folder)
        self._load_observations(folder)
        self._load_procedures(folder)
        self._understood = Understood(
            self._condition_names,
            self._procedure_names,
            self._drug_names,
            self._other_drugs,
            read_table(DiagnosisWords, "icd10cm_words", folder),
        )
        known = self._known()
        added = read_site_map(Path(__file__).with_name("added_codes.yaml"), known)
        self._site = added if site_map is None else added.under(read_site_map(site_map, known))
        self._drugs.site = self._site.drugs
        self._drug = lru_cache(_CACHED)(self._find_drug)
        self._ordered = lru_cache(_CACHED)(self._find_ordered)
        self._condition = lru_cache(_CACHED)(self._find_condition)
        self._beside = lru_cache(_CACHED)(self._find_beside)
        self._observation = lru_cache(_CACHED)(self._find_observation)
        self._procedure = lru_cache(_CACHED)(self._find_procedure)
        self._understands_condition = lru_cache(_CACHED)(self._reads_condition)
        self._understands_procedure = lru_cache(_CACHED)(self._reads_procedure)

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
        head = self._ordered_names.told(text, instructs=instructs)
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
        if other is None:
            return self._unless_named_otherwise(match, names, called)
        both = self._drugs.beside(match, other, called)
        return (_ketamine_first(both) or both) if ordered else both

    def denies_drug(self, concept: object) -> bool:
        """Whether the words say of all drugs that they name that none is taken: "no opioids"."""
        names = read_concept(concept).names
        return bool(names) and all(map(self._drug_names.denied, names))

    def is_other_drug(self, names: Iterable[str], codes: Iterable[tuple[str, str]] = ()) -> bool:
        """Whether one that `drug` does not recognise is known to be a drug no rule asks about.

        A name must say so. RxNorm and ATC hold the drugs of the rules in full, so that a code of
        theirs outside the tables means another one, unless a name beside it is on no list: either
        may then be wrong.
        """
        written = [name for name in names if any(map(str.isalpha, name))]
        if any(self._is_fluid(n) or self._other_drugs.named(n) is not None for n in written):
            return True
        coded = any(self._drugs.is_other(*code) for code in codes)
        return coded and (not written or any(map(self._other_drugs.mentions, written)))

    def _is_fluid(self, name: str) -> bool:
        """The fluid itself: no `Sodium chloride 0.9 % with Zolmex`."""
        return is_only_diluent(name) and self._other_drugs.beside(name) is None

    def unread_beside(self, text: str) -> str | None:
        """What a text joins to the drug that it names and may be a further one, or what makes it
        another product: "with Zolmex", "Tylenol Cold"."""
        variant = self._other_drugs.variant(text)  # "no. 4" denies nothing
        if variant or self._drug_names.says(text):
            return variant
        return self._other_drugs.beside(text)

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
        listed = map(self._condition_names.titled, read_concept(concept).names)
        return tuple(
            (system, code)
            for each in listed
            for system, codes in zip(systems_of, each, strict=True)
            for code in codes
        )

    def named(self, text: str) -> frozenset[str]:
        """The condition sets that a text names, whatever code it stands beside."""
        return self._condition_names.sets(text) - {HISTORY_OF, SUSPECTED}

    def year_of(self, concept: object) -> int | None:
        """The year that the words of a stroke or an infarction give it, the latest of several."""
        years = map(self._condition_names.year, read_concept(concept).names)
        return max((year for year in years if year is not None), default=None)

    def of_icd10cm(self, code: str) -> frozenset[str]:
        """The condition sets of a code of ICD-10-CM."""
        return self._icd.sets(code)

    def speaks_against(self, name: str) -> bool:
        """Whether a condition set is one that speaks against treatment."""
        return self._condition_names.speaks_against(name)

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
        read = read_concept(concept)
        match = self._drugs.resolve(read, self._drug_names.substance) or self._meant_substance(read)
        if match is None or not read.codings:
            return match
        taken_back = (said for name in read.names if (said := self._drug_names.no_substance(name)))
        return replace(match, doubt=next(taken_back, match.doubt))

    def forbids_drug(self, text: str) -> bool:
        """Whether a text forbids the drug that it seems to deny: "NO KETAMINE - laryngospasm"."""
        return self._drug_names.forbids(text)

    def harmful(self, concept: object) -> DrugMatch | None:
        """Ketamine, where the words of a diagnosis say that it did harm or is to be avoided."""
        return next(filter(None, map(self._drug_names.harmful, read_concept(concept).names)), None)

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

    def prescribable(self, rxcui: str) -> bool:
        """Whether an RxNorm code is known and not historical: fit to be proposed in an order."""
        return self._drugs.rxnorm(rxcui) is not None and rxcui not in self._historical

    def set_names(self, kind: str) -> frozenset[str]:
        """The names of all sets of a kind: condition, observation or procedure."""
        return self._known().sets[kind]

    # ---- loading -----------------------------------------------------------------------------

    def _load_conditions(self, folder: Traversable | None) -> None:
        icd = read_table(CodeSets, "icd10cm", folder)
        snomed = read_table(CodeSets, "snomed_conditions", folder)
        self._icd = IcdIndex(icd, self._sets.conditions)
        self._conditions = snomed.index()
        official = [NameIndex(icd.names, icd.index()), NameIndex(snomed.names, self._conditions)]
        self._condition_names = ConditionNames(official, self._sets.condition_groups)
        self._titles = read_titles(folder)
        self._body = BodyParts(read_body_words(folder), self._icd.categories())

    def _load_observations(self, folder: Traversable | None) -> None:
        loinc = read_table(CodeSets, "loinc", folder)
        self._loinc = loinc.index()
        self._observation_sets = frozenset({*loinc.sets, *loinc.unverified})
        self._observation_names = ObservationNames(
            NameIndex(loinc.names, self._loinc), self._sets.observation_patterns
        )

    def _load_procedures(self, folder: Traversable | None) -> None:
        tables = {
            system: read_table(CodeSets, name, folder) for system, name in _PROCEDURE_TABLES.items()
        }
        self._procedures = {system: table.index() for system, table in tables.items()}
        snomed = tables[systems.SNOMED]
        self._procedure_names = ProcedureNames(
            NameIndex(snomed.names, self._procedures[systems.SNOMED])
        )
        self._procedure_sets = frozenset(
            {name for table in tables.values() for name in (*table.sets, *table.unverified)}
            | self._procedure_names.rule_sets
        )

    def _known(self) -> Known:
        observations = (
            self._observation_sets
            | frozenset(self._sets.observation_patterns)
            | self._observation_names.kinds
        )
        return Known(
            sets={
                "condition": frozenset(
                    {*self._sets.conditions, *self._condition_names.rule_sets}
                    | {HISTORY_OF, SUSPECTED}
                ),
                "observation": observations,
                "procedure": self._procedure_sets,
            },
            ingredients={
                name: self._drugs.classes.get(name, "") for name in self._drugs.names if name
            },
            rxnorm=self._drugs.rxnorm_rows,
        )

    # ---- looking up --------------------------------------------------------------------------

    def _find_drug(self, concept: Concept) -> DrugMatch | None:
        match = self._drugs.resolve(concept, self._drug_names.drug)
        if match is not None:
            nameless = tuple(coding for coding in concept.codings if not coding.display)
            match = self._unless_coded_otherwise(match, nameless)
            match = self._unless_named_otherwise(match, concept.names)
        if match is not None and match.doubt is None and any(map(self._or_another, concept.names)):
            match = replace(match, doubt=Said.DOUBTFUL)
        several = concept.codings or len(concept.names) > 1
        if match is not None and several and any(map(self._drug_names.denied, concept.names)):
            return replace(match, doubt=match.doubt or Said.DENIED)
        return match

    def _or_another(self, name: str) -> bool:
        """`tramadol or loperamide`: it may be the one that no rule asks about."""
        return offers_alternatives(name) and self._other_drugs.mentions(name)

    def _unless_named_otherwise(
        self, match: DrugMatch, names: Iterable[str], called: str = "the text"
    ) -> DrugMatch:
        """The match, contradicted where a name beside it is that of a drug no rule asks about."""
        unread = (name for name in names if self._drug_names.names_none(name))
        other = next(filter(None, map(self._other_drugs.named, unread)), None)
        if other is None:
            return match
        meant = " / ".join(sorted(match.names))
        return contradict(match, f"{called} means {other}, not {meant}")

    def _find_ordered(self, concept: Concept, shorthand: bool) -> DrugMatch | None:
        match = _ketamine_first(self._drugs.resolve(concept, self._ordered_names.drug))
        if match is None or not match.names & OURS:
            match = self._meant(concept, shorthand=shorthand and match is None) or match
        if match is None:
            return None
        if match.names & OURS:
            match = replace(match, doubt=self._said_against(concept))
            match = self._unless_coded_otherwise(match, concept.codings)
            match = unless_of_another_form(match, concept.names)
            match = replace(match, beside=self._ordered_names.beside(match, concept.names))
        return self._unless_named_otherwise(match, concept.names)

    def _said_against(self, concept: Concept) -> Said | None:
        """What the words say of an ordered drug: that it is not to be given, or a question."""
        told = next(filter(None, map(self._drug_names.against, concept.names)), None)
        if told is not None:
            return told
        taken = self._drug(concept)
        if taken is not None:
            return Said.DOUBTFUL if taken.doubt is Said.DOUBTFUL else None
        denied = bool(concept.names) and all(map(self._drug_names.denied, concept.names))
        return Said.DENIED if denied else None

    def _unless_coded_otherwise(self, match: DrugMatch, codings: Iterable[Coding]) -> DrugMatch:
        """The match, contradicted where only words tell it and a code beside them is none of it.

        The tables hold the codes of the drugs of the rules in full; of some drugs only the name.
        """
        if match.code is not None or not any(map(self._drugs.held, match.ingredients)):
            return match
        others = (c for c in codings if self._drugs.is_other(c.system, c.code))
        other = next(others, None)
        if other is None:
            return match
        said = f"{label(other)} is no code of {' / '.join(sorted(match.names))}"
        return contradict(match, said)

    def _meant(self, concept: Concept, *, shorthand: bool) -> DrugMatch | None:
        """Ketamine, where one of the names is a slip or short for it."""
        if any(self._drugs.is_other(c.system, c.code) for c in concept.codings):
            shorthand = False
        meant: dict[str, Meant] = {}
        for name in concept.names:
            found = meant_in(name, self._drug_names.knows, shorthand=shorthand)
            if found is not None:
                meant[name] = found
        if not meant:
            return None
        match = _ketamine_first(
            self._drugs.resolve(
                concept,
                lambda name: self._drug_names.ordered(meant[name].text if name in meant else name),
            )
        )
        if match is None or not match.names & OURS:
            return None
        return replace(match, taken_for=next(iter(meant.values())).word)

    def _meant_substance(self, concept: Concept) -> DrugMatch | None:
        """Ketamine, where a name of an allergy that no drug is known by is like it."""
        for name in concept.names:
            meant = meant_in(name, self._drug_names.knows, shorthand=False)
            match = self._drug_names.substance(meant.text) if meant is not None else None
            if meant is not None and match is not None and match.names & OURS:
                return replace(match, taken_for=meant.word or (name if meant.denied else ""))
        return None

    def _find_condition(self, concept: Concept) -> SetMatch:
        coded = self._coded_condition(concept)
        said = self._said_beside(concept)
        elsewhere = self._elsewhere(concept, coded.sets, said)
        if not coded:
            found = _by_names(list(said), self._condition_names)
            return _doubted(found) if found and elsewhere else found
        narrowed = replace(coded, sets=beside.narrowed(coded.sets, said))
        unsaid = any(self._condition_names.unsays(n, coded.sets) for n in concept.names)
        if unsaid or elsewhere or beside.differ(coded.sets, said.values()):
            return replace(narrowed, sets=narrowed.sets | {SUSPECTED}, unsaid=True)
        return narrowed

    def _find_beside(self, concept: Concept) -> SetMatch:
        coded = self._coded_condition(concept)
        if not coded:
            return NO_MATCH
        said = self._said_beside(concept)
        found = beside.added(coded.sets, said.values(), self._condition_names.speaks_against)
        if not found:
            return NO_MATCH
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
        site = self._site.of("condition")
        return combine_sets((c, self._condition_code(c, site)) for c in concept.codings)

    def _said_beside(self, concept: Concept) -> dict[str, frozenset[str]]:
        return {name: self._condition_names.sets(name) for name in self._own_names(concept)}

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
            and not self._condition_names.is_title(name, codes)
        ]

    def _condition_code(self, coding: Coding, site: Mapping[Key, frozenset[str]]) -> frozenset[str]:
        mapped = site.get((coding.system, coding.code))
        if mapped is not None:
            return mapped
        if coding.system == systems.ICD10CM:
            return self._icd.sets(coding.code)
        if coding.system == systems.ICD10:
            return self._icd.who_sets(coding.code)
        if coding.system == systems.SNOMED:
            return self._conditions.get(coding.code, NOTHING)
        return NOTHING

    def _title_misleads(self, coding: Coding) -> bool:
        return coding.system == systems.ICD10 and self._icd.title_misleads(coding.code)

    def _reads_condition(self, concept: Concept) -> bool:
        match = self._condition(concept)
        return match.code is not None or self._understood.diagnosis(concept, known=bool(match))

    def _reads_procedure(self, concept: Concept) -> bool:
        match = self._procedure(concept)
        return match.code is not None or self._understood.procedure(concept, known=bool(match))

    def _find_observation(self, concept: Concept) -> SetMatch:
        site = self._site.of("observation")
        coded = combine_sets(
            (c, site.get((c.system, c.code)) or self._loinc_code(c)) for c in concept.codings
        )
        return coded or _by_names(concept.names, self._observation_names)

    def _loinc_code(self, coding: Coding) -> frozenset[str]:
        return self._loinc.get(coding.code, NOTHING) if coding.system == systems.LOINC else NOTHING

    def _find_procedure(self, concept: Concept) -> SetMatch:
        site = self._site.of("procedure")
        coded = combine_sets(
            (c, site.get((c.system, c.code)) or self._procedure_code(c)) for c in concept.codings
        )
        return coded or _by_names(concept.names, self._procedure_names)

    def _procedure_code(self, coding: Coding) -> frozenset[str]:
        return self._procedures.get(coding.system, {}).get(coding.code.upper(), NOTHING)


def _doubted(match: SetMatch) -> SetMatch:
    """Told by words under a code of something else."""
    return replace(match, sets=match.sets | {SUSPECTED}, elsewhere=True)


def _ketamine_first(match: DrugMatch | None) -> DrugMatch | None:
    """An order that names ketamine is ours, whatever drug its code or another name means."""
    if match is None or match.names & OURS:
        return match
    ours = next((drug for drug in match.apart if drug.names & OURS), None)
    if ours is None:
        return match
    others = (match, *(drug for drug in match.apart if drug is not ours))
    return replace(
        ours,
        apart=tuple(replace(drug, apart=()) for drug in others),
        contradicted=True,
        disagreement=match.disagreement,
        contradiction=match.contradiction,
    )


def _by_names(
    names: tuple[str, ...] | list[str],
    reader: ConditionNames | ObservationNames | ProcedureNames,
) -> SetMatch:
    found = NOTHING.union(*(reader.sets(name) for name in names))
    return by_name(found) if found else NO_MATCH


@lru_cache(maxsize=4)
def load_terminology(site_map: Path | None = None) -> Terminology:
    """The bundled tables, with a site's own codes. Raises TableError or SiteMapError."""
    return Terminology(site_map=site_map)
