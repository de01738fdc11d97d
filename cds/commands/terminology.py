"""`ketamine-cds terminology …`: rebuild the code tables; find codes that they do not cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from cds.chart.entries import Chart
from cds.commands.terminal import echo
from cds.dosage.coverage import InstructionCoverage
from cds.recognition import Outcome, Recognition
from cds.terminology.codes.systems import short_system

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def terminology() -> None:
    """Code tables: rebuild them, or find what they and the dosage words do not cover."""


@terminology.command()
@click.option("--csv", "csv_folder", type=_FOLDER, help="Folder with the code-set CSVs.")
@click.option(
    "--rrf", "rrf_folder", type=_FOLDER, help="Folder with an RxNorm release (RXNCONSO.RRF …)."
)
@click.option(
    "--icd10cm", type=_FILE, help="The tabular list of ICD-10-CM (XML), as CDC publishes it."
)
@click.option(
    "--titles", is_flag=True, help="The titles of ICD-10-CM, of the package simple-icd-10-cm."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the tables; the package's own by default.",
)
def build(
    csv_folder: Path | None,
    rrf_folder: Path | None,
    icd10cm: Path | None,
    titles: bool,
    out: Path | None,
) -> None:
    """Write the tables anew: the code sets from CSVs, the drugs from an RxNorm release, the words
    of diagnoses that no rule asks about from ICD-10-CM, or what its titles mislead to and the parts
    of the body that they name.

    A release adds its products to the bundled ones; every code that is there stays resolvable.
    The same input gives the same bytes.
    """
    from cds.terminology.build.diagnosis_words import TabularError, build_diagnosis_words
    from cds.terminology.build.official import build_from_titles
    from cds.terminology.build.refresh import refresh
    from cds.terminology.build.rrf import ReleaseError
    from cds.terminology.build.run import TABLES, build_tables

    if [csv_folder, rrf_folder, icd10cm, titles or None].count(None) != 3:
        raise click.UsageError("give one of --csv, --rrf, --icd10cm and --titles")
    if csv_folder is not None:
        try:
            sizes = build_tables(csv_folder, out or TABLES)
        except (OSError, KeyError) as error:
            raise click.ClickException(f"{csv_folder}: {error}") from None
        for name, size in sorted(sizes.items()):
            click.echo(f"{size:>9,}  {name}")
    if rrf_folder is not None:
        try:
            result = refresh(rrf_folder, out or TABLES)
        except ReleaseError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"{result.added:,} codes and {result.added_ndc:,} NDCs added")
    if icd10cm is not None:
        try:
            table = build_diagnosis_words(icd10cm, out or TABLES)
        except TabularError as error:
            raise click.ClickException(f"{icd10cm}: {error}") from None
        click.echo(f"{len(table.words):,} words and {len(table.names):,} names")
    if titles:
        try:
            rows = build_from_titles(out or TABLES)
        except ImportError:
            raise click.ClickException("install simple-icd-10-cm (the extra “tables”)") from None
        for name, count in rows.items():
            click.echo(f"{count:>9,}  {name}")


@terminology.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--site-map", type=_FILE, help="The site's own codes (CSV or YAML).")
@click.option("--limit", default=50, show_default=True, help="How many codes and texts to list.")
def check(files: tuple[Path, ...], site_map: Path | None, limit: int) -> None:
    """What becomes of FHIR data (JSON or NDJSON): recognised, of no relevance, unread.

    Irrelevant entries are most often diagnoses or tests that no rule asks for. Displays are not
    printed; of unread instructions only words that the vocabulary knows, or that several patients
    have, digits as #.
    """
    from cds.api import SiteMapError, load, read_chart
    from cds.commands.records import records_in
    from cds.dosage.coverage import instruction_coverage
    from cds.recognition import recognition

    try:
        engine = load(site_map)
    except SiteMapError as error:
        raise click.ClickException(str(error)) from None
    charts = [read_chart(engine, record) for record in records_in(files)]
    found = recognition(charts)
    _outcomes(found)
    _shares(found)
    _codes(found, limit)
    _reasons(found)
    _instructions(instruction_coverage(_written(charts)), limit)


def _outcomes(found: Recognition) -> None:
    """By kind and system: an entry by its first code, or in words."""
    click.echo(f"{'':45}" + "".join(f"{outcome:>12}" for outcome in Outcome))
    for kind, system in sorted({(kind, system) for kind, system, _ in found.outcomes}):
        counts = (found.outcomes[kind, system, outcome] for outcome in Outcome)
        shown = f"{kind:26}{short_system(system):19}"
        echo((shown + "".join(f"{count:>12,}" for count in counts)).rstrip())


def _shares(found: Recognition) -> None:
    """Of the entries that say something: by a rule's code or words, of no relevance, unread."""
    shown = (Outcome.CODE, Outcome.TEXT, Outcome.IRRELEVANT, Outcome.UNREAD)
    click.echo(f"\n{'share of':26}{'entries':>19}" + "".join(f"{one:>12}" for one in shown))
    for name, total, became in found.shares():
        if total:
            parts = "".join(f"{became[one] / total:>12.1%}" for one in shown)
            click.echo(f"{name:26}{total:>19,}{parts}")


def _codes(found: Recognition, limit: int) -> None:
    if not found.codes:
        return
    click.echo("\ncodes that the tables do not know:")
    ordered = sorted(found.codes.items(), key=lambda item: (-item[1], item[0]))
    for (kind, system, code, outcome), count in ordered[:limit]:
        echo(f"{count:>7,}  {kind:26}{short_system(system)} {code}  ({outcome})")
    if len(ordered) > limit:
        click.echo(f"… and {len(ordered) - limit:,} more")


def _reasons(found: Recognition) -> None:
    if not found.reasons:
        return
    click.echo("\nunread:")
    for (kind, why), count in sorted(found.reasons.items(), key=lambda item: (-item[1], item[0])):
        echo(f"{count:>7,}  {kind:26}{why}")


def _written(charts: Iterable[Chart]) -> Iterator[tuple[str, str]]:
    """(patient, text) of the instructions of all drugs that are recognised."""
    for chart in charts:
        for entry in chart.medications:
            for dosage in entry.dosages:
                if text := dosage.own or dosage.patient:
                    yield chart.person.id, text


def _instructions(texts: InstructionCoverage, limit: int) -> None:
    if not texts.outcomes:
        return
    share = "" if texts.share is None else f" ({texts.share:.0%} of those that tell something)"
    click.echo(f"\nwritten dosage instructions{share}:")
    for outcome, count in sorted(texts.outcomes.items()):
        click.echo(f"{count:>7,}  {outcome}")
    if texts.unread:
        click.echo("\nnot read, most frequent first:")
    for shape, count in texts.unread[:limit]:
        echo(f"{count:>7,}  {shape}")
    if len(texts.unread) > limit:
        click.echo(f"… and {len(texts.unread) - limit:,} more")
