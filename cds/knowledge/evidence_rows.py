"""The evidence inside: one row for each statement of the research, read when somebody asks for it.

Facts name rows in their `basis`. To judge an order takes the facts alone; who reads, reviews or
checks them needs the rows, so that these are not read when a server starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from cds.knowledge.load import KnowledgeError, validated
from cds.knowledge.model.base import EvidenceRow
from cds.reviewed import parsed


@lru_cache(maxsize=1)
def load_evidence() -> Mapping[str, EvidenceRow]:
    """Every row by its id. Raises KnowledgeError."""
    rows: dict[str, EvidenceRow] = {}
    for file in evidence_files(files("cds.knowledge") / "evidence"):
        document = parsed(file.name, file.read_bytes(), KnowledgeError)
        for row in validated(file.name, document["facts"] or (), EvidenceRow):
            if row.id in rows:
                raise KnowledgeError(f"{file.name}: {row.id} stands twice")
            rows[row.id] = row
    return rows


def evidence_files(root: Traversable) -> Iterator[Traversable]:
    """The files of a folder and of those in it, by name."""
    for entry in sorted(root.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from evidence_files(entry)
        elif entry.name.endswith(".yaml"):
            yield entry
