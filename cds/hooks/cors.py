"""Cross-origin requests of browser-based EHRs: listed origins only, and never with credentials."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

METHODS = "GET, POST, OPTIONS"
HEADERS = "Authorization, Content-Type, X-Request-Id"
MAX_AGE_S = "600"


def allow_origins(app: Flask, origins: Sequence[str]) -> None:
    """Answer preflights, and mark every answer, errors included, for the listed origins.

    A token is in a header and no cookie is used, so that credentials are never allowed.
    """
    listed = frozenset(origin.rstrip("/") for origin in origins)
    anyone = "*" in listed

    @app.before_request
    def preflight() -> Response | None:
        return Response(status=204) if request.method == "OPTIONS" else None

    @app.after_request
    def mark(response: Response) -> Response:
        origin = request.environ.get("HTTP_ORIGIN")
        if not anyone and listed:
            response.headers["Vary"] = "Origin"
        if origin is None or not (anyone or origin in listed):
            return response
        response.headers["Access-Control-Allow-Origin"] = "*" if anyone else origin
        response.headers["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = METHODS
            response.headers["Access-Control-Allow-Headers"] = HEADERS
            response.headers["Access-Control-Max-Age"] = MAX_AGE_S
        return response
