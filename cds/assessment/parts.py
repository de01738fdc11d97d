"""The parts of an assessment, each judged by itself: one that breaks costs its own findings.

What it would have said is not known. So it is named, and neither a dose nor a candidacy stands
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, TypeVar

from cds.assessment.case import Case
from cds.assessment.contraindications import NOT_EXCLUDED
from cds.assessment.model import Finding, Kind
from cds.faults import Faults

Item = TypeVar("Item")
Judge = Callable[[Case], Iterable[Item]]
Subject = Literal["contraindications", "interactions"]

NOT_JUDGED = "not-judged"


@dataclass(slots=True)
class Parts:
    """The parts of one case's assessment."""

    case: Case
    faults: Faults
    broken: list[str] = field(default_factory=list)
    """in words"""

    def judge(self, name: str, judge: Judge[Item]) -> tuple[Item, ...]:
        """What the part says; nothing, and its name among the broken ones, if it raises."""
        said = self.faults.attempt("part", name, partial(_all, judge, self.case), None)
        if said is None:
            self.broken.append(name)
        return said or ()

    def judge_entries(self, subject: Subject, judge: Judge[Finding]) -> tuple[Finding, ...]:
        """The same of a part that goes through the entries of the knowledge.

        If one of them breaks they are judged one by one: an aneurysm must not go unsaid because
        of a rule about eyes.
        """
        said = self.faults.attempt("part", subject, partial(_all, judge, self.case), None)
        if said is not None:
            return said
        found: list[Finding] = []
        for ident in getattr(self.case.knowledge, subject):
            alone = self._knowing_only(subject, ident)
            mine = self.faults.attempt("part", ident, partial(_all, judge, alone), None)
            found += mine or ()
            if mine is None:
                self.broken.append(ident.replace("-", " "))
        return tuple(found)

    def _knowing_only(self, subject: Subject, ident: str) -> Case:
        entries = getattr(self.case.knowledge, subject)
        kept: dict[str, Any] = {
            subject: {name: entries[name] for name in (ident, NOT_EXCLUDED) if name in entries}
        }
        return replace(self.case, knowledge=replace(self.case.knowledge, **kept))

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
