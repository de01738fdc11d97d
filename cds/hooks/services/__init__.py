"""The services that are offered: each is one file here and one line in `OFFERED`.

Discovery, the request schemas, `/openapi.json`, `ketamine-cds call --hook`, the demo's buttons,
docs/services.md and the tests of the protocol follow from them. CONTRIBUTING.md adds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from cds.hooks.services.service_info import ServiceInfo
from cds.wire import Json

OFFERED = (
    "order_select",
    "order_sign",
    "patient_view",
)  # fmt: skip
"""modules of this package, each with its `SERVICE`, in the order of discovery"""


def _offered() -> dict[str, ServiceInfo]:
    services: dict[str, ServiceInfo] = {}
    for name in OFFERED:
        service: ServiceInfo = import_module(f"{__name__}.{name}").SERVICE
        services[service.id] = service
    return services


SERVICES: Mapping[str, ServiceInfo] = _offered()
"""by id, which is one segment of a service's URL"""
OF_HOOK: Mapping[str, ServiceInfo] = {service.hook: service for service in SERVICES.values()}


def discovery() -> Json:
    """The answer to `GET /cds-services`."""
    return {"services": [service.json() for service in SERVICES.values()]}
