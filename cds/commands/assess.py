"""`ketamine-cds assess`: a patient's history, assessment and reasons, from files."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from cds.api import assess as assess_orders
from cds.api import load, read_chart
from cds.chart.drafts import drafted
from cds.chart.entries import Chart
from cds.clock import today_in
from cds.commands.own_knowledge import check_own_knowledge
from cds.commands.records import documents_in, records_in
from cds.commands.settings import CONFIG, KNOWLEDGE, settings_of
from cds.commands.terminal import echo
from cds.dates import zone_named
from cds.fhir.prefetch import unwrapped
from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.record.patient_record import reference_of as reference
from cds.fhir.record.references import named_keys
from cds.fhir_json import as_object
from cds.terminology.site_map import SiteMapError
from cds.wire import Json, encode

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
@click.option(
    "--time-zone",
    help="Where the patients are, such as America/New_York; else as their instants say.",
)
@click.option("--site-map", type=FILE, help="The site's own codes, as docs/terminology.md says.")
@KNOWLEDGE
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per patient.")
def assess(
    files: tuple[Path, ...],
    order_files: tuple[Path, ...],
    as_of: datetime | None,
    time_zone: str | None,
    site_map: Path | None,
    knowledge: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Read patients from FHIR Bundles or NDJSON FILES and print what the service would say.

    A Bundle may be of any type; NDJSON lines are grouped by patient. With --order, the drafts are
    checked and the cards shown; without, only what does not depend on an order. The site protocol
    is that of the settings.
    """
    try:
        zone = zone_named(time_zone) if time_zone else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--time-zone") from None
    settings = settings_of(config, knowledge=knowledge)
    check_own_knowledge(settings)
    try:
        engine = load(
            site_map or settings.site_map,
            settings.site,
            zone or settings.zone,
            settings.knowledge,
            settings.reviews,
        )
    except SiteMapError as error:
        raise click.ClickException(str(error)) from None
    drafts = [draft for path in order_files for draft in _drafts(path)]
    records = list(records_in(files))
    if not records:
        raise click.ClickException("no patient was found in the files")
    for record in records:
        mine = _of_patient(drafts, record, alone=len(records) == 1)
        chart = read_chart(engine, record)
        day = as_of.date() if as_of else _today(chart)
        answer = assess_orders(engine, chart, day, mine)
        if as_json:
            sys.stdout.buffer.write(encode(answer.report()) + b"\n")
            sys.stdout.buffer.flush()
        else:
            from cds.commands.show import show

            show(answer)
    _say_unmatched(drafts, records)


def _today(chart: Chart) -> date:
    return today_in(chart.zone)


def _drafts(path: Path) -> list[Json]:
    drafts: list[Json] = []
    for document in documents_in(path):
        if not isinstance(document, dict):
            raise click.ClickException(f"{path}: expected a FHIR resource or a Bundle of drafts")
        bundle = document.get("resourceType") == "Bundle"
        drafts += unwrapped(document) if bundle else [document]
    return drafts


def _of_patient(drafts: Sequence[Json], record: PatientRecord, *, alone: bool) -> list[Json]:
    """Drafts whose `subject` is this patient; one without a subject goes to a patient alone."""
    return [
        draft
        for draft in drafts
        if (_is_of(subject, record) if (subject := _subject(draft)) else alone)
    ]


def _is_of(subject: Json, record: PatientRecord) -> bool:
    """Whether a reference names this patient, by any of the names of the chart, or by bare id."""
    ident = re.split(r"[/:]", next(named_keys(subject), ""))[-1]
    found = record.referred.resolve(subject, kinds=("Patient",))
    same = found is not None and found is record.patient
    return same or (bool(ident) and ident == record.patient_id)


def _subject(draft: Json) -> Json:
    return as_object(drafted(draft).get("subject"))


def _say_unmatched(drafts: Sequence[Json], records: Sequence[PatientRecord]) -> None:
    for draft in drafts:
        subject = _subject(draft)
        known = any(_is_of(subject, record) for record in records)
        if not known and (subject or len(records) > 1):
            ref = reference(drafted(draft))
            echo(f"{ref}: its subject is none of the patients", err=True)
