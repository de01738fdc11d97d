"""A wrong edit of each kind is refused, with its file and line and what to do: a table of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cards.words import has_wording
from cds.cli import main
from cds.commands import knowledge as command
from cds.commands.code_names import names_of_codes
from cds.commands.knowledge_check import all_faults, shipped_wordings
from cds.commands.known_names import names_beside
from cds.knowledge.check import Known, Slip, facts_faults, own_names, shipped
from cds.knowledge.load import load_knowledge
from cds.terminology.lookup import load_terminology
from tests.rows import check_each, read_table

TABLE = Path(__file__).with_name("wrong_edits.yaml")
FILE = "example.yaml"
WORDING = "cards/wording/example.yaml"
WORDED = "aneurysm-repair-example"
"""the contraindication of the table that has words"""


def edits() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Subject, the file as it is right, and one edit of it."""
    for subject, section in read_table(TABLE).items():
        for edit in section["edits"]:
            yield subject, section["example"], edit


def told(subject: str, text: str) -> list[Slip]:
    """What is said of a file that is put beside those of its subject, or of the wordings."""
    if subject == "wordings":
        found = all_faults(wordings={**shipped_wordings(), WORDING: text.encode()})
        return [slip for slip in found if slip.file == WORDING]
    looked_up = {name: shipped()[name] for name in ("sources", "measurements")}
    beside = {**shipped_names(), **names_beside(load_terminology()), "wording": no_words}
    return facts_faults({**looked_up, subject: {FILE: text.encode()}}, beside, names_of_codes())


@cache
def shipped_names() -> Known:
    """What the other facts are called; they themselves are not checked again for each edit."""
    known = load_knowledge()
    facts = [*known.facts(), *(("sources", source) for source in known.sources.values())]
    return own_names((subject, fact.model_dump(mode="json"), fact) for subject, fact in facts)


def no_words(ident: str, among: Collection[str]) -> str | None:
    return None if ident == WORDED or has_wording(ident) else ident


def test_the_files_are_right_before_they_are_edited() -> None:
    def check(section: tuple[str, str]) -> None:
        assert told(*section) == []

    check_each({(subject, example) for subject, example, _ in edits()}, check)


def test_a_wrong_edit_is_told_with_its_line_and_what_to_do() -> None:
    def check(row: tuple[str, str, dict[str, Any]]) -> None:
        subject, example, edit = row
        assert example.count(edit["change"]) == 1
        found = told(subject, example.replace(edit["change"], edit["to"]))
        file = WORDING if subject == "wordings" else FILE
        assert [str(slip) for slip in found] == [f"{file}:{said}" for said in edit["told"]]

    check_each(edits(), check, name=lambda row: f"{row[0]}: {row[2]['mistake']}")


def test_every_edit_is_refused() -> None:
    assert len(list(edits())) >= 20
    assert [edit["mistake"] for _, _, edit in edits() if not edit["told"]] == []


def test_the_command_refuses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As somebody sees it who wrote a decimal comma."""
    subject, example, edit = next(edits())
    found = told(subject, example.replace(edit["change"], edit["to"]))
    monkeypatch.setattr(command, "all_faults", lambda: found)
    shown = CliRunner().invoke(main, ["knowledge", "check"])
    said = "Error: 1 mistake\nexample.yaml:15: example, dose: `0,5` is no number: write `0.5`\n"
    assert (shown.exit_code, shown.output) == (2, said)
