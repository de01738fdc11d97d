"""Days, weeks and doses of trials as figures: exact, and as the reader sees them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trial_courses import quantity

from cds.history.trials.exposure import Span, dose_in, in_weeks, per_day, weeks
from tests.rows import check_each


def test_a_span_reaches() -> None:
    rows = [
        ((28, 28), 28, True), ((27, 27), 28, False), ((27, 28), 28, None), ((27, 27), 27, True),
        ((0, None), 1, None), ((5, None), 5, True),
    ]  # fmt: skip
    check_each(rows, lambda row: _same(Span(*row[0]).reaches(row[1]), row[2]))


def _same(found: object, expected: object) -> None:
    assert found == expected, f"{found!r}, not {expected!r}"


def test_a_dose_in_the_unit_asked_for() -> None:
    rows = [
        ("50 mg/d", "mg/d", (), "50"), ("0.06 g/d", "mg/d", (), "60"), (None, "mg/d", (), None),
        ("75 ug/h", "mg/d", (), "1.8"), ("1 {tablet}/d", "mg/d", (), None),
        ("2 {patch}/d", "{plaster}/d", ("{patch}",), "2"),
        ("2 {patch}", "{plaster}/d", ("{patch}",), "2"),
        ("2 {spray}/d", "{plaster}/d", ("{patch}",), None),
    ]  # fmt: skip

    def check(row: Any) -> None:
        dose, unit, names, expected = row
        found = dose_in(quantity(dose), unit, names)
        _same(None if found is None else str(found), expected)

    check_each(rows, check)


def test_days_as_weeks() -> None:
    rows = [
        (0, "0.0", "0 weeks"), (6, "0.9", "0.9 weeks"), (7, "1.0", "1 week"),
        (8, "1.1", "1.1 weeks"),
        (41, "5.9", "5.9 weeks"), (42, "6.0", "6 weeks"), (147, "21.0", "21 weeks"),
    ]  # fmt: skip
    check_each(rows, lambda row: _same((str(weeks(row[0])), in_weeks(row[0])), row[1:]))
    assert per_day(Decimal("50.0"), "mg/d") == "50 mg/d"
