"""The parts of an assessment, each judged by itself: one that breaks costs its own findings.

What it would have said is not known. So it is named, and neither a dose nor a candidacy stands
beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from cds.allowance import check
from cds.assessment.case import Case
from cds.assessment.contraindications import NOT_EXCLUDED
from cds.assessment.model import Finding, Kind
from cds.faults import Faults

Item = TypeVar("Item")
Judge = Callable[[Case], Iterable[Item]]
Subject = Literal["contraindications", "interactions"]

NOT_JUDGED = "not-judged"
_MOST_NAMED = 3
"""entries by name; of more, what they are"""


class Piece(Struct, frozen=True):
    """One rule of a part, to be judged without the others."""

    name: str
    case: Case
    """with what the rule needs"""
    whole: Judge[Finding]
    bare: Judge[Finding]
    """less than `whole`: what the rule says for itself"""


@dataclass(slots=True)
class Parts:
    """The parts of one case's assessment."""

    case: Case
    faults: Faults
    broken: list[str] = field(default_factory=list)
    """in words"""

    def judge(self, name: str, judge: Judge[Item]) -> tuple[Item, ...]:
        """What the part says; nothing, and its name among the broken ones, if it raises."""
        check()
        said = self.faults.attempt("part", name, partial(_all, judge, self.case), None)
        if said is None:
            self.broken.append(name)
        return said or ()

    def judge_entries(
        self, subject: Subject, judge: Judge[Finding], bare: Judge[Finding] | None = None
    ) -> tuple[Finding, ...]:
        """The same of a part that goes through the entries of the knowledge.

        An aneurysm must not go unsaid because of a rule about eyes. `bare` says of an entry what it
        says for itself, if that is less than `judge` does.
        """
        return self.judge_pieces(subject, judge, partial(self._entries, subject, judge, bare))

    def judge_pieces(
        self, name: str, judge: Judge[Finding], pieces: Callable[[], Iterable[Piece]]
    ) -> tuple[Finding, ...]:
        """The same of a part in pieces: if it breaks as a whole they are judged one by one."""
        check()
        said = self.faults.attempt("part", name, partial(_all, judge, self.case), None)
        if said is not None:
            return said
        doubts = f"doubts about {name}"
        found: list[Finding] = []
        lost: list[str] = []
        for piece in self.faults.attempt("part", name, lambda: tuple(pieces()), ()):
            bare = self.faults.attempt(
                "part", piece.name, partial(_all, piece.bare, piece.case), None
            )
            if bare is None:
                lost.append(re.sub("[-_]", " ", piece.name))
                continue
            more = partial(_all, piece.whole, piece.case)
            found += self.faults.attempt("part", doubts, more, bare)
        if doubts in self.faults.of("part"):
            lost.append(doubts)
        self.broken += lost if 0 < len(lost) <= _MOST_NAMED else [name]
        return tuple(found)

    def _entries(
        self, subject: Subject, judge: Judge[Finding], bare: Judge[Finding] | None
    ) -> Iterator[Piece]:
        """The case as one who knows a single entry sees it, for each of them."""
        entries = getattr(self.case.knowledge, subject)
        for ident in entries:
            kept: dict[str, Any] = {
                subject: {name: entries[name] for name in (ident, NOT_EXCLUDED) if name in entries}
            }
            alone = replace(self.case, knowledge=self.case.knowledge.having(**kept))
            yield Piece(ident, alone, judge, bare or judge)

    def not_judged(self, kind: Kind = "caution") -> tuple[Finding, ...]:
        """The finding that names the broken parts, if there are any."""
        if not self.broken:
            return ()
        order = self.case.order.ref if self.case.order is not None else None
        return (
            Finding(
                id=NOT_JUDGED,
                kind=kind,
                severity="warning",
                basis=(),
                params={"parts": tuple(dict.fromkeys(self.broken))},
                source=(order,) if order else (),
                order=order,
                stops_dose=True,
                rank=1,
            ),
        )


def _all(judge: Judge[Item], case: Case) -> tuple[Item, ...]:
    return tuple(judge(case))
