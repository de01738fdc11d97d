"""The parts of an assessment, each judged by itself: one that breaks costs its own findings.

What it would have said is not known. So it is named, and neither a dose nor a candidacy stands
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
_MOST_NAMED = 3
"""entries by name; of more, what they are"""


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
        each = {
            ident: self.faults.attempt("part", ident, partial(_all, judge, alone), None)
            for ident, alone in self._one_by_one(subject)
        }
        lost = [ident.replace("-", " ") for ident, said in each.items() if said is None]
        self.broken += lost if len(lost) <= _MOST_NAMED else [subject]
        return tuple(finding for said in each.values() for finding in said or ())

    def _one_by_one(self, subject: Subject) -> Iterator[tuple[str, Case]]:
        """The case as one who knows a single entry sees it, for each of them."""
        entries = getattr(self.case.knowledge, subject)
        for ident in entries:
            kept: dict[str, Any] = {
                subject: {name: entries[name] for name in (ident, NOT_EXCLUDED) if name in entries}
            }
            yield ident, replace(self.case, knowledge=replace(self.case.knowledge, **kept))

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
