"""Every slip in the knowledge is told with its place and with what was meant: a table of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from click.testing import CliRunner

from cds.cli import main
from cds.commands import knowledge as command
from cds.commands.knowledge_check import CLASSES, all_faults, shipped_classes, shipped_wordings
from cds.commands.known_names import AWAITED, names_beside
from cds.knowledge.check import (
    Slip,
    facts_faults,
    own_names,
    rows_named,
    shipped,
    shipped_evidence,
)
from cds.knowledge.load import load_knowledge, subjects
from cds.knowledge.model.base import Fact, Source
from cds.knowledge.model.declared import Kind, NameOf, Words, declared
from cds.terminology.lookup import load_terminology
from tests.architecture.test_fields_are_read import models
from tests.rows import check_each, read_table

SLIPS = Path(__file__).with_name("knowledge_slips.yaml")
EXAMPLE_ROWS = b"subject: evidence\nfacts: [{id: local:example}, {id: local:x}]"


def slips() -> Iterator[tuple[str, str, tuple[str, ...], list[str]]]:
    """(what is wrong, row, what is said of it, what is to be said)"""
    table = read_table(SLIPS)
    for name, section in table.items():
        said = _told(section["subject"], section["entry"], [row for row, *_ in section["rows"]])
        for row, *wanted in section["rows"]:
            yield name, row, said[row], wanted


def _told(subject: str, entry: str, rows: list[str]) -> dict[str, tuple[str, ...]]:
    """What is said of each row, where all of them are added to the file at once."""
    files = {name: dict(of_subject) for name, of_subject in shipped().items()}
    ((file, text),) = files[subject].items()
    ids = {f"example-{number}": row for number, row in enumerate(rows)}
    for ident, row in ids.items():
        whole = read_text(entry.replace("{row}", row) if "{row}" in entry else entry)
        whole |= {"id": ident} | ({} if "{row}" in entry else read_text(row))
        text += yaml.safe_dump([whole], width=200).encode()
    files[subject][file] = text
    found = defaultdict[str, list[str]](list)
    basis = rows_named({**shipped_evidence(), "local.yaml": EXAMPLE_ROWS})
    beside = {**names_beside(load_terminology()), "row of evidence": basis}
    for fault in facts_faults(files, beside):
        of, said = re.split(r"(?:, |: )", fault.text, maxsplit=1)
        found[ids[of]].append(said)
    return {row: tuple(found[row]) for row in rows}


def read_text(written: str) -> dict[str, Any]:
    """Every scalar is text, as in the knowledge."""
    return dict(yaml.load(written, yaml.BaseLoader))


def test_each_slip_is_told_with_its_field_and_what_was_meant() -> None:
    def check(slip: tuple[str, str, tuple[str, ...], list[str]]) -> None:
        _, _, said, wanted = slip
        assert list(said) == wanted

    check_each(slips(), check, name=lambda slip: f"{slip[0]}: {slip[1]}")


def test_what_stands_in_a_file_is_told_with_its_line() -> None:
    check_each(WRITTEN.items(), _written_as_told, name=lambda row: row[0])


EXAMPLE = (
    "  id: example\n  value: 1\n  unit: d\n  meaning: x\n  sources: COHEN-2018\n  status: seen\n"
)
HEAD = "# a parameter of an example\nsubject: parameters\nfacts:\n"
WRITTEN: dict[str, tuple[str, list[str]]] = {
    "nothing wrong": (HEAD + f"-{EXAMPLE[1:]}", []),
    "a key twice": (
        HEAD + f"-{EXAMPLE[1:]}  unit: wk\n",
        [":10: example, unit: stands twice, on line 6 and on line 10; is a `- ` missing before the"
         " second?"],
    ),
    "a forgotten dash": (
        HEAD + f"-{EXAMPLE[1:]}{EXAMPLE.replace('example', 'second')}",
        [f":{line + 6}: second, {field}: stands twice, on line {line} and on line {line + 6};"
         " is a `- ` missing before the second?"
         for line, field in enumerate(["id", "value", "unit", "meaning", "sources", "status"], 4)],
    ),
    "an id twice": (
        HEAD + f"-{EXAMPLE[1:]}-{EXAMPLE[1:]}",
        [":10: example, id: stands twice, first in x.yaml:4"],
    ),
    "an id that is none": (
        HEAD + f"-{EXAMPLE[1:].replace('example', 'an: example')}",
        [":4: is no YAML: a text with a colon needs quotes: `id: 'an: example'`"],
    ),
    "an id with a sign": (
        HEAD + f"-{EXAMPLE[1:].replace('example', 'an:example')}",
        [":4: an:example, id: an id has letters, digits, -, _ and ."],
    ),
    "a tab": (
        HEAD + "-\tid: example\n",
        [":4: is no YAML: a tab stands here: write spaces"],
    ),
    "a tab before a field": (
        HEAD + f"-{EXAMPLE[1:]}\tnote: x\n",
        [":10: is no YAML: a tab stands here: write spaces"],
    ),
    "a wrong indentation": (
        HEAD + f"-{EXAMPLE[1:]} note: x\n",
        [":10: is no YAML: 1 space stands before it: write 2, as before the field above"],
    ),
    "a bracket that is open": (
        HEAD + "- {id: example\n",
        [":4: is no YAML: a bracket is opened here and not closed, or a comma is missing:"
         " `{` … `}`"],
    ),
    "an empty file": ("", [": is empty"]),
    "no facts": (
        "subject: parameters\n", [":1: has no list of `facts`: each entry begins with `- id:`"]
    ),
    "another field of the file": (
        f"subject: parameters\nreview: {{}}\nfacts:\n-{EXAMPLE[1:]}",
        [":2: review: unknown field `review`: the known ones are subject, facts"],
    ),
    "an entry that is none": (HEAD + "- example\n", [":4: facts.0: is no entry: it has no `id`"]),
    "an entry without an id": (
        HEAD + "- value: 1\n", [":4: facts.0: is no entry: it has no `id`"],
    ),
    "a brace that is no text": (
        HEAD + f"-{EXAMPLE[1:]}  note: {{{{ x }}}}\n",
        [":10: example, note: a key is no text: put what begins with a brace in quotes",
         ":10: example, note: one text is wanted, and here is a list or a mapping"],
    ),
}  # fmt: skip


def _written_as_told(row: tuple[str, tuple[str, list[str]]]) -> None:
    _, (text, wanted) = row
    files = {**shipped(), "parameters": {"x.yaml": text.encode()}}
    found = [str(fault) for fault in facts_faults(files, {}) if fault.file == "x.yaml"]
    assert found == [f"x.yaml{said}" for said in wanted]


def test_an_entry_that_needs_words_has_them() -> None:
    files = {**shipped_wordings()}
    name = "cards/wording/contraindications.yaml"
    files[name] = files[name].replace(b"\naneurysm:", b"\naneurysn:")
    (fault,) = all_faults(wordings=files)
    assert fault.text == "aneurysm: no wording: cards/wording has no `aneurysm`"
    assert (fault.file, fault.line > 0) == ("cds/knowledge/data/contraindications.yaml", True)


WORDINGS: dict[str, tuple[str, list[str]]] = {
    "one of another file": (
        "aneurysm: {summary: x}",
        [":1: aneurysm: stands twice: it is in cards/wording/contraindications.yaml as well"],
    ),
    "twice in a file": (
        "one: {summary: x}\none: {summary: x}",
        [":2: one: stands twice, on line 1 and on line 2"],
    ),
    "a tab": (
        "two:\n\tsummary: x",
        [":2: is no YAML: a tab stands here: write spaces"],
    ),
    "a misspelt field": (
        "three:\n  sumary: x",
        [":2: three.sumary: no such field; a wording has summary, line, found, evidence, detail,"
         " more, background, params, good, fact"],
    ),
    "a template that is none": (
        "four:\n  summary: x\n  detail: '{{ x'",
        [":3: four.detail: unexpected end of template, expected 'end of print statement'."],
    ),
    "a text alone": ("five: x", [":1: five: is no wording: it has no `summary`"]),
    "a field that is lacking": ("six: {detail: x}", [":1: six.summary: it is missing"]),
}  # fmt: skip


def test_a_wording_is_told_with_its_line() -> None:
    """Each row is a file, and all of them are there at once."""
    names = {row: f"cards/wording/x{number}.yaml" for number, row in enumerate(WORDINGS)}
    added = {names[row]: text.encode() for row, (text, _) in WORDINGS.items()}
    found = list(map(str, all_faults(wordings={**shipped_wordings(), **added})))

    def check(row: tuple[str, tuple[str, list[str]]]) -> None:
        name, (_, wanted) = row
        of_file = [fault for fault in found if fault.startswith(names[name])]
        assert of_file == [names[name] + said for said in wanted]

    check_each(WORDINGS.items(), check, name=lambda row: row[0])


CLASS_ROWS: dict[str, list[str]] = {
    "twice: [ondansetron]\n  twice: [granisetron]": [
        "classes.twice: stands twice, on line 5 and on line 6",
    ],
    "right: [ondansetron]": [],
    "slip: [ondansetron, granisetrom]": [
        "classes.slip.1: 'granisetrom' is no ingredient of the tables: did you mean `granisetron`?",
    ],
    "by_name: [metformin]": [
        "classes.by_name.0: 'metformin' is no ingredient of the tables, but known by its name"
        " alone, as a drug that no rule asks about: the tables have no code of it, and a rule would"
        " miss every order that is coded. It has to be an ingredient of codes/data/rxnorm.json"
        " first",
    ],
    "one: ondansetron": ["classes.one: has no list of ingredients"],
    "none: []": ["classes.none: has no list of ingredients"],
    "5-HT3: [ondansetron]": ["classes.5-HT3: '5-HT3' is no tag: lower case, digits and _"],
}


def test_a_drug_class_is_told_with_its_line() -> None:
    """All rows stand in the list at once; the knowledge is looked through all the same."""
    listed = "".join(f"  {row}\n" for row in CLASS_ROWS)
    knowledge = {**shipped(), "parameters": {"x.yaml": b""}}
    found = all_faults(knowledge, classes=shipped_classes() + listed.encode())
    assert any(fault.file == "x.yaml" for fault in found)

    def check(row: tuple[str, list[str]]) -> None:
        text, wanted = row
        of_tag = re.compile(rf"classes\.{text.partition(':')[0]}[.:]")
        told = [f for f in found if f.file == CLASSES and of_tag.match(f.text)]
        assert [fault.text for fault in told] == wanted
        assert all(fault.line for fault in told)

    check_each(CLASS_ROWS.items(), check, name=lambda row: row[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"classes: [ondansetron]", ":1: classes: is no mapping of tags to their ingredients"),
        (b"- ondansetron", ":1: has no `classes`"),
        (b"classes:\n\tx: [ondansetron]", ":2: is no YAML: a tab stands here: write spaces"),
    ],
)
def test_a_list_of_drug_classes_that_is_none(text: bytes, said: str) -> None:
    (fault,) = all_faults(classes=text)
    assert str(fault).startswith(CLASSES + said)


def test_the_shipped_knowledge_has_no_mistake() -> None:
    assert all_faults() == []


def test_the_command_tells_all_mistakes_and_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [Slip("a.yaml", 3, "x: is wrong"), Slip("b.yaml", 0, "is empty")]
    monkeypatch.setattr(command, "all_faults", lambda: faults)
    asked = CliRunner().invoke(main, ["knowledge", "check"])
    said = "Error: 2 mistakes\na.yaml:3: x: is wrong\nb.yaml: is empty\n"
    assert (asked.exit_code, asked.output) == (2, said)


def test_every_field_of_texts_says_what_they_are() -> None:
    """Names of something, or words: a new field would else not be looked at by the check."""
    silent = [
        f"{kind.__name__}.{name}"
        for kind in models()
        for name, field in kind.model_fields.items()
        if field.annotation == tuple[str, ...]
        and not declared(kind, name, NameOf)
        and not declared(kind, name, Words)
    ]
    assert silent == []


def test_what_is_awaited_is_still_unknown_to_the_tables() -> None:
    assert AWAITED.isdisjoint(load_terminology().set_names("observation"))


def _entries() -> Iterator[tuple[str, dict[str, Any], Fact | Source]]:
    for subject in subjects():
        for fact in getattr(load_knowledge(), subject).values():
            yield subject, fact.model_dump(mode="json"), fact


def test_every_kind_of_name_is_looked_up() -> None:
    """By the names of the knowledge or of what is beside it."""
    beside = {*names_beside(load_terminology()), "wording", "row of evidence"}
    known = beside | own_names(_entries()).keys()
    assert known == set(get_args(Kind))
    used = {
        mark.kind
        for kind in models()
        for name in kind.model_fields
        for mark in declared(kind, name, NameOf)
    }
    assert used | {"wording"} == known
