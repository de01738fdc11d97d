"""What the answer to a predicate is made of: codes, facts and chart text, no sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import ChartText, State


class Match(Struct, frozen=True):
    """A fact that met a predicate, ready to be shown."""

    what: ChartText
    """`Abdominal aortic aneurysm (2023-04-11, matched by its text)`"""
    source: tuple[str, ...] = ()
    when: date | None = None
    taken_back: bool = False
    """only a code says it, and the words beside the code say for certain that it is not so"""
    doubtful: bool = False
    """nobody confirmed it, or it is not known whether it still is so"""


class Found:
    """What was found, for whoever puts it into words: a dataclass for each kind of predicate."""

    __slots__ = ()


class Answer(Struct, frozen=True):
    """How a predicate stands, the facts behind that, and what was missing.

    `state` takes what is doubtful as if it were certain: what speaks against a treatment counts.
    `settled` leaves it open: what speaks for one has to be known.
    """

    state: State
    matches: tuple[Match, ...] = ()
    missing: frozenset[str] = frozenset()
    """prefetch keys that were not answered, or `reference range of ALT 312 U/L (2026-11-20)`"""
    doubtful: bool = False
    """the state rests on what is doubtful"""
    undone: bool = False
    """of a combination: one that it needs is taken back"""
    found: Found | None = None
    looked_at: tuple[str, ...] = ()
    """the resources that the state rests on where no fact met the predicate"""

    @property
    def source(self) -> tuple[str, ...]:
        """What the answer rests on: facts that are sure, else those that are doubtful."""
        if not self.matches:
            return self.looked_at
        sure = [match for match in self.matches if not match.doubtful]
        return tuple(dict.fromkeys(ref for match in sure or self.matches for ref in match.source))

    @property
    def settled(self) -> State:
        return "unknown" if self.doubtful else self.state

    @property
    def met(self) -> bool:
        return self.state == "met"

    @property
    def taken_back(self) -> bool:
        """Whether it rests on codes that their own words take back, and would not hold without."""
        return self.undone or (bool(self.matches) and all(m.taken_back for m in self.matches))


def met(
    matches: Iterable[Match], missing: Iterable[str] = (), found: Found | None = None
) -> Answer:
    """Met by these facts; doubtful where every one of them is."""
    facts = tuple(matches)
    doubtful = bool(facts) and all(fact.doubtful for fact in facts)
    return Answer("met", facts, frozenset(missing), doubtful, found=found)


NO_RANGE = "reference range of "
"""begins what is missing of a result whose own range is not stated"""
NOT_MET = Answer("not_met")


def unknown(*missing: str) -> Answer:
    return Answer("unknown", (), frozenset(missing))


def absent(case: Case, key: str) -> Answer:
    """Nothing matched: not met when the data were had, else unknown."""
    return NOT_MET if key in case.history.answered else unknown(key)


_LONGEST = 118
"""characters of what is said of a match"""


def said(text: str, *remarks: str) -> ChartText:
    """Chart text with remarks, short enough that the remarks are never cut off."""
    tail = f" ({', '.join(remarks)})" if remarks else ""
    return ChartText(_cut(text, _LONGEST - len(tail)) + tail)


def quoted(how: str, text: str, remark: str) -> ChartText:
    """Chart text in quotes, cut within them."""
    before, after = f"{how} “", f"” ({remark})"
    return ChartText(before + _cut(text, _LONGEST - len(before) - len(after)) + after)


def _cut(text: str, room: int) -> str:
    """As much of the text as there is room for, to the end of a word where it has one."""
    if len(text) <= room:
        return text
    head = text[: max(room - 1, 12)]
    words, _, _ = head.rpartition(" ")
    return (words if len(words) > len(head) // 2 else head).rstrip(" ,;:-(") + "…"
