"""Amounts inside a longer piece of text are seen where every amount of an order is judged."""

from __future__ import annotations

from cds.dosage.words import stated_in
from tests.rows import check_each

ROWS: list[tuple[str, list[str], bool]] = [
    # text, amounts that are seen, whether one is left unread
    ("35 mg IV over 40 min; repeat 70 mg IV push if no response", ["35 mg", "70 mg"], False),
    ("may repeat 50 mg IV push once", ["50 mg"], False),
    ("35 mg IV over 40 min, may repeat x1", ["35 mg"], False),
    ("35 mg IV weekly, increase by 5 mg every week to 70 mg", ["35 mg", "70 mg"], False),
    ("35-35-70 mg IV", [], True),
    ("50/25/50 mg (AM/noon/HS)", [], True),
    ("10 mg + 5 mg + 5 mg (08:00/12:00/16:00)", [], True),
    ("1-0-1 tablets", [], False),
    ("100/125 mcg alternate days", [], True),
]


def test_amounts_inside() -> None:
    def check(row: tuple[str, list[str], bool]) -> None:
        text, amounts, unread = row
        said = stated_in(text)
        seen = [f"{dose.value} {dose.unit}" for dose in said.doses if dose.unit != "1"]
        assert (seen, bool(said.unread)) == (amounts, unread)

    check_each(ROWS, check, name=lambda row: row[0])
