"""Which page stands at an address below `/knowledge`, and what is near one that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from cds.hooks.knowledge_site.evidence_pages import row_page, source_page
from cds.hooks.knowledge_site.fact_page import fact_page
from cds.hooks.knowledge_site.library import Library
from cds.hooks.knowledge_site.lists import (
    evidence_list,
    source_list,
    start_page,
    subject_page,
    whole,
)
from cds.hooks.knowledge_site.search import asked_of, search_page
from cds.wire import Json

_LONGEST_NAME = 100
"""characters of an unknown name that are compared with the known ones"""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says, and the template that shows it."""

    template: str
    told: Json


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing stands there; what was perhaps meant, as (path, name)."""

    near: tuple[tuple[str, str], ...]


def page_at(path: str, given: Mapping[str, str], library: Library, day: date) -> Page | Missing:
    """`path` is what follows `/knowledge/`. Raises ValueError for a search that can't be made."""
    if path == "":
        return Page("start", start_page(library, day))
    if path == "search":
        return Page("search", search_page(library, asked_of(given), day))
    if path == "evidence":
        return Page("evidence", evidence_list(library))
    if path == "sources":
        return Page("sources", source_list(library))
    subject, _, ident = path.partition("/")
    if subject == "evidence" and ident in library.rows:
        return Page("row", row_page(library.rows[ident], library))
    if subject == "sources" and ident in library.sources:
        return Page("source", source_page(library.sources[ident], library))
    if subject in library.facts and not ident:
        return Page("subject", subject_page(subject, library, day))
    if subject in library.facts and ident in library.facts[subject]:
        return Page("fact", fact_page(library.facts[subject][ident], library, day))
    return Missing(_near(subject, ident, library))


def every_fact(library: Library, day: date) -> Json:
    """The whole knowledge as JSON."""
    return whole(library, day)


def _near(subject: str, ident: str, library: Library) -> tuple[tuple[str, str], ...]:
    """The likest names of the subject; of an unknown subject, the subjects that are like it."""
    names = {"evidence": list(library.rows), "sources": list(library.sources)}
    names |= {subject: list(held) for subject, held in library.facts.items()}
    if subject not in names:
        return tuple((name, name) for name in _likest(subject, list(names)))
    elsewhere = [
        (f"{other}/{ident}", f"{other}/{ident}")
        for other, known in names.items()
        if other != subject and ident in known
    ]
    likest = [(f"{subject}/{name}", name) for name in _likest(ident, names[subject])]
    return (*elsewhere, *likest)


def _likest(given: str, names: list[str]) -> list[str]:
    return get_close_matches(given[:_LONGEST_NAME], names, n=5, cutoff=0.5)
