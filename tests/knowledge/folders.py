"""Folders of knowledge, each made from ours with an edit or two."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import indent

from click.testing import CliRunner, Result

from cds.cli import main


def run(*arguments: object) -> Result:
    """A command as somebody types it."""
    return CliRunner().invoke(main, [str(each) for each in arguments])


def exported(folder: Path) -> Path:
    """Our facts, as a committee gets them."""
    ended = run("knowledge", "export", folder)
    assert ended.exit_code == 0, ended.output
    return folder


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def edit(folder: Path, file: str, was: str, becomes: str) -> None:
    """Replace a text that stands once in a file of `data`."""
    path = folder / "data" / file
    text = path.read_text("utf-8")
    assert text.count(was) == 1, f"{file} has {text.count(was)} times: {was}"
    path.write_text(text.replace(was, becomes), "utf-8")


def add(folder: Path, file: str, entries: str) -> None:
    """Put entries at the end of a file of `data`, as far to the right as those before."""
    path = folder / "data" / file
    text = path.read_text("utf-8")
    (space,) = re.findall(r"^( *)- id:", text, re.MULTILINE)[:1]
    path.write_text(f"{text}\n{indent(entries, space)}", "utf-8")


def entry(folder: Path, file: str, ident: str) -> str:
    """An entry of a file of `data`, as it is written."""
    text = (folder / "data" / file).read_text("utf-8")
    begin = text.index(f"- id: {ident}\n")
    end = text.find("\n- id:", begin)
    return text[begin:] if end < 0 else text[begin : end + 1]
