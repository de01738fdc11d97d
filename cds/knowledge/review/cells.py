"""Texts as cells of a table that a spreadsheet opens.

A spreadsheet takes what begins with one of a few signs for a formula, and runs it. Such a text gets
an apostrophe before it, which stands for "text", and is taken off when the table is read again.
"""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_TEXT = "'"


def as_cell(text: str) -> str:
    return _TEXT + text if text.startswith((*_FORMULA, _TEXT)) else text


def from_cell(cell: str) -> str:
    return cell.removeprefix(_TEXT)
