"""The checks of an order one by one, for when they can't be judged together.

One that breaks costs what it would have said, and not the stop that another gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from msgspec.structs import replace

from cds.assessment.model import Finding
from cds.assessment.order_check import CHECKS, Said, said_by
from cds.assessment.order_check.limits import passed
from cds.assessment.order_check.situation import Situation
from cds.knowledge.model.limits import Limit


def each_check(limits: Mapping[str, Limit]) -> Iterator[tuple[str, Said]]:
    """Each check and each limit, by its name."""
    for name, check in CHECKS.items():
        yield name, partial(said_by, (check,), lambda _: ())
    # what scales the limits of a drug is no limit of its own, and goes with each
    scales = {ident: limit for ident, limit in limits.items() if limit.share_of_racemic is not None}
    for ident, limit in limits.items():
        if ident not in scales:
            yield ident, partial(_by_limits, {**scales, ident: limit})


def _by_limits(limits: Mapping[str, Limit], s: Situation) -> dict[str, Finding]:
    case = replace(s.case, knowledge=s.case.knowledge.having(limits=limits))
    return said_by((), passed, replace(s, case=case))


def as_it_stands(s: Situation, said: Said) -> Iterator[Finding]:
    """What a check says of an order in one reading of it; an order that has two is asked about."""
    one_reading = not s.untimed and s.order.duration_told is None
    for finding in said(s).values():
        sure = one_reading or finding.severity != "critical"
        yield finding if sure else replace(finding, severity="warning")
