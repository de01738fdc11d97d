"""`ketamine-cds knowledge`: what the rules know, and from where."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from cds.commands.knowledge_check import all_faults
from cds.commands.knowledge_format import format_files
from cds.commands.knowledge_schema import write_schemas
from cds.commands.settings import CONFIG, Refused, settings_of
from cds.knowledge.load import load_knowledge


@click.group()
def knowledge() -> None:
    """The clinical facts behind the cards."""


knowledge.add_command(format_files)
knowledge.add_command(write_schemas)


@knowledge.command()
@click.option("--by-source", is_flag=True, help="List the facts under each source.")
@click.option("--unverified", is_flag=True, help="List the facts not read in their source.")
@CONFIG
def check(by_source: bool, unverified: bool, config: Path | None) -> None:
    """Look through the knowledge, its wordings and the drug classes, and count the facts.

    Every mistake is told at once, with its file and line: what is no YAML or does not fit its
    model, names that nothing bears, codes that can't be, values that contradict each other or never
    hold, ids that stand twice, words that are missing. So is a site protocol of the settings that
    the knowledge can't keep.
    """
    faults = all_faults()
    if faults:
        raise Refused("\n".join([_counted(len(faults)), *map(str, faults)]))
    known = load_knowledge()
    facts = list(known.facts())
    settings_of(config)
    for subject in dict.fromkeys(name for name, _ in facts):
        states = Counter(fact.status for name, fact in facts if name == subject)
        reviewed = known.review.get(subject, {})
        counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        click.echo(f"{subject:24} {counted}; clinician review: {reviewed.get('clinician', 'none')}")
    click.echo(f"{len(facts)} facts, {len(known.sources)} sources, version {known.version}")
    if unverified:
        for subject, fact in facts:
            if fact.status != "seen" or fact.unverified:
                click.echo(f"  {subject}/{fact.id}: {fact.status}; {fact.unverified or ''}")
    if by_source:
        for source in known.sources.values():
            citing = [
                f"{subject}/{fact.id}" for subject, fact in facts if source.id in fact.sources
            ]
            if citing:
                click.echo(f"{source.id} ({source.year or 'n.d.'}): {', '.join(citing)}")


def _counted(faults: int) -> str:
    return "1 mistake" if faults == 1 else f"{faults} mistakes"
