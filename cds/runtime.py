"""Where the parts are put together: tables, knowledge, settings, and the FHIR access of a site."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from cards.model import Sender
from cds.fhir.access import deadline
from cds.fhir.client import FhirClient
from cds.hooks.read import read_request
from cds.hooks.request import HookRequest
from cds.hooks.services import SERVICES
from cds.knowledge.load import load_knowledge
from cds.service import Connect, Service
from cds.settings import Settings
from cds.terminology.lookup import load_terminology
from cds.wire import Json


def utc_today() -> date:
    """The clock of the running service: below it, a day is an argument."""
    return datetime.now(UTC).date()


def open_service(
    settings: Settings,
    *,
    today: Callable[[], date] = utc_today,
    connect: Connect | None = None,
    shown_lately: Callable[[HookRequest, str, int], bool] | None = None,
) -> Service:
    """The service of a site. `connect` replaces the site's own rule of which servers are asked."""
    never: Callable[[HookRequest, str, int], bool] = lambda request, rule, days: False  # noqa: E731
    return Service(
        terminology=load_terminology(),
        knowledge=load_knowledge(),
        site=settings.site,
        sender=Sender(url=f"{settings.base_url}/knowledge"),
        connect=connect or allowed_servers(settings),
        today=today,
        shown_lately=shown_lately or never,
    )


def allowed_servers(settings: Settings) -> Connect:
    """Clients only for servers on the calling EHR's list; where no one is asked, on the site's."""

    def connect(request: HookRequest) -> FhirClient | None:
        listed = settings.fhir_servers if request.client is None else request.client.fhir_servers
        if request.fhir_server not in {url.rstrip("/") for url in listed}:
            return None
        return client_for(request, settings.deadline_ms)

    return connect


def any_server(deadline_ms: int) -> Connect:
    """Whatever server the request names: for the command line, where the user chose it."""
    return lambda request: client_for(request, deadline_ms)


def client_for(request: HookRequest, deadline_ms: int) -> FhirClient | None:
    """A client for the request's server, with its token; None when it names none."""
    if request.fhir_server is None:
        return None
    access = request.fhir_authorization
    return FhirClient(
        request.fhir_server,
        access.access_token if access else None,
        deadline=deadline(deadline_ms),
    )


def parse_body(body: Json) -> HookRequest:
    """A hook request in process, checked as over HTTP. Raises InvalidRequest."""
    return read_request(SERVICES[f"ketamine-{body['hook']}"], body)
