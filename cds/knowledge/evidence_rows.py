"""The evidence inside: one row for each statement of the research, read when somebody asks for it.

Facts name rows in their `basis`. To judge an order takes the facts alone; who reads, reviews or
checks them needs the rows, so that these are not read when a server starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from cds.knowledge.load import KnowledgeError, files_of, validated
from cds.knowledge.model.base import EvidenceRow
from cds.knowledge.places import bundled_evidence
from cds.reviewed import parsed


@lru_cache(maxsize=4)
def load_evidence(place: Path | None = None) -> Mapping[str, EvidenceRow]:
    """Every row by its id: the bundled ones, or those of a folder or wheel that has some.

    Raises KnowledgeError.
    """
    rows: dict[str, EvidenceRow] = {}
    for name, text in _files(place).items():
        document = parsed(name, text, KnowledgeError)
        for row in validated(name, document["facts"] or (), EvidenceRow):
            if row.id in rows:
                raise KnowledgeError(f"{name}: {row.id} stands twice")
            rows[row.id] = row
    return rows


def _files(place: Path | None) -> Mapping[str, bytes]:
    own = None if place is None else files_of(place).evidence
    return own or bundled_evidence()
