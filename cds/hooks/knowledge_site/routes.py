"""The routes of the site: pages for a browser, the same as JSON, and what a cache needs to know."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Response, render_template, request

from cds.clock import today_in
from cds.hooks.answers import JSON, json_response
from cds.hooks.errors import InvalidRequest, Issue, operation_outcome
from cds.knowledge.load import Knowledge, load_knowledge
from cds.knowledge.review.ledger_file import project_ledger, signed_here
from cds.settings import Settings
from cds.wire import Json, encode

if TYPE_CHECKING:
    from cds.hooks.knowledge_site.library import Library
    from cds.hooks.knowledge_site.pages import Missing

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_JSON = ".json"
_FRESH = "public, no-cache"
"""kept, and asked about before it is shown again"""
_REMEMBERED = 128
"""pages that are kept as they were sent, most of 30 kB: to make that of all facts takes as long as
twenty answers of a hook"""
_NONE: Mapping[str, str] = {}


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
        return _kept(Response(_style(), content_type="text/css; charset=utf-8"), _style_tag())

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
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._made)

    def _stocked(self, in_force: Knowledge) -> Library:
        from cds.hooks.knowledge_site.library import library

        return library(in_force, self._reviews)

    def answer(self, path: str, *, as_json: bool) -> Response:
        """The page at a path below `/knowledge/`. Raises InvalidRequest."""
        from cds.hooks.knowledge_site.pages import Missing

        day = self._today()
        shelf = self._shelf(load_knowledge(self._place).on(day))
        try:
            made = (
                self._made(path, as_json, shelf, day, request.args)
                if path == "search"
                else self._remembered(path, as_json, shelf, day)
            )
        except ValueError as error:
            if as_json:
                raise InvalidRequest(Issue(str(error))) from None
            refused = self._written("refused", {"title": "Search", "why": str(error)})
            return _page(refused, 400)
        if isinstance(made, Missing):
            return self._not_there(made, as_json)
        answer = Response(made, content_type=JSON) if as_json else _page(made)
        return _kept(answer, f"{shelf.edition}-{day}-{'json' if as_json else 'html'}")

    def _made(
        self, path: str, as_json: bool, shelf: Library, day: date, given: Mapping[str, str] = _NONE
    ) -> bytes | Missing:
        """What is sent of a page. Raises ValueError for a search that can't be made."""
        from cds.hooks.knowledge_site.pages import Missing, every_fact, page_at

        if as_json and not path:
            return encode(every_fact(shelf, day))
        page = page_at(path, given, shelf, day)
        if isinstance(page, Missing):
            return page
        return encode(page.told) if as_json else self._written(page.template, page.told)

    def _not_there(self, missing: Missing, as_json: bool) -> Response:
        if not as_json:
            told = {"title": "Not found", "near": missing.near}
            return _page(self._written("missing", told), 404)
        named = ", ".join(path for path, _ in missing.near)
        text = f"Nothing of the knowledge stands here.{f' Like it: {named}.' if named else ''}"
        return json_response(operation_outcome([Issue(text, code="not-found")]), 404)

    def _written(self, template: str, told: Json) -> bytes:
        text = render_template(f"knowledge/{template}.html", link=self._link, page=told)
        return text.encode()

    def _link(self, path: str = "", **given: str | None) -> str:
        """The address of a page, below the path that the service is reached under."""
        asked = urlencode({name: value for name, value in given.items() if value})
        place = f"{self._prefix}/knowledge{'/' if path else ''}{quote(path, safe='/:')}"
        return f"{place}?{asked}" if asked else place


def _page(text: bytes, status: int = 200) -> Response:
    page = Response(text, status, content_type="text/html; charset=utf-8")
    page.headers["Content-Security-Policy"] = POLICY
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _kept(response: Response, tag: str) -> Response:
    """The answer with what a cache needs: which edition it is, and that it depends on `Accept`; to
    a cache that has it, 304."""
    response.set_etag(tag)
    response.headers["Cache-Control"] = _FRESH
    response.vary.add("Accept")
    response.make_conditional(request)
    return response
