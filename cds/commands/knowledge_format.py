"""`ketamine-cds knowledge format`: the files of the knowledge in their one form."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import click

from cds.commands.code_names import names_of_codes
from cds.commands.settings import Refused
from cds.knowledge.written import Unreadable
from cds.knowledge.written.files import files_in, in_form

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("format")
@click.argument("folder", required=False, type=_FOLDER)
@click.option("--check", is_flag=True, help="Change nothing, and say which files are not in it.")
def format_files(folder: Path | None, check: bool) -> None:
    """Write the files of the knowledge, or those of FOLDER, in their one form.

    One field a line, codes with their names, no line over 110 columns, no quotes that are not
    needed. Comments stay. A name that stands beside a code is kept: `knowledge check` says whether
    it is that of the code.
    """
    with as_file(files("cds.knowledge")) as shipped:
        _format(folder or shipped, check)


def _format(root: Path, check: bool) -> None:
    changed, unread = [], []
    files = files_in(root)
    if not files:
        raise Refused(f"{root}: has no YAML file: name the folder that `knowledge export` made")
    for file in files:
        try:
            text, form = in_form(file, root, names_of_codes())
        except Unreadable as error:
            unread.append(str(error))
            continue
        if text != form:
            changed.append(f"{file}:{_first_other(text, form)}")
            if not check:
                _write(file, form)
    if unread or (check and changed):
        told = (f"{place}: is not in its form: `knowledge format` writes it" for place in changed)
        raise Refused("\n".join([*unread, *(told if check else ())]))
    written = "1 file written" if len(changed) == 1 else f"{len(changed)} files written"
    click.echo(written if changed else "all files are in their form")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None


def _first_other(text: str, form: str) -> int:
    """The first line that differs."""
    pairs = zip(text.split("\n"), form.split("\n"), strict=False)
    return next((number for number, (old, new) in enumerate(pairs, 1) if old != new), 1)
