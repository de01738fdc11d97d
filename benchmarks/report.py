"""Figures as tables: on the screen, and in docs/performance.md between the marks of each part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as Shown

from benchmarks.servers import ROOT

PAGE = ROOT / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Table:
    """A heading, the names of the columns, and rows of which the first cell is a name."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [self.columns, ["---", *("---:" for _ in self.columns[1:])], *self.rows]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"**{self.title}**\n\n{text}"


def show(tables: Sequence[Table]) -> None:
    """On the screen."""
    console = Console(width=120)
    for table in tables:
        shown = Shown(title=table.title)
        for number, column in enumerate(table.columns):
            shown.add_column(column, justify="right" if number else "left")
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)


def write(part: str, foreword: str, tables: Sequence[Table]) -> None:
    """In the page, in place of what stood between the part's marks."""
    page = PAGE.read_text(encoding="utf-8")
    text = "\n\n".join([foreword, *(table.markdown() for table in tables)])
    PAGE.write_text(replaced(page, part, text), encoding="utf-8")


def replaced(page: str, part: str, text: str) -> str:
    """The page with another text between `<!-- PART -->` and `<!-- end of PART -->`."""
    marks = rf"(<!-- {part} -->\n).*?(<!-- end of {part} -->)"
    new, found = re.subn(marks, lambda m: f"{m[1]}\n{text}\n\n{m[2]}", page, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"{PAGE.name} has not the marks of {part} once")
    return new
