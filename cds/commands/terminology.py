"""`ketamine-cds terminology …`: rebuild the code tables; find codes that they do not cover."""

from __future__ import annotations

from pathlib import Path

import click

from cds.dosage.coverage import InstructionCoverage

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
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the tables; the package's own by default.",
)
def build(csv_folder: Path | None, rrf_folder: Path | None, out: Path | None) -> None:
    """Write the tables anew: all of them from CSVs, or the drugs from an RxNorm release.

    A release adds its products to the bundled ones; every code that is there stays resolvable.
    The same input gives the same bytes.
    """
    from cds.terminology.build.refresh import refresh
    from cds.terminology.build.rrf import ReleaseError
    from cds.terminology.build.run import TABLES, build_tables

    if (csv_folder is None) == (rrf_folder is None):
        raise click.UsageError("give one of --csv and --rrf")
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


@terminology.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--site-map", type=_FILE, help="The site's own codes (CSV or YAML).")
@click.option("--limit", default=50, show_default=True, help="How many codes and texts to list.")
def check(files: tuple[Path, ...], site_map: Path | None, limit: int) -> None:
    """What of FHIR data (JSON or NDJSON) is not covered: codes, and written dosage instructions.

    Codes without a set are most often diagnoses or tests that no rule asks for. Displays are not
    printed; of unread instructions only words that the vocabulary knows, or that several patients
    have, digits as #.
    """
    from cds.dosage.coverage import instruction_coverage
    from cds.terminology.coverage import UnreadableData, coverage, read_resources, short_system
    from cds.terminology.lookup import load_terminology
    from cds.terminology.site_map import SiteMapError

    try:
        found = coverage(list(files), load_terminology(site_map))
        texts = instruction_coverage(r for path in files for r in read_resources(path))
    except (UnreadableData, SiteMapError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{'':26}{'by code':>9}{'by text':>9}{'unknown':>9}")
    for name in sorted({*found.by_code, *found.by_text, *found.not_at_all}):
        counts = (c[name] for c in (found.by_code, found.by_text, found.not_at_all))
        click.echo(f"{name:26}" + "".join(f"{count:>9,}" for count in counts))
    if found.missing:
        click.echo("\ncodes not covered:")
    for item in found.missing[:limit]:
        where = f"{item.resource_type:26}{short_system(item.system)}"
        click.echo(f"{item.count:>7,}  {where} {item.code}")
    if len(found.missing) > limit:
        click.echo(f"… and {len(found.missing) - limit:,} more")
    _instructions(texts, limit)


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
        click.echo(f"{count:>7,}  {shape}")
    if len(texts.unread) > limit:
        click.echo(f"… and {len(texts.unread) - limit:,} more")
