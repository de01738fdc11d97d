"""Files and lines that were cut off: what is whole in them is read, the rest is known as lost.

Where a file ends amid a resource anything may have followed: of a file that holds one kind of
resource more of that kind, else anything of anybody. A broken line amid others lost one resource.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from cds.fhir.queries import KEY_OF_TYPE, PATIENT
from cds.fhir.record.references import reference_key
from cds.fhir.record.unpack import Entry, Lost, unpack
from cds.wire import InvalidJson, decode

_KIND = re.compile(r'"resourceType"\s*:\s*"([A-Z][A-Za-z]{2,60})"')
_PATIENT = re.compile(r'"(?:subject|patient)"\s*:\s*\{\s*"reference"\s*:\s*"([^"\\]{1,200})"')
_LISTED = re.compile(r'\A\s*\[|"entry"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_ALSO_ASKED_AS = {"QuestionnaireResponse": KEY_OF_TYPE["Observation"]}
_OF_FHIR = frozenset({"resource", "request", "resourceType"})
_scanner = json.JSONDecoder()


def entries_in(values: Iterable[object]) -> Iterator[Entry]:
    """Everything in the values of one file, in its order, where an InvalidJson is a broken line."""
    kinds: set[str | None] = set()
    cut: Lost | None = None
    for value in values:
        if cut is not None:
            yield Entry(lost=cut)
            cut = None
        pieces: Iterable[object] = (value,)
        if isinstance(value, InvalidJson):
            whole, rest = _whole_in(value.remains)
            pieces, cut = map(decode, whole), _lost(rest)
        for entry in (entry for piece in pieces for entry in unpack(piece)):
            if entry.page is not None:
                yield entry
                continue
            kinds.add(entry.resource["resourceType"] if entry.resource else entry.searched)
            yield entry
    if cut is not None:
        alike = kinds | {cut.kind}
        yield Entry(lost=Lost(cut.kind if len(alike) == 1 else None))


def keys_of(lost: Lost) -> frozenset[str]:
    """The parts of a record that it may have belonged to; none: to no part that is asked for."""
    if lost.kind is None:
        return frozenset(KEY_OF_TYPE.values()) - {PATIENT.key}
    key = KEY_OF_TYPE.get(lost.kind) or _ALSO_ASKED_AS.get(lost.kind)
    return frozenset({key} if key else ())


def _lost(rest: str) -> Lost:
    """What the broken piece says before it breaks off: the outermost resource, and whose it is."""
    kind, patient = _KIND.search(rest), _PATIENT.search(rest)
    named = kind is not None and kind[1] != "Bundle"
    return Lost(
        kind[1] if kind is not None and named else None,
        reference_key(patient[1]) if patient is not None else None,
    )


def _whole_in(text: str) -> tuple[list[str], str]:
    """The entries of a Bundle, or of a list, that are whole before the break; and what is left."""
    found = _LISTED.search(text)
    at, pieces = (found.end() if found else 0), []
    while found:
        begin = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]  # matches always
        try:
            value, at = _scanner.raw_decode(text, begin)
        except (ValueError, RecursionError):
            at = begin
            break
        if not isinstance(value, dict) or not value.keys() & {
            "resource",
            "request",
            "resourceType",
        }:
            return [], text
        pieces.append(text[begin:at])
    return pieces, text[at:]
