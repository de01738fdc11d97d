"""Which drug a medication resource is about, ingredient by ingredient."""

from __future__ import annotations

import re

from cds.chart.product import read_product
from cds.dosage.route import route_of
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir_json import as_objects
from cds.history.medications.intake import Substance
from cds.history.medications.strength import Product
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch, Said
from cds.wire import Json

_WORD = re.compile(r"[^\W\d_]{4,}")
"""a shorter one may be a word of the dosage, or anybody's initials"""
_GROUPS = {
    "intravenous": "injectable", "intramuscular": "injectable", "subcutaneous": "injectable",
    "intraosseous": "injectable", "epidural": "injectable", "intrathecal": "injectable",
    "caudal": "injectable", "intranasal": "nasal", "sublingual": "sublingual_buccal",
    "buccal": "sublingual_buccal",
}  # fmt: skip
_FORM_KNOWS_BETTER = {
    ("topical", "transdermal"), ("oral", "sublingual_buccal"), ("injectable", "oral"),
}  # fmt: skip
"""(written route, route of the form): a patch is no cream, a sublingual film is not swallowed, and
a tablet is not injected"""
_ONE_UNIT_NOT_ASSUMED = (
    "opioid", "benzodiazepine", "barbiturate", "z_drug", "cns_depressant", "ketamine",
    "esketamine",
)  # fmt: skip
"""how the classes begin of drugs whose unwritten amount stays unknown: a wrong number hurts"""

_SHORTEST_NAME = 4
"""letters: a word of three is seldom a drug"""
_DOUBTS = {
    Said.DENIED: "its code names the drug, its words say that it is not taken",
    Said.DOUBTFUL: "its words doubt that it is taken",
    Said.PAST: "its words speak of the past",
    Said.OTHER: "its words speak of somebody else",
    Said.AVOIDED: "its words say that it is to be avoided",
    Said.STOPPED: "its words say that it is stopped",
}


class DrugReader:
    """Finds the substances of medication resources, with what it found once kept."""

    def __init__(self, record: PatientRecord, terminology: Terminology) -> None:
        self._record = record
        self._terminology = terminology
        self._alone: dict[str, frozenset[str]] = {}

    def substances(self, resource: Json) -> list[Substance] | None:
        """One for each ingredient of the product; None when the drug is not recognised.

        Empty when the words say that none is taken.
        """
        product = read_product(resource, self._terminology, self._record)
        match = product.match
        if match is None and product.texts and self._terminology.denies_drug([*product.texts]):
            return []
        if match is None:
            return None
        route = _route(resource, match)
        texts = tuple(product.texts)
        return [self._substance(match, name, route, texts) for name in sorted(match.names)]

    def named(self, word: str) -> frozenset[str]:
        """The ingredients that a word names, if any."""
        match = self._terminology.drug({"text": word}) if len(word) >= _SHORTEST_NAME else None
        return match.names if match is not None else frozenset()

    def _substance(
        self, match: DrugMatch, name: str, route: str | None, texts: tuple[str, ...]
    ) -> Substance:
        strengths = {i.strength for i in match.ingredients if i.name == name}
        return Substance(
            ingredient=name,
            route=route,
            classes=self._classes(match, name),
            product_ingredients=match.names,
            form=match.dose_form,
            flags=match.flags,
            certainty=match.certainty,
            strength=next(iter(strengths)) if len(strengths) == 1 else None,
            texts=texts,
            notes=(*match.disagreement, *([_DOUBTS[match.doubt]] if match.doubt else [])),
            doubt=match.doubt,
        )

    def _classes(self, match: DrugMatch, name: str) -> frozenset[str]:
        """The classes of one ingredient of a product, and those of the product as a whole.

        The acetaminophen of an opioid combination is no opioid.
        """
        if len(match.names) == 1:
            return match.classes
        alone = {other: self._classes_alone(other) for other in match.names}
        of_product = match.classes.difference(*alone.values())
        return (alone[name] & match.classes) | of_product

    def _classes_alone(self, name: str) -> frozenset[str]:
        if name not in self._alone:
            match = self._terminology.drug({"text": name})
            known = match is not None and match.names == {name}
            self._alone[name] = match.classes if match is not None and known else frozenset()
        return self._alone[name]


def product_of(substance: Substance) -> Product:
    """What the dose of this ingredient depends on."""
    classes = substance.classes
    hurts = any(name.startswith(_ONE_UNIT_NOT_ASSUMED) for name in classes)
    opioid = any(name.startswith("opioid") for name in classes)
    strength = substance.strength
    return Product(
        strength=strength,
        form=substance.form,
        rate_kept=opioid and substance.route == "transdermal",
        combination=len(substance.product_ingredients) > 1,
        names=_names(substance),
        may_assume_one=not hurts and strength is not None and "/" not in strength.unit,
    )


def _names(substance: Substance) -> frozenset[str]:
    """The words by which an instruction may name the product: its ingredients and its brand."""
    written = " ".join((substance.ingredient, *substance.product_ingredients, *substance.texts))
    return frozenset(_WORD.findall(written.lower()))


def dosages_of(resource: Json) -> list[Json]:
    """The Dosage objects of any medication resource."""
    return as_objects(resource.get("dosageInstruction")) or as_objects(resource.get("dosage"))


def _route(resource: Json, match: DrugMatch) -> str | None:
    found = {r for d in dosages_of(resource) if (r := route_of(d.get("route")))}
    groups = {_GROUPS.get(route, str(route)) for route in found}
    written = next(iter(groups)) if len(groups) == 1 else None
    if written is None or (written, match.route) in _FORM_KNOWS_BETTER:
        return match.route or written
    return written
