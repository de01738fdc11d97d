"""The application: the endpoints of CDS Hooks, and those of an operator and a reviewer."""

from __future__ import annotations

from flask import Flask, request

from cds.hooks.answers import answer_errors
from cds.hooks.calls import Admit, Endpoints
from cds.hooks.cors import allow_origins
from cds.hooks.knowledge_site.routes import knowledge_routes
from cds.hooks.request import Respond
from cds.hooks.status import status_routes
from cds.hooks.store import Store
from cds.hooks.trust.memory import replay_of
from cds.hooks.trust.replay import Replay
from cds.hooks.trust.token import Caller, Gate
from cds.settings import Settings


def create_app(settings: Settings, respond: Respond, store: Store | None = None) -> Flask:
    """The WSGI application. `respond` turns a checked hook request into cards."""
    store = store or Store(settings)
    app = Flask("cds", static_folder=None)
    app.url_map.merge_slashes = False  # a redirect would be an HTML page
    answer_errors(app)
    allow_origins(app, settings.cors_origins)
    replay = replay_of(settings) if settings.auth == "required" else None
    endpoints = Endpoints(
        settings,
        lambda request: store.issued(request, respond(request)),
        _admission(settings, replay),
        store.shown,
        store.keep,
    )
    app.register_blueprint(endpoints.blueprint())
    app.register_blueprint(status_routes(settings, store.state, replay.state if replay else None))
    app.register_blueprint(knowledge_routes(settings))
    return app


def _admission(settings: Settings, replay: Replay | None) -> Admit:
    if replay is None:
        return lambda path: None
    gate = Gate(settings, replay)
    gate.fetch_keys()

    def admit(path: str) -> Caller:
        return gate.admit(request.environ.get("HTTP_AUTHORIZATION"), settings.base_url + path)

    return admit
