"""The pages: one for each subject, and their index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from tests.rows import read_table
from tests.scenario_pages.cases import TESTS, Case, cases, config, introduction, pages
from tests.scenario_pages.facts_named import named
from tests.scenario_pages.in_words import told, words

ROOT = TESTS.parent
FOLDER = ROOT / "docs" / "scenarios"
SCENARIOS = ROOT / "cds" / "knowledge" / "scenarios.json"
_COLUMNS = ("Case", "Patient and order", "The service says", "It must not say")
_ANCHOR_LENGTH = 60
_INDEX = """\
# Scenarios

The cases by which the tests hold the service to its knowledge, in words: a patient, an order, what the
service says, and what it must not say. They are there to be read and doubted by pharmacists and
clinicians: name a case by its page and its name. Numbers such as `psy:C1` are rows of the evidence.

The pages are made of the tables in `tests` by `make docs`; a case is changed there. Where nothing else
is said, the day is 2026-11-22, and an order is for ketamine.

| subject | cases |
|---|---|
"""  # noqa: E501 -- lines of a page


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case in words."""

    page: str
    anchor: str
    case: Case
    given: list[tuple[str, str]]
    says: list[str]
    never: list[str]

    @property
    def id(self) -> str:
        return f"{self.page}/{self.anchor}"


@lru_cache(maxsize=1)
def scenarios() -> tuple[Scenario, ...]:
    """All of them, page by page."""
    return tuple(scenario for name, _, tables in pages() for scenario in _of_page(name, tables))


def _of_page(page: str, tables: list[str]) -> Iterator[Scenario]:
    taken: set[str] = set()
    for case in (case for table in tables for case in cases(table)):
        slug = _slug(case.title)
        anchors = (slug if number == 1 else f"{slug}-{number}" for number in count(1))
        anchor = next(each for each in anchors if each not in taken)
        taken.add(anchor)
        yield Scenario(page, anchor, case, *told(case))


def _slug(title: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return plain[:_ANCHOR_LENGTH].strip("-") or "case"


def documents() -> dict[str, str]:
    """File name → text."""
    made = {f"{name}.md": _page(name, title, tables) for name, title, tables in pages()}
    return {**made, "README.md": _index()}


def listed() -> str:
    """The scenarios with the facts that they name, one a line."""
    lines = (json.dumps(_entry(each), ensure_ascii=False) for each in scenarios())
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _entry(scenario: Scenario) -> dict[str, Any]:
    facts, rows = named(scenario.case)
    return {
        "id": scenario.id,
        "title": scenario.case.title,
        "given": [f"{heading}: {text}" for heading, text in scenario.given],
        "says": scenario.says,
        "never": scenario.never,
        "facts": facts,
        "rows": rows,
    }


def _index() -> str:
    rows = (
        f"| [{title}]({name}.md) | {sum(each.page == name for each in scenarios())} |"
        for name, title, _ in pages()
    )
    return _INDEX + "\n".join(rows) + "\n"


def _page(name: str, title: str, tables: list[str]) -> str:
    lines = [f"# {title}", "", "[All subjects](README.md). Made by `make docs`."]
    own = [each for each in scenarios() if each.page == name]
    for table in tables:
        lines += ["", f"## {_called(table)}", "", _escaped(introduction(table)), ""]
        lines.append(f"Table: [`tests/{table}.yaml`](../../tests/{table}.yaml).")
        section = None
        for scenario in (each for each in own if each.case.table == table):
            if scenario.case.section != section:
                section = scenario.case.section
                lines += ["", *([f"### {_escaped(section)}", ""] if section else [])]
                lines += [_row(_COLUMNS), "|---" * len(_COLUMNS) + "|"]
            lines.append(_row(_cells(scenario)))
        lines += _shared(table)
    return "\n".join(lines) + "\n"


def _called(table: str) -> str:
    folder, _, stem = table.removeprefix("scenarios/").rpartition("/")
    return f"{stem.replace('_', ' ').capitalize()} ({folder.replace('/charts', '')})"


def _cells(scenario: Scenario) -> tuple[str, str, str, str]:
    note = f"<br>_{_escaped(scenario.case.note)}_" if scenario.case.note else ""
    given = [f"**{heading}:** {_escaped(text)}" for heading, text in scenario.given]
    return (
        f'<a id="{scenario.anchor}"></a>{_escaped(scenario.case.title)}{note}',
        "<br>".join(given),
        "<br>".join(map(_escaped, scenario.says)),
        "<br>".join(map(_escaped, scenario.never)),
    )


def _shared(table: str) -> list[str]:
    """The parts of charts that cases of the table name."""
    lines: list[str] = []
    for shared, folders in config()["shared"].items():
        if table.startswith(tuple(folders)):
            lines += _parts(read_table(TESTS / f"{shared}.yaml"), table)
    data = read_table(TESTS / f"{table}.yaml")
    if isinstance(data, dict) and "parts" in data:
        lines += _parts(data["parts"], table)
    return lines


def _parts(parts: dict[str, Any], table: str) -> list[str]:
    lines = ["", "### Charts that the cases name", "", "| chart | what stands in it |", "|---|---|"]
    for name, part in parts.items():
        told_of = (_escaped(words({key: value}, "", table)) for key, value in part.items())
        lines.append(_row((name, "<br>".join(told_of))))
    return lines


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return plain.replace("*", "\\*")
