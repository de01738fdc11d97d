"""Chart text is data: it can't become markup, a link, or a second line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cards.words import SUMMARY_LIMIT, escape_markdown, inert, plain_line, shorten

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    "![x](https://evil.example/a.png)",
    "https://evil.example/",
    "www.evil.example",
    "**bold** _it_ `code` ~~s~~",
    "# heading\n\n- list\n\n> quote",
    "a | b\n--|--\n1 | 2",
    "&lt;b&gt;",
    "\u202eright to left",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_chart_text_renders_as_itself(text: str) -> None:
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        "- " + escape_markdown(text)
    )
    assert "<a" not in html
    assert "<img" not in html
    assert "<script" not in html
    for tag in ("<strong", "<em", "<code", "<h1", "<blockquote", "<table", "<s>"):
        assert tag not in html


@given(st.text(max_size=300))
def test_any_text_stays_on_one_line_without_tags(text: str) -> None:
    escaped = escape_markdown(text)
    assert "\n" not in escaped
    assert "<" not in escaped
    html = MarkdownIt("commonmark", {"html": True}).render("x " + escaped)
    assert html.count("<") == 2, html  # the paragraph, opened and closed


@given(st.text(max_size=400))
def test_a_summary_is_short_and_one_line(text: str) -> None:
    line = shorten(plain_line(text))
    assert len(line) <= SUMMARY_LIMIT
    assert "\n" not in line


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shorten("one two three four", 12) == "one two…"


def test_inert_text_keeps_its_words() -> None:
    assert inert("5 < 6 & a_b") == "5 &lt; 6 &amp; a\\_b"
