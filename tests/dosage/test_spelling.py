"""Words that are written wrong or run together: which are put right, and which are left alone."""

from __future__ import annotations

import pytest

from cds.dosage.words import read_words
from cds.dosage.words.spelling import respelled
from cds.dosage.words.tokens import tokens


def put_right(text: str) -> list[str]:
    return [token.key for token in respelled(tokens(text))]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("tabelt", ["tablet"]), ("mroning", ["morning"]), ("evrey", ["every"]),
     ("tablett", ["tablet"]), ("nighly", ["nightly"]), ("bedtme", ["bedtime"]),
     ("twicedaily", ["twice", "daily"]), ("onetabletbymouth", ["1", "tablet", "by", "mouth"]),
     ("tidac", ["tid", "ac"]), ("bidx", ["bid", "x"]), ("qhsprn", ["qhs", "prn"]),
     ("mowefr", ["mon", "wed", "fri"]), ("wefrsu", ["wed", "fri", "sun"])],
)  # fmt: skip
def test_put_right(written: str, meant: list[str]) -> None:
    assert put_right(written) == meant


@pytest.mark.parametrize(
    "word",
    ["dairy", "moth", "ativan", "frwemo", "mowewe", "everyone", "tidx9", "xyzzy", "thre"],
)  # fmt: skip
def test_left_alone(word: str) -> None:
    """Another word, days out of order, numbers, and what two words could be meant by."""
    assert put_right(word)[0] == word[: len(put_right(word)[0])]
    assert put_right(word) != ["daily"]


def test_a_name_of_the_product_is_never_put_right() -> None:
    found = respelled(tokens("Tabelt 1 tabelt daily"), frozenset({"tabelt"}))
    assert [token.key for token in found] == ["tabelt", "1", "tabelt", "daily"]


def test_pieces_stand_where_they_are_written() -> None:
    text = "1 takeonetablet"
    assert [text[t.begin : t.end] for t in respelled(tokens(text))] == [
        "1",
        "take",
        "one",
        "tablet",
    ]


def test_a_whole_instruction() -> None:
    right = read_words("take 1 tablet by mouth every morning")
    assert read_words("take 1 tabelt by moth evrey mroning").steps == right.steps
    assert read_words("TAKE 1 TABLET BYMOUTH EVERYMORNING").steps == right.steps
