"""Everything that the knowledge rests on, looked through for mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from cards.words import wording_faults
from cds.commands.code_names import names_of_codes
from cds.commands.known_names import names_beside
from cds.knowledge.check import (
    Document,
    EvidenceFiles,
    KnowledgeFiles,
    Lookup,
    Slip,
    evidence_faults,
    facts_faults,
    names_of,
    read_document,
    rows_named,
    shipped,
    shipped_evidence,
)
from cds.knowledge.words import faults as word_faults
from cds.terminology.codes.drug_classes import LIST, class_faults, sound_classes
from cds.terminology.codes.tables import DrugTable, read_table
from cds.terminology.lookup import Terminology, load_terminology
from cds.terminology.text.other_drug_lists import WORD, read_other_drugs

CLASSES = f"cds/terminology/{LIST}"
WORDINGS = "cards/wording"
WORDS = "cds/knowledge/words.yaml"


def shipped_classes() -> bytes:
    return (files("cds.terminology") / LIST).read_bytes()


def shipped_wordings() -> Mapping[str, bytes]:
    folder = (files("cards") / "wording").iterdir()
    named = {f.name: f for f in folder if f.name.endswith(".yaml")}
    return {f"{WORDINGS}/{name}": named[name].read_bytes() for name in sorted(named)}


def all_faults(
    knowledge: KnowledgeFiles | None = None,
    wordings: Mapping[str, bytes] | None = None,
    classes: bytes | None = None,
    evidence: EvidenceFiles | None = None,
) -> list[Slip]:
    """Every mistake of the knowledge, its evidence, the wordings and the drug classes: the shipped
    ones, or such as are given."""
    of_classes, terminology = _of_classes(classes or shipped_classes())
    faults, ids = _of_wordings(wordings or shipped_wordings())
    knowledge, evidence = knowledge or shipped(), evidence or shipped_evidence()
    beside = {
        **names_beside(terminology),
        "wording": names_of("wording", ids),
        "row of evidence": rows_named(evidence),
    }
    of_evidence = evidence_faults(evidence, _sources_named(knowledge))
    of_facts = facts_faults(knowledge, beside, names_of_codes())
    return sorted([*of_classes, *faults, *_of_word_lists(), *of_evidence, *of_facts])


def _sources_named(knowledge: KnowledgeFiles) -> Lookup | None:
    """None: they could not be read, and are not looked up."""
    read = (read_document(file, text)[0] for file, text in knowledge["sources"].items())
    texts = [document.data for document in read if document and isinstance(document.data, dict)]
    listed = [entry for text in texts for entry in text.get("facts") or ()]
    ids = [entry["id"] for entry in listed if isinstance(entry, dict) and "id" in entry]
    return names_of("source", ids) if ids else None


def _of_word_lists() -> Iterator[Slip]:
    document, wrong = read_document(WORDS, (files("cds.knowledge") / "words.yaml").read_bytes())
    yield from wrong
    if document is not None:
        yield from (document.fault((name,), said) for name, said in word_faults())


@lru_cache(maxsize=4)
def _of_classes(text: bytes) -> tuple[tuple[Slip, ...], Terminology]:
    """Its faults, and the tables with what is sound in it."""
    document, faults = read_document(CLASSES, text)
    known = read_table(DrugTable, "rxnorm").ingredients
    listed: object = {}
    if document is not None and not isinstance(document.data, dict):
        faults.append(document.fault((), "has no `classes`"))
    elif document is not None:
        listed = document.data.get("classes") or {}
        for path, said in class_faults(listed, known, _is_other):
            faults.append(document.fault(("classes", *path), said))
    if not faults:
        return (), load_terminology()
    return tuple(faults), Terminology(classes=sound_classes(listed, known))


def _is_other(name: str) -> bool:
    return tuple(WORD.findall(name.lower())) in _other_drugs()


@lru_cache(maxsize=1)
def _other_drugs() -> frozenset[tuple[str, ...]]:
    return read_other_drugs(lambda words: False).names


def _of_wordings(wordings: Mapping[str, bytes]) -> tuple[list[Slip], frozenset[str]]:
    """Their faults, and the ids that have words."""
    faults: list[Slip] = []
    documents: dict[str, Document] = {}
    for file, text in wordings.items():
        document, wrong = read_document(file, text)
        faults += wrong
        if document is None:
            continue
        faults += _misshapen(document)
        documents[file] = document
    sound = {file: _sound(document) for file, document in documents.items()}
    for file, ident, said in wording_faults(sound):
        field, _, rest = said.partition(": ")
        path = (ident, field) if rest and field.isidentifier() else (ident,)
        faults.append(documents[file].fault(path, rest if len(path) > 1 else said))
    return faults, frozenset(ident for texts in sound.values() for ident in texts)


def _misshapen(document: Document) -> Iterator[Slip]:
    if not isinstance(document.data, dict):
        yield document.fault((), "is no mapping of wordings")
        return
    for ident, texts in document.data.items():
        if not isinstance(texts, dict):
            yield document.fault((ident,), "is no wording: it has no `summary`")


def _sound(document: Document) -> dict[str, dict[str, str]]:
    data = document.data if isinstance(document.data, dict) else {}
    return {ident: texts for ident, texts in data.items() if isinstance(texts, dict)}
