"""A summary is one short line, and text keeps its words. What else it is not: test_inert_texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cards.words import SUMMARY_LIMIT, inert, plain_line, shorten


@given(st.text(max_size=400))
def test_a_summary_is_short_and_one_line(text: str) -> None:
    line = shorten(plain_line(text))
    assert len(line) <= SUMMARY_LIMIT
    assert "\n" not in line


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shorten("one two three four", 12) == "one two…"


def test_inert_text_keeps_its_words() -> None:
    assert inert("5 < 6 & a_b") == "5 &lt; 6 &amp; a\\_b"
