"""The start page and the lists: of a subject, of the rows of the evidence, of the sources."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

from cards.words import backgrounds
from cds.hooks.knowledge_site.library import EXPLAINED, Library
from cds.hooks.knowledge_site.search import counts, entries, offered
from cds.hooks.knowledge_site.told import fact_named, reviewed, source_told, subject_name
from cds.knowledge.in_words.status import STATUS
from cds.knowledge.review.ledger import UNSIGNED
from cds.wire import Json

_MOST_OF_A_FACET = 12


def start_page(library: Library, day: date) -> Json:
    """What there is, in what state, and where to look."""
    every = entries(library, day)
    facts = [entry for entry in every if entry.facets["subject"] != ("evidence",)]
    states = Counter(entry.facets["review"][0] for entry in facts)
    facets = {
        facet: offered(facet, listed[:_MOST_OF_A_FACET], library)
        for facet, listed in counts(facts).items()
        if facet != "subject"
    }
    return {
        "version": library.knowledge.version,
        "facts": len(facts),
        "unsigned": sum(count for state, count in states.items() if state in UNSIGNED),
        "review": [{"state": state, "count": count} for state, count in states.most_common()],
        "subjects": [
            {"subject": subject, "name": subject_name(subject), "count": len(held)}
            for subject, held in library.facts.items()
        ],
        "rows": len(library.rows),
        "sources": len(library.sources),
        "facets": facets,
        "every": [
            {"anchor": f"{held.subject}-{held.fact.id}", "path": held.path}
            for held in library.held()
        ],
        "every_source": list(library.sources),
    }


def subject_page(subject: str, library: Library, day: date) -> Json:
    """The facts of a subject, each with its state."""
    listed = [
        fact_named(held)
        | {
            "status_words": STATUS[held.fact.status],
            "review": reviewed(library, held, day).state,
            "grade": held.fact.grade,
        }
        for held in library.facts[subject].values()
    ]
    return {"subject": subject, "title": subject_name(subject), "facts": listed}


def evidence_list(library: Library) -> Json:
    """The rows of the evidence, by the research that they come from."""
    groups: dict[str, list[Json]] = {}
    for row in library.rows.values():
        told: Json = {"id": row.id, "path": f"evidence/{row.id}", "statement": row.statement}
        told |= {"status": row.status, "facts": len(library.on_row.get(row.id, ()))}
        groups.setdefault(row.id.partition(":")[0], []).append(told)
    names = {"psy": "Psychiatry", "pain": "Pain medicine and safety", "upd": "Updates of 2026"}
    return {
        "title": "Evidence",
        "groups": [
            {"name": names.get(group, group), "id": group, "rows": rows}
            for group, rows in groups.items()
        ],
    }


def source_list(library: Library) -> Json:
    """Every source, with how much rests on it."""
    cited = Counter(source for row in library.rows.values() for source in row.sources)
    return {
        "title": "Sources",
        "sources": [
            source_told(source)
            | {"facts": len(library.on_source.get(source.id, ())), "rows": cited[source.id]}
            for source in library.sources.values()
        ],
    }


def whole(library: Library, day: date) -> Json:
    """Every fact with its grade and sources, by subject; how many are signed; and the sources."""
    knowledge = library.knowledge
    review: dict[str, Counter[str]] = defaultdict(Counter)
    for held in library.held():
        review[held.subject][reviewed(library, held, day).state] += 1
    subjects: dict[str, list[Json]] = {}
    for subject, fact in knowledge.facts():
        told: dict[str, Any] = fact.model_dump(mode="json", exclude_none=True)
        told["verified"] = fact.verified
        if subject in EXPLAINED and fact.id in backgrounds():
            told["background"] = backgrounds()[fact.id]
        subjects.setdefault(subject, []).append(told)
    return {
        "version": knowledge.version,
        "review": {subject: dict(states) for subject, states in review.items()},
        "subjects": subjects,
        "sources": [
            source.model_dump(mode="json", exclude_none=True)
            for source in knowledge.sources.values()
        ],
    }
