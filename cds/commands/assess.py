"""`ketamine-cds assess`: a patient's history, assessment and reasons, from files."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from cards.build import Occasion, build
from cards.model import Card
from cds.assessment.assess import assess as assess_patient
from cds.assessment.model import Assessment
from cds.chart.drafts import read_draft
from cds.chart.identity import by_own_name
from cds.fhir.prefetch import unwrapped
from cds.fhir.record.patient_record import (
    PatientRecord,
    gather,
    records_from_bundle,
    records_from_ndjson,
)
from cds.fhir.record.patient_record import reference_of as reference
from cds.fhir.record.references import named_keys
from cds.fhir_json import as_object
from cds.history.build import build_history
from cds.knowledge.load import load_knowledge
from cds.knowledge.site import SiteProtocol
from cds.orders.model import Order
from cds.orders.read import read_order
from cds.report import report
from cds.terminology.lookup import Terminology, load_terminology
from cds.terminology.site_map import SiteMapError
from cds.wire import InvalidJson, Json, decode, encode

FILE = click.Path(exists=True, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--order",
    "order_files",
    multiple=True,
    type=FILE,
    help="A draft MedicationRequest or ServiceRequest, or a Bundle of drafts.",
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day to look from.")
@click.option("--site-map", type=FILE, help="The site's own codes, as docs/terminology.md says.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per patient.")
def assess(
    files: tuple[Path, ...],
    order_files: tuple[Path, ...],
    as_of: datetime | None,
    site_map: Path | None,
    as_json: bool,
) -> None:
    """Read patients from FHIR Bundles or NDJSON FILES and print what the service would say.

    A Bundle may be of any type; NDJSON lines are grouped by patient. With --order, the drafts are
    checked and the cards shown; without, only what does not depend on an order.
    """
    try:
        terminology = load_terminology(site_map)
    except SiteMapError as error:
        raise click.ClickException(str(error)) from None
    day = as_of.date() if as_of else datetime.now(UTC).date()
    drafts = [draft for path in order_files for draft in _drafts(path)]
    records = list(_records(files))
    if not records:
        raise click.ClickException("no patient was found in the files")
    for record in records:
        mine = _of_patient(drafts, record, alone=len(records) == 1)
        result, cards = assess_record(record, mine, day, terminology=terminology)
        if as_json:
            sys.stdout.buffer.write(encode(report(result, cards)) + b"\n")
            sys.stdout.buffer.flush()
        else:
            from cds.commands.show import show

            show(result, cards)
    _say_unmatched(drafts, records)


def assess_record(
    record: PatientRecord,
    drafts: Sequence[Json],
    day: date,
    site: SiteProtocol | None = None,
    terminology: Terminology | None = None,
) -> tuple[Assessment, list[Json]]:
    """One patient, in process: the assessment, and the cards as order-select would show them.

    `drafts` are resources, or Bundle entries that hold them under their `fullUrl`.
    """
    terminology, knowledge = terminology or load_terminology(), load_knowledge()
    site = site or SiteProtocol()
    history = build_history(record, terminology, knowledge, day)
    record.session = gather(drafts).index
    orders: list[Order] = [
        read_order(
            read_draft(_resource(draft), terminology, record, draft.get("fullUrl")), terminology
        )
        for draft in drafts
    ]
    assessment = assess_patient(history, orders, orders, knowledge, site)
    occasion = Occasion("order-select", by_own_name(map(_resource, drafts)))
    cards = build(assessment, occasion, knowledge, site) if drafts else ()
    return assessment, [_card(card) for card in cards]


def _card(card: Card) -> Json:
    """A card without the uuids that it gets when it is sent: the same chart prints the same."""
    told: Json = {
        "summary": card.summary,
        "indicator": card.indicator,
        "kind": card.kind,
        "detail": card.detail,
    }
    if card.suggestions:
        told["suggestions"] = [suggestion.json() for suggestion in card.suggestions]
    return told


def _records(files: Sequence[Path]) -> Iterator[PatientRecord]:
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


def _drafts(path: Path) -> list[Json]:
    try:
        document: Any = decode(path.read_bytes())
    except InvalidJson as error:
        raise click.ClickException(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise click.ClickException(f"{path}: expected a FHIR resource or a Bundle of drafts")
    if document.get("resourceType") == "Bundle":
        return list(unwrapped(document))
    return [document]


def _resource(draft: Json) -> Json:
    """A draft itself, taken out of its Bundle entry."""
    return as_object(draft.get("resource")) or draft


def _of_patient(drafts: Sequence[Json], record: PatientRecord, *, alone: bool) -> list[Json]:
    """Drafts whose `subject` is this patient; one without a subject goes to a patient alone."""
    return [
        draft
        for draft in drafts
        if (_is_of(subject, record) if (subject := _subject(draft)) else alone)
    ]


def _is_of(subject: Json, record: PatientRecord) -> bool:
    """Whether a reference names this patient, by any of the names of the chart, or by bare id."""
    if record.patient is None:
        return False
    ident = re.split(r"[/:]", next(named_keys(subject), ""))[-1]
    found = record.resolve(subject, kinds=("Patient",))
    return found is record.patient or ident == record.patient.get("id")


def _subject(draft: Json) -> Json:
    return as_object(_resource(draft).get("subject"))


def _say_unmatched(drafts: Sequence[Json], records: Sequence[PatientRecord]) -> None:
    for draft in drafts:
        subject = _subject(draft)
        known = any(_is_of(subject, record) for record in records)
        if not known and (subject or len(records) > 1):
            ref = reference(_resource(draft))
            click.echo(f"{ref}: its subject is none of the patients", err=True)
