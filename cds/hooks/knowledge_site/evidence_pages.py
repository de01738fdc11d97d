"""The pages of a row of the evidence and of a source: what they say, and what rests on them."""

from __future__ import annotations

from cds.hooks.knowledge_site.library import Library
from cds.hooks.knowledge_site.told import fact_named, row_told, source_told
from cds.knowledge.model.base import EvidenceRow, Source
from cds.knowledge.scenarios import scenarios_of_row
from cds.wire import Json


def row_page(row: EvidenceRow, library: Library) -> Json:
    """One statement of the research, with the facts that use it."""
    told = row_told(row, library)
    return told | {
        "title": row.statement,
        "facts": [fact_named(held) for held in library.on_row.get(row.id, ())],
        "scenarios": [{"id": s.id, "title": s.title} for s in scenarios_of_row(row.id)],
    }


def source_page(source: Source, library: Library) -> Json:
    """A source, with every fact and row that rests on it."""
    return source_told(source) | {
        "facts": [fact_named(held) for held in library.on_source.get(source.id, ())],
        "rows": [
            {
                "id": row.id,
                "path": f"evidence/{row.id}",
                "statement": row.statement,
                "facts": [fact_named(held) for held in library.on_row.get(row.id, ())],
            }
            for row in library.rows_citing(source.id)
        ],
    }
