"""Drugs that no rule asks about: what is known to be another drug is not unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib.resources import files

_WORD = re.compile(r"[a-z][a-z0-9'-]*|[/+]")
_LONGEST = 4
"""words in a name"""
_JOINS = frozenset("/+")
_OF_A_STRENGTH = frozenset({
    "ml", "mg", "mcg", "ug", "g", "gm", "h", "hr", "hour", "hours", "day", "actuat", "actuation",
    "dose", "spray", "puff", "unit", "units", "unt", "iu", "tablet", "tab", "capsule", "vial", "kg",
    "er", "xr", "sr", "hct", "hctz",
})  # fmt: skip
"""words behind a slash that name no further drug: `50 mg/mL`, `100 mcg/actuation`"""


class OtherDrugs:
    """Reads whether a text names drugs, and none but such as no rule asks about."""

    def __init__(self, is_known: Callable[[tuple[str, ...]], bool]) -> None:
        """`is_known`: whether the drug tables know a name, by its words."""
        written = (tuple(_WORD.findall(line)) for line in _lines())
        self._names = frozenset(name for name in written if name and not is_known(name))
        self._begins = frozenset(name[0] for name in self._names)

    def named(self, text: str) -> str | None:
        """The first such drug that the text names; None also where a further drug may stand
        beside it, joined by a slash or plus."""
        words = _WORD.findall(text.lower())
        if self._begins.isdisjoint(words):
            return None
        taken: set[int] = set()
        first, at = None, 0
        while at < len(words):
            length = self._at(words, at)
            if length:
                first = first or " ".join(words[at : at + length])
                taken.update(range(at, at + length))
            at += length or 1
        return first if first and not _joined_to_unknown(words, taken) else None

    def _at(self, words: list[str], at: int) -> int:
        """How many words from here are a name."""
        if words[at] not in self._begins:
            return 0
        lengths = range(min(_LONGEST, len(words) - at), 0, -1)
        return next((n for n in lengths if tuple(words[at : at + n]) in self._names), 0)


def _joined_to_unknown(words: list[str], taken: set[int]) -> bool:
    """Whether a word that is no name stands right beside a slash or plus."""
    beside = {at + side for at, word in enumerate(words) if word in _JOINS for side in (-1, 1)}
    unknown = (at for at in beside - taken if 0 <= at < len(words))
    return any(words[at] not in _OF_A_STRENGTH | _JOINS for at in unknown)


def _lines() -> Iterable[str]:
    text = files("cds.terminology").joinpath("text/other_drugs.txt").read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
