"""`ketamine-cds knowledge`: what the rules know, and from where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import click

from cds.clock import today_in
from cds.commands.knowledge_check import all_faults
from cds.commands.knowledge_diff import diff
from cds.commands.knowledge_export import export
from cds.commands.knowledge_format import format_files
from cds.commands.knowledge_review import review
from cds.commands.knowledge_schema import write_schemas
from cds.commands.own_knowledge import check_own_knowledge, place_faults, refuse
from cds.commands.settings import CONFIG, KNOWLEDGE, reviews_of, settings_of
from cds.knowledge.load import load_knowledge
from cds.knowledge.model.base import Fact, Source
from cds.knowledge.review.due import Due, due_on, warnings
from cds.knowledge.review.ledger_file import project_ledger

Facts: TypeAlias = Sequence[tuple[str, Fact]]
"""each with its subject"""


@click.group()
def knowledge() -> None:
    """The clinical facts behind the cards."""


knowledge.add_command(diff)
knowledge.add_command(export)
knowledge.add_command(review)
knowledge.add_command(format_files)
knowledge.add_command(write_schemas)


@knowledge.command()
@click.option("--by-source", is_flag=True, help="List the facts under each source.")
@click.option("--unverified", is_flag=True, help="List the facts not read in their source.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge by; else today.")
@KNOWLEDGE
@CONFIG
def check(
    by_source: bool,
    unverified: bool,
    on: datetime | None,
    knowledge: Path | None,
    config: Path | None,
) -> None:
    """Look through the knowledge, its wordings and the drug classes, and count the facts.

    Every mistake is told at once, with its file and line: what is no YAML or does not fit its
    model, names that nothing bears, codes that can't be, values that contradict each other or never
    hold, ids that stand twice, words that are missing. So is a site protocol of the settings that
    the knowledge can't keep. With --knowledge it is your own folder that is looked through, and so
    it is where the settings name one. What is past its review, or rests on a source that was read
    too long ago, is a warning.
    """
    refuse(all_faults() if knowledge is None else place_faults(knowledge))
    settings = settings_of(config, knowledge=knowledge)
    if knowledge is None:
        check_own_knowledge(settings)
    known = load_knowledge(settings.knowledge)
    facts = list(known.facts())
    day = on.date() if on else today_in(settings.zone or UTC)
    due = due_on(known, reviews_of(settings).over(project_ledger()), day)
    for line in _counted(facts, due):
        click.echo(line)
    click.echo(f"{len(facts)} facts, {len(known.sources)} sources, version {known.version}")
    for warning in warnings(due):
        click.echo(f"warning: {warning}", err=True)
    if unverified:
        for subject, fact in facts:
            if fact.status != "seen" or fact.unverified:
                click.echo(f"  {subject}/{fact.id}: {fact.status}; {fact.unverified or ''}")
    if by_source:
        for line in _by_source(facts, known.sources.values()):
            click.echo(line)


def _counted(facts: Facts, due: Due) -> Iterator[str]:
    """Of each subject how much was read, and how much is signed."""
    for subject in dict.fromkeys(name for name, _ in facts):
        states = Counter(fact.status for name, fact in facts if name == subject)
        signed = sum(found.signed for name, _, found in due.standings if name == subject)
        counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        yield f"{subject:24} {counted}; {signed or 'none'} recorded as reviewed"


def _by_source(facts: Facts, sources: Iterable[Source]) -> Iterator[str]:
    for source in sources:
        citing = [f"{subject}/{fact.id}" for subject, fact in facts if source.id in fact.sources]
        if citing:
            yield f"{source.id} ({source.year or 'n.d.'}): {', '.join(citing)}"
