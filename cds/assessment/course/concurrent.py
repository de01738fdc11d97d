"""Two treatments side by side: racemic ketamine and esketamine, or either with ECT or TMS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.assessment.case import Case
from cds.assessment.course.sessions import given, number
from cds.assessment.grounds import grounds
from cds.assessment.model import Finding
from cds.assessment.order_words import speaks_of
from cds.orders.model import Order

STIMULATION = {"ect": "ECT", "tms": "TMS"}


def concurrent(case: Case) -> Iterator[Finding]:
    """Rule E4. Without an order, of two treatments that are both current on the chart."""
    if case.order is not None and case.drug is None:
        return
    beside = _current_drugs(case)
    drug = case.drug or min(beside, default=None)
    if drug is None:
        return
    beside.pop(drug, None)
    for kind, name in STIMULATION.items():
        if (stimulation := _neurostimulation(kind, case)) is not None:
            beside[name] = stimulation
    if not beside:
        return
    rule = case.knowledge.response["concurrent-treatment"]
    yield Finding(
        id="course-concurrent",
        kind="course",
        severity="critical",
        params={"drug": drug, "beside": tuple(beside),
                "last": max((w for w, _ in beside.values() if w is not None), default=None)},
        source=tuple(sorted({ref for _, refs in beside.values() for ref in refs})),
        order=case.order.ref if case.order else None,
        stops_dose=True,
        grade=rule.grade,
        **grounds([rule]),
    )  # fmt: skip


def _current_drugs(case: Case) -> dict[str, tuple[date | None, tuple[str, ...]]]:
    """Forms of ketamine in use: an order in force, a recent session, or a draft of this session."""
    found: dict[str, tuple[date | None, tuple[str, ...]]] = {}
    for session in case.history.ketamine_sessions:
        if session.active_order:
            found[session.drug] = (session.when, session.source)
    for session in given(case):
        if session.when is not None and is_recent(session.end or session.when, case):
            found[session.drug] = (session.when, session.source)
    for draft in case.drafts:
        if draft.drug is not None:
            found.setdefault(draft.drug, (None, (draft.ref,)))
    return found


def _neurostimulation(kind: str, case: Case) -> tuple[date | None, tuple[str, ...]] | None:
    done = [
        fact
        for fact in case.history.procedures
        if kind in fact.sets
        and (fact.in_progress or (fact.when is not None and is_recent(fact.when, case)))
    ]
    if done:
        last = max(done, key=lambda fact: (fact.when or date.min, fact.source))
        return last.when, last.source
    for order in case.history.service_orders:
        if (
            kind in order.sets
            and not order.withdrawn
            and order.when is not None
            and is_recent(order.when, case)
        ):
            return order.when, order.source
    for draft in case.drafts:
        if kind in draft.procedure_sets and not _is_asked(draft):
            return None, (draft.ref,)
    return None


def _is_asked(draft: Order) -> bool:
    """Somebody is asked about it, and nothing is done yet."""
    return speaks_of("asked", f"{draft.display} {draft.text}")


def is_recent(when: date, case: Case) -> bool:
    return (case.as_of - when).days <= number(case, "concurrent-window")
