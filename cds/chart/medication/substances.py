"""Which drug a medication resource is about, ingredient by ingredient."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from cds.chart.medication.entry import Substance
from cds.chart.product import Product
from cds.dosage.model import DosageRead
from cds.terminology.lookup import Terminology
from cds.terminology.model import DrugMatch, Said

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
_DOUBTS = {
    Said.DENIED: "its code names the drug, its words say that it is not taken",
    Said.DOUBTFUL: "its words doubt that it is taken",
    Said.PAST: "its words speak of the past",
    Said.NO_MORE: "its words say that it is not taken any more",
    Said.CANCELLED: "its words say that it was cancelled",
    Said.OTHER: "its words speak of somebody else",
    Said.AVOIDED: "its words say that it is to be avoided",
    Said.STOPPED: "its words say that it is stopped",
}


class Substances:
    """Finds the substances of products, with what it found once kept."""

    def __init__(self, terminology: Terminology) -> None:
        self._terminology = terminology
        self._alone: dict[str, frozenset[str]] = {}

    def of(self, product: Product, dosages: Iterable[DosageRead] = ()) -> tuple[Substance, ...]:
        """One for each ingredient of the product; none when the drug is not recognised."""
        if product.match is None:
            return ()
        dosages = tuple(dosages)
        found: list[Substance] = []
        for match in _named(product.match):
            names, route = match.names, _route(dosages, match)
            for name in sorted(names):
                found.append(self._substance(match, names, name, route, product.texts))
        return tuple(found)

    def _substance(
        self,
        match: DrugMatch,
        names: frozenset[str],
        name: str,
        route: str | None,
        texts: tuple[str, ...],
    ) -> Substance:
        strength, *others = (i.strength for i in match.ingredients if i.name == name)
        sure = not match.contradicted and all(other == strength for other in others)
        return Substance(
            ingredient=name,
            route=route,
            classes=self._classes(match, names, name),
            product_ingredients=names,
            form=match.dose_form,
            flags=match.flags,
            certainty=match.certainty,
            strength=strength if sure else None,
            texts=texts,
            notes=(*match.disagreement, *([_DOUBTS[match.doubt]] if match.doubt else [])),
            contradiction=match.contradiction,
            doubt=match.doubt or (Said.DOUBTFUL if match.contradicted else None),
        )

    def _classes(self, match: DrugMatch, names: frozenset[str], name: str) -> frozenset[str]:
        """The classes of one ingredient of a product, and those of the product as a whole.

        The acetaminophen of an opioid combination is no opioid.
        """
        if len(names) == 1:
            return match.classes
        alone = {other: self._classes_alone(other) for other in names}
        of_product = match.classes.difference(*alone.values())
        return (alone[name] & match.classes) | of_product

    def _classes_alone(self, name: str) -> frozenset[str]:
        if name not in self._alone:
            match = self._terminology.drug({"text": name})
            known = match is not None and match.names == {name}
            self._alone[name] = match.classes if match is not None and known else frozenset()
        return self._alone[name]


def _named(match: DrugMatch) -> tuple[DrugMatch, ...]:
    """The drug, and those that its codings and words name instead: all of them may be taken."""
    if not match.apart:
        return (match,)
    others = (
        replace(
            other,
            contradicted=True,
            disagreement=match.disagreement,
            contradiction=match.contradiction,
        )
        for other in match.apart
    )
    return (match, *others)


def _route(dosages: Iterable[DosageRead], match: DrugMatch) -> str | None:
    found = {route for dosage in dosages if (route := dosage.fields.route) is not None}
    groups = {_GROUPS.get(route, str(route)) for route in found}
    written = next(iter(groups)) if len(groups) == 1 else None
    if written is None or (written, match.route) in _FORM_KNOWS_BETTER:
        return match.route or written
    return written
