"""Structured logs: one JSON object a line, of listed keys only.

An event may carry nothing but the keys in `ALLOWED`: no names, identifiers, tokens or texts of a
request can reach a log by accident. A key that is not listed is dropped and counted in `dropped`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog

from cds.faults import Fault
from cds.metrics import FAULTS
from cds.wire import encode

ALLOWED = frozenset({
    "event", "level", "timestamp", "request_id", "service", "hook", "status", "ms", "cards",
    "rules", "indicators", "knowledge", "reason", "client", "error", "where", "count", "accepted",
    "overridden", "key", "host", "port", "attempt", "queries", "bytes", "workers", "auth", "replay",
    "database", "version", "issues", "path",
})  # fmt: skip

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send events to `stream` (standard output). Libraries are heard from `warning` up."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: encode(event).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    for noisy in ("urllib3", "alembic", "sqlalchemy", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _only_allowed(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    kept = {key: value for key, value in event.items() if key in ALLOWED}
    if len(kept) < len(event):
        kept["dropped"] = len(event) - len(kept)
    return kept


def tell_faults(faults: Iterable[Fault]) -> None:
    """Log and count what broke in an answer that went out without it."""
    for fault in faults:
        FAULTS.labels(fault.kind, fault.what).inc()
        structlog.get_logger().error(f"{fault.kind} failed", rules=[fault.what], error=fault.error)


def where(error: BaseException) -> list[str]:
    """The frames of an error as `module:line`. Its message may quote patient data; this can't."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "?")
        frames.append(f"{module}:{trace.tb_lineno}")
        trace = trace.tb_next
    return frames[-12:]
