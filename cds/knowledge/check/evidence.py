"""The rows of evidence, read for their mistakes, and what names them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import ValidationError

from cds.knowledge.check.misfits import misfits
from cds.knowledge.check.references import Lookup, name_faults, names_of
from cds.knowledge.check.written import Document, Slip, read_document
from cds.knowledge.guesses import unknown
from cds.knowledge.model.base import EvidenceRow
from cds.knowledge.places import bundled_evidence

EvidenceFiles: TypeAlias = Mapping[str, bytes]
"""file → what stands in it"""
FOLDER = "cds/knowledge/evidence"
HOMES = {
    "psy": "psychiatric/",
    "pain": "pain_and_safety/",
    "upd": "updates/",
    "local": "local",
}
"""where the rows of each origin stand: in a folder, or in `local.yaml` or a folder `local…`"""
_HEAD = ("subject", "facts")
_ORIGINS = ", ".join(f"{origin}:" for origin in list(HOMES)[:-1]) + f" or {[*HOMES][-1]}:"
_ID = re.compile(rf"({'|'.join(HOMES)}):\S.*")


def shipped_evidence() -> EvidenceFiles:
    """The files as they are."""
    return bundled_evidence()


@dataclass(frozen=True, slots=True)
class Row:
    """A row and where it is written."""

    document: Document
    number: int
    raw: Mapping[str, Any]
    row: EvidenceRow | None
    """None: it does not fit its model"""

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    def fault(self, field: tuple[str | int, ...], text: str) -> Slip:
        return self.document.fault(("facts", self.number, *field), text)


def evidence_faults(evidence: EvidenceFiles, sources: Lookup | None) -> list[Slip]:
    """Every mistake of the files of evidence. `sources`: None, they are not looked up."""
    faults: list[Slip] = []
    first: dict[str, Row] = {}
    for file, text in evidence.items():
        rows, wrong = _rows(file, text)
        faults += wrong
        for row in rows:
            faults += _faults_of(row, sources)
            seen = first.setdefault(row.id, row)
            if seen is not row:
                where = seen.fault(("id",), "")
                faults.append(
                    row.fault(("id",), f"stands twice, first in {where.file}:{where.line}")
                )
    return faults


def rows_named(evidence: EvidenceFiles) -> Lookup:
    """The rows that a fact may name in its `basis`. Where a file could not be read, its own mistake
    is told, and not each row that may stand in it."""
    ids = {row.id for file, text in evidence.items() for row in _rows(file, text)[0]}
    known = names_of("row of evidence", ids)
    unread = [file for file, text in evidence.items() if read_document(file, text)[0] is None]
    homes = {
        origin for origin, home in HOMES.items() for f in unread if _in_folder(f).startswith(home)
    }

    def look(name: str, among: Collection[str] = ()) -> str | None:
        found = _ID.fullmatch(name)
        if found is None:
            return _no_id(name)
        return None if found[1] in homes and name not in ids else known(name, among)

    return look


@lru_cache(maxsize=128)
def _rows(file: str, text: bytes) -> tuple[tuple[Row, ...], tuple[Slip, ...]]:
    document, faults = read_document(file, text)
    if document is None:
        return (), tuple(faults)
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("facts") or [], list):
        return (), (*faults, document.fault((), "has no list of `facts`"))
    if data.get("subject") != "evidence":
        faults.append(document.fault(("subject",), "a file of evidence has `subject: evidence`"))
    for name in data.keys() - set(_HEAD):
        faults.append(document.fault((name,), unknown("field", name, dict.fromkeys(_HEAD))))
    rows = []
    for number, raw in enumerate(data.get("facts") or []):
        path = ("facts", number)
        if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
            faults.append(document.fault(path, "is no row: it has no `id`"))
            continue
        row = None
        try:
            row = EvidenceRow.model_validate(raw)
        except ValidationError as error:
            faults += misfits(error, EvidenceRow, document, path)
        rows.append(Row(document, number, raw, row))
    return tuple(rows), tuple(faults)


def _faults_of(row: Row, sources: Lookup | None) -> Iterator[Slip]:
    found = _ID.fullmatch(row.id)
    if found is None:
        yield row.fault(("id",), _no_id(row.id))
    elif not _in_folder(row.document.file).startswith(home := HOMES[found[1]]):
        whole = home if home.endswith("/") else f"{home}.yaml"
        yield row.fault(("id",), f"rows of `{found[1]}:` stand in evidence/{whole}")
    if row.row is None:
        return
    if not row.row.statement.strip():
        yield row.fault(("statement",), "it is empty")
    if not row.row.sources:
        yield row.fault(("sources",), "it cites no source")
    for path, said in name_faults(row.row, {"source": sources} if sources else {}):
        yield row.fault(path, said)


def _in_folder(file: str) -> str:
    """A file below the folder of evidence, of ours or of a site."""
    return file.rpartition("evidence/")[2]


def _no_id(name: str) -> str:
    return f"`{name}` is no row of evidence: one begins with {_ORIGINS}"
