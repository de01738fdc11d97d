"""How the pieces of a text are called, for somebody who knows dosing and not this program."""

from __future__ import annotations

import pytest

from cds.dosage.words import explain
from cds.limits import LONGEST_INSTRUCTION


def test_marks_and_small_words_stand_with_their_neighbours() -> None:
    assert explain("Take 1 tablet (50 mg total) PO twice daily in the morning xyz.") == [
        ("Take 1 tablet", "amount"), ("(50 mg", "amount"), ("total)", "amount"),
        ("PO", "how to take"), ("twice daily", "how often"), ("in the morning", "time of day"),
        ("xyz.", "not understood"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "piece", "role"),
    [("1 tablet daily", "1 tablet", "amount"), ("1-0-1", "1-0-1", "amount"),
     ("1 tab q8h", "q8h", "how often"), ("1 tab 3 weeks on 1 week off", "3 weeks on 1 week off",
                                         "how often"),
     ("1 tab nocte", "nocte", "time of day"), ("1 tab at 0900", "at 0900", "time of day"),
     ("1 tab prn pain", "prn pain", "as needed"), ("1 tab prn max 3/day", "max 3/day", "maximum"),
     ("1 prn, leave at least 6 hours between doses", "leave at least 6 hours between doses",
      "maximum"),
     ("1 bd for 7 days", "for 7 days", "length"), ("1 bd then 2 bd", "then", "then"),
     ("1 bd, increase to 2 bd", "increase to", "then"), ("1 bd by mouth", "by mouth",
                                                         "how to take"),
     ("1 bd with food", "with food", "how to take"), ("1 bd for sleep", "for sleep", "reason"),
     ("1 bd. Call the clinic", "Call the clinic", "advice"), ("1 bd #60", "#60", "supply"),
     ("1 bd (was 2 bd)", "(was 2 bd)", "dose of before"),
     ("1 bd, starting 1/2/2024", "starting 1/2/2024", "date"),
     ("on hold", "on hold", "not to be taken"), ("as directed", "as directed", "stands elsewhere"),
     ("1 bd unless drowsy", "unless", "not understood"),
     ("1 bd. Brown preventer.", "Brown preventer.", "remark, not understood"),
     ("1 bd (insurance will not cover the 100 mg)", "(insurance will not cover the 100 mg)",
      "advice")],
)  # fmt: skip
def test_each_role(text: str, piece: str, role: str) -> None:
    assert (piece, role) in explain(text)


def test_the_product_is_named_where_its_names_are_known() -> None:
    text = "Sertraline 50 mg tabs: 2 daily"
    assert explain(text)[0] == ("Sertraline", "not understood")
    assert explain(text, frozenset({"sertraline"}))[0] == ("Sertraline 50 mg tabs:", "product")


@pytest.mark.parametrize("text", ["", " ", ".", "( )", "the", "x" * (LONGEST_INSTRUCTION + 1)])
def test_nothing_is_lost_at_the_edges(text: str) -> None:
    pieces = explain(text)
    assert "".join(piece for piece, _ in pieces).replace(" ", "") in ("", text.replace(" ", ""))


def test_a_text_too_long_is_one_piece() -> None:
    assert explain("x" * (LONGEST_INSTRUCTION + 1)) == [
        ("x" * (LONGEST_INSTRUCTION + 1), "not understood")
    ]
