"""The drug of a medication resource: by its code or name, and by the ingredients of its Medication.

A house's own mixture has no code, and a name that only the house knows: its ingredients tell what
it is. Where both speak they add up, and where they contradict each other no strength is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from cds.allowance import check
from cds.chart.ingredient import Find, Part, read_part
from cds.fhir.record.references import points_inside
from cds.fhir.record.referred import Referred
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_object, as_objects, as_text, child, concept_texts
from cds.limits import MOST_INSIDE
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.terminology.model import Certainty, DrugMatch, Ingredient
from cds.terminology.text.diluent_names import is_diluent
from cds.terminology.text.written_drug import read_written
from cds.units import Quantity
from cds.wire import Json

_DEEPEST = 3
"""Medications in Medications: a bag that holds a vial that holds a drug."""


class Product(Struct, frozen=True):
    """What a medication resource is about."""

    texts: tuple[str, ...] = ()
    """its text and displays, as written"""
    coded: DrugMatch | None = None
    """what its code and name mean"""
    parts: tuple[Part, ...] = ()
    form: str = ""
    """dose form in words"""
    match: DrugMatch | None = None
    """the drug, with all that code, name, ingredients and form say; None: not recognised"""
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code) of its codings, where none of them told the drug"""
    problem: Literal["no medication", "the Medication could not be read"] | None = None

    source: tuple[str, ...] = ()
    """the Medications, and what they are mixed from, that stand outside the resource"""
    begun: bool = True
    """False: no drug was chosen yet, so that there is nothing to read"""

    @property
    def named(self) -> bool:
        """A name stands there, or a code or an ingredient that told the drug."""
        return bool(self.texts or self.match) or any(p.display or p.match for p in self.parts)

    @property
    def nameless(self) -> bool:
        """Nothing tells what it is, neither a name nor a code: it may be any drug."""
        return not (self.named or self.codes or any(part.codes for part in self.parts))

    @property
    def display(self) -> str:
        """What the chart calls it; without a name, its drugs."""
        named = (part.display for part in self.parts if not part.diluent and part.display)
        return next(iter(self.texts), "") or " + ".join(named)

    @property
    def drugs(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.is_drug)

    @property
    def diluents(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.diluent)

    def formed(self, match: DrugMatch) -> DrugMatch:
        """The match with the form that the Medication states, where no product code gives one."""
        if not self.form or match.dose_form is not None:
            return match
        written = read_written(self.form)
        flags = {"extended_release"} if written.extended_release else set()
        flags |= {"non_systemic_route"} if written.route in ("topical", "ophthalmic") else set()
        return replace(
            match,
            dose_form=written.form or None,
            route=written.route or match.route,
            flags=match.flags | flags,
        )


NO_PRODUCT = Product()
Beside = Callable[[DrugMatch, DrugMatch | None, tuple[str, ...], str], DrugMatch]
"""the drug of an entry; that of a second place, its words, and what that place is called"""
_FIELDS = ("medicationCodeableConcept", "medicationReference", "medication")


def read_product(
    resource: Json, terminology: Terminology, referred: Referred, *, ordered: bool = False
) -> Product:
    """Of a MedicationRequest, Statement, Dispense or Administration.

    `ordered`: of a draft, which is for the drug that it names, whatever else its words say.
    """
    find = terminology.ordered_drug if ordered else terminology.drug
    concept = resource.get("medicationCodeableConcept") or child(
        resource.get("medication"), "concept"
    )
    coded = terminology.once(_ordered if ordered else _taken, concept) if concept else NO_PRODUCT
    reference = resource.get("medicationReference") or child(
        resource.get("medication"), "reference"
    )
    if coded.match is not None and not reference:
        return coded
    beside = partial(terminology.beside, ordered=ordered)
    led_to = _referred(reference, resource, find, beside, referred)
    product = _together(coded, led_to, beside, "the Medication")
    if product.nameless and product.problem is None:
        begun = any(resource.get(field) is not None for field in _FIELDS)
        return replace(product, problem="no medication", begun=begun)
    return product


def _referred(
    reference: object, holder: Json, find: Find, beside: Beside, referred: Referred
) -> Product:
    """The drug of a medicationReference: by its Medication, else by the name beside it."""
    medication = referred.resolve(reference, holder, ("Medication",))
    named = read_named(as_text(child(reference, "display")), find)
    if medication is not None:
        told = read_medication(medication, holder, find, referred)
        told = replace(told, source=(*_cited(medication, reference), *told.source))
        product = _together(told, named, beside, "the name of the reference")
        written = not product.nameless
    else:
        product, written = named, not _leads_somewhere(reference)
    return product if written else replace(product, problem="the Medication could not be read")


