"""Treatments that are ordered on record, and of which the words say that they are called off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.assessment.case import Case
from cds.assessment.course.concurrent import STIMULATION, is_recent
from cds.assessment.grounds import grounds
from cds.assessment.model import Finding
from cds.knowledge.model.order_checks import Duplicate


def withdrawn(case: Case) -> Iterator[Finding]:
    """Ketamine, ECT or TMS of which it is not sure that the order is over: words end no order."""
    if case.drug is None:
        return
    own = case.order.own | case.order.linked if case.order is not None else frozenset[str]()
    found: list[tuple[str, date | None, tuple[str, ...]]] = [
        (session.drug, session.when, session.source)
        for session in case.history.ketamine_sessions
        if session.withdrawn and own.isdisjoint(session.source)
    ]
    found += [
        (name, order.when, order.source)
        for kind, name in STIMULATION.items()
        for order in case.history.service_orders
        if kind in order.sets and order.withdrawn and order.when and is_recent(order.when, case)
    ]
    if not found:
        return
    rule = case.knowledge.the(Duplicate)
    name, when, _ = found[0]
    yield Finding(
        id="course-perhaps-withdrawn",
        kind="course",
        severity="warning",
        params={"what": name, "when": when, "more": len(found) - 1},
        source=tuple(sorted({ref for _, _, refs in found for ref in refs})),
        order=case.order.ref if case.order else None,
        **grounds([rule]),
    )
