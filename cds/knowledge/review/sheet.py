"""The sheet to fill in: written for a spreadsheet, and read again once it is signed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cds.characters import as_seen, as_utf8
from cds.knowledge.guesses import unknown
from cds.knowledge.in_words import NameOfCode, Said, Value, rule_of, unnamed, values_of
from cds.knowledge.model.base import Fact
from cds.knowledge.review.asked import Asked
from cds.knowledge.review.cells import as_cell, from_cell
from cds.knowledge.review.content import digest
from cds.knowledge.review.ledger import Signature
from cds.knowledge.review.ledger_file import mistake

Editions: TypeAlias = Mapping[str, Sequence[Fact]]
"""`subject/id` → what the fact says, said or will say"""
TO_READ = ("fact", "statement", "value", "sources", "question", "digest")
TO_FILL = ("decision", "reviewed_by", "role", "reviewed_on", "remark", "next_review")
_NEEDED = ("fact", "digest", "decision", "reviewed_by", "role", "reviewed_on")
_CHOICES = ("decision", "role")
"""whose capitals don't matter"""
_BOM = "\ufeff"
"""without it a spreadsheet takes the file for another coding"""
_SEPARATORS = (",", ";", "\t")
"""a spreadsheet writes the one of its country"""
_AS_TEXT = "; a spreadsheet rewrites days: type '2026-11-03, with the apostrophe"
_DAYS = ("reviewed_on", "next_review")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
"""day, month, year, as spreadsheets of many countries write it; with strokes nobody could tell"""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a sheet says: signatures, or what is wrong with it."""

    signatures: tuple[Signature, ...]
    undecided: int
    """rows without a decision"""
    mistakes: tuple[str, ...]
    """each with its row and column"""
    rewritten: tuple[str, ...] = ()
    """rows whose values somebody changed on the sheet, which changes no fact"""


def sheet_csv(asked: Iterable[Asked]) -> str:
    """One row for each fact, the columns to fill in empty."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow((*TO_READ, *TO_FILL))
    for each in asked:
        cells = (
            each.name,
            each.title,
            _in_a_cell(each.values, each.rule),
            "; ".join(source.short or source.id for source in each.sources),
            each.question,
            each.digest,
        )
        table.writerow((*map(as_cell, cells), *("" for _ in TO_FILL)))
    return _BOM + text.getvalue()


def _in_a_cell(values: Iterable[Value], rule: Iterable[Said]) -> str:
    return "; ".join([*(f"{value.label}: {value.text}" for value in values), *map(str, rule)])


def read_sheet(content: bytes, facts: Editions, day: date, name_of: NameOfCode = unnamed) -> Filled:
    """The signatures of a filled sheet, of any edition of the facts that there are."""
    try:
        text = as_utf8(content).decode()
    except UnicodeDecodeError:
        said = "is no text in UTF-8: save the sheet as `CSV UTF-8`"
        return Filled((), 0, (said,))
    try:
        head, rows = _table(text)
    except csv.Error as error:
        return Filled((), 0, (f"is no whole table: {error}: export it again, and fill in that",))
    wrong = tuple(_wrong_columns(head))
    if wrong:
        return Filled((), 0, wrong)
    decided = [(number, row) for number, row in rows if row["decision"]]
    signatures: list[Signature] = []
    mistakes: list[str] = []
    rewritten: list[str] = []
    for number, row in decided:
        found = _signature(row, facts, day)
        if isinstance(found, Signature):
            signatures.append(found)
            if _is_rewritten(row.get("value", ""), found, facts, name_of):
                rewritten.append(f"row {number}, value: {found.fact} does not say this")
        else:
            mistakes += [f"row {number}, {said}" for said in found]
    mistakes += _contradictions(decided)
    undecided = len(rows) - len(decided)
    return Filled(tuple(signatures), undecided, tuple(mistakes), tuple(rewritten))


def _is_rewritten(cell: str, signed: Signature, facts: Editions, name_of: NameOfCode) -> bool:
    """Whether the values on the sheet are other ones than those that the digest is of."""
    subject = signed.fact.partition("/")[0]
    says = (
        _in_a_cell(values_of(each, name_of), rule_of(each, name_of))
        for each in facts[signed.fact]
        if digest(subject, each) == signed.digest
    )
    written = cell.split()
    return bool(written) and all(as_seen(said).split() != written for said in says)


def _wrong_columns(head: Sequence[str]) -> Iterator[str]:
    lacking = [name for name in _NEEDED if name not in head]
    if lacking:
        yield f"row 1: the columns are those of the exported sheet; lacking: {', '.join(lacking)}"
    for name, times in Counter(filter(None, head)).items():
        if times > 1:
            yield f"row 1: the column `{name}` stands {times} times: one of them would not be read"


def _table(text: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The columns, and the rows that say something, numbered as a spreadsheet does.

    Raises csv.Error for what was cut off or is no table.
    """
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    head = [name.strip().lower() for name in lines[0]] if lines else []
    rows = [
        (number, {name: _read(name, cell) for name, cell in zip(head, line, strict=False)})
        for number, line in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in line)
    ]
    return head, [(number, dict.fromkeys(head, "") | row) for number, row in rows]


def _read(name: str, cell: str) -> str:
    text = as_seen(from_cell(cell.strip())).strip()
    if name in _DAYS and (dotted := _DOTTED.fullmatch(text)):
        day, month, year = dotted.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return text.lower() if name in _CHOICES else text


def _signature(row: Mapping[str, str], facts: Editions, day: date) -> Signature | list[str]:
    """What a row signs, or its mistakes, each with its column."""
    said = {name: row[name] for name in Signature.model_fields if row.get(name)}
    try:
        found = Signature.model_validate(said)
    except ValidationError as error:
        return [_told(each) for each in error.errors(include_url=False)]
    return list(_refused(found, facts, day)) or found


def _told(each: ErrorDetails) -> str:
    said = mistake(each)
    return f"{each['loc'][0]}: {said}{_AS_TEXT if 'write it as' in said else ''}"


def _refused(found: Signature, facts: Editions, day: date) -> Iterator[str]:
    subject = found.fact.partition("/")[0]
    editions = facts.get(found.fact, ())
    if not editions:
        yield f"fact: {unknown('fact', found.fact, dict.fromkeys(facts))}"
    elif all(digest(subject, edition) != found.digest for edition in editions):
        again = f"`knowledge review export` with `--fact {found.fact}`"
        yield (
            f"digest: {found.fact} says something else since the sheet was exported: "
            f"export it again ({again}) and decide about what it says now"
        )
    if found.reviewed_on > day:
        yield f"reviewed_on: {found.reviewed_on} is in the future"


def _contradictions(decided: Sequence[tuple[int, Mapping[str, str]]]) -> Iterator[str]:
    """Rows that decide about one fact in one role, and not alike."""
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for number, row in decided:
        key = row["fact"], row["role"]
        before, decision = first.setdefault(key, (number, row["decision"]))
        if decision != row["decision"]:
            yield (
                f"row {number}, decision: `{row['decision']}`, and row {before} has `{decision}` "
                f"for {row['fact']} by a {row['role']}"
            )
