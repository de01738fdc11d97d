"""One Dosage of FHIR: fields and words, read once for whoever asks."""

from __future__ import annotations

from functools import lru_cache

from cds.dosage.fields import read_fields
from cds.dosage.model import DosageRead
from cds.dosage.words import read_words
from cds.fhir_json import as_number, as_object, as_objects, as_text, concept_texts
from cds.wire import Json, decode, encode

_KEPT = 4096


def read_dosage(node: Json) -> DosageRead:
    """Read a Dosage. Never raises: what can't be read is in `fields.problems` and `words`.

    Charts repeat a few instructions many times, so what was read is kept, by its JSON.
    """
    return _read(encode(node))


@lru_cache(maxsize=_KEPT)
def _read(dosage: bytes) -> DosageRead:
    node = as_object(decode(dosage))
    text, patient = as_text(node.get("text")), as_text(node.get("patientInstruction"))
    sequence = as_number(node.get("sequence"))
    more = [patient] if patient and text else []
    for concept in as_objects(node.get("additionalInstruction")):
        more += concept_texts(concept)
    fields = read_fields(node)
    written = "; ".join(dict.fromkeys(t for t in (text or patient, *fields.against) if t))
    return DosageRead(
        fields=fields,
        words=read_words(written),
        text=written,
        more=tuple(more),
        sequence=None if sequence is None else int(sequence),
    )


def read_dosages(nodes: object) -> tuple[DosageRead, ...]:
    """The Dosages of a field that is a list, or should have been one, in their written order."""
    return tuple(read_dosage(node) for node in as_objects(nodes))
