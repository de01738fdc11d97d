"""Words about an order that are no sign of what it is for: each counts in its example."""

from __future__ import annotations

import re
from typing import Any, get_args

from cds.assessment.order_words import Kind, is_watched_for, speaks_of
from cds.assessment.use_signs import _phrases as phrases
from cds.reviewed import read_reviewed
from tests.rows import check_each

WORDS = read_reviewed("cds.assessment", "order_words.yaml")
ROWS = [(kind, word, text) for kind, words in WORDS.items() for word, text in words.items()]


def test_every_kind_is_asked_for() -> None:
    assert set(WORDS) == set(get_args(Kind))


def test_each_word_counts_in_its_example_and_is_needed_there() -> None:
    def check(row: Any) -> None:
        kind, word, text = row
        assert re.search(rf"(?i)\b(?:{word})", text)
        others = [other for other in WORDS[kind] if other != word]
        assert not re.search(rf"(?i)\b({'|'.join(others)})\b", text)
        if kind == "watched_for":
            assert is_watched_for(text.rpartition(" ")[0] + " ")
        elif kind == "kept_ready":
            of_a_sign = phrases((text.split()[0],))
            assert not of_a_sign.search(text)
            assert of_a_sign.search(text.split()[0])
        else:
            assert speaks_of(kind, text)

    check_each(ROWS, check, lambda row: f"{row[0]}: {row[1]}")


NEAR_MISSES: list[tuple[Kind, str]] = [
    ("rescue", "propofol 100 mg IV once"),
    ("no_procedure", "laparoscopic cholecystectomy"),
    ("asked", "ECT, bilateral"),
]


def test_other_words() -> None:
    assert not [text for kind, text in NEAR_MISSES if speaks_of(kind, text)]
    assert is_watched_for("hold for " + "x" * 25)
    assert not is_watched_for("hold for " + "x" * 26)
    assert not is_watched_for("hold; ")
