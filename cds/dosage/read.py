"""One Dosage of FHIR: fields and words, read once for whoever asks."""

from __future__ import annotations

from msgspec.structs import replace

from cds.dates import LocalTime, local_time
from cds.dosage.asides import asides_in
from cds.dosage.fields import read_fields, with_asides
from cds.dosage.model import DosageRead, Fields, Words
from cds.dosage.timing import dates_of
from cds.dosage.words import read_words
from cds.fhir_json import as_number, as_object, as_objects, as_text, concept_texts
from cds.kept import kept
from cds.limits import LONGEST_DOSAGE, UNREADABLE
from cds.wire import Json, decode, encode

_KEPT = 4096


def read_dosage(node: Json) -> DosageRead:
    """Read a Dosage. Never raises: what can't be read is in `fields.problems` and `words`.

    Charts repeat a few instructions many times, so what was read is kept, by its JSON; each time
    with other dates, which are read for themselves.
    """
    written = encode(node)
    if len(written) > LONGEST_DOSAGE:
        return in_words(UNREADABLE)
    match node.get("timing"):
        case {"repeat": {"boundsPeriod": dict(bounds), **undated}, **timing}:
            rest = node | {"timing": timing | {"repeat": undated}}
        case _:
            return _read(written, local_time())
    read = _read(encode(rest), local_time())
    start, end = dates_of(bounds)
    dated = replace(read.fields.timing, start=start, end=end)
    return replace(read, fields=replace(read.fields, timing=dated))


@kept(_KEPT)
def _read(dosage: bytes, local: LocalTime | None) -> DosageRead:
    node = as_object(decode(dosage))
    sequence = as_number(node.get("sequence"))
    additional = (
        text
        for concept in as_objects(node.get("additionalInstruction"))
        for text in concept_texts(concept)
    )
    read = DosageRead(
        fields=read_fields(node),
        words=Words(),
        patient=as_text(node.get("patientInstruction")),
        additional=tuple(additional),
        sequence=None if sequence is None else int(sequence),
    )
    return _worded(read, as_text(node.get("text")))


def in_words(text: str) -> DosageRead:
    """A dosage of which there is nothing but its words."""
    return _worded(DosageRead(Fields(), Words()), text)


def with_text(read: DosageRead, text: str) -> DosageRead:
    """The dosage with another text of its own; the patient's then stands beside it, or is it."""
    if text and not read.own and read.patient:
        read = replace(read, fields=with_asides(read.fields, asides_in([read.patient])))
    return _worded(read, text)


def _worded(read: DosageRead, text: str) -> DosageRead:
    beside = (*read.fields.against, *read.fields.changes)
    written = "; ".join(dict.fromkeys(t for t in (text or read.patient, *beside) if t))
    return replace(read, own=text, text=written, words=read_words(written))


def read_dosages(nodes: object) -> tuple[DosageRead, ...]:
    """The Dosages of a field that is a list, or should have been one, in their written order."""
    return tuple(read_dosage(node) for node in as_objects(nodes))
