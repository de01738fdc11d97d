"""`ketamine-cds knowledge review`: facts out to a committee, and its signatures back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from cds.clock import today_in
from cds.commands.own_knowledge import check_own_knowledge
from cds.commands.settings import CONFIG, Refused, settings_alone
from cds.knowledge.evidence_rows import load_evidence
from cds.knowledge.guesses import unknown
from cds.knowledge.load import Knowledge, load_knowledge
from cds.knowledge.model.base import Fact
from cds.knowledge.review.asked import asked_about
from cds.knowledge.review.due import Due, due_on, warnings
from cds.knowledge.review.ledger import NOTHING_SIGNED, Ledger, Signature
from cds.knowledge.review.ledger_file import (
    LedgerError,
    project_ledger,
    read_ledger,
    recording,
    write_ledger,
)
from cds.knowledge.review.packet import packet_html
from cds.knowledge.review.sheet import read_sheet, sheet_csv
from cds.settings import Settings
from cds.terminology.codes.code_names import name_of_code
from cds.wire import Json, encode

ON = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge by; else today."
)
OUT = click.Path(file_okay=False, path_type=Path)
SHEET = click.Path(exists=True, dir_okay=False, path_type=Path)
LEDGER = click.Path(dir_okay=False, path_type=Path)


@click.group()
def review() -> None:
    """Facts for a committee to read and sign, and what it signed."""


@review.command()
@click.argument("folder", type=OUT)
@click.option("--subject", "named_subjects", multiple=True, help="Only the facts of this subject.")
@click.option("--fact", "names", multiple=True, help="Only this fact, as `limits/oral`.")
@click.option("--unsigned", is_flag=True, help="Only what nobody has signed as it is.")
@click.option("--due", "due_too", is_flag=True, help="Only what is past its review.")
@ON
@CONFIG
def export(
    folder: Path,
    named_subjects: tuple[str, ...],
    names: tuple[str, ...],
    unsigned: bool,
    due_too: bool,
    on: datetime | None,
    config: Path | None,
) -> None:
    """Write packet.html, to read and print, and sheet.csv, to fill in, into FOLDER.

    With both --unsigned and --due, what is the one or the other.
    """
    settings = settings_alone(config)
    known, day = _facts(settings), _day(settings, on)
    ledger = _ledger_at(settings.reviews).over(project_ledger())
    chosen = list(_chosen(known, day, named_subjects, names))
    if unsigned or due_too:
        wanted = set(_wanted(due_on(known, ledger, day), unsigned, due_too))
        chosen = [(subject, fact) for subject, fact in chosen if f"{subject}/{fact.id}" in wanted]
    if not chosen:
        click.echo("No such fact needs a review: nothing was written.")
        return
    asked = list(
        asked_about(chosen, known, load_evidence(settings.knowledge), ledger, day, name_of_code)
    )
    sheet, packet = folder / "sheet.csv", folder / "packet.html"
    if sheet.exists():
        raise Refused(f"{sheet} is there already, and may be filled in: name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        packet.write_text(packet_html(asked, known.sources, known.version, day), encoding="utf-8")
        sheet.write_text(sheet_csv(asked), encoding="utf-8", newline="")
    except OSError as error:
        raise Refused(f"{folder}: {error.strerror}: name a folder that can be written") from None
    click.echo(f"{_counted(len(asked), 'fact')}: {packet} to read, {sheet} to fill in")


@review.command()
@click.argument("sheet", type=SHEET)
@click.option(
    "--reviews",
    type=LEDGER,
    help="The file of the signatures, which is made if it is not there; else that of the settings.",
)
@ON
@CONFIG
def record(sheet: Path, reviews: Path | None, on: datetime | None, config: Path | None) -> None:
    """Record the decisions of a filled SHEET: all of them, or none where one row is wrong."""
    settings = settings_alone(config)
    path = reviews or settings.reviews
    if path is None:
        raise Refused("where to? Set `reviews` in the settings, or name a file by --reviews")
    known = _facts(settings)
    editions = {f"{s}/{fact.id}": known.editions(s, fact.id) for s, fact in known.facts()}
    filled = read_sheet(sheet.read_bytes(), editions, _day(settings, on), name_of_code)
    if filled.mistakes:
        told = "\n".join(f"{sheet}, {said}" for said in filled.mistakes)
        raise Refused(f"{told}\nnothing was recorded")
    after, new = _record(filled.signatures, path)
    again = len(filled.signatures) - new
    click.echo(
        f"{_counted(new, 'decision')} recorded in {path}; {again} recorded before;"
        f" {_counted(filled.undecided, 'row')} without a decision"
    )
    for said in filled.rewritten:
        click.echo(
            f"warning: {sheet}, {said}: a sheet signs what a fact says, and changes none", err=True
        )
    for said in _without_effect(after, filled.signatures):
        click.echo(said, err=True)
    if new:
        click.echo("A running service knows them once it is started again.")


@review.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@ON
@CONFIG
def status(as_json: bool, on: datetime | None, config: Path | None) -> None:
    """Count what is signed, by subject, and list what is due."""
    settings = settings_alone(config)
    known, day = _facts(settings), _day(settings, on)
    ledger = _ledger_at(settings.reviews).over(project_ledger())
    due = due_on(known, ledger, day)
    if as_json:
        click.echo(encode(_status_json(due, _gone(ledger, known), day)).decode())
        return
    for subject, states in _by_subject(due).items():
        counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        click.echo(f"{subject:24} {counted}")
    for warning in warnings(due):
        click.echo(f"due: {warning}")
    for name in _gone(ledger, known):
        click.echo(f"signed, and not in this knowledge: {name}")


def _record(signatures: Sequence[Signature], path: Path) -> tuple[Ledger, int]:
    """The ledger with the signatures, and how many were not in the file yet. Raises Refused."""
    try:
        with recording(path):
            before = _ledger_at(path)
            after = before.with_new(signatures)
            new = len(after.signatures) - len(before.signatures)
            if new or not path.exists():
                write_ledger(path, after)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}; nothing was recorded") from None
    return after, new


def _without_effect(ledger: Ledger, signatures: Iterable[Signature]) -> Iterator[str]:
    """Decisions of which a later one of the same role takes the place."""
    for each in signatures:
        later = ledger.decided_again(each)
        if later is not None:
            yield (
                f"warning: {each.fact}: `{each.decision}` of {each.reviewed_on} counts for nothing:"
                f" a {each.role} decided `{later.decision}` on {later.reviewed_on}"
            )


def _facts(settings: Settings) -> Knowledge:
    """Those of the site's own folder, or ours. Raises Refused."""
    check_own_knowledge(settings)
    return load_knowledge(settings.knowledge)


