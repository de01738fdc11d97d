"""How a drug is looked up: by its codes, by its names, and as what an order is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable

from msgspec.structs import replace

from cds.terminology.codes.concept import Coding, Concept
from cds.terminology.codes.drug_classes import told_classes, with_classes
from cds.terminology.codes.drugs import DrugIndex, contradict, label
from cds.terminology.codes.tables import DrugTable, read_ndc_groups, read_table
from cds.terminology.model import DrugMatch, Said
from cds.terminology.text.allergy_names import AllergyNames
from cds.terminology.text.diluent_names import is_only_diluent
from cds.terminology.text.drug_names import OURS, DrugNames
from cds.terminology.text.meant_drug import Meant, meant_in
from cds.terminology.text.ordered_names import OrderedNames, unless_of_another_form
from cds.terminology.text.other_drugs import OtherDrugs
from cds.terminology.text.written_drug import offers_alternatives


class DrugLookup:
    """The drugs of the tables, by code and by name, and what is known to be another drug."""

    def __init__(
        self, folder: Traversable | None, classes: Mapping[str, str] | None = None
    ) -> None:
        """`classes`: ingredient → tags, instead of those of the list. Raises TableError."""
        tables = (read_table(DrugTable, name, folder) for name in ("rxnorm", "snomed_drugs", "atc"))
        rxnorm, snomed, atc = tables
        told = told_classes(rxnorm.ingredients) if classes is None else classes
        rxnorm, snomed, atc = (with_classes(table, told) for table in (rxnorm, snomed, atc))
        self._historical = frozenset(rxnorm.historical.split())
        self.index = DrugIndex(rxnorm, read_ndc_groups(folder), snomed, atc)
        self.names = DrugNames(rxnorm, snomed, self.index)
        self.others = OtherDrugs(self.names.knows, self.names.is_name)
        self.allergies = AllergyNames(self.names)
        self.orders = OrderedNames(self.names, self.others)

    def drug(self, concept: Concept) -> DrugMatch | None:
        """The drug of an entry, as one that is or was taken."""
        match = self.index.resolve(concept, self.names.drug)
        if match is not None:
            nameless = tuple(coding for coding in concept.codings if not coding.display)
            match = self._unless_coded_otherwise(match, nameless)
            match = self._unless_named_otherwise(match, concept.names)
        if match is not None and match.doubt is None and any(map(self._or_another, concept.names)):
            match = replace(match, doubt=Said.DOUBTFUL)
        several = concept.codings or len(concept.names) > 1
        if match is not None and several and any(map(self.names.denied, concept.names)):
            return replace(match, doubt=match.doubt or Said.DENIED)
        return match

    def ordered(self, concept: Concept, shorthand: bool) -> DrugMatch | None:
        """The drug of an order, which is for ketamine wherever it may mean that."""
        match = _ketamine_first(self.index.resolve(concept, self.orders.drug))
        if match is None or not match.names & OURS:
            match = self._meant(concept, shorthand=shorthand and match is None) or match
        if match is None:
            return None
        if match.names & OURS:
            match = replace(match, doubt=self._said_against(concept))
            match = self._unless_coded_otherwise(match, concept.codings)
            match = unless_of_another_form(match, concept.names)
            match = replace(match, beside=self.orders.beside(match, concept.names))
        return self._unless_named_otherwise(match, concept.names)

    def beside(
        self,
        match: DrugMatch,
        other: DrugMatch | None,
        names: Iterable[str],
        called: str,
        *,
        ordered: bool,
    ) -> DrugMatch:
        """The match, contradicted where a second place names another drug."""
        if other is None:
            return self._unless_named_otherwise(match, names, called)
        both = self.index.beside(match, other, called)
        return (_ketamine_first(both) or both) if ordered else both

    def substance(self, concept: Concept) -> DrugMatch | None:
        """What an allergy is to, `doubt` where its words take it back."""
        match = self.index.resolve(concept, self.allergies.substance)
        match = match or self._meant_substance(concept)
        if match is None or not concept.codings:
            return match
        taken_back = (said for name in concept.names if (said := self.allergies.no_substance(name)))
        return replace(match, doubt=next(taken_back, match.doubt))

    def is_other(self, names: Iterable[str], codes: Iterable[tuple[str, str]] = ()) -> bool:
        """Whether one that `drug` does not recognise is known to be a drug no rule asks about.

        A name must say so. RxNorm and ATC hold the drugs of the rules in full, so that a code of
        theirs outside the tables means another one, unless a name beside it is on no list: either
        may then be wrong.
        """
        written = [name for name in names if any(map(str.isalpha, name))]
        if any(self._is_fluid(n) or self.others.named(n) is not None for n in written):
            return True
        coded = any(self.index.is_other(*code) for code in codes)
        return coded and (not written or any(map(self.others.mentions, written)))

    def unread_beside(self, text: str) -> str | None:
        """What a text joins to the drug that it names and may be a further one, or what makes it
        another product: "with Zolmex", "Tylenol Cold"."""
        variant = self.others.variant(text)  # "no. 4" denies nothing
        if variant or self.names.says(text):
            return variant
        return self.others.beside(text)

    def prescribable(self, rxcui: str) -> bool:
        """Whether an RxNorm code is known and not historical: fit to be proposed in an order."""
        return self.index.rxnorm(rxcui) is not None and rxcui not in self._historical

    def _is_fluid(self, name: str) -> bool:
        """The fluid itself: no `Sodium chloride 0.9 % with Zolmex`."""
        return is_only_diluent(name) and self.others.beside(name) is None

    def _or_another(self, name: str) -> bool:
        """`tramadol or loperamide`: it may be the one that no rule asks about."""
        return offers_alternatives(name) and self.others.mentions(name)

    def _unless_named_otherwise(
        self, match: DrugMatch, names: Iterable[str], called: str = "the text"
    ) -> DrugMatch:
        """The match, contradicted where a name beside it is that of a drug no rule asks about."""
        unread = (name for name in names if self.names.names_none(name))
        other = next(filter(None, map(self.others.named, unread)), None)
        if other is None:
            return match
        meant = " / ".join(sorted(match.names))
        return contradict(match, f"{called} means {other}, not {meant}")

    def _said_against(self, concept: Concept) -> Said | None:
        """What the words say of an ordered drug: that it is not to be given, or a question."""
        told = next(filter(None, map(self.names.against, concept.names)), None)
        if told is not None:
            return told
        taken = self.drug(concept)
        if taken is not None:
            return Said.DOUBTFUL if taken.doubt is Said.DOUBTFUL else None
        denied = bool(concept.names) and all(map(self.names.denied, concept.names))
        return Said.DENIED if denied else None

    def _unless_coded_otherwise(self, match: DrugMatch, codings: Iterable[Coding]) -> DrugMatch:
        """The match, contradicted where only words tell it and a code beside them is none of it.

        The tables hold the codes of the drugs of the rules in full; of some drugs only the name.
        """
        if match.code is not None or not any(map(self.index.held, match.ingredients)):
            return match
        others = (c for c in codings if self.index.is_other(c.system, c.code))
        other = next(others, None)
        if other is None:
            return match
        said = f"{label(other)} is no code of {' / '.join(sorted(match.names))}"
        return contradict(match, said)

    def _meant(self, concept: Concept, *, shorthand: bool) -> DrugMatch | None:
        """Ketamine, where one of the names is a slip or short for it."""
        if any(self.index.is_other(c.system, c.code) for c in concept.codings):
            shorthand = False
        meant: dict[str, Meant] = {}
        for name in concept.names:
            found = meant_in(name, self.names.knows, shorthand=shorthand)
            if found is not None:
                meant[name] = found
        if not meant:
            return None
        match = _ketamine_first(
            self.index.resolve(
                concept,
                lambda name: self.names.ordered(meant[name].text if name in meant else name),
            )
        )
        if match is None or not match.names & OURS:
            return None
        return replace(match, taken_for=next(iter(meant.values())).word)

    def _meant_substance(self, concept: Concept) -> DrugMatch | None:
        """Ketamine, where a name of an allergy that no drug is known by is like it."""
        for name in concept.names:
            meant = meant_in(name, self.names.knows, shorthand=False)
            match = self.allergies.substance(meant.text) if meant is not None else None
            if meant is not None and match is not None and match.names & OURS:
                return replace(match, taken_for=meant.word or (name if meant.denied else ""))
        return None


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
