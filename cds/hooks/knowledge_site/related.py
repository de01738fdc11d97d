"""The facts that a fact names by their ids or rows: the indication of a regimen, the work-up item
that answers a contraindication, the parameter that holds a window of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from cds.hooks.knowledge_site.library import Held, Library
from cds.hooks.knowledge_site.told import fact_named
from cds.knowledge.cited import named
from cds.knowledge.model.declared import Kind
from cds.wire import Json

_BY_ID: Mapping[Kind, tuple[str, ...]] = {
    "indication": ("indications",),
    "contraindication": ("contraindications",),
    "finding": ("candidacy_rules", "contraindications"),
    "work-up item": ("monitoring",),
    "parameter of days": ("parameters",),
}
"""what a field names → the subjects in which an id of that kind stands"""


def related(held: Held, library: Library) -> Json:
    """The facts that it names, and those by which it is named."""
    return {
        "names": [fact_named(each) for each in _named_by(held, library)],
        "named_by": [fact_named(each) for each in _naming(library).get(held.path, ())],
    }


def _named_by(held: Held, library: Library) -> Iterable[Held]:
    found = {each.path: each for each in _found(held, library) if each.path != held.path}
    return found.values()


def _found(held: Held, library: Library) -> Iterator[Held]:
    for kind, subjects in _BY_ID.items():
        for ident in named(held.fact, kind):
            yield from (
                library.facts[subject][ident]
                for subject in subjects
                if ident in library.facts[subject]
            )
    for row in named(held.fact, "row of an indication"):
        yield from (each for each in library.on_row.get(row, ()) if row in _own(each))
    for row in named(held.fact, "row of the knowledge"):
        yield from (each for each in library.on_row.get(row, ()) if each.subject != "claims")


def _own(held: Held) -> tuple[str, ...]:
    return held.fact.basis if held.subject == "indications" else ()


@lru_cache(maxsize=1)
def _naming(library: Library) -> Mapping[str, list[Held]]:
    """`subject/id` → the facts that name it."""
    naming: dict[str, list[Held]] = defaultdict(list)
    for held in library.held():
        for each in _named_by(held, library):
            naming[each.path].append(held)
    return naming
