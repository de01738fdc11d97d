"""The check of a table: every wrong row is named, and a table that checks nothing fails."""

from __future__ import annotations

import pytest

from tests.rows import check_each
from tests.work import calls_made


def doubles(row: tuple[str, int]) -> None:
    text, doubled = row
    assert int(text) * 2 == doubled


def test_right_rows_pass() -> None:
    check_each([("1", 2), ("2", 4)], doubles)


def test_every_wrong_row_is_named_with_what_was_found() -> None:
    with pytest.raises(pytest.fail.Exception) as failed:
        check_each([("1", 3), ("2", 4), ("x", 0), ("4", 9)], doubles, lambda row: f"row {row[0]}")
    head, first, error, last = str(failed.value).split("\n\n")
    assert head == "3 of 4 rows are wrong"
    assert "row 1" in first
    assert "== 3" in first
    assert "ValueError: invalid literal" in error
    assert "test_rows.py" in error
    assert "== 9" in last


def test_a_table_without_rows_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="no row"):
        check_each([], doubles)


def test_work_is_counted_in_calls() -> None:
    few, many = (calls_made(lambda n=n: [len("") for _ in range(n)]) for n in (100, 1000))
    assert 100 < few < many < few + 1000
    assert calls_made(lambda: [len("") for _ in range(100)]) == few
