"""The tables of instructions that somebody else wrote, with their right readings: none is wrong."""

from __future__ import annotations

import pytest
from instruction_rows import Row, compare, read, rows, told

from tests.rows import check_each

UNREAD = {
    "Cross-taper: 2 tablets daily for 1 week, 1 tablet daily for 1 week, then stop as the new drug"
    " reaches full dose": "what stands behind `stop as` may take the stop back",
    "Morning dose 1 tablet throughout. Night dose 2 tablets for 1 week, then 1 tablet.":
        "two doses with steps of their own: only one of them has lengths",
    "One three times a day for 3 days, then drop one tablet a day every 3 days to zero":
        "a change of the number of times, told as tablets a day",
}  # fmt: skip
"""Instructions that are unknown to us and clear to a pharmacist, and why."""

ALL = list(rows())


def check(row: Row) -> None:
    unread = row.get("unread") or row["sig"] in UNREAD
    expected = "unknown" if unread else "right"
    phases = read(row)
    assert compare(row, phases) == expected, told(row, phases)


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in ALL}))
def test_instructions(kind: str) -> None:
    of_kind = [row for row in ALL if row["kind"] == kind]
    check_each(of_kind, check, lambda row: row["sig"])


def test_the_exceptions_stand_in_the_tables() -> None:
    assert set(UNREAD) <= {row["sig"] for row in ALL}
