"""`ketamine-cds terminology …`: rebuild the code tables."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def terminology() -> None:
    """Code tables: rebuild them, or find codes that they do not cover."""


@terminology.command()
@click.option(
    "--csv",
    "source",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the code-set CSVs.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write the tables; the package's own by default.",
)
def build(source: Path, out: Path | None) -> None:
    """Write the bundled tables anew. The same input gives the same bytes."""
    from cds.terminology.building.run import TABLES, build_tables

    for name, size in sorted(build_tables(source, out or TABLES).items()):
        click.echo(f"{size:>9,}  {name}")
