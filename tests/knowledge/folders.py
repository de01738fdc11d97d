"""Folders of knowledge, each made from ours with an edit or two."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from click.testing import CliRunner, Result

from cds.cli import main

Entry: TypeAlias = dict[str, Any]
_DAYS = {"effective", "until", "supersedes"}


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


def entry(folder: Path, subject: str, ident: str) -> Entry:
    """An entry as it is written; every scalar is text."""
    return next(fact for _, _, fact in _entries(folder, subject) if fact["id"] == ident)


def change(folder: Path, subject: str, ident: str, **fields: object) -> None:
    """Set fields of an entry; None takes a field away."""
    for path, document, fact in _entries(folder, subject):
        if fact["id"] == ident:
            fact.update(fields)
            for field in [name for name, value in fact.items() if value is None]:
                del fact[field]
            return _write(path, document)
    raise KeyError(ident)


def without_days(folder: Path) -> None:
    """Facts that hold always, each in its newest edition: a test of days has its own alone."""
    for path in sorted((folder / "data").rglob("*.yaml")):
        document = yaml.load(path.read_bytes(), yaml.CBaseLoader)
        if document["subject"] == "sources" or not _DAYS & {
            k for f in document["facts"] for k in f
        }:
            continue
        by_day = sorted(document["facts"], key=lambda fact: fact.get("effective", ""))
        newest = {fact["id"]: fact for fact in by_day}
        document["facts"] = [
            {name: value for name, value in fact.items() if name not in _DAYS}
            for fact in newest.values()
        ]
        _write(path, document)


def add(folder: Path, subject: str, fact: Entry) -> None:
    """One more entry."""
    path, document, _ = next(_entries(folder, subject))
    document["facts"].append(fact)
    _write(path, document)


def remove(folder: Path, subject: str, ident: str) -> None:
    for path, document, fact in _entries(folder, subject):
        if fact["id"] == ident:
            document["facts"].remove(fact)
            return _write(path, document)
    raise KeyError(ident)


def _entries(folder: Path, subject: str) -> Iterator[tuple[Path, Any, Entry]]:
    data = folder / "data"
    for path in [*data.glob(f"{subject}.yaml"), *sorted(data.glob(f"{subject}/*.yaml"))]:
        document = yaml.load(path.read_bytes(), yaml.CBaseLoader)
        yield from ((path, document, fact) for fact in document["facts"])


def _write(path: Path, document: Any) -> None:
    text = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
    path.write_text(text, "utf-8")
