"""Structured logs: one JSON object a line, of listed keys only.

An event may carry nothing but the keys in `ALLOWED`: no names, identifiers, tokens or texts of a
request can reach a log by accident. A key that is not listed is dropped and counted in `dropped`.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

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
        # a line and its end in one write: where output is not buffered, print makes two of them,
        # between which another worker writes
        logger_factory=structlog.WriteLoggerFactory(stream),
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
