"""What the front answers by itself, in the form of the service's other errors.

HookError
├── Gone             400  the client left before its request was whole, or while it waited
├── BodyInPieces     400  the body comes in too many chunks for its length
├── BodyTooSlow      408  the body did not arrive in time
├── BodyTooLarge     413  (of cds.hooks.errors)
├── HeadTooLarge     431
└── Busy             503  too many requests, or too many bytes of them; with Retry-After
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from cds.hooks.answers import JSON, plain_request_id
from cds.hooks.errors import BodyTooLarge, HookError, Issue, operation_outcome
from cds.metrics import TURNED_AWAY
from cds.serving.environ import Fields, Headers
from cds.wire import encode

RETRY_AFTER_S = 2

log = structlog.get_logger()

Marks = Callable[[str | None], dict[str, str]]
"""Headers that an origin's answers carry."""


class Answering(Protocol):
    """The part of the server's protocol object that answers."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


class Gone(HookError):
    """The client left. Who only closed its sending half reads this."""

    def __init__(self) -> None:
        super().__init__(Issue("The request was cut off.", code="incomplete"))


class BodyInPieces(HookError):
    """Each chunk costs more to take in than what it holds."""

    def __init__(self, size: int) -> None:
        text = f"The chunks of the body have less than {size} bytes on average: buffer them."
        super().__init__(Issue(text, code="too-costly"))


class BodyTooSlow(HookError):
    """The body was not whole in time, or nothing of it came for too long."""

    status = 408

    def __init__(self) -> None:
        super().__init__(Issue("The body did not arrive in time.", code="timeout"))


class HeadTooLarge(HookError):
    """More bytes of URL and header fields than are read."""

    status = 431

    def __init__(self, limit: int) -> None:
        text = f"URL and header fields are longer than {limit} bytes."
        super().__init__(Issue(text, code="too-long"))


class Busy(HookError):
    """No room or no thread for this request now. `reason` is for the metric and the log."""

    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(Issue("The service is busy. Call again later.", code="throttled"))
        self.reason = reason

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(RETRY_AFTER_S)}


def refuse(proto: Answering, fields: Fields, refusal: HookError, marks: Marks) -> None:
    """Answer with a refusal, count and log it, and close the connection."""
    reason = reason_of(refusal)
    request_id = plain_request_id(fields.get("x-request-id"))
    TURNED_AWAY.labels(reason).inc()
    log.info("turned away", request_id=request_id, status=refusal.status, reason=reason)
    headers = {
        "content-type": JSON,
        "connection": "close",
        "X-Request-Id": request_id,
        "X-Content-Type-Options": "nosniff",
        **marks(fields.get("origin")),
        **refusal.headers,
    }
    body = encode(operation_outcome(refusal.issues))
    proto.response_bytes(refusal.status, list(headers.items()), body)


def reason_of(refusal: HookError) -> str:
    """The label of a refusal in the metric."""
    match refusal:
        case Busy():
            return refusal.reason
        case Gone():
            return "gone"
        case BodyTooSlow():
            return "slow-body"
        case BodyTooLarge():
            return "long-body"
        case BodyInPieces():
            return "body-in-pieces"
        case _:
            return "long-head"
