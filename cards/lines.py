"""The text of a card in pieces, so that a long answer can do without those that matter least."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum

from msgspec import Struct


class Worth(IntEnum):
    """What a piece of text is worth to the reader. The last ones go first where words are short."""

    FOUND = 0
    """what was found in this patient, what is missing, what could not be read: it never goes"""
    EVIDENCE = 1
    """for and against an indication, and its approval"""
    ADVICE = 2
    """the one thing to do"""
    MORE = 3
    """the figures of criteria that are met, good news"""
    STEPS = 4
    """the steps of a session, which a clinic knows"""


_BEGINS_A_BLOCK = re.compile(r"^(\d{1,9}(?=[.)]))?([.)+=-])(?=[\s+=-]|$)")


class Part(Struct, frozen=True):
    """A few words of one worth, in Markdown."""

    text: str
    worth: Worth = Worth.FOUND


Line = tuple[Part, ...]
"""one item of a card's list"""


def line(text: str, worth: Worth = Worth.FOUND) -> Line:
    """A line that is all of one worth."""
    return (Part(text, worth),)


def markdown(lines: Iterable[Line]) -> str:
    """The lines as a Markdown list."""
    items = (" ".join(part.text for part in parts) for parts in lines if parts)
    return "\n".join(f"- {unlisted(item)}" for item in items)


def unlisted(text: str) -> str:
    """Markdown whose beginning is no item of a list, no rule and no underline, where a line does.

    >>> unlisted("1. x"), unlisted("- x"), unlisted("-5 x"), unlisted("1.5 x")
    ('1\\\\. x', '\\\\- x', '-5 x', '1.5 x')
    """
    begins = _BEGINS_A_BLOCK.match(text)
    return text if begins is None else f"{begins[1] or ''}\\{text[begins.start(2) :]}"


def kept(lines: Iterable[Line], worth: Worth) -> tuple[Line, ...]:
    """The lines without what is worth less than `worth`."""
    fewer = (tuple(part for part in parts if part.worth <= worth) for parts in lines)
    return tuple(parts for parts in fewer if parts)
