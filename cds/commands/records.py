"""FHIR from files: Bundles of any type, single resources, NDJSON. Every command reads them here."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from cds.characters import as_utf8
from cds.commands.terminal import echo
from cds.fhir.record.cut_off import entries_in
from cds.fhir.record.patient_record import PatientRecord, records_from_files
from cds.wire import NOTHING, InvalidJson, decode, decode_lines, values_in

_BY_LINES = (".ndjson", ".jsonl")
_LOOKED_AT = 20
"""lines, of which one must be a resource for a file to be NDJSON"""
_GZIP = b"\x1f\x8b"


def records_in(files: Sequence[Path]) -> Iterator[PatientRecord]:
    """A record per patient. NDJSON lines of all files are grouped by patient together.

    Where a line or a file is cut off, what stands whole in it is read, and the rest is named on the
    error stream and in the records. Raises ClickException, with the name of the file, for what is
    neither JSON nor NDJSON.
    """
    by_lines: list[list[object]] = []
    for path in files:
        values, whole = _read(path)
        if whole:
            yield from records_from_files([values])
        else:
            by_lines.append(values)
    if by_lines:
        yield from records_from_files(by_lines)


def documents_in(path: Path) -> list[Any]:
    """The JSON value of a file, or those of its lines. Raises ClickException as `records_in`."""
    values, whole = _read(path)
    broken = [value for value in values if isinstance(value, InvalidJson)]
    if whole and broken:
        raise click.ClickException(f"{path}: {broken[0]}")
    return [value for value in values if not isinstance(value, InvalidJson)]


def _read(path: Path) -> tuple[list[object], bool]:
    """The values of a file, and whether it is one document rather than lines."""
    try:
        text = as_utf8(_unpacked(path.read_bytes())).strip(NOTHING)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path}: {error.reason}") from None
    except zlib.error as error:
        raise click.ClickException(f"{path}: not gzip: {error}") from None
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    by_lines = name.suffix.lower() in _BY_LINES and _is_ndjson(text)
    if not by_lines:
        try:
            return [decode(text)], True
        except InvalidJson as error:
            if text.strip() and not _is_ndjson(text):
                return _cut_off(path, text, error), True
    return list(_named(path, text)), False


def _unpacked(data: bytes) -> bytes:
    """The content of a gzip file, as far as it goes; anything else as it is."""
    content = b""
    while data.startswith(_GZIP):
        member = zlib.decompressobj(wbits=31)
        content += member.decompress(data)
        data = member.unused_data
        if not data:
            return content
    return content or data


def _cut_off(path: Path, text: bytes, error: InvalidJson) -> list[object]:
    """The entries of a Bundle that breaks off, and last what says so."""
    values = list(values_in(text))
    if not any(entry.resource for entry in entries_in(values)):
        raise click.ClickException(f"{path}: {error}") from None
    echo(f"{path}: cut off, the rest is not read: {error}", err=True)
    return values


def _named(path: Path, text: bytes) -> Iterator[object]:
    for number, value in decode_lines(text):
        if isinstance(value, InvalidJson):
            echo(f"{path}, line {number}: not read: {value}", err=True)
        yield value


def _is_ndjson(text: bytes) -> bool:
    return any(
        number <= _LOOKED_AT and isinstance(value, dict) and "resourceType" in value
        for number, value in decode_lines(b"\n".join(text.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]))
    )
