"""The files of the knowledge, read for their mistakes: all of them, and not the first alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from cds.knowledge.check.code_names import code_name_faults
from cds.knowledge.check.consistency import fact_faults
from cds.knowledge.check.days import day_faults
from cds.knowledge.check.entry import Entry
from cds.knowledge.check.figures import figure_faults
from cds.knowledge.check.misfits import misfits
from cds.knowledge.check.own_names import own_names
from cds.knowledge.check.references import Known, name_faults, records_in
from cds.knowledge.check.written import Slip, read_document
from cds.knowledge.guesses import unknown
from cds.knowledge.load import subjects
from cds.knowledge.model.base import Fact, Source
from cds.knowledge.model.declared import CodeNames
from cds.knowledge.model.measurements import Measurement
from cds.knowledge.places import bundled_files

_ID = re.compile(r"[A-Za-z0-9][\w.-]*")
_JSON = ".json"
"""what an address of the JSON of a fact ends in"""
_HEAD = ("subject", "facts")
KnowledgeFiles: TypeAlias = Mapping[str, Mapping[str, bytes]]
"""subject → file → what stands in it"""


def shipped() -> KnowledgeFiles:
    """The files as they are."""
    return bundled_files(subjects()).data


_NO_TABLE: CodeNames = {}


def facts_faults(
    knowledge: KnowledgeFiles, beside: Known, codes: CodeNames = _NO_TABLE
) -> list[Slip]:
    """Every mistake. `beside`: the names that are known outside of the knowledge; `codes`: what
    codes are called."""
    faults: list[Slip] = []
    entries: list[Entry] = []
    for subject, of_subject in knowledge.items():
        for file, text in of_subject.items():
            read, wrong = _entries(subject, file, text)
            entries += read
            faults += wrong
    facts = [entry for entry in entries if isinstance(entry.fact, Fact)]
    known = {**own_names((e.subject, e.raw, e.fact) for e in entries), **beside}
    sources = {e.id: e.fact for e in entries if isinstance(e.fact, Source)}
    measured = {e.id: e.fact for e in entries if isinstance(e.fact, Measurement)}
    faults += _twice(entries)
    faults += day_faults(entries)
    for entry in facts:
        assert isinstance(entry.fact, Fact)
        for record, path in records_in(entry.fact):
            written = entry.written_in(path)
            told = [
                *name_faults(record, known),
                *code_name_faults(record, written, codes, known),
                *figure_faults(record, written),
            ]
            faults += [entry.fault((*path, *at), said) for at, said in told]
        of_values = fact_faults(entry.fact, measured, sources)
        faults += [entry.fault(path, said) for path, said in of_values]
        if (wording := entry.fact.wording) and (look := known.get("wording")) and look(wording, ()):
            faults.append(entry.fault((), f"no wording: cards/wording has no `{wording}`"))
    return sorted(dict.fromkeys(faults))


@lru_cache(maxsize=256)
def _entries(subject: str, file: str, text: bytes) -> tuple[tuple[Entry, ...], tuple[Slip, ...]]:
    document, faults = read_document(file, text)
    if document is None:
        return (), tuple(faults)
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("facts"), list):
        at = ("facts",) if isinstance(data, dict) and "facts" in data else ()
        said = "has no list of `facts`: each entry begins with `- id:`"
        return (), (*faults, document.fault(at, said))
    if data.get("subject") != subject:
        faults.append(document.fault(("subject",), f"is no {subject}: write `subject: {subject}`"))
    faults += [
        document.fault((name,), unknown("field", name, dict.fromkeys(_HEAD)))
        for name in data
        if name not in _HEAD
    ]
    model = subjects()[subject]
    adapter: TypeAdapter[Fact | Source] = TypeAdapter(model)
    entries = []
    for number, raw in enumerate(data["facts"]):
        path = ("facts", number)
        if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
            faults.append(document.fault(path, "is no entry: it has no `id`"))
            continue
        if not _ID.fullmatch(raw["id"]):
            faults.append(document.fault((*path, "id"), "an id has letters, digits, -, _ and ."))
        elif raw["id"].endswith(_JSON):
            faults.append(document.fault((*path, "id"), f"an id does not end in {_JSON}"))
        fact = None
        try:
            fact = adapter.validate_python(raw)
        except ValidationError as error:
            faults += misfits(error, model, document, path)
        entries.append(Entry(subject, document, path, raw, fact))
    return tuple(entries), tuple(faults)


def _twice(entries: Iterable[Entry]) -> Iterator[Slip]:
    """Ids that stand twice in a subject, with the same day."""
    seen: dict[tuple[str, str, date | None], Entry] = {}
    for entry in entries:
        since = entry.fact.effective if isinstance(entry.fact, Fact) else None
        first = seen.setdefault((entry.subject, entry.id, since), entry)
        if first is not entry:
            yield entry.fault(("id",), f"stands twice, first {first.where}")
