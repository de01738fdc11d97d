"""`ketamine-cds knowledge diff`: what a new knowledge says otherwise than an old one."""

from __future__ import annotations

import json
import sys
from itertools import groupby

import click

from cds.commands.revisions import Named, knowledge_named
from cds.commands.settings import Refused
from cds.commands.terminal import echo
from cds.knowledge.load import KnowledgeError


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array of the changes.")
@click.option("--exit-code", is_flag=True, help="End with 1 where there are changes, as git does.")
def diff(old: str, new: str, as_json: bool, exit_code: bool) -> None:
    """Print what NEW says otherwise than OLD, what weighs most first.

    Each is `bundled` for the installed facts, a folder of `knowledge export`, a wheel, or a git
    revision of the repository that you are in. Entries of another release that do not fit the
    installed one are named, and not compared.
    """
    from cds.knowledge.diff import differences
    from cds.terminology.codes.code_names import name_of_code

    before, after = _named(old), _named(new)
    unread = {**before.unread, **after.unread}
    changes = [
        change
        for change in differences(before.knowledge, after.knowledge, name_of_code)
        if (change.subject, change.id) not in unread
    ]
    if as_json:
        click.echo(json.dumps([change.json() for change in changes], indent=1, ensure_ascii=False))
    else:
        for weight, of_weight in groupby(changes, key=lambda change: change.weight):
            echo(f"{weight.heading}:")
            for change in of_weight:
                echo(f"  {change}")
        echo(_counted(len(changes)))
    for (subject, ident), why in unread.items():
        echo(f"not compared: {subject}/{ident} does not fit this version: {why}", err=True)
    if exit_code and (changes or unread):
        sys.exit(1)


def _named(name: str) -> Named:
    try:
        return knowledge_named(name)
    except KnowledgeError as error:
        raise Refused(str(error)) from None


def _counted(changes: int) -> str:
    return {0: "No change.", 1: "1 change."}.get(changes, f"{changes} changes.")
