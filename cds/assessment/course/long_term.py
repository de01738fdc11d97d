"""What repeated treatment asks for: liver, bladder, cognition, misuse, withdrawal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from cds.assessment.case import Case
from cds.assessment.course.sessions import given, number
from cds.assessment.grounds import grounds
from cds.assessment.model import Finding
from cds.assessment.result_names import kind_name
from cds.history.model.patient_state import KetamineSession
from cds.knowledge.model.monitoring import MonitoringItem

_ASKED = ("bladder-long-term", "cognition-long-term", "misuse-long-term")


def long_term(case: Case) -> Iterator[Finding]:
    """Findings of treatment that goes on: of the year's sessions, in whatever courses."""
    sessions = _within(case, number(case, "long-term-days"))
    if len(sessions) >= number(case, "long-term-sessions"):
        yield _finding(
            "course-long-term-check",
            [case.knowledge.monitoring[ident] for ident in _ASKED],
            sessions,
            {"names": tuple(case.knowledge.monitoring[ident].name for ident in _ASKED)},
        )
    if liver_tests_due(case):
        yield _liver(case)
    month = [s for s in _within(case, number(case, "withdrawal-days")) if s.drug == "ketamine"]
    if len(month) >= number(case, "withdrawal-sessions"):
        item = case.knowledge.monitoring["withdrawal"]
        yield _finding("course-withdrawal", [item], month, {"text": item.name})


def liver_tests_due(case: Case) -> bool:
    """So many racemic sessions since the last liver test, or ever, that it is due."""
    return len(_untested(case)) >= number(case, "liver-tests-every-sessions")


def _untested(case: Case) -> list[KetamineSession]:
    tested = _last_liver_test(case)
    return [
        session
        for session in _within(case, number(case, "long-term-days"))
        if session.drug == "ketamine"
        and session.when is not None
        and (tested is None or session.when > tested)
    ]


def _last_liver_test(case: Case) -> date | None:
    """The day since which every one of the liver tests has been done."""
    days = _liver_tests(case).values()
    return None if None in days else min(filter(None, days), default=None)


def _never_tested(case: Case) -> tuple[str, ...]:
    """Those of the liver tests that are not on record, where others are."""
    days = _liver_tests(case)
    return tuple(
        kind_name(kind) for kind, day in days.items() if day is None and any(days.values())
    )


def _liver_tests(case: Case) -> dict[str, date | None]:
    """The day of the latest one of each kind."""
    latest = {k: case.history.latest(k) for k in case.knowledge.monitoring["liver-tests"].kinds}
    return {kind: fact.when if fact is not None else None for kind, fact in latest.items()}


def _liver(case: Case) -> Finding:
    items = [case.knowledge.monitoring[ident] for ident in ("liver-long-term", "liver-tests")]
    untested = _untested(case)
    found = _finding(
        "course-liver-due",
        items,
        untested,
        {
            "tested": _last_liver_test(case),
            "lacking": _never_tested(case),
            "seen": "observations" in case.history.answered,
        },
    )
    return replace(found, severity="warning", workup="liver-tests")


def _within(case: Case, days: int) -> list[KetamineSession]:
    return [s for s in given(case) if s.when is not None and (case.as_of - s.when).days < days]


def _finding(
    ident: str,
    items: list[MonitoringItem],
    sessions: list[KetamineSession],
    params: dict[str, object],
) -> Finding:
    return Finding(
        id=ident,
        kind="course",
        severity="info",
        params=params | {"count": len(sessions), "drug": sessions[-1].drug},
        source=tuple(sorted({ref for session in sessions for ref in session.source})),
        grade=items[0].grade,
        **grounds(items),
    )
