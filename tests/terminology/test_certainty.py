"""Denial, doubt, past and other persons in words: every cue by its example, and whole sentences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cds.terminology.model import Said
from cds.terminology.text import certainty
from cds.terminology.text.cues import Cue, lexicon
from tests.rows import check_each, read_table

SENTENCES = read_table(Path(__file__).parent / "said.yaml")
ANYTHING = frozenset(Said)
CUES = [
    cue
    for begun in lexicon().cues.values()
    for same in begun.values()
    for cue in same
    if cue.example
]


def said(text: str, asked: certainty.Asked = ANYTHING) -> set[Said]:
    """What is said of the <thing> in the text."""
    start = text.index("<")
    plain = text.replace("<", "").replace(">", "")
    found = [c.said for c in certainty.read(plain, asked) if c.start <= start < c.end]
    return set().union(*found)


def without(cue: Cue) -> str:
    """The example with its cue taken out."""
    between = r"[\W_]*".join(map(re.escape, cue.words))
    found = re.sub(rf"(?i)(?<![^\W_]){between}(?![^\W_])", " ", cue.example, count=1)
    assert found != cue.example
    return found


def test_a_cue_says_what_it_is_listed_for() -> None:
    check_each(CUES, says_what_it_is_listed_for)


def says_what_it_is_listed_for(cue: Cue) -> None:
    if cue.reach == ("itself",) and cue.said is not None:
        assert said(cue.example) == {cue.said}
    else:
        assert said(cue.example) == ({cue.said} if cue.said else set())
        assert said(without(cue)) == set(), "without the cue it is affirmed"


def test_case_does_not_matter() -> None:
    check_each(CUES, alike_in_capitals)


def alike_in_capitals(cue: Cue) -> None:
    assert said(cue.example.upper()) == said(cue.example)


def test_nothing_is_listed_twice() -> None:
    words = [cue.words for cue in CUES]
    assert len(words) == len(set(words))


def test_sentences() -> None:
    check_each(SENTENCES, is_read)


def is_read(row: dict[str, Any]) -> None:
    wanted = row["said"] if isinstance(row["said"], list) else [row["said"]]
    assert said(row["text"]) == {Said(word) for word in wanted if word != "so"}


@pytest.mark.parametrize("asked", [certainty.CONDITIONS, certainty.ALLERGIES, frozenset()])
def test_what_is_not_asked_for_is_not_said(asked: certainty.Asked) -> None:
    assert said("avoid <ketamine>, level of ketamine", asked) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no response", True),  # the phrase says its own denial
        ("denies that there was no response", False),
        ("No response, then rash", True),
        ("", False),
    ],
)
def test_a_phrase_that_begins_with_a_cue_counts_as_it_stands(text: str, found: bool) -> None:
    pattern = re.compile("no response", re.IGNORECASE)
    assert certainty.affirms(pattern, text, certainty.STOP_REASONS) is found


@pytest.mark.parametrize(
    "text", ["", " ", "?", "no", "- -", "((", "not?", "vs", "\n", "İno İx", "é"]
)
def test_anything_can_be_read(text: str) -> None:
    for clause in certainty.read(text, ANYTHING):
        assert text[clause.start : clause.end] == clause.text
