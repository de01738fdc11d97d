"""Chart text is data: whoever renders a card shows words, and nothing that acts or hides."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from itertools import cycle, islice
from typing import Any

import pytest
from gfm import OUR_OWN, card_faults, invisible, plain_faults, renderings, tags, words_of
from hostile_texts import ADDRESSES, HONEST, HOSTILE, HTML, LONG, MARKUP, UNSEEN
from hypothesis import given
from hypothesis import strategies as st

import fhir_fixtures
from cards.lines import line, markdown, unlisted
from cards.model import Sender
from cards.words import CHART_TEXT_LIMIT, escape_markdown, inert, plain_line, say
from cds.api import Engine, assess, load, read_chart
from cds.assessment.model import ChartText
from cds.characters import as_shown
from cds.wire import Json, decode, encode
from tests.examples import examples
from tests.rows import check_each

DAY = fhir_fixtures.ANCHOR
BOLD = "**"

# --- one text ------------------------------------------------------------------------------------


def check_words(text: str) -> None:
    """It is rendered as the words that it is, wherever it stands in a line."""
    shown, escaped = as_shown(text), inert(text)
    for before, after, bold in (
        ("", "", ""),
        ("x ", ".", ""),
        ("a; ", "; b.", ""),
        ("", ": x", BOLD),
    ):
        for rendered in renderings(markdown([line(f"{bold}{before}{escaped}{after}{bold}")])):
            assert tags(rendered) == {"ul", "li", *(["strong"] if bold else [])}, rendered
            assert words_of(rendered) == f"{before}{shown}{after}".strip(), rendered
    assert not list(plain_faults(shown)), list(plain_faults(shown))
    assert as_shown(shown) == shown


def test_hostile_texts_are_words() -> None:
    check_each(HOSTILE, check_words, name=ascii)


def test_honest_texts_are_the_same_words() -> None:
    def check(text: str) -> None:
        check_words(text)
        assert as_shown(text) == unicodedata.normalize("NFC", text)

    check_each(HONEST, check)


FRAGMENTS = st.sampled_from([
    *(f for f in HOSTILE if len(f) < 40), *"<>&;:/\\.@#*_`[]()!|~$=+-1\n \t", "www", "http", "com",
    "\u200b", "\u202e", "&#", "x", "evil",
])  # fmt: skip


@given(st.lists(FRAGMENTS | st.text(max_size=3), max_size=8).map("".join))
@examples(300)
def test_any_text_is_words(text: str) -> None:
    check_words(text)


@given(st.text(max_size=400) | st.sampled_from([*LONG, *HOSTILE]))
def test_a_text_is_bounded_and_never_cut_within_an_escape(text: str) -> None:
    plain = plain_line(text)
    assert len(plain) <= CHART_TEXT_LIMIT
    assert escape_markdown(text) == inert(plain)
    check_words(plain)


def test_a_longer_text_ends_with_dots() -> None:
    for text in ("evil" * 300_000, "evil " * 1000, "\u200b" * 3_000 + "x", "x" * 121):
        assert plain_line(text).endswith("…"), ascii(text[:20])
    assert plain_line("x" * 120) == "x" * 120


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- x", "\\- x"), ("+ x", "\\+ x"), ("1. x", "1\\. x"), ("12) x", "12\\) x"),
        ("---", "\\---"), ("=", "\\="), ("-", "\\-"), ("1.", "1\\."),
        ("-5 x", "-5 x"), ("1.5 x", "1.5 x"), ("x - y", "x - y"),
        ("1234567890. x", "1234567890. x"),
    ],
)  # fmt: skip
def test_the_beginning_of_a_line(text: str, shown: str) -> None:
    """Whatever was left out before it."""
    assert unlisted(text) == shown
    assert markdown([line(text)]) == f"- {shown}"
    assert unlisted(shown) == shown


# --- a hostile text in every place of a chart and of a draft --------------------------------------

KEPT = frozenset({"resourceType", "reference", "fullUrl", "system"})
"""what decides whether anything is read at all"""
FREE = frozenset({"text", "display", "unit", "div", "family", "given", "patientInstruction",
                  "title", "description", "comment", "valueString", "lotNumber"})  # fmt: skip
Path = tuple[Any, ...]


def strings(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of each string."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from strings(item, (*path, key))
    elif isinstance(value, str) and path[-1] not in KEPT:
        yield path


def planted(value: Any, path: Path, hostile: str, how: str) -> None:
    """Put it beside the text at a path, or in its place."""
    *steps, last = path
    for step in steps:
        value = value[step]
    beside = {"after": f"{value[last]} {hostile}", "before": f"{hostile} {value[last]}"}
    value[last] = beside.get(how, hostile)


def chart(name: str) -> tuple[Json, list[Json]]:
    """A fixture patient with the draft, as they come over the wire."""
    order = json.loads((fhir_fixtures.orders() / f"{name}.json").read_text())
    return decode(encode(fhir_fixtures.load(name, DAY))), [decode(encode(order))]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load()


SENDER = Sender(url="https://cds.example.org/knowledge")


def faults_of(engine: Engine, bundle: Json, drafts: list[Json]) -> list[str]:
    """What is wrong with the cards at selecting, and with the report."""
    answer = assess(engine, read_chart(engine, bundle), DAY, drafts)
    found = [fault for card in answer.cards for fault in card_faults(SENDER.json(card))]
    return [*found, *report_faults(answer.report() | {"cards": []})]


def report_faults(report: Any) -> Iterator[str]:
    if isinstance(report, dict | list):
        for item in report.values() if isinstance(report, dict) else report:
            yield from report_faults(item)
    elif isinstance(report, str):
        yield from (f"{fault}: {report}" for fault in invisible(report))


@pytest.mark.parametrize("how", ["after", "before", "instead"])
def test_hostile_words_in_all_texts_of_a_chart_at_once(engine: Engine, how: str) -> None:
    names = fhir_fixtures.names()
    told = 0

    def check(row: tuple[str, int]) -> None:
        nonlocal told
        name, turn = row
        bundle, drafts = chart(name)
        texts = islice(cycle(HOSTILE), turn, None)
        for root in (bundle, drafts):
            for path in [p for p in strings(root) if p[-1] in FREE]:
                planted(root, path, next(texts), how)
        answer = assess(engine, read_chart(engine, bundle), DAY, drafts)
        told += sum("evil" in f"{card.summary}{card.detail}" for card in answer.cards)
        assert faults_of(engine, bundle, drafts) == []

    check_each([(name, 37 * turn) for turn, name in enumerate(names)], check)
    assert told  # else nothing of it would have reached a card


def test_a_hostile_word_in_any_one_string_stays_a_word(engine: Engine) -> None:
    """Each kind of place once, with ids, codes, dates, units and statuses."""
    places: dict[tuple[str, ...], tuple[str, int, Path]] = {}
    for name in fhir_fixtures.names():
        for root, value in enumerate(chart(name)):
            for path in strings(value):
                shape = (str(root), kind_at(value, path), *(s for s in path if isinstance(s, str)))
                places.setdefault(shape, (name, root, path))
    assert len(places) > 100
    rows = zip(places.values(), cycle(HOSTILE), cycle(("after", "instead")))

    def check(row: tuple[tuple[str, int, Path], str, str]) -> None:
        (name, root, path), hostile, how = row
        both = chart(name)
        planted(both[root], path, hostile, how)
        assert faults_of(engine, *both) == []

    check_each(rows, check)


def kind_at(value: Any, path: Path) -> str:
    """The type of the resource that a path leads into."""
    kind = ""
    for step in path:
        kind = value.get("resourceType", kind) if isinstance(value, dict) else kind
        value = value[step]
    return kind


@pytest.mark.parametrize(
    "text",
    [*ADDRESSES[:6], *HTML[:2], *MARKUP[:2], *UNSEEN[:2], LONG[0][:9000]],
    ids=lambda text: ascii(text)[:24],
)
def test_hostile_names_of_what_is_told(engine: Engine, text: str) -> None:
    """Where each certainly reaches a card: a stop, an allergy, what was not understood."""
    bundle, drafts = chart("ash")
    subject = {"reference": "Patient/ash"}
    more = [
        {"resourceType": "Condition", "id": "c", "subject": subject,
         "code": {"text": f"Abdominal aortic aneurysm {text}"}},
        {"resourceType": "AllergyIntolerance", "id": "a", "patient": subject,
         "code": {"text": f"{text} ketamine"}},
        {"resourceType": "MedicationStatement", "id": "m", "subject": subject, "status": "active",
         "medicationCodeableConcept": {"text": text}},
        {"resourceType": "Procedure", "id": "p", "subject": subject, "status": "completed",
         "code": {"text": text}},
    ]  # fmt: skip
    bundle["entry"] += [{"resource": deepcopy(one)} for one in more]
    answer = assess(engine, read_chart(engine, bundle), DAY, drafts)
    assert any("ortic aneurysm" in f"{card.summary}{card.detail}" for card in answer.cards)
    assert faults_of(engine, bundle, drafts) == []


def test_the_wordings_themselves_are_no_links(answers: dict[str, Any]) -> None:
    """Nor do they use more of Markdown than a list and two kinds of emphasis."""

    def check(name: str) -> None:
        for card in answers[name].cards:
            for rendered in renderings(card.detail):
                assert tags(rendered) <= OUR_OWN, rendered

    check_each(answers, check)


@pytest.mark.parametrize("marked", [ChartText, str])
def test_a_template_escapes_what_it_shows(marked: type[str]) -> None:
    """Whether or not it is said to come from a chart, and whatever joins it."""

    def check(text: str) -> None:
        found = {"condition": marked(text), "since": "2020", "doubt": None}
        (part,) = say("psychotic-features", found).parts
        listed = say("contradicted-drugs", {"said": [marked(text), marked(text)]})
        assert not list(plain_faults(listed.summary))
        shown = plain_line(text) if marked is ChartText else as_shown(text)
        for rendered in renderings(markdown([line(part.text)])):
            assert tags(rendered) == {"ul", "li"}, rendered
            assert words_of(rendered) == f"{shown} (2020).".strip(), rendered

    check_each(HOSTILE, check, name=ascii)
