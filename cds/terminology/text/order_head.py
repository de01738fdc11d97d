"""Which part of an order's text says what is to be given, and which only when or why.

`Midazolam 2 mg after ketamine infusion` orders midazolam; `ketamine 35 mg, midazolam before` orders
ketamine. An amount behind the name in such an aside leaves it open.
"""

from __future__ import annotations

import re

_TO_ITS_END = r"(?:(?!\band\b)[^,;()+&])*"
_ASIDE = re.compile(
    r"\b(?:before|after|prior to|following|during|until|while|when|if|for|prn|as needed|due to"
    r"|because of|caused by|induced by|related to|pre|post|not|no|without|hold|avoid|failed"
    r"|instead of|rather than"
    rf"|in place of)\b{_TO_ITS_END}",
    re.I,
)
_WITH = re.compile(rf"(?:\bw/|\b(?:with|alongside)\b){_TO_ITS_END}", re.I)
_AMOUNT = re.compile(r"\d\s*(?:mg|mcg|ug|µg|g|ml|units?|%)(?![a-z])", re.I)


def head_of(text: str) -> str:
    """The text without what is said of when, why and instead of what it is given."""
    return _ASIDE.sub(" ", text)


def dosed_head_of(text: str) -> str:
    """Also without what is given along with it, where an amount stands before that."""
    head = head_of(text)
    found = _WITH.search(head)
    return head[: found.start()] if found and _AMOUNT.search(head[: found.start()]) else head


def has_amount(text: str) -> bool:
    """Whether it says how much of something."""
    return _AMOUNT.search(text) is not None
