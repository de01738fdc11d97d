"""On which cards a fact is told, and how a template reads."""

from __future__ import annotations

import pytest

from cards.of_facts import cards_of, readable, why_no_card, words_of
from cds.knowledge.load import Knowledge


@pytest.mark.parametrize(
    ("template", "reads"),
    [
        ("Do not give: {{ found[0] }}", "Do not give: ‹found›"),
        ("{{ likely.meant }} or {{- bound|float -}}\n usual", "‹likely.meant› or ‹bound› usual"),
        ("a{% if even_at %} at {{ even_at }} kg{% endif %}.", "a[if even at: at ‹even at› kg]."),
        ("{% if a %}1{% elif b == 'x' %}2{%- else %}3{% endif %}",
         "[if a: 1, else if b is x: 2, else: 3]"),
        ("{% for slip in likely %}\n- {{ slip }}\n{% endfor %}", "[for slip in likely: - ‹slip›]"),
        ("nothing to fill in", "nothing to fill in"),
    ],
)  # fmt: skip
def test_a_template_as_a_reader_takes_it(template: str, reads: str) -> None:
    assert readable(template) == reads


@pytest.mark.parametrize(
    ("subject", "ident", "cards"),
    [
        ("contraindications", "aneurysm", ["stop"]),
        ("contraindications", "aneurysm-repair", ["safety"]),
        ("contraindications", "recent-stroke", ["stop", "safety"]),
        ("interactions", "benzodiazepines-with-ketamine", ["safety"]),
        ("candidacy_rules", "trial-strict", []),
        ("indications", "trd-unipolar", ["candidacy"]),
        ("regimens", "iv-std-acute", ["dose"]),
        ("order_checks", "undiluted", ["stop"]),
        ("order_checks", "obesity-weight", ["dose"]),
        ("order_checks", "mg-for-mcg", ["stop"]),
        ("limits", "iv_bolus_analgesic", ["stop", "dose"]),
        ("monitoring", "weight", ["safety"]),
        ("response", "stop-after-four", ["course"]),
        ("parameters", "weight-lowest", []),
    ],
)
def test_the_cards_of_a_fact(
    subject: str, ident: str, cards: list[str], knowledge: Knowledge
) -> None:
    assert [told.card for told in cards_of(getattr(knowledge, subject)[ident])] == cards


@pytest.mark.parametrize(
    ("subject", "ident", "says"),
    [
        ("claims", "infusion-one-hour", "it is there to be read"),
        ("decisions", "substance-use", "it is there to be read"),
        ("failure_definitions", "refractory-status", "it is there to be read"),
        ("interactions", "valproate", "it was looked for, and nothing was found"),
        ("parameters", "weight-lowest", "others are computed or judged with it"),
    ],
)
def test_why_no_card_tells_a_fact(
    subject: str, ident: str, says: str, knowledge: Knowledge
) -> None:
    fact = getattr(knowledge, subject)[ident]
    assert cards_of(fact) == ()
    assert says in why_no_card(fact)


def test_a_wording_without_a_detail_leaves_no_empty_line(knowledge: Knowledge) -> None:
    for _, fact in knowledge.facts():
        assert all(text for told in cards_of(fact) for text in told.words), fact.id


def test_a_regimen_that_is_never_offered_says_why(knowledge: Knowledge) -> None:
    (told,) = cards_of(knowledge.regimens["iv-range"])
    assert told.when == "never with a dose: arms of a dose-finding trial, not a regimen"


def test_an_interaction_that_is_silent_is_on_no_card(knowledge: Knowledge) -> None:
    silent = [fact for fact in knowledge.interactions.values() if fact.silent]
    assert silent
    assert all(cards_of(fact) == () for fact in silent)


def test_every_wording_reads_without_marks_of_a_template(knowledge: Knowledge) -> None:
    for _, fact in knowledge.facts():
        for told in cards_of(fact):
            assert not any("{" in text or "}" in text for text in told.words), fact.id
    assert words_of("no-such-wording") == ()