def _day(settings: Settings, on: datetime | None) -> date:
    return on.date() if on else today_in(settings.zone or UTC)


def _chosen(
    known: Knowledge, day: date, named_subjects: tuple[str, ...], names: tuple[str, ...]
) -> Iterator[tuple[str, Fact]]:
    """The facts in force that were named, or all. Raises Refused for a name that none bears."""
    facts = {f"{subject}/{fact.id}": (subject, fact) for subject, fact in known.on(day).facts()}
    with_facts = dict.fromkeys(subject for subject, _ in known.facts())
    for subject in named_subjects:
        if subject not in with_facts:
            raise Refused(f"--subject: {unknown('subject', subject, with_facts)}")
    for name in names:
        if name not in facts:
            raise Refused(f"--fact: {_no_fact(name, known, day)}")
    everything = not named_subjects and not names
    for name, (subject, fact) in facts.items():
        if everything or subject in named_subjects or name in names:
            yield subject, fact


def _no_fact(name: str, known: Knowledge, day: date) -> str:
    """What is wrong with a name: its fact is of another day, its subject is missing, or a slip."""
    names = dict.fromkeys(f"{subject}/{fact.id}" for subject, fact in known.facts())
    if name in names:
        return f"`{name}` is not in force on {day}: name a day on which it is by `--on`"
    of_subjects = dict.fromkeys(each for each in names if each.partition("/")[2] == name)
    if of_subjects:
        return f"`{name}` has no subject: write {' or '.join(f'`{each}`' for each in of_subjects)}"
    return unknown("fact", name, names)


def _wanted(due: Due, unsigned: bool, due_too: bool) -> Iterator[str]:
    if unsigned:
        yield from (f"{s}/{fact.id}" for s, fact, found in due.standings if not found.signed)
    if due_too:
        yield from (f"{subject}/{fact.id}" for subject, fact, _ in due.facts)


def _ledger_at(path: Path | None) -> Ledger:
    """What is in the file; nothing, where there is none yet, as before the first sheet is back."""
    try:
        return read_ledger(path) if path is not None and path.exists() else NOTHING_SIGNED
    except LedgerError as error:
        raise Refused(str(error)) from None


def _by_subject(due: Due) -> Mapping[str, Counter[str]]:
    states: dict[str, Counter[str]] = {}
    for subject, _, found in due.standings:
        states.setdefault(subject, Counter())[found.state] += 1
    return states


def _gone(ledger: Ledger, known: Knowledge) -> list[str]:
    """Signed facts that this knowledge does not have: of an older release, or of a site's own."""
    facts = {f"{subject}/{fact.id}" for subject, fact in known.facts()}
    return sorted(set(ledger.by_fact) - facts)


def _status_json(due: Due, gone: list[str], day: date) -> Json:
    return {
        "day": day.isoformat(),
        "subjects": {subject: dict(states) for subject, states in _by_subject(due).items()},
        "facts_due": [f"{subject}/{fact.id}" for subject, fact, _ in due.facts],
        "sources_due": [source.id for source in due.sources],
        "signed_and_gone": gone,
    }


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
