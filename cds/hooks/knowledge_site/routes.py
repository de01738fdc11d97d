"""The routes of the site: pages for a browser, the same as JSON, and what a cache needs to know."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Response, render_template, request

from cds.clock import today_in
from cds.hooks.answers import json_response
from cds.hooks.errors import InvalidRequest, Issue, operation_outcome
from cds.knowledge.load import Knowledge, load_knowledge
from cds.knowledge.review.ledger_file import project_ledger, signed_here
from cds.settings import Settings
from cds.wire import Json

if TYPE_CHECKING:
    from cds.hooks.knowledge_site.library import Library
    from cds.hooks.knowledge_site.pages import Missing

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_JSON = ".json"
_FRESH = "public, no-cache"
"""kept, and asked about before it is shown again: a 304 costs nothing"""


def knowledge_routes(settings: Settings, today: Callable[[], date] | None = None) -> Blueprint:
    """`/knowledge` and what is below it. None shows patient data, and none asks for a token."""
    site = _Site(settings, today or (lambda: today_in(settings.zone or UTC)))
    routes = Blueprint("knowledge", __name__, template_folder="templates")

    @routes.get("/knowledge", strict_slashes=False)
    def start() -> Response:
        return site.answer("", as_json=_wants_json(by_default=True))

    @routes.get("/knowledge.json")
    def whole() -> Response:
        return site.answer("", as_json=True)

    @routes.get("/knowledge/pages.css")
    def style() -> Response:
        sheet = _kept(Response(_style(), content_type="text/css; charset=utf-8"), _style_tag())
        sheet.make_conditional(request)
        return sheet

    @routes.get("/knowledge/search", strict_slashes=False)
    @routes.get("/knowledge/search.json")
    @routes.get("/knowledge/<subject>", strict_slashes=False)
    @routes.get("/knowledge/<subject>/<path:ident>")
    def below(subject: str = "search", ident: str = "") -> Response:
        path = "/".join(filter(None, (subject, ident.rstrip("/"))))
        as_json = request.path.endswith(_JSON) or _wants_json(by_default=False)
        return site.answer(path.removesuffix(_JSON), as_json=as_json)

    return routes


@cache
def _style() -> bytes:
    return (files("cds.hooks.knowledge_site") / "pages.css").read_bytes()


@cache
def _style_tag() -> str:
    return hashlib.sha256(_style()).hexdigest()[:12]


def _wants_json(*, by_default: bool) -> bool:
    """Whether the caller asks for JSON; who names neither gets what was always sent here."""
    kinds = ["application/json", "text/html"] if by_default else ["text/html", "application/json"]
    return request.accept_mimetypes.best_match(kinds, kinds[0]) == "application/json"


class _Site:
    """The pages as answers. They are put together when the first of them is asked for."""

    def __init__(self, settings: Settings, today: Callable[[], date]) -> None:
        self._prefix = urlsplit(settings.base_url).path.rstrip("/")
        self._today = today
        self._place = settings.knowledge
        self._reviews = signed_here(settings.reviews).over(project_ledger())
        self._shelf = lru_cache(maxsize=2)(self._stocked)

    def _stocked(self, in_force: Knowledge) -> Library:
        from cds.hooks.knowledge_site.library import library

        return library(in_force, self._reviews)

    def answer(self, path: str, *, as_json: bool) -> Response:
        """The page at a path below `/knowledge/`. Raises InvalidRequest."""
        from cds.hooks.knowledge_site.pages import Missing, every_fact, page_at

        day = self._today()
        shelf = self._shelf(load_knowledge(self._place).on(day))
        tag = f"{shelf.edition}-{day}-{'json' if as_json else 'html'}"
        if tag in request.if_none_match:
            return _kept(Response(status=304), tag)
        if as_json and not path:
            return _kept(json_response(every_fact(shelf, day)), tag)
        try:
            page = page_at(path, request.args, shelf, day)
        except ValueError as error:
            if as_json:
                raise InvalidRequest(Issue(str(error))) from None
            return self._shown("refused", {"title": "Search", "why": str(error)}, 400)
        if isinstance(page, Missing):
            return self._not_there(page, as_json)
        whole = json_response(page.told) if as_json else self._shown(page.template, page.told)
        return _kept(whole, tag)

    def _not_there(self, missing: Missing, as_json: bool) -> Response:
        if not as_json:
            return self._shown("missing", {"title": "Not found", "near": missing.near}, 404)
        named = ", ".join(path for path, _ in missing.near)
        text = f"Nothing of the knowledge stands here.{f' Like it: {named}.' if named else ''}"
        return json_response(operation_outcome([Issue(text, code="not-found")]), 404)

    def _shown(self, template: str, told: Json, status: int = 200) -> Response:
        text = render_template(f"knowledge/{template}.html", link=self._link, page=told)
        page = Response(text, status)
        page.headers["Content-Security-Policy"] = POLICY
        page.headers["Referrer-Policy"] = "no-referrer"
        return page

    def _link(self, path: str = "", **given: str | None) -> str:
        """The address of a page, below the path that the service is reached under."""
        asked = urlencode({name: value for name, value in given.items() if value})
        place = f"{self._prefix}/knowledge{'/' if path else ''}{quote(path, safe='/:')}"
        return f"{place}?{asked}" if asked else place


def _kept(response: Response, tag: str) -> Response:
    """The answer with what a cache needs: which edition it is, and that it depends on `Accept`."""
    response.set_etag(tag)
    response.headers["Cache-Control"] = _FRESH
    response.vary.add("Accept")
    return response
