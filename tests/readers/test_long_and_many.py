"""Long texts are read in pieces, and how they were read is not remembered."""

from __future__ import annotations

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


def test_only_short_texts_are_remembered():
    seen = []

    @kept(10)
    def reader(text: str, more: int = 0) -> int:
        seen.append(text)
        return len(text) + more

    short, long = "x" * LONGEST_KEPT, "x" * (LONGEST_KEPT + 1)
    assert reader(short) == reader(short) == LONGEST_KEPT
    assert len(seen) == 1
    assert reader(long, more=1) == reader(long, more=1) == LONGEST_KEPT + 2
    assert len(seen) == 3
    reader.cache_clear()
    reader(short)
    assert len(seen) == 4


def test_of_the_longer_texts_few_are_remembered():
    seen = []
    reader = kept(4_096)(seen.append)
    for length, remembered in ((1_000, True), (1_001, False)):
        texts = [str(n).rjust(length) for n in range(65)]
        for text in [*texts, texts[0]]:
            reader(text)
        assert (seen.count(texts[0]) == 1) is remembered
