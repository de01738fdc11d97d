"""The grammar of written instructions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds.orders.text import read_text


@pytest.mark.parametrize(
    ("text", "doses", "rates"),
    [
        ("35 mg IV over 40 minutes", ["35 mg"], []),
        ("0.5 mg/kg IV", ["0.5 mg/kg"], []),
        ("ketamine 20 mg/min", [], ["20 mg/min"]),
        ("5 mcg/kg/min", [], ["5 ug/kg/min"]),
        ("0.3 mg per kg per hour", [], ["0.3 mg/kg/h"]),
        ("100 mg/24 hours SC", [], ["100 mg/24h"]),
        ("10 mL", ["10 mL"], []),
        ("1,000 mg", ["1000 mg"], []),
        ("2 sprays", ["2 {spray}"], []),
        ("give 0.5mg/kg (35mg)", ["0.5 mg/kg", "35 mg"], []),
        (".5 mg/kg", ["0.5 mg/kg"], []),
        ("35 mg from a 500 mg/10 mL vial", ["35 mg"], []),
        ("1 vial", ["1 {vial}"], []),
        ("room 12, bed 4", [], []),
        ("0 mg", [], []),
        ("", [], []),
    ],
)
def test_amounts(text: str, doses: list[str], rates: list[str]) -> None:
    written = read_text(text)
    assert [str(q) for q in written.doses] == doses
    assert [str(q) for q in written.rates] == rates


@pytest.mark.parametrize(
    ("text", "strength"),
    [("50 mg/mL", "50 mg/mL"), ("500 mg/10 mL", "50 mg/mL"), ("1 g / 20 mL", "50 mg/mL"),
     ("10 mg/mL or 50 mg/mL", None), ("35 mg in 100 mL", None)],
)  # fmt: skip
def test_strength(text: str, strength: str | None) -> None:
    found = read_text(text).concentration
    assert (None if found is None else str(found)) == strength


@pytest.mark.parametrize(
    ("text", "per_week"),
    [("twice weekly", 2), ("2x/week", 2), ("3 times per week", 3), ("three times a week", 3),
     ("weekly", 1), ("once a week", 1), ("every 2 weeks", "0.5"), ("q3days", None),
     ("every other day", "3.5"), ("daily", 7), ("BID", 14), ("every 8 hours", 21),
     ("monthly", None), ("35 mg", None)],
)  # fmt: skip
def test_frequency(text: str, per_week: object) -> None:
    per_day = read_text(text).per_day
    if per_week is not None:
        assert per_day is not None
        assert per_day * 7 == Decimal(str(per_week))
    elif text == "35 mg":
        assert per_day is None


@pytest.mark.parametrize(
    ("text", "weeks", "sessions"),
    [("for 3 weeks", 3, None), ("x 2 weeks", 2, None), ("for 2-3 weeks", 3, None),
     ("for 14 days", 2, None), ("x 6 infusions", None, 6), ("six sessions", None, 6),
     ("series of 6 treatments", None, 6), ("x6", None, 6), ("for 4 hours", None, None)],
)  # fmt: skip
def test_length_of_the_course(text: str, weeks: int | None, sessions: int | None) -> None:
    written = read_text(text)
    assert written.weeks == weeks
    assert written.sessions == sessions


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("over 40 minutes", 40), ("over 40-60 min", 40), ("over 4 hours", 240), ("over 60 sec", 1),
     ("over 1.5 h", 90), ("for 3 weeks", None), ("over about 40 min", 40)],
)  # fmt: skip
def test_time_of_one_session(text: str, minutes: int | None) -> None:
    assert read_text(text).duration_min == minutes


@pytest.mark.parametrize(
    ("text", "routes"),
    [("35 mg IV", ["intravenous"]), ("i.v.", ["intravenous"]), ("35 mg IM", ["intramuscular"]),
     ("SC infusion", ["subcutaneous"]), ("by mouth", ["oral"]), ("SL troche", ["sublingual"]),
     ("56 mg IN", ["intranasal"]), ("35 mg in 100 mL", []),
     ("IV or IM", ["intravenous", "intramuscular"]),
     ("oxygen by nasal cannula", []), ("in each nostril", ["intranasal"])],
)  # fmt: skip
def test_routes(text: str, routes: list[str]) -> None:
    assert list(read_text(text).routes) == routes


@given(st.text(max_size=60))
def test_any_text_is_read_or_left_alone(text: str) -> None:
    written = read_text(text)
    assert all(q.value > 0 for q in (*written.doses, *written.rates))
