"""The evidence inside: one row for each statement of the research, read when somebody asks for it.

Facts name rows in their `basis`. To judge an order takes the facts alone; who reads, reviews or
checks them needs the rows, so that these are not read when a server starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from cds.knowledge.load import KnowledgeError, files_of, validated
from cds.knowledge.model.base import EvidenceRow
from cds.reviewed import parsed


@lru_cache(maxsize=4)
def load_evidence(place: Path | None = None) -> Mapping[str, EvidenceRow]:
    """Every row by its id: the bundled ones, or those of a folder or wheel that has some.

    Raises KnowledgeError.
    """
    rows: dict[str, EvidenceRow] = {}
    for name, text in _texts(place):
        document = parsed(name, text, KnowledgeError)
        for row in validated(name, document["facts"] or (), EvidenceRow):
            if row.id in rows:
                raise KnowledgeError(f"{name}: {row.id} stands twice")
            rows[row.id] = row
    return rows


def _texts(place: Path | None) -> Iterator[tuple[str, bytes]]:
    own = {} if place is None else files_of(place).evidence
    if own:
        yield from own.items()
    else:
        for file in evidence_files(files("cds.knowledge") / "evidence"):
            yield file.name, file.read_bytes()


def evidence_files(root: Traversable) -> Iterator[Traversable]:
    """The files of a folder and of those in it, by name."""
    for entry in sorted(root.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from evidence_files(entry)
        elif entry.name.endswith(".yaml"):
            yield entry
