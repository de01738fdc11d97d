"""A summary is one short line, and text keeps its words. What else it is not: test_inert_texts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from broken import ash
from hypothesis import given
from hypothesis import strategies as st

from cards import words
from cards.build import Occasion, build
from cards.unworded import in_words
from cards.words import SUMMARY_LIMIT, Spoken, inert, plain_line, say, shorten
from cds.faults import Faults


@given(st.text(max_size=400))
def test_a_summary_is_short_and_one_line(text: str) -> None:
    line = shorten(plain_line(text))
    assert len(line) <= SUMMARY_LIMIT
    assert "\n" not in line


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shorten("one two three four", 12) == "one two…"


def test_inert_text_keeps_its_words() -> None:
    assert inert("5 < 6 & a_b") == "5 &lt; 6 &amp; a\\_b"


def test_a_text_without_a_parameter_is_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_environment", None)
    assert words._fill("detail", "- Check\n\n  the  dose.")({"found": "x"}) == "Check\nthe dose."


def test_parameters_keep_their_words_until_one_is_changed() -> None:
    params = Spoken({"found": ("2 cm",), "drug": "ketamine"})
    whole = say("aneurysm", params)
    assert say("aneurysm", params) is whole
    assert say("aneurysm", {**params}) == whole
    assert say("aneurysm", {**params, "found": ("9 cm",)}) != whole


def test_a_finding_is_put_into_words_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many cards tell of it: they are made with what it was put into before."""
    faults = Faults()
    assessment = in_words(ash().assessment, faults)
    of_findings = [words._prepared(finding.id) for finding in assessment.findings]
    again, real = list[words._Prepared](), words._said

    def said(wording: words._Prepared, params: Mapping[str, object]) -> words.Wording:
        again.extend(one for one in of_findings if one is wording)
        return real(wording, params)

    monkeypatch.setattr(words, "_said", said)
    assert build(assessment, Occasion("order-select"), faults)
    assert len(of_findings) > 5
    assert (again, faults.found) == ([], [])
