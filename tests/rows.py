"""Tables of cases: how one is read from a file, and how one test checks all of its rows.

A table of thousands of rows is one test for each kind of row, and not one for each row: what a
test costs beside its check is many times what the check of a row costs.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import indent
from typing import Any, TypeVar

import pytest
import yaml

Row = TypeVar("Row")


def read_table(path: Path) -> Any:
    """What a YAML file holds."""
    return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)


def check_each(
    rows: Iterable[Row], check: Callable[[Row], object], name: Callable[[Row], str] = str
) -> None:
    """Check every row, and fail once for all that are wrong: each by its name, with what was found.

    `check` asserts of one row what holds of it. A table without rows fails, as nothing was checked.
    """
    checked = 0
    wrong: list[str] = []
    for row in rows:
        checked += 1
        try:
            check(row)
        except Exception as error:  # an error is as wrong as another answer
            wrong.append(f"{name(row)}\n{indent(_said(error), '    ')}")
    if not checked:
        pytest.fail("no row to check", pytrace=False)
    if wrong:
        head = f"{len(wrong)} of {checked} rows are wrong"
        pytest.fail("\n\n".join([head, *wrong]), pytrace=False)


def _said(error: Exception) -> str:
    """What was asserted and found; for another error, also where it was raised."""
    if isinstance(error, AssertionError):
        return str(error) or _place(error)
    return f"{type(error).__name__}: {error}\n{_place(error)}"


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}: {frame.line}"
