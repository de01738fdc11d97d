"""`ketamine-cds knowledge`: what the rules know, and from where."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from cards.declared import WordingError
from cards.words import check_wordings
from cds.commands.settings import CONFIG, settings_of
from cds.knowledge.load import KnowledgeError, load_knowledge


@click.group()
def knowledge() -> None:
    """The clinical facts behind the cards."""


@knowledge.command()
@click.option("--by-source", is_flag=True, help="List the facts under each source.")
@click.option("--unverified", is_flag=True, help="List the facts not read in their source.")
@CONFIG
def check(by_source: bool, unverified: bool, config: Path | None) -> None:
    """Validate the knowledge files and the wordings, and count facts by subject and review state.

    Fails when a file does not fit its model, a fact cites a source that does not exist, a wording
    uses what it is not given, or the site protocol of the settings names or sets what the knowledge
    can't keep.
    """
    try:
        known = load_knowledge()
        check_wordings()
    except (KnowledgeError, WordingError) as error:
        raise click.ClickException(str(error)) from None
    facts = list(known.facts())
    broken = [
        f"{subject}/{fact.id}: unknown source {source}"
        for subject, fact in facts
        for source in fact.sources
        if source not in known.sources
    ]
    if broken:
        raise click.ClickException("\n".join(broken))
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
