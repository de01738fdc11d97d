"""What can go wrong with a call, and how it is told: an OperationOutcome, never a stack trace.

    HookError
    ├── InvalidRequest      400  the body, or a field that it names
    ├── NotTrusted          401  no valid token of a trusted client
    ├── TrustUnavailable    503  it can't be told now whether a token is new
    ├── UnknownService      404
    ├── MissingPrefetch     412  data that an assessment needs could not be had
    ├── BodyTooLarge        413
    ├── BodyTooDense        413  more values than are read at once
    ├── UnsupportedBody     415  not declared as JSON, or compressed in an unknown way
    ├── TooMuchFeedback     429  a client sent as much feedback as is kept of one
    └── StoreUnavailable    503  feedback can't be kept now

Texts are ours and constant apart from field names: nothing that a caller sent is quoted, since an
answer and a log line must not carry patient data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from cds.wire import InvalidJson, Json


class Issue(Struct, frozen=True):
    """One thing that is wrong, where, and what would be right."""

    text: str
    expression: str | None = None
    """path of the field in the request: `context.patientId`"""
    code: str = "invalid"
    """code of the FHIR value set issue-type"""
    diagnostics: str | None = None


class HookError(Exception):
    """A call that is answered with an error. `status` is the HTTP status."""

    status = 400

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(issue.text for issue in issues))
        self.issues = issues

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to this answer."""
        return {}


class InvalidRequest(HookError):
    """The request is not what CDS Hooks asks for. One issue for each fault."""


class NotTrusted(HookError):
    """No valid token of a trusted client. `reason` is for log and metric, not for the caller."""

    status = 401

    def __init__(self, reason: str) -> None:
        super().__init__(Issue("A valid token of a trusted client is required.", code="login"))
        self.reason = reason

    @property
    def headers(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class TrustUnavailable(HookError):
    """A good token, but nobody can tell whether it was used before, and the site wants to know."""

    status = 503

    def __init__(self) -> None:
        text = "Tokens can't be checked at the moment. Call again later, with a new token."
        super().__init__(Issue(text, code="transient"))

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "5"}


class UnknownService(HookError):
    """No such service, or no such path."""

    status = 404

    def __init__(self) -> None:
        text = "No such service: GET /cds-services lists the services of this server."
        super().__init__(Issue(text, code="not-found"))


class MissingPrefetch(HookError):
    """Data that an assessment needs was not prefetched and could not be fetched.

    `key` is the prefetch key; `tried` says what was tried, in words without patient data.
    """

    status = 412

    def __init__(self, key: str, tried: Sequence[str] = ()) -> None:
        super().__init__(
            Issue(
                f"Cannot assess: '{key}' could neither be read from the prefetch nor be fetched.",
                expression=f"prefetch.{key}",
                code="required",
                diagnostics="Tried: " + "; ".join(tried) if tried else None,
            )
        )
        self.key = key


class BodyTooLarge(HookError):
    """More bytes than the site allows, as sent or after decompression."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(Issue(f"The body is longer than {limit} bytes.", code="too-long"))


class BodyTooDense(HookError):
    """Few bytes that would take much memory. `field` is the member that holds most of it."""

    status = 413

    def __init__(self, field: str | None) -> None:
        text = f"{field or 'The body'} holds more texts, lists and values than are read at once."
        super().__init__(Issue(text, expression=field, code="too-costly"))


class UnsupportedBody(HookError):
    """A media type, charset or content coding that is not served."""

    status = 415

    def __init__(self, text: str) -> None:
        super().__init__(Issue(text, code="not-supported"))


class TooMuchFeedback(HookError):
    """A client sent more feedback than the site keeps of one; it may go on after `seconds`."""

    status = 429

    def __init__(self, seconds: int) -> None:
        text = "As much feedback as is kept of one client was sent already. Send it again later."
        super().__init__(Issue(text, code="throttled"))
        self.seconds = seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}


class StoreUnavailable(HookError):
    """The store can't be written: feedback should be sent again later."""

    status = 503

    def __init__(self, reason: str) -> None:
        text = "Feedback can't be stored at the moment. Send it again later."
        if reason == "crowded":
            text = "More feedback is sent at once than is stored. Send it again in a moment."
        super().__init__(Issue(text, code="transient"))
        self.reason = reason
        """the kind of StoreError, for the log"""

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": "2" if self.reason == "crowded" else "30"}


def no_json(error: InvalidJson) -> InvalidRequest:
    """What is told of a body, or a part of it, that could not be read."""
    return InvalidRequest(Issue("The body is not JSON.", code="structure", diagnostics=str(error)))


def operation_outcome(issues: Iterable[Issue]) -> Json:
    """A FHIR R4 OperationOutcome of errors."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def _issue(issue: Issue) -> Json:
    told: Json = {"severity": "error", "code": issue.code, "details": {"text": issue.text}}
    if issue.diagnostics:
        told["diagnostics"] = issue.diagnostics
    if issue.expression:
        told["expression"] = [issue.expression]
    return told
