"""How many of a site's written instructions are read, and what stops the others.

Nothing that could identify a person leaves: of an unread instruction only the words that the
vocabulary knows are kept, digits as `#`, dates and what stands in a reason or in advice by their
role; a word that is not known is shown only where several patients have it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from cds.dosage.words import explain, known_words, read_words

Outcome = Literal["read in full", "tells nothing", "not read in full"]
SHOWN_FROM = 3
"""patients that must have an unknown word before it is shown"""
_FREE_TEXT = {"reason": "(reason)", "advice": "(advice)", "as needed": "as needed (reason)",
              "date": "(date)", "supply": "(supply)"}  # fmt: skip
_HIDDEN = "▢"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class InstructionCoverage(Struct, frozen=True):
    """Instructions by outcome, and the shapes of those not read, most frequent first."""

    outcomes: Counter[Outcome]
    unread: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float | None:
        """Of instructions that tell something, the part that is read in full."""
        told = self.outcomes["read in full"] + self.outcomes["not read in full"]
        return self.outcomes["read in full"] / told if told else None


def instruction_coverage(instructions: Iterable[tuple[str, str]]) -> InstructionCoverage:
    """What becomes of dosage texts, each with the patient that it is for."""
    outcomes = Counter[Outcome]()
    unread: list[tuple[str, str]] = []
    for patient, text in instructions:
        outcome = _outcome(text)
        outcomes[outcome] += 1
        if outcome == "not read in full":
            unread.append((patient, text))
    common = _common_words(unread)
    shapes = Counter(_shape(text, common) for _, text in unread)
    return InstructionCoverage(outcomes, tuple(shapes.most_common()))


def _outcome(text: str) -> Outcome:
    words = read_words(text)
    if words.complete:
        return "read in full"
    return "tells nothing" if words.says_nothing else "not read in full"


def _common_words(unread: Iterable[tuple[str, str]]) -> frozenset[str]:
    patients: defaultdict[str, set[str]] = defaultdict(set)
    for patient, text in unread:
        for word in read_words(text).unread:
            patients[word.lower()].add(patient)
    return frozenset(word for word, who in patients.items() if len(who) >= SHOWN_FROM)


def _shape(text: str, common: frozenset[str]) -> str:
    pieces = [
        _FREE_TEXT[role] if role in _FREE_TEXT else _masked(piece, common)
        for piece, role in explain(text)
    ]
    return re.sub(rf"(?:{_HIDDEN} ?)+", f"{_HIDDEN} ", " ".join(pieces)).strip()


def _masked(piece: str, common: frozenset[str]) -> str:
    """The piece without what no vocabulary knows, whatever it was read as."""
    shown = []
    for token, kind in known_words(piece):
        if kind == "unknown" and token not in common:
            shown.append(_HIDDEN)
        elif kind == "date":
            shown.append("(date)")
        else:
            shown.append(_NUMBER.sub("#", token))
    return " ".join(shown)
