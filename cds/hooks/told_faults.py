"""What an answer went out without, in the log and in the metrics."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from cds.faults import Fault
from cds.metrics import CUT_SHORT, FAULTS


def tell_faults(faults: Iterable[Fault]) -> None:
    """Log each, by ids of ours and the place in our code, and count it."""
    log = structlog.get_logger()
    for fault in faults:
        FAULTS.labels(fault.kind, fault.what).inc()
        log.error(f"{fault.kind} failed", rules=[fault.what], error=fault.error, where=fault.where)


def tell_cut(service: str, types: Iterable[str]) -> None:
    """Log and count an answer of which not all could be judged in time: no fault of ours."""
    CUT_SHORT.labels(service).inc()
    structlog.get_logger().warning("cut short", service=service, rules=list(types))
