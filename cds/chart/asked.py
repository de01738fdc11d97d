"""What is asked of an order that is about to be placed, and of nothing on record.

Where it is to be given and by whom it was asked for stays in words here: `cds/orders/setting.py`
judges them. The places of two thousand orders on record would be read for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from cds.chart.encounter_entry import Encounter
from cds.chart.overlong_fields import not_read
from cds.fhir.record.referred import Referred
from cds.fhir_json import as_object, as_objects, as_text, concept_codes, concept_texts
from cds.wire import Json

_REQUESTERS = ("Practitioner", "PractitionerRole")


class Asked(Struct, frozen=True):
    """The circumstances of a draft, in words, and its place among other orders."""

    names: frozenset[str] = frozenset()
    """every key of this order, and of the copies of it on record"""
    shared: frozenset[str] = frozenset()
    """those of its own keys that another draft of the session has as well"""
    linked: frozenset[str] = frozenset()
    """keys of the orders that it follows, and of those on record that follow it"""
    priority: str | None = None
    categories: tuple[str, ...] = ()
    """codes and texts of the category"""
    places: tuple[str, ...] = ()
    """names of locations and performers"""
    encounter: Encounter | None = None
    """the chart's entry of the encounter in which it is placed; None: none, or a void one"""
    requester: tuple[str, ...] = ()
    """the requester's name, specialties and roles"""
    overlong: tuple[str, ...] = ()
    """fields of it of which a text or a list is too long to be read"""
    panel: tuple[str, ...] = ()
    """names of the order set or protocol that it was ordered from"""


def read_asked(
    draft: Json,
    referred: Referred,
    encounter: Encounter | None,
    names: frozenset[str],
    linked: frozenset[str],
) -> Asked:
    """Of a draft MedicationRequest or ServiceRequest that is named and linked to others so."""
    return Asked(
        overlong=not_read(draft, referred),
        names=names,
        linked=linked,
        priority=as_text(draft.get("priority")) or None,
        categories=tuple(_categories(draft)),
        places=tuple(_places(draft, referred)),
        encounter=encounter,
        requester=tuple(_requester(draft, referred)),
        panel=tuple(_panel(draft)),
    )


def _categories(draft: Json) -> Iterator[str]:
    for concept in as_objects(draft.get("category")):
        yield from concept_codes(concept)
        yield from concept_texts(concept)


def _places(draft: Json, referred: Referred) -> Iterator[str]:
    for concept in as_objects(draft.get("locationCode")):
        yield from concept_texts(concept)
    for reference in as_objects(draft.get("locationReference")):
        if shown := as_text(reference.get("display")):
            yield shown
        found = referred.resolve(reference, draft, ("Location",))
        if found:
            yield as_text(found.get("name"))
    for kind in ("performerType", "performer"):
        for node in as_objects(draft.get(kind)):
            yield from concept_texts(node)
            yield as_text(node.get("display"))


def _requester(draft: Json, referred: Referred) -> Iterator[str]:
    requester = as_object(draft.get("requester"))
    yield as_text(requester.get("display"))
    found = as_object(referred.resolve(requester, draft, _REQUESTERS))
    for field in ("specialty", "code"):
        for concept in as_objects(found.get(field)):
            yield from concept_texts(concept)


def _panel(draft: Json) -> Iterator[str]:
    """What an identifier of the group says in words, and the last part of a canonical URL."""
    for field in ("groupIdentifier", "requisition"):
        group = as_object(draft.get(field))
        yield from (as_text(group.get("value")), *concept_texts(as_object(group.get("type"))))
    for field in ("instantiatesCanonical", "instantiatesUri"):
        urls = draft.get(field)
        for url in urls if isinstance(urls, list) else [urls]:
            yield as_text(url).partition("|")[0].rstrip("/").rpartition("/")[2].replace("_", " ")
