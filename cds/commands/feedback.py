"""`ketamine-cds feedback`: shown, accepted, overridden and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from unicodedata import normalize

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cds.characters import as_seen
from cds.commands.settings import settings_of
from cds.settings_values import database_url
from cds.store.database import Database, StoreError, stamp
from cds.store.report import Line, Report, build_report
from cds.store.texts import printable
from cds.wire import encode

PATIENCE_S = 120.0
"""for a report, which looks at all rows"""
CSV_HEAD = ("view", "name", "outcome", "reason", "cards")
FORMULA = frozenset("=+-@\u2212")
"""what a spreadsheet takes for the beginning of a formula, in whatever width or size"""


@click.command()
@click.option("--database", help="Database URL; default: the one of the settings.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Only cards shown from this day on (UTC)."
)
@click.option("--json", "form", flag_value="json", help="Print JSON.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV that is safe in a spreadsheet.")
def feedback(database: str | None, since: datetime | None, form: str | None) -> None:
    """Report what became of the cards, per kind of card and per rule."""
    start = stamp(since.replace(tzinfo=UTC)) if since else ""
    try:
        url = database_url(database) if database else settings_of().database_url
        report = build_report(Database(url, PATIENCE_S), start)
    except ValueError as error:
        raise click.ClickException(f"--database {error}") from None
    except StoreError as error:
        raise click.ClickException(f"the database can't be read: it is {error}") from None
    match form:
        case "json":
            click.echo(encode(asdict(report)))
        case "csv":
            click.echo(as_csv(report), nl=False)
        case _:
            show(report)


def show(report: Report, console: Console | None = None) -> None:
    """Print a report as two tables."""
    console = console or Console()
    if report.since is None:
        console.print("No card was shown in this time.")
        return
    console.print(f"Cards shown since {report.since[:10]}, the oldest that is kept of this time.")
    console.print(_table("Cards", report.cards))
    console.print(_table("Rules", report.rules))
    if report.changed:
        console.print(
            f"{report.changed} cards got another outcome later, which is the one counted."
        )
    if report.unknown_cards:
        console.print(
            f"Feedback also names {report.unknown_cards} cards that are not in the audit."
        )


def as_csv(report: Report) -> str:
    """A line for each count; those of one name and outcome add up. Every cell is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(CSV_HEAD)
    for view, lines in (("card", report.cards), ("rule", report.rules)):
        for line in lines:
            for outcome, reason, count in _counts(line):
                writer.writerow((view, cell(line.name), outcome, cell(reason), count))
    return out.getvalue()


def cell(text: str) -> str:
    """A text that a spreadsheet shows and does not compute, on one line."""
    begins = normalize("NFKC", as_seen(text)).lstrip()[:1]
    return ("'" if begins in FORMULA else "") + printable(text)


def _counts(line: Line) -> Iterator[tuple[str, str, int]]:
    yield "shown", "", line.shown
    yield "accepted", "", line.accepted
    for reason, count in line.reasons.items():
        yield "overridden", reason, count


def _table(title: str, lines: Sequence[Line]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(title[:-1])
    for name in ("shown", "accepted", "overridden"):
        table.add_column(name, justify="right")
    table.add_column("why overridden")
    for line in lines:
        why = ", ".join(f"{reason} ({count})" for reason, count in line.reasons.items())
        counts = map(str, (line.shown, line.accepted, line.overridden))
        # what a client sent is no markup of ours
        table.add_row(Text(printable(line.name)), *counts, Text(printable(why)))
    return table
