"""Long texts are read in pieces, and few of them are remembered."""

from __future__ import annotations

import pytest

from cds.characters import as_seen
from cds.kept import kept
from cds.limits import LONGEST_KEPT
from cds.terminology.model import Said
from cds.terminology.text.certainty import CONDITIONS, DRUGS, read
from tests.work import processor_seconds


def test_a_long_note_is_cut_into_clauses_with_what_is_said_of_each():
    filler = "Seen in clinic today, slept well. " * 100
    text = f"{filler}No ketamine. {filler}"
    clauses = read(text, DRUGS)
    said = {clause.text.strip(): clause.said for clause in clauses}
    assert said["ketamine"] == {Said.DENIED}
    for clause in clauses:
        assert text[clause.start : clause.end] == clause.text


def test_clauses_of_a_long_note_take_a_time_that_grows_with_its_length():
    for piece in ("/_history/1", "no ", "history of x, ", "; "):
        text = (piece * 20_000)[:20_000]
        assert processor_seconds(lambda text=text: read(text, CONDITIONS)) < 2.0, piece


def test_a_thousand_marks_on_a_letter_are_thirty():
    assert len(as_seen("a" + "\u0323\u0301" * 50_000)) <= 31
    assert as_seen("e\u0301" * 40) == "é" * 40
    assert processor_seconds(lambda: as_seen("\u0301\u0323" * 10_000 + "x")) < 0.5


def test_what_was_read_is_remembered_with_what_else_was_asked():
    seen = []

    @kept(10)
    def reader(text: str, more: int = 0) -> int:
        seen.append(text)
        return len(text) + more

    for length in (5, 1_001, LONGEST_KEPT + 1):
        text = "x" * length
        assert reader(text) == reader(text) == length
        assert reader(text, more=1) == length + 1
    assert len(seen) == 6
    reader.cache_clear()
    for length in (5, 1_001, LONGEST_KEPT + 1):
        reader("x" * length)
    assert len(seen) == 9


@pytest.mark.parametrize(
    ("length", "most"),
    [(1_000, 4_096), (1_001, 64), (LONGEST_KEPT, 64), (LONGEST_KEPT + 1, 4), (9_999, 4)],
)
def test_of_the_longer_texts_few_are_remembered(length: int, most: int):
    for others in (min(most, 200) - 1, most):
        seen = []
        reader = kept(4_096)(seen.append)
        texts = [str(n).rjust(length) for n in range(others + 1)]
        for text in [*texts, texts[0]]:
            reader(text)
        assert (seen.count(texts[0]) == 1) is (others < most), others
