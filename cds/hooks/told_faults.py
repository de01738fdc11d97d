"""What broke in an answer that went out without it, in the log and in the metrics."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from cds.faults import Fault
from cds.metrics import FAULTS


def tell_faults(faults: Iterable[Fault]) -> None:
    """Log each, by ids of ours and the place in our code, and count it."""
    log = structlog.get_logger()
    for fault in faults:
        FAULTS.labels(fault.kind, fault.what).inc()
        log.error(f"{fault.kind} failed", rules=[fault.what], error=fault.error, where=fault.where)
