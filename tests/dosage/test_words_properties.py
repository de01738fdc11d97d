"""What holds for every instruction: case, spaces, unknown words, length."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.instruction import Instruction
from cds.assessment.model import DoseProposal
from cds.dosage.words import explain, order_steps, read_words, stated_in, vocabulary
from cds.dosage.words.numerals import WORDS
from cds.dosage.words.tokens import tokens
from tests.rows import check_each, read_table
from tests.work import processor_seconds

TABLE: dict[str, list[dict[str, Any]]] = read_table(Path(__file__).parent / "words.yaml")
EVERY = [row["sig"] for rows in TABLE.values() for row in rows]
READ = [row["sig"] for rows in TABLE.values() for row in rows if "reads" in row]
CHANGES = ("repeat", "increas", "go to", "↑", "reduc", "titrat", "may take")
"""of a dose: then "as needed" is said of what it changes to, beside a regular one"""
PIECES = sorted({piece for sig in EVERY for piece in sig.split()})


@given(st.lists(st.sampled_from([*PIECES, *WORDS, "-", "once-daily"])).map(" ".join))
def test_a_phrase_is_put_into_the_vocabulary_by_its_tokens(phrase: str) -> None:
    node: Any = vocabulary.tree({"word": [phrase]})
    for token in tokens(phrase):
        node = node if token.key == "-" else node[token.key]
    assert node == {None: (phrase, phrase)}


@given(st.text(max_size=120))
def test_any_text_is_read_or_not(text: str) -> None:
    words = read_words(text)
    assert bool(words.steps) is words.complete
    stated = stated_in(text)
    assert all(q.value > 0 for q in (*stated.doses, *stated.rates))
    assert order_steps(text)
    explain(text)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_any_words_of_instructions_are_read_or_not(text: str) -> None:
    words = read_words(text)
    assert bool(words.steps) is words.complete
    assert not (words.complete and (words.unread or words.problem))
    for step in words.steps:
        assert step.takes
        assert step.days is None or step.days > 0
        for take in step.takes:
            assert take.amount is None or take.amount.span.low > 0
            assert take.per_day is None or 0 < take.per_day.low <= take.per_day.high <= 24
            assert take.amount or take.per_day or take.as_needed


def sense(text: str) -> tuple[object, ...]:
    """What was read, without the words that were not."""
    read = read_words(text)
    return read.steps, read.complete, read.problem


def spaced_alike(sig: str) -> None:
    plain = sense(sig)
    for spaced in (f"  {sig}\n", sig.replace(" ", "\n"), sig.replace(" ", "\u00a0  ")):
        assert sense(spaced) == plain, repr(spaced)


def alike_in_any_case(sig: str) -> None:
    plain = sense(sig)
    for written in (sig.upper(), sig.lower(), sig.title()):
        if "n't" not in sig and len(written) == len(sig):
            assert sense(written) == plain, written


@pytest.mark.parametrize("kind", TABLE)
@pytest.mark.parametrize("alike", [spaced_alike, alike_in_any_case])
def test_white_space_and_case_change_nothing(alike: Callable[[str], None], kind: str) -> None:
    check_each([row["sig"] for row in TABLE[kind]], alike)


@given(st.sampled_from(EVERY), st.data())
def test_an_unknown_word_never_changes_a_number(sig: str, data: st.DataObject) -> None:
    pieces = sig.split(" ")
    at = data.draw(st.integers(0, len(pieces)))
    word = data.draw(st.sampled_from(["xyzzy", "frobnicate", "Quux"]))
    plain = read_words(sig)
    read = read_words(" ".join([*pieces[:at], word, *pieces[at:]]))
    assert read.steps in ((), plain.steps)


@given(
    st.sampled_from(READ),
    st.sampled_from(["unless sleepy", "titrate", "except", "2 xyz", "mg/kg", "hold",
                     "or 2", "as per plan", "double", "reduce", "alternating", "3 tablets xyz"]),
)  # fmt: skip
def test_a_word_of_dosing_that_is_not_understood_makes_it_unknown(sig: str, more: str) -> None:
    read = read_words(f"{sig} {more}")
    assert not read.complete or read.steps == read_words(sig).steps


@given(st.sampled_from(READ), st.sampled_from(["prn", "as needed", "when required"]))
def test_as_needed_at_the_end_never_leaves_one_regular_dose(sig: str, prn: str) -> None:
    read = read_words(f"{sig} {prn}")
    if read.complete and len(read.steps) == len(read.steps[0].takes) == 1:
        assert read.steps[0].takes[0].as_needed or any(word in sig.lower() for word in CHANGES)


def read(text: str) -> None:
    """In every way."""
    read_words(text)
    explain(text)
    stated_in(text)
    stated_in(f"{text} 35 mg")


@pytest.mark.parametrize(
    "piece",
    ["1", "1,", "35 mg ", "over ", "in 100 ml ns ", "1/2 ", "mg/kg/", "max ", "for pain ", "for ",
     "if ", "1-", "do not ", "(", "and or the ", "every other ", "prn ", "mon ", "1 to 2 ",
     "at the ", "½", "1 tab ", "then ", "a", "a.", "increase by 1 every ", "up to ", ". ",
     "\u212a", " "],
)  # fmt: skip
@pytest.mark.parametrize("size", [2_000, 50_000])
def test_no_text_takes_long(piece: str, size: int) -> None:
    text = (piece * (size // len(piece) + 1))[:size]
    seconds = processor_seconds(lambda: read(text))
    assert seconds < 2  # it takes milliseconds; what grows with the square took many


@given(
    st.sampled_from(["intravenous", "subcutaneous", "intramuscular", "oral", "sublingual"]),
    st.decimals("0.5", "200", places=1),
    st.none() | st.integers(2, 480),
    st.none() | st.integers(1, 7),
    st.none() | st.integers(1, 12),
)
def test_what_a_suggestion_says_reads_as_it_was_meant(
    route: str, mg: Decimal, minutes: int | None, per_week: int | None, sessions: int | None
) -> None:
    dose = DoseProposal(
        "r", (), "ketamine", route, dose_mg=mg,
        duration_min=None if minutes is None else Decimal(minutes),
        sessions_per_week=None if per_week is None else Decimal(per_week), sessions=sessions,
    )  # fmt: skip
    stated = stated_in(str(Instruction.proposed(dose)))
    assert [q.to("mg").value for q in stated.doses] == [mg]
    assert stated.routes == (route,)
    assert stated.duration_min == minutes
    assert stated.per_day == (None if per_week is None else Fraction(per_week, 7))
    assert stated.sessions == sessions
    assert not stated.rates
    assert not stated.unread


@pytest.mark.parametrize(("devices", "mg"), [(1, 28), (2, 56), (3, 84)])
def test_devices_and_what_they_hold_agree(devices: int, mg: int) -> None:
    dose = DoseProposal(
        "r", (), "esketamine", "intranasal", dose_mg=Decimal(mg), devices=devices,
        sessions_per_week=Decimal(2), sessions=8,
    )  # fmt: skip
    stated = stated_in(str(Instruction.proposed(dose)))
    assert {str(q) for q in stated.doses} == {f"{mg} mg", f"{devices} {{device}}"}
    assert stated.duration_min is None
    assert (stated.per_day, stated.sessions) == (Fraction(2, 7), 8)