def _cited(found: Json, reference: object) -> tuple[str, ...]:
    """What a reference leads to, as a source; what a resource contains is part of it."""
    return () if points_inside(reference) else (reference_of(found),)


def _leads_somewhere(reference: object) -> bool:
    return isinstance(reference, str) or bool(
        child(reference, "reference") or child(reference, "identifier")
    )


def _together(first: Product, second: Product, beside: Beside, called: str) -> Product:
    """The first, unless only the second tells a drug; under all the names that both give it.

    `See attached`, or the number that a house gives its vial, hides nothing that stands beside it.
    Where both are written, the second (`called`) confirms or contradicts the first.
    """
    if first.match is not None and second != NO_PRODUCT:
        both = beside(first.match, second.match, second.texts, called)
        source = tuple(dict.fromkeys((*first.source, *second.source)))
        return replace(first, match=both, coded=both if first.coded else None, source=source)
    if second == NO_PRODUCT:
        return first
    if first.nameless:
        return second
    match = second.match
    return replace(
        second,
        texts=tuple(dict.fromkeys((*first.texts, *second.texts))),
        codes=tuple(dict.fromkeys((*first.codes, *second.codes))),
        parts=second.parts or first.parts,
        form=second.form or first.form,
        source=tuple(dict.fromkeys((*first.source, *second.source))),
        match=first.formed(match) if match is not None and not second.form else match,
    )


def read_named(text: str, find: Find) -> Product:
    """A drug of which only a name is there."""
    return _coded({"text": text}, find) if text else Product()


def _coded(concept: object, find: Find) -> Product:
    match = find(concept)
    return Product(tuple(concept_texts(concept)), match, match=match, codes=_untold(concept, match))


def _taken(terminology: Terminology, concept: object) -> Product:
    return _coded(concept, terminology.drug)


def _ordered(terminology: Terminology, concept: object) -> Product:
    return _coded(concept, terminology.ordered_drug)


def _untold(concept: object, match: DrugMatch | None) -> tuple[tuple[str, str], ...]:
    return () if match is not None and match.code is not None else tuple(codings(concept))


def read_medication(
    medication: Json, holder: Json, find: Find, referred: Referred, inside: _Inside | None = None
) -> Product:
    """Of a Medication; `holder` is the resource that may contain it, and what it refers to."""
    check()
    inside = inside or _Inside(0, iter(range(MOST_INSIDE)))
    concept = medication.get("code")
    form = medication.get("form") or medication.get("doseForm")
    parts = (
        _part(node, medication, holder, find, referred, inside)
        for node in as_objects(medication.get("ingredient"))
    )
    named = find(concept) if concept else None
    found = Product(
        tuple(concept_texts(concept)),
        named,
        tuple(parts),
        " ".join(concept_texts(form)),
        codes=_untold(concept, named),
    )
    match = _match(found)
    return replace(
        found,
        match=found.formed(match) if match is not None else None,
        source=tuple(dict.fromkeys(ref for part in found.parts for ref in part.source)),
    )


class _Inside(NamedTuple):
    """How deep in a mixture a Medication stands, and how many more of it are read."""

    level: int
    room: Iterator[int]

    def has_room(self, referred: Referred) -> bool:
        """For one more, in this mixture and in all that are read by the same references."""
        return next(self.room, None) is not None and next(referred.inside, None) is not None

    def deeper(self) -> _Inside:
        return self._replace(level=self.level + 1)


def _match(product: Product) -> DrugMatch | None:
    """The drug by code, name and ingredients."""
    if not product.drugs:
        return product.coded
    mixed = bool(product.diluents) or any(map(is_diluent, product.texts))
    return _united(product.coded, product.drugs, mixed=mixed)


