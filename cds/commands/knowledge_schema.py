"""`ketamine-cds knowledge schema`: JSON Schemas, by which an editor completes and checks."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path

import click

from cds.commands.known_names import names_beside
from cds.knowledge.check import own_names
from cds.knowledge.load import load_knowledge, subjects
from cds.knowledge.written.files import SCHEMAS
from cds.knowledge.written.schema import schemas
from cds.terminology.lookup import load_terminology


@click.command("schema")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
def write_schemas(folder: Path | None) -> None:
    """Write a JSON Schema of every file of the knowledge, in `schema` of it or of FOLDER.

    `knowledge format` names the schema in the first line of each file, where it stands there.
    """
    with as_file(files("cds.knowledge")) as shipped:
        into = (folder or shipped) / SCHEMAS
        into.mkdir(parents=True, exist_ok=True)
        for name, text in made().items():
            (into / name).write_text(text, "utf-8", newline="\n")
    click.echo(f"{len(made())} schemas written to {into}")


def made() -> dict[str, str]:
    """File name → text."""
    knowledge, terminology = load_knowledge(), load_terminology()
    entries = (
        (subject, fact.model_dump(mode="json"), fact)
        for subject in subjects()
        for fact in getattr(knowledge, subject).values()
    )
    known = {**own_names(entries), **names_beside(terminology)}
    found = schemas(known, {"ingredient": filter(None, terminology.known().ingredients)})
    return {
        name: json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        for name, schema in found.items()
    }
