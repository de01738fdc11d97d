"""What a card says is not said again; what was found is said wherever it stands."""

from __future__ import annotations

import pytest

from cards.lines import Part, Worth
from cards.model import Card
from cards.once import once


def card(*parts: Part) -> Card:
    return Card("safety", "x", "info", tuple((part,) for part in parts), ())


ADVICE, FOUND = Worth.ADVICE, Worth.FOUND


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ("Never stop it all abruptly.", "Never stop it all abruptly.", ""),
        ("Never stop it all abruptly. Monitor.", "Monitor it. Never stop it all abruptly.",
         "- Monitor it."),
        ("Never stop it abruptly.", "Never stop it abruptly.", ""),  # four words are a sentence
        ("Check the dose.", "Check the dose.", "- Check the dose."),  # three are not
        ("Never stop it all abruptly.", "Never stop it abruptly.", "- Never stop it abruptly."),
    ],
)  # fmt: skip
def test_a_sentence_is_said_once(first: str, second: str, left: str) -> None:
    one, other = once([card(Part(first, ADVICE)), card(Part(second, ADVICE))])
    assert (one.detail, other.detail) == (f"- {first}", left)
    (alone,) = once([card(Part(first, ADVICE), Part(second, ADVICE))])
    assert alone.detail == "\n".join(filter(None, (f"- {first}", left)))


def test_what_was_found_is_never_left_out() -> None:
    found = Part("Found on record: an aneurysm, repaired.", FOUND)
    assert [c.detail for c in once([card(found), card(found)])] == [f"- {found.text}"] * 2