def _part(
    node: Json, medication: Json, holder: Json, find: Find, referred: Referred, inside: _Inside,
) -> Part:  # fmt: skip
    """An ingredient by code, or by reference to a Medication that may be a mixture itself."""
    item = as_object(node.get("item"))
    concept = node.get("itemCodeableConcept") or item.get("concept")
    reference = node.get("itemReference") or item.get("reference")
    if concept or not reference:
        return read_part(node, concept, find)
    found = referred.resolve(reference, medication, _ITEMS)
    found = found or referred.resolve(reference, holder, _ITEMS)
    named = as_text(child(reference, "display"))
    if found is None or inside.level >= _DEEPEST or not inside.has_room(referred):
        return read_part(node, {"text": named} if named else None, find)
    inner = read_medication(found, medication, find, referred, inside.deeper())
    part = read_part(node, found.get("code"), find)
    return replace(
        part,
        display=inner.display or named,
        match=inner.match or part.match or (find({"text": named}) if named else None),
        source=(*_cited(found, reference), *inner.source),
    )


_ITEMS = ("Medication", "Substance")


# ---- code and ingredients together ---------------------------------------------------------------


def _united(coded: DrugMatch | None, parts: tuple[Part, ...], *, mixed: bool) -> DrugMatch:
    """One match of what the code names and what the ingredients are."""
    listed = [part.match for part in parts if part.match is not None]
    known = [*([coded] if coded is not None else []), *listed]
    names = sorted({name for match in known for name in match.names})
    conflict = _conflict(coded, listed)
    stated = {name: _stated(name, coded, parts, mixed=mixed) for name in names}
    first = coded or listed[0]
    return replace(
        first,
        ingredients=tuple(
            replace(_ingredient(name, known), strength=None if conflict else stated[name])
            for name in names
        ),
        classes=frozenset().union(*(match.classes for match in known)),
        flags=frozenset().union(*(match.flags for match in known)),
        dose_form=coded.dose_form if coded is not None else None,
        route=_route(coded, listed),
        certainty=_certainty(known),
        disagreement=_lines(conflict, *(match.disagreement for match in known)),
        contradicted=conflict is not None or any(match.contradicted for match in known),
        contradiction=_lines(conflict, *(match.contradiction for match in known)),
    )


def _lines(last: str | None, *lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*chain(*lines), *((last,) if last else ()))))


def _ingredient(name: str, known: list[DrugMatch]) -> Ingredient:
    return next(i for match in known for i in match.ingredients if i.name == name)


def _conflict(coded: DrugMatch | None, listed: list[DrugMatch]) -> str | None:
    """Code and ingredients name different drugs. One of several is no contradiction."""
    inside = frozenset().union(*(match.names for match in listed))
    if coded is None or coded.names <= inside or inside <= coded.names:
        return None
    said, other = (" / ".join(sorted(names)) for names in (coded.names, inside))
    return f"the code means {said}, the ingredients are {other}"


def _stated(
    name: str, coded: DrugMatch | None, parts: tuple[Part, ...], *, mixed: bool
) -> Quantity | None:
    """The strength of one ingredient in the product as it is given.

    In a mixture only what the Medication states counts: the codes are those of the vials that went
    into it. Else two strengths that can be compared and differ leave it open.
    """
    own = [part for part in parts if part.match is not None and name in part.match.names]
    alone = [part for part in own if part.match is not None and len(part.match.names) == 1]
    stated = {part.strength for part in alone if part.strength is not None}
    if mixed or any(part.problem for part in own):
        return stated.pop() if len(stated) == 1 else None
    meant = [coded] if coded is not None else []
    if len(parts) == 1 and parts[0].match is not None:
        meant.append(parts[0].match)
    by_code = {i.strength for match in meant for i in match.ingredients if i.name == name} - {None}
    if len(stated) > 1 or len(by_code) > 1:
        return None
    one, other = next(iter(stated), None), next(iter(by_code), None)
    if one is None or other is None:
        return one or other
    if one.unit != other.unit:
        return other  # `500 mg` of a vial and `50 mg/mL`: that of the tables says how it is given
    return one if one.value == other.value else None


def _route(coded: DrugMatch | None, listed: list[DrugMatch]) -> str | None:
    """The one that code or ingredients imply; a mixture may be given by another way than each."""
    if coded is not None and coded.route is not None:
        return coded.route
    routes = {match.route for match in listed}
    return routes.pop() if len(routes) == 1 else None


def _certainty(known: list[DrugMatch]) -> Certainty:
    """By code where every ingredient has one: a local name beside them takes nothing away."""
    by_code = {n for m in known if m.certainty is Certainty.CODE for n in m.names}
    named = {n for m in known for n in m.names}
    return Certainty.CODE if named <= by_code else Certainty.TEXT
