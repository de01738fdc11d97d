"""Every answer is short, begins with what is dangerous, and is understood by who reads it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median

import pytest
from answer_rules import LIMIT, misplaced, said_twice, text_of, too_long, unreadable, unsaid
from hypothesis import Phase, given
from hypothesis import strategies as st

import fhir_fixtures
from cards.budget import within, words
from cards.lines import Part, Worth
from cards.model import Card, Sender
from cds.api import Answer, assess, load, read_chart
from cds.wire import decode, encode
from tests.examples import examples

ENGINE = load()
Rule = Callable[[tuple[Card, ...]], Iterator[str]]
RULES: tuple[Rule, ...] = (too_long, misplaced, unreadable, said_twice)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_answer_breaks_a_rule(answers: dict[str, Answer], rule: Rule) -> None:
    assert {name: broken for name, a in answers.items() if (broken := [*rule(a.cards)])} == {}


def test_nothing_that_was_found_goes_unsaid(answers: dict[str, Answer]) -> None:
    asked = {name: a for name, a in answers.items() if any(c.drug for c in a.assessment.cases)}
    assert len(asked) > 50
    assert {name: gone for name, a in asked.items() if (gone := [*unsaid(a)])} == {}


def test_answers_are_short(answers: dict[str, Answer]) -> None:
    """The scenario charts have much to say; a plain chart has less."""
    with_cards = [a.cards for a in answers.values() if a.cards]
    assert median(map(len, with_cards)) <= 3
    assert median(map(words, with_cards)) <= LIMIT * 0.8


@pytest.mark.parametrize("site_limit", [60, 120, 250, 2000])
def test_a_site_has_more_words_or_fewer(answers: dict[str, Answer], site_limit: int) -> None:
    """What was found stays in an answer of any length."""
    for name, answer in answers.items():
        shorter = within(answer.cards, site_limit)
        general = [part for part in _parts(shorter) if part.worth is not Worth.FOUND]
        assert words(shorter) <= site_limit or not general, name
        assert _found(shorter) == _found(answer.cards), name


CARDS = (
    Card("stop", "a b", "critical", ((Part("c d e"), Part("f g", Worth.ADVICE)),), ()),
    Card("safety", "h", "info", ((Part("i j", Worth.MORE),), (Part("k", Worth.STEPS),)), ()),
)
"""14 words, the marks of the list counted: 7 found, 2 of advice, 3 and 2 that are good to know"""


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        (28, 14), (27, 12), (24, 12), (23, 9),  # good to know: in half an answer
        (9, 9), (8, 7), (7, 7), (6, 7), (0, 7),  # advice goes next, and what was found stays
    ],
)  # fmt: skip
def test_the_least_worth_goes_first(limit: int, left: int) -> None:
    assert words(within(CARDS, limit)) == left


def test_the_last_card_loses_its_advice_first() -> None:
    first, second = (
        Card("stop", word, "critical", ((Part("do this", Worth.ADVICE),),), ()) for word in "ab"
    )
    (one, other) = within([first, second], 5)
    assert (one.detail, other.detail) == ("- do this", "")


def _parts(cards: tuple[Card, ...]) -> list[Part]:
    return [part for card in cards for parts in card.lines for part in parts]


def _found(cards: tuple[Card, ...]) -> list[str]:
    return [part.text for part in _parts(cards) if part.worth is Worth.FOUND]


# --- generated charts ---------------------------------------------------------------------------


@given(st.data())
@examples(40, phases=[Phase.generate])
def test_no_generated_answer_breaks_a_rule(data: st.DataObject) -> None:
    from property_charts import DAY, DRAFTS, patients

    chart = read_chart(ENGINE, decode(encode(data.draw(patients()).resources)))
    answer = assess(ENGINE, chart, DAY, [decode(encode(data.draw(DRAFTS)))])
    assert [broken for rule in RULES for broken in rule(answer.cards)] == []
    assert [*unsaid(answer)] == []


# --- the same said of two drafts ----------------------------------------------------------------


def test_what_holds_for_two_drafts_is_said_once() -> None:
    from corpus import DAY

    bundle = decode(encode(fhir_fixtures.load("larch", DAY)))
    draft = decode((fhir_fixtures.orders() / "larch.json").read_bytes())
    two = [draft, draft | {"id": "another"}]
    answer = assess(ENGINE, read_chart(ENGINE, bundle), DAY, two)
    assert text_of(answer.cards).count("Do not combine, seizures: theophylline") == 1
    assert [*said_twice(answer.cards)] == []


# --- where the facts are ------------------------------------------------------------------------


def test_a_card_links_to_its_facts(answers: dict[str, Answer]) -> None:
    places = {f"{subject}/{fact.id}" for subject, fact in ENGINE.knowledge.facts()}
    page = "https://cds.example.org/knowledge"
    told = [card for answer in answers.values() for card in answer.cards]
    linked = [card for card in told if card.facts]
    assert len(linked) > 0.9 * len(told)
    for card in linked:
        assert {fact.path for fact in card.facts} <= places
        sent = Sender(url=page).json(card)
        assert sent["source"]["url"] == f"{page}/{card.facts[0].path}"
        assert [link["type"] for link in sent["links"]] == ["absolute"] * len(card.facts)
        assert not [ident for ident in unreadable_names(card) if ident]
        assert "links" not in Sender().json(card)


def unreadable_names(card: Card) -> list[str]:
    names = Card("safety", "; ".join(fact.name for fact in card.facts), "info", (), ())
    return [*unreadable((names,))]
