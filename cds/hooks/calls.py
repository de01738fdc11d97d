"""The CDS Hooks endpoints: discovery, a call of a service, and feedback about its cards."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import structlog
from flask import Blueprint, Response, request
from msgspec import Struct

from cds.hooks.answers import json_response, request_id
from cds.hooks.body import read_call, read_json
from cds.hooks.errors import HookError, StoreUnavailable, UnknownService
from cds.hooks.feedback import read_feedback
from cds.hooks.read import read_request
from cds.hooks.request import HookRequest, HookResponse, Respond
from cds.hooks.services import SERVICES, discovery
from cds.hooks.services.service_info import ServiceInfo
from cds.hooks.trust.token import Caller
from cds.metrics import CALLS, CARDS, FEEDBACK, SECONDS
from cds.settings import Settings
from cds.store.feedback import Feedback

log = structlog.get_logger()

Admit = Callable[[str], Caller | None]
"""Who calls the path; None where authentication is off. Raises NotTrusted."""
Shown = Callable[[HookRequest, HookResponse, int], None]
"""Keeps what was shown, and the milliseconds it took."""
Keep = Callable[[str, Caller | None, list[Feedback]], int]
"""Keeps feedback about a service's cards from a caller; how many entries were new.

Raises HookError."""


class Endpoints(Struct, frozen=True):
    """The three endpoints and what they need."""

    settings: Settings
    respond: Respond
    admit: Admit
    shown: Shown
    keep: Keep

    def blueprint(self) -> Blueprint:
        """Routes below `/cds-services`."""
        routes = Blueprint("cds-services", __name__, url_prefix="/cds-services")
        routes.add_url_rule("", view_func=self.discover, methods=["GET"])
        routes.add_url_rule("/<service_id>", view_func=self.call, methods=["POST"])
        routes.add_url_rule("/<service_id>/feedback", view_func=self.take, methods=["POST"])
        return routes

    def discover(self) -> Response:
        """`GET /cds-services`"""
        if not self.settings.open_discovery:
            self.admit(request.path)
        return json_response(discovery())

    def call(self, service_id: str) -> Response:
        """`POST /cds-services/{id}`"""
        started = perf_counter()
        service = _service(service_id)
        try:
            answer = self._answer(service, started)
        except HookError as error:
            CALLS.labels(service.id, error.status).inc()
            raise
        except Exception:
            CALLS.labels(service.id, 500).inc()
            raise
        CALLS.labels(service.id, 200).inc()
        return answer

    def _answer(self, service: ServiceInfo, started: float) -> Response:
        caller = self.admit(request.path)
        document = read_call(request.environ, self.settings.request_bytes)
        client, tenant = (caller.client, caller.tenant) if caller else (None, None)
        hook_request = read_request(service, document, client, tenant)
        answer = self.respond(hook_request)
        response = json_response(answer.json())
        response.headers["Cache-Control"] = "no-store"
        elapsed = perf_counter() - started
        SECONDS.labels(service.id).observe(elapsed)
        milliseconds = round(elapsed * 1000)
        if answer.shown:
            for card in answer.shown:
                CARDS.labels(service.id, card.kind, card.indicator).inc()
            self.shown(hook_request, answer, milliseconds)
        log.info(
            "answered",
            request_id=request_id(),
            service=service.id,
            ms=milliseconds,
            cards=len(answer.cards),
            rules=[rule for card in answer.shown for rule in card.rules],
        )
        return response

    def take(self, service_id: str) -> Response:
        """`POST /cds-services/{id}/feedback`"""
        service = _service(service_id)
        caller = self.admit(request.path)
        document = read_json(request.environ, self.settings.request_bytes)
        given = read_feedback(document, comments=self.settings.feedback_comments)
        try:
            new = self.keep(service.id, caller, given)
        except StoreUnavailable as error:
            log.warning("feedback not kept", request_id=request_id(), reason=error.reason)
            raise
        for one in given:
            FEEDBACK.labels(service.id, one.outcome).inc()
        log.info("feedback", request_id=request_id(), service=service.id, count=new)
        return json_response({"stored": new})


def _service(service_id: str) -> ServiceInfo:
    service = SERVICES.get(service_id)
    if service is None:
        raise UnknownService
    return service
