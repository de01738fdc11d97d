"""The routes of the site: pages for a browser, the same as JSON, and what a cache needs to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Response, render_template, request

from cds.clock import today_in
from cds.hooks.answers import json_response
from cds.hooks.errors import InvalidRequest, Issue, operation_outcome
from cds.settings import Settings
from cds.wire import Json

if TYPE_CHECKING:
    from cds.hooks.knowledge_site.pages import Missing, Page

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_JSON = ".json"
_FRESH = "public, no-cache"
"""kept, and asked about before it is shown again: a 304 costs nothing"""


def knowledge_routes(settings: Settings, today: Callable[[], date] | None = None) -> Blueprint:
    """`/knowledge` and what is below it. None shows patient data, and none asks for a token."""
    routes = Blueprint(
        "knowledge",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/knowledge/assets",
    )
    day = today or (lambda: today_in(settings.zone or UTC))
    prefix = urlsplit(settings.base_url).path.rstrip("/")

    def link(path: str = "", **given: str | None) -> str:
        """The address of a page, below the path that the service is reached under."""
        asked = urlencode({name: value for name, value in given.items() if value})
        place = f"{prefix}/knowledge{'/' if path else ''}{quote(path, safe='/:')}"
        return f"{place}?{asked}" if asked else place

    @routes.get("/knowledge")
    def start() -> Response:
        return answer("", wants_json(by_default=True))

    @routes.get("/knowledge.json")
    def whole() -> Response:
        return answer("", as_json=True)

    @routes.get("/knowledge/")
    @routes.get("/knowledge/<path:path>")
    def below(path: str = "") -> Response:
        if path.endswith(_JSON):
            return answer(path.removesuffix(_JSON), as_json=True)
        return answer(path, wants_json(by_default=False))

    def answer(path: str, as_json: bool) -> Response:
        from cds.hooks.knowledge_site.library import library
        from cds.hooks.knowledge_site.pages import Missing, every_fact, page_at

        shelf, on = library(), day()
        tag = f"{shelf.edition}-{on}-{'json' if as_json else 'html'}"
        if tag in request.if_none_match:
            return kept(Response(status=304), tag)
        if as_json and not path:
            return kept(json_response(every_fact(shelf)), tag)
        try:
            page = page_at(path, request.args, shelf, on)
        except ValueError as error:
            if as_json:
                raise InvalidRequest(Issue(str(error), code="invalid")) from None
            return shown("refused", {"title": "Search", "why": str(error)}, 400)
        if isinstance(page, Missing):
            return not_there(page, as_json)
        return kept(json_response(page.told) if as_json else shown(page.template, page.told), tag)

    def not_there(missing: Missing, as_json: bool) -> Response:
        if not as_json:
            return shown("missing", {"title": "Not found", "near": missing.near}, 404)
        named = ", ".join(path for path, _ in missing.near)
        text = f"Nothing of the knowledge stands here.{f' Like it: {named}.' if named else ''}"
        return json_response(operation_outcome([Issue(text, code="not-found")]), 404)

    def shown(template: str, told: Json, status: int = 200) -> Response:
        page = Response(
            render_template(f"knowledge/{template}.html", link=link, page=told), status
        )
        page.headers["Content-Security-Policy"] = POLICY
        page.headers["Referrer-Policy"] = "no-referrer"
        return page

    return routes


def wants_json(*, by_default: bool) -> bool:
    """Whether the caller asks for JSON; who names neither gets what was always sent here."""
    kinds = ["application/json", "text/html"] if by_default else ["text/html", "application/json"]
    return request.accept_mimetypes.best_match(kinds, kinds[0]) == "application/json"


def kept(response: Response, tag: str) -> Response:
    """The answer with what a cache needs: which edition it is, and that it depends on `Accept`."""
    response.set_etag(tag)
    response.headers["Cache-Control"] = _FRESH
    response.vary.add("Accept")
    return response
