"""FHIR from files: Bundles of any type, single resources, NDJSON. Every command reads them here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from cds.characters import as_utf8
from cds.fhir.record.patient_record import PatientRecord, records_from_bundle, records_from_values
from cds.wire import InvalidJson, decode, decode_lines

_BY_LINES = (".ndjson", ".jsonl")
_LOOKED_AT = 20
"""lines, of which one must be a resource for a file to be NDJSON"""


def records_in(files: Sequence[Path]) -> Iterator[PatientRecord]:
    """A record per patient. NDJSON lines of all files are grouped by patient together.

    A line that is no JSON, as where a file was cut off, is named on the error stream, and is
    counted among what was skipped. Raises ClickException, with the name of the file, for what is
    neither JSON nor NDJSON.
    """
    lines: list[object] = []
    for path in files:
        document, values = _read(path)
        if values is None:
            yield from records_from_bundle(document)
        else:
            lines += values
    if lines:
        yield from records_from_values(lines)


def documents_in(path: Path) -> list[Any]:
    """The JSON value of a file, or those of its lines. Raises ClickException as `records_in`."""
    document, values = _read(path)
    if values is None:
        return [document]
    return [value for value in values if not isinstance(value, InvalidJson)]


def _read(path: Path) -> tuple[Any, list[object] | None]:
    """The value of a JSON file; or None, and the values of an NDJSON file."""
    try:
        text = as_utf8(path.read_bytes())
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path}: {error.reason}") from None
    by_lines = path.suffix.lower() in _BY_LINES and _is_ndjson(text)
    if not by_lines:
        try:
            return decode(text), None
        except InvalidJson as error:
            if text.strip() and not _is_ndjson(text):
                raise click.ClickException(f"{path}: {error}") from None
    return None, list(_named(path, text))


def _named(path: Path, text: bytes) -> Iterator[object]:
    for number, value in decode_lines(text):
        if isinstance(value, InvalidJson):
            click.echo(f"{path}, line {number}: not read: {value}", err=True)
        yield value


def _is_ndjson(text: bytes) -> bool:
    return any(
        number <= _LOOKED_AT and isinstance(value, dict) and "resourceType" in value
        for number, value in decode_lines(b"\n".join(text.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]))
    )
