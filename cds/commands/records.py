"""Patients from files: FHIR Bundles of any type, single resources, NDJSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from cds.fhir.record.patient_record import PatientRecord, records_from_bundle, records_from_ndjson
from cds.wire import InvalidJson, decode


def records_in(files: Sequence[Path]) -> Iterator[PatientRecord]:
    """A record per patient. NDJSON lines of all files are grouped by patient together.

    Raises ClickException, with the name of the file, for what is neither JSON nor NDJSON.
    """
    lines: list[bytes] = []
    for path in files:
        text = path.read_bytes()
        if path.suffix == ".ndjson":
            lines += text.splitlines()
            continue
        try:
            document: Any = decode(text)
        except InvalidJson as error:
            if not _is_ndjson(text):
                raise click.ClickException(f"{path}: {error}") from None
            lines += text.splitlines()
            continue
        yield from records_from_bundle(document)
    if lines:
        yield from records_from_ndjson(lines)


def _is_ndjson(text: bytes) -> bool:
    first = text.lstrip().split(b"\n", 1)[0]
    try:
        return isinstance(decode(first), dict)
    except InvalidJson:
        return False
