"""The sessions of the last course of one drug."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from msgspec import Struct

from cds.assessment.case import Case
from cds.assessment.model import Finding
from cds.history.model.patient_state import KetamineSession

_INFUSED = frozenset({"intravenous", "injectable", "unknown"})
_NOT_A_SESSION = frozenset({"topical", "transdermal"})


class Course(Struct, frozen=True):
    """Sessions of one drug without a long pause, oldest first; never empty."""

    drug: Literal["ketamine", "esketamine"]
    sessions: tuple[KetamineSession, ...]
    days: tuple[date, ...]
    """the day of each session"""
    under_way: bool
    """the pause since the last session is not long enough to have ended it"""
    undated: int
    """sessions of the drug without a date: they happened, but not when"""

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return max(self.days[-1], self.sessions[-1].end or self.days[-1])

    @property
    def source(self) -> tuple[str, ...]:
        return tuple(sorted({ref for session in self.sessions for ref in session.source}))

    def infusions_before(self, day: date) -> int:
        """IV sessions on earlier days. A score on a session's day was taken before it."""
        return sum(
            session.route in _INFUSED and when < day
            for session, when in zip(self.sessions, self.days, strict=True)
        )


def number(case: Case, parameter: str) -> int:
    return int(case.knowledge.parameters[parameter].value)


def given(case: Case, drug: str | None = None) -> Iterator[KetamineSession]:
    """Sessions that took place: administered, billed, or dispensed for a supervised session."""
    for session in case.history.ketamine_sessions:
        supervised = session.kind in ("administration", "procedure") or (
            session.kind == "dispense" and session.drug == "esketamine"
        )
        if supervised and session.route not in _NOT_A_SESSION and drug in (None, session.drug):
            yield session


def last_course(case: Case) -> Course | None:
    """The last course of the ordered drug; without an order, of the drug given last."""
    dated = [(s.when, s) for s in given(case, case.drug) if s.when is not None]
    if not dated:
        return None
    drug = case.drug or max(dated, key=lambda pair: pair[0])[1].drug
    ordered = sorted((pair for pair in dated if pair[1].drug == drug), key=lambda pair: pair[0])
    gap = number(case, "course-gap")
    run = [ordered[-1]]
    for when, session in reversed(ordered[:-1]):
        if (run[0][0] - max(when, session.end or when)).days > gap:
            break
        run.insert(0, (when, session))
    last_when, last = run[-1]
    pause = (case.as_of - max(last_when, last.end or last_when)).days
    return Course(
        drug=drug,
        sessions=tuple(session for _, session in run),
        days=tuple(when for when, _ in run),
        under_way=pause <= gap,
        undated=sum(session.when is None for session in given(case, drug)),
    )


def uncounted(case: Case) -> Iterator[Finding]:
    """Treatment is on record, but no session of it: nothing can be counted."""
    if case.order is not None and case.drug is None:
        return
    others = [
        session
        for session in case.history.ketamine_sessions
        if case.drug in (None, session.drug)
        and (case.order is None or case.order.own.isdisjoint(session.source))
    ]
    if others:
        yield Finding(
            id="course-sessions-unknown",
            kind="course",
            severity="info",
            basis=(),
            params={"drug": others[-1].drug, "orders": len(others), "last": others[-1].when},
            source=tuple(sorted({ref for session in others for ref in session.source})),
        )


def session_day(case: Case) -> date:
    """The day that the order is for: its stated start, else the day itself."""
    start = case.order.course_start if case.order else None
    return start if start is not None and start > case.as_of else case.as_of
