"""Lists of words by which texts are told: each finds its examples, and no more."""

import re

import pytest

from cds.knowledge import words
from cds.knowledge.load import load_knowledge
from cds.knowledge.words import faults, lists, name_of, pattern_of


def test_each_list_finds_its_examples_and_no_more() -> None:
    assert list(faults()) == []


def test_each_list_is_used() -> None:
    named = str([fact.model_dump(mode="json") for _, fact in load_knowledge().facts()])
    assert [name for name in lists() if f"'words': '{name}'" not in named] == []


def test_a_list_is_read_once_and_keeps_its_name() -> None:
    pattern = pattern_of("shock")
    assert pattern_of(pattern) == pattern
    assert name_of(str(pattern)) == "shock"


@pytest.mark.parametrize("written", ["schock", r"\bshock\b", ["shock"], {"shock": ""}])
def test_what_is_no_list_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"lists of words stand in cds/knowledge/words\.yaml"):
        pattern_of(written)


SHAPES = [
    ("pre-term", ["pre-term labour", "pre term"], ["preterm", "pre--term"]),
    ("*ectomy", ["appendectomy", "colectomy done"], ["ectomys"]),
    ("asthma … attack", ["asthma attack", "asthma, bad attack"], ["attack of asthma"]),
    ("acute (a word) asthma", ["acute asthma", "acute severe asthma"], ["acute very bad asthma"]),
    ("shock", ["Shock", "septic shock"], ["shocking", "aftershock"]),
    ("a.b", ["a.b"], ["axb"]),
]  # fmt: skip


@pytest.mark.parametrize(("phrase", "found", "other"), SHAPES)
def test_a_phrase_finds_whole_words(phrase: str, found: list[str], other: list[str]) -> None:
    pattern = re.compile(rf"\b(?:{words._phrase(phrase)})\b", re.IGNORECASE)
    assert [text for text in found if not pattern.search(text)] == []
    assert [text for text in other if pattern.search(text)] == []


def test_what_is_wrong_with_a_list_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"words": ["shock"], "examples": ["schock"], "not": ["shock wave"]}
    monkeypatch.setattr(
        words, "lists", lambda: {"shock ": entry, "x": {"wrds": []}, "y": {"words": "a"}}
    )
    assert list(faults()) == [
        ("shock ", "`schock` is not found"),
        ("shock ", "`shock wave` is found"),
        ("x", "it has alone, examples, not, words, and nothing else"),
        ("y", "`words` is a list: write `[a]`"),
    ]
