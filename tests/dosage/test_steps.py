"""Written instructions as a whole: every word understood, or no number."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from notation import in_notation

from cds.dosage.model import Words
from cds.dosage.words import read_words, stated_in
from cds.dosage.words.read import MAX_TOKENS
from cds.dosage.words.vocabulary import TwoMeanings, tree
from cds.limits import LONGEST_INSTRUCTION
from tests.rows import check_each, read_table

TABLE: dict[str, list[dict[str, Any]]] = read_table(Path(__file__).parent / "words.yaml")


@pytest.mark.parametrize("kind", TABLE)
def test_instructions(kind: str) -> None:
    check_each(TABLE[kind], check, lambda row: row["sig"])


def check(row: dict[str, Any]) -> None:
    words = read_words(row["sig"], frozenset(str(row.get("drug", "")).split()))
    if "unknown" in row:
        assert not words.complete
        assert words.steps == ()
        why = words.problem or f"words: {', '.join(words.unread)}"
        assert why == row["unknown"]
    else:
        assert in_notation(words) == row["reads"]
        assert words.complete
        assert words.unread == ()
        assert words.problem is None


@pytest.mark.parametrize(
    "text",
    ["as directed", "Take as directed by your doctor", "USE AS DIRECTED", "MDU", "see instructions",
     "TAKE EXACTLY AS DIRECTED"],
)  # fmt: skip
def test_words_that_tell_nothing(text: str) -> None:
    words = read_words(text)
    assert words.says_nothing
    assert not words.complete


@pytest.mark.parametrize("text", ["1 tablet daily as directed", "xyz", "do not take", "1 tablet"])
def test_words_that_tell_something_or_are_not_understood(text: str) -> None:
    assert not read_words(text).says_nothing


def test_no_text_says_nothing_and_is_not_complete() -> None:
    assert read_words("") == Words()
    assert read_words("  .") == Words(problem="no amount and no frequency")


def test_a_frequency_without_an_amount_is_left_to_the_history() -> None:
    words = read_words("take by mouth twice daily")
    assert words.complete
    (take,) = words.steps[0].takes
    assert take.amount is None
    assert take.per_day is not None
    assert take.per_day.low == 2


def test_the_words_that_were_not_understood_are_named_as_written() -> None:
    words = read_words("Take 1 tablet Xyzzy daily UNLESS drowsy")
    assert words.unread == ("Xyzzy", "UNLESS", "drowsy")
    assert words.problem is None


@pytest.mark.parametrize(("more", "complete"), [(-1, True), (0, True), (1, False)])
def test_text_beyond_the_longest_is_no_instruction(more: int, complete: bool) -> None:
    text = "1 tablet daily"
    text += " " * (LONGEST_INSTRUCTION + more - len(text))
    words = read_words(text)
    assert words.complete is complete
    stated = stated_in(text)
    assert bool(stated.doses) is complete
    assert stated.unread == (() if complete else words.unread)


@pytest.mark.parametrize(("more", "complete"), [(-1, True), (0, True), (1, False)])
def test_more_words_than_an_instruction_has(more: int, complete: bool) -> None:
    text = "1 tablet daily" + "," * (MAX_TOKENS - 3 + more)
    assert read_words(text).complete is complete
    assert len(stated_in(text).doses) == 1


@pytest.mark.parametrize(("more", "stated"), [(-1, True), (0, True), (1, False)])
def test_far_more_words_say_nothing_at_all(more: int, stated: bool) -> None:
    text = "1 tablet daily" + "," * (2 * MAX_TOKENS - 3 + more)
    assert bool(stated_in(text).doses) is stated


@pytest.mark.parametrize(
    ("count", "complete"), [("39", True), ("40", True), ("41", False), ("40.5", False)]
)
def test_units_at_once(count: str, complete: bool) -> None:
    assert read_words(f"{count} tablets daily").complete is complete
    assert read_words(f"{count} mL daily").complete


@pytest.mark.parametrize(("times", "complete"), [("23", True), ("24", True), ("25", False)])
def test_times_a_day(times: str, complete: bool) -> None:
    assert read_words(f"1 tablet {times} times a day").complete is complete


@pytest.mark.parametrize(
    ("unit", "complete"), [("60 minutes", True), ("61 minutes", True), ("59 minutes", False)]
)
def test_shortest_interval(unit: str, complete: bool) -> None:
    assert read_words(f"1 tablet every {unit}").complete is complete


def test_a_phrase_has_one_meaning() -> None:
    with pytest.raises(TwoMeanings, match="leave one"):
        tree({"how": ["with food"], "meals": ["with food"]})
    assert tree({"how": ["with food", "with food"]})


def test_od_is_the_right_eye_unless_what_is_taken_tells() -> None:
    assert read_words("1 tablet od").steps[0].takes[0].per_day is not None
    for text in ("1 drop od", "1 drop OD bid", "1 gtt od", "od"):
        assert not read_words(text).complete


def test_range_of_a_dose_twice_said() -> None:
    (take,) = read_words("1-2 tablets (50-100 mg total) daily").steps[0].takes
    assert take.amount is not None
    assert take.mass is not None
    assert (take.amount.span.high, take.mass.span.high) == (Fraction(2), Fraction(100))
    assert take.mass_is_total
