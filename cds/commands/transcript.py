"""What happened in a `call`: tables for the terminal, and a file without tokens and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from cds.commands.terminal import told
from cds.fhir.queries import QUERIES
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.server.client import Asked
from cds.wire import Json

REMOVED = "[removed]"
_PERSONAL = frozenset({
    "access_token", "address", "birthDate", "contact", "div", "family", "given", "identifier",
    "name", "photo", "telecom", "userId", "subject_id",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transcript:
    """One call, as it was."""

    request: Json
    response: Json
    milliseconds: float
    asked: Sequence[Asked] = ()
    record: PatientRecord | None = None

    def redacted(self) -> Json:
        """For a file that may be passed on: no token, no name, and `[patient]` for the id.

        What the chart says of the patient's health is in the cards: it is theirs all the same.
        """
        patient = str(self.request["context"]["patientId"])
        document = {
            "request": self.request,
            "queries": [
                {"query": one.query, "outcome": one.outcome, "ms": round(one.milliseconds)}
                for one in self.asked
            ],
            "found": dict(rows(self.record)) if self.record else {},
            "response": self.response,
            "ms": round(self.milliseconds),
        }
        cleaned = redact(document, patient)
        assert isinstance(cleaned, dict)
        return cleaned


def redact(value: Any, patient: str) -> Any:
    """Without what names a person or opens a door."""
    if isinstance(value, dict):
        return {
            key: REMOVED
            if key in _PERSONAL or (key == "display" and "reference" in value)
            else redact(item, patient)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(item, patient) for item in value]
    if isinstance(value, str):
        return "[patient]" if value == patient else _without(value, patient)
    return value


def _without(text: str, patient: str) -> str:
    for before, after in (("Patient/", ""), ("patient=", ""), ("subject=", ""), ("Patient%2F", "")):
        text = text.replace(f"{before}{patient}{after}", f"{before}[patient]{after}")
    return text


def rows(record: PatientRecord) -> list[tuple[str, str]]:
    """For each prefetch key: how much was found, or why not."""
    found = []
    for key, query in QUERIES.items():
        count = len(record.resources.get(query.resource_type, ()))
        if key in record.unavailable:
            some = f"{count}, and not all: " if count else ""
            found.append((key, f"{some}{record.unavailable[key]}"))
        elif key in record.answered:
            found.append((key, str(count)))
    return found


def show_found(console: Console, record: PatientRecord) -> None:
    """A table of what was found and what was missing."""
    table = Table("data", "found", title="What the FHIR server gave")
    for key, what in rows(record):
        missing = key in record.unavailable
        table.add_row(key, told(what, "yellow" if missing else ""))
    console.print(table)
    for skipped in record.skipped:
        console.print(told(f"not used: {skipped.resource}: {skipped.reason}", "yellow"))


def show_timing(console: Console, transcript: Transcript) -> None:
    """A table of the queries with their times."""
    table = Table("query", "outcome", "ms", "kB", title="Queries")
    for one in sorted(transcript.asked, key=lambda one: -one.milliseconds):
        short = one.query if len(one.query) < 70 else f"{one.query[:67]}..."
        table.add_row(
            told(short), told(one.outcome), f"{one.milliseconds:.0f}", f"{one.size / 1000:.1f}"
        )
    if transcript.asked:
        console.print(table)
    slowest = max((one.milliseconds for one in transcript.asked), default=0.0)
    ratio = f", {transcript.milliseconds / slowest:.2f} x the slowest query" if slowest else ""
    console.print(f"The whole call: {transcript.milliseconds:.0f} ms{ratio}")
