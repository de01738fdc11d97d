"""How facts, rows and sources are told wherever a page names them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cds.hooks.knowledge_site.library import Held, Library
from cds.knowledge.in_words import title_of
from cds.knowledge.in_words.status import STATUS
from cds.knowledge.model.base import EvidenceRow, Fact, Source
from cds.knowledge.review.ledger import Standing, standing
from cds.wire import Json


def reviewed(library: Library, held: Held, day: date) -> Standing:
    """What the signatures of a fact are worth on that day."""
    return standing(held.subject, held.fact, library.ledger, day)


def subject_name(subject: str) -> str:
    """`Candidacy rules`, `MME factors`."""
    words = subject.replace("_", " ").replace("mme", "MME")
    return words[:1].upper() + words[1:]


def fact_named(held: Held) -> Json:
    """A fact as a link tells it."""
    fact = held.fact
    return {"path": held.path, "id": fact.id, "title": title_of(fact), "status": fact.status}


def state_of(fact: Fact | EvidenceRow) -> Json:
    """How far it was read, and how good its evidence is said to be."""
    told = {
        "status": fact.status,
        "status_words": STATUS[fact.status],
        "unverified": fact.unverified,
        "grade": fact.grade,
        "note": fact.note,
    }
    return {name: value for name, value in told.items() if value}


def row_told(row: EvidenceRow, library: Library) -> Json:
    """A row of the evidence with its sources."""
    told = {
        "id": row.id,
        "path": f"evidence/{row.id}",
        "statement": row.statement,
        **state_of(row),
        "against": list(row.against),
        "sources": sources_told(row.sources, library),
    }
    return told | ({"population": row.population} if row.population else {})


def sources_told(idents: Iterable[str], library: Library) -> list[Json]:
    """Sources by their ids; one that is not there by its id alone."""
    known = library.sources
    return [source_told(known[i]) if i in known else {"id": i} for i in idents]


def source_told(source: Source) -> Json:
    """A source with its edition and the day on which it was read."""
    told = source.model_dump(mode="json", exclude_none=True)
    return told | {"path": f"sources/{source.id}", "title": source.short or source.id}
