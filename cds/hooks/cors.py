"""Cross-origin requests of browser-based EHRs: listed origins only, and never with credentials."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Flask, Response, request

METHODS = "GET, POST, OPTIONS"
HEADERS = "Authorization, Content-Type, X-Request-Id"
MAX_AGE_S = "600"
ALLOWED = "Access-Control-Allow-Origin"


def origin_headers(origins: Sequence[str]) -> Callable[[str | None], dict[str, str]]:
    """What gives the headers that any answer to a request of some origin carries."""
    listed = frozenset(origin.rstrip("/") for origin in origins)
    anyone = "*" in listed

    def headers(origin: str | None) -> dict[str, str]:
        found = {"Vary": "Origin"} if listed and not anyone else {}
        if origin is not None and (anyone or origin in listed):
            found[ALLOWED] = "*" if anyone else origin
            found["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After"
        return found

    return headers


def allow_origins(app: Flask, origins: Sequence[str]) -> None:
    """Answer preflights, and mark every answer, errors included, for the listed origins.

    A token is in a header and no cookie is used, so that credentials are never allowed.
    """
    marks = origin_headers(origins)

    @app.before_request
    def preflight() -> Response | None:
        return Response(status=204) if request.method == "OPTIONS" else None

    @app.after_request
    def mark(response: Response) -> Response:
        headers = marks(request.environ.get("HTTP_ORIGIN"))
        for name, value in headers.items():
            if name == "Vary":
                response.vary.add(value)  # a page depends on `Accept` already
            else:
                response.headers[name] = value
        if request.method == "OPTIONS" and ALLOWED in headers:
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = MAX_AGE_S
        return response
