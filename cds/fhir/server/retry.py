"""When a read is tried again, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ATTEMPTS = 3
BACKOFF_S = 0.1
TRY_LATER = frozenset({429, 503})
"""Statuses by which a server asks to be tried later. Others would only fail again."""


def pause(attempt: int, retry_after: str | None, now: datetime | None = None) -> float:
    """Seconds to wait before the next attempt; the server's own wish counts when it is longer.

    >>> pause(1, None), pause(2, None), pause(1, "3"), pause(1, "soon")
    (0.1, 0.2, 3.0, 0.1)
    """
    ours = BACKOFF_S * 2.0 ** (attempt - 1)
    return max(ours, _wished(retry_after.strip(), now)) if retry_after else ours


def _wished(text: str, now: datetime | None) -> float:
    if text.isascii() and text.isdecimal() and len(text) < 9:
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - (now or datetime.now(UTC))).total_seconds()
