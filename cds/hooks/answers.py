"""Answers as JSON bytes, errors included: no HTML, no stack trace, no patient data in a log."""

from __future__ import annotations

import re
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from cds.faults import where
from cds.hooks.errors import HookError, InvalidRequest, Issue, NotTrusted, operation_outcome
from cds.metrics import REFUSED
from cds.wire import encode

JSON = "application/json"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")

log = structlog.get_logger()


def json_response(body: object, status: int = 200) -> Response:
    """A JSON answer, its Decimals written as they are."""
    return Response(encode(body), status, content_type=JSON)


def plain_request_id(given: str | None) -> str:
    """The caller's own id of a request if it is a plain one, else a new one."""
    return given if given and _REQUEST_ID.match(given) else uuid4().hex


def request_id() -> str:
    """The id of this request."""
    if "request_id" not in g:
        g.request_id = plain_request_id(request.environ.get("HTTP_X_REQUEST_ID"))
    known: str = g.request_id
    return known


def answer_errors(app: Flask) -> None:
    """Turn every exception into an OperationOutcome, and mark every answer with the request id."""
    app.register_error_handler(HookError, _hook_error)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)

    @app.after_request
    def mark(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _outcome(status: int, *issues: Issue) -> Response:
    return json_response(operation_outcome(issues), status)


def _hook_error(error: HookError) -> Response:
    if isinstance(error, NotTrusted):
        REFUSED.labels(error.reason).inc()
        log.warning("refused", request_id=request_id(), reason=error.reason)
    else:
        paths = [issue.expression or issue.code for issue in error.issues]
        log.info("not served", request_id=request_id(), status=error.status, issues=paths)
    response = _outcome(error.status, *error.issues)
    response.headers.extend(error.headers)
    return response


def _too_deep(_error: RecursionError) -> Response:
    text = "The request is nested too deeply."
    return _hook_error(InvalidRequest(Issue(text, code="structure")))


def _http_error(error: HTTPException) -> Response:
    """What the router refuses: an unknown path, a method that a path does not have."""
    code = {404: "not-found", 405: "not-supported"}.get(error.code or 500, "invalid")
    response = _outcome(error.code or 500, Issue(f"{error.name}.", code=code))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected(error: Exception) -> Response:
    """A fault of ours. The log gets its place; its message could quote patient data."""
    log.error("failed", request_id=request_id(), error=type(error).__name__, where=where(error))
    text = f"Internal error. Please report it with the request id {request_id()}."
    return _outcome(500, Issue(text, code="exception"))
