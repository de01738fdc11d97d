"""`ketamine-cds feedback`: shown, accepted, overridden and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from cds.commands.settings import settings_of
from cds.store.database import Database, StoreError, stamp
from cds.store.report import Line, Report, build_report
from cds.wire import encode


@click.command()
@click.option("--database", help="Database URL; default: the one of the settings.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only cards shown from this day on (UTC)."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def feedback(database: str | None, since: datetime | None, as_json: bool) -> None:
    """Report what became of the cards, per kind of card and per rule."""
    start = stamp(since.replace(tzinfo=UTC)) if since else ""
    try:
        url = database or settings_of().database_url
        report = build_report(Database(url), start)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except StoreError as error:
        raise click.ClickException(f"the database can't be read: {error}") from None
    if as_json:
        click.echo(encode(asdict(report)))
    else:
        show(report)


def show(report: Report, console: Console | None = None) -> None:
    """Print a report as two tables."""
    console = console or Console()
    if not report.cards:
        console.print("No card was shown in this time.")
        return
    console.print(_table("Cards", report.cards))
    console.print(_table("Rules", report.rules))
    if report.unknown_cards:
        console.print(
            f"Feedback also names {report.unknown_cards} cards that are not in the audit."
        )


def _table(title: str, lines: Sequence[Line]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(title[:-1])
    for name in ("shown", "accepted", "overridden"):
        table.add_column(name, justify="right")
    table.add_column("why overridden")
    for line in lines:
        why = ", ".join(f"{reason} ({count})" for reason, count in line.reasons.items())
        table.add_row(line.name, *map(str, (line.shown, line.accepted, line.overridden)), why)
    return table
