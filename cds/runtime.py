"""Where the parts are put together: tables, knowledge, settings, and the FHIR access of a site."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, tzinfo
from ipaddress import ip_network

from cards.model import Sender
from cds.allowance import Allowance
from cds.api import load
from cds.clock import today_in
from cds.fhir.server.addresses import ANYWHERE, Guard
from cds.fhir.server.client import Authorization, FhirClient, client_of
from cds.fhir.server.connection import server_at
from cds.fhir.server.scopes import Scopes
from cds.hooks.read import read_request
from cds.hooks.request import HookRequest
from cds.hooks.services import OF_HOOK
from cds.kept_charts import KeptCharts
from cds.service import Connect, Service
from cds.settings import Settings
from cds.wire import Json

ANSWERING_MS = 200
"""of the deadline, kept for the assessment once the data are there"""


def open_service(
    settings: Settings,
    *,
    today: Callable[[tzinfo], date] = today_in,
    connect: Connect | None = None,
    shown_lately: Callable[[HookRequest, str, int], bool] | None = None,
) -> Service:
    """The service of a site. `connect` replaces the site's own rule of which servers are asked."""
    never: Callable[[HookRequest, str, int], bool] = lambda request, rule, days: False  # noqa: E731
    return Service(
        engine=load(
            settings.site_map,
            settings.site,
            settings.zone,
            settings.knowledge,
            settings.reviews,
        ),
        sender=Sender(url=f"{settings.base_url}/knowledge"),
        connect=connect or allowed_servers(settings),
        today=today,
        shown_lately=shown_lately or never,
        allowance=lambda: Allowance(settings.computing_ms / 1000),
        charts=KeptCharts(settings.kept_charts_bytes, settings.kept_charts_s)
        if settings.kept_charts_s
        else None,
    )


LONGEST_TOKEN_S = 366 * 86_400
"""what a longer life of an access token is read as: no call lasts for that"""


def allowed_servers(settings: Settings) -> Connect:
    """Clients only for servers on the calling EHR's list; where no one is asked, on the site's."""
    guard = Guard(tuple(ip_network(text) for text in settings.fhir_networks))
    milliseconds = settings.deadline_ms - min(ANSWERING_MS, settings.deadline_ms // 5)

    def connect(request: HookRequest) -> FhirClient | None:
        listed = settings.fhir_servers if request.client is None else request.client.fhir_servers
        if request.fhir_server not in {url.rstrip("/") for url in listed}:
            return None
        return client_for(request, milliseconds, guard)

    return connect


def any_server(deadline_ms: int) -> Connect:
    """Whatever server the request names: for the command line, where the user chose it."""
    return lambda request: client_for(request, deadline_ms, Guard(ANYWHERE))


def client_for(request: HookRequest, deadline_ms: int, guard: Guard) -> FhirClient | None:
    """A client for the request's server, with its token; None when it names none."""
    if request.fhir_server is None:
        return None
    access = request.fhir_authorization
    token = None
    if access is not None:
        expires = time.monotonic() + max(0, min(access.expires_in, LONGEST_TOKEN_S))
        scopes = Scopes(access.scope)
        token = Authorization(access.access_token, scopes, expires, access.patient)
    return client_of(server_at(request.fhir_server, guard), token, deadline_ms)


def parse_body(body: Json) -> HookRequest:
    """A hook request in process, checked as over HTTP. Raises InvalidRequest."""
    return read_request(OF_HOOK[body["hook"]], body)
