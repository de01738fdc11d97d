"""The services that are offered, and the discovery document that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds.fhir.queries import QUERIES
from cds.hooks.schema import Name
from cds.wire import Json

SPECIFICATION = "3.0.0"
"""version of CDS Hooks that is implemented; a 2.0 client works unchanged"""

USAGE = (
    "For licensed clinicians. Advises and never decides. Reads the FHIR R4 data of the prefetch "
    "keys; patient, conditions and medicationRequests are required, by prefetch or through "
    "fhirServer and fhirAuthorization. Anything else that is missing counts as unknown and is "
    "named on the card."
)


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """One service: its id is one segment of its URL."""

    id: str
    hook: str
    title: str
    description: str
    request_schema: Name

    def json(self) -> Json:
        """Its entry in the discovery document."""
        return {
            "id": self.id,
            "hook": self.hook,
            "title": self.title,
            "description": self.description,
            "usageRequirements": USAGE,
            "version": SPECIFICATION,
            "prefetch": {key: query.template for key, query in QUERIES.items()},
        }


_ALL = (
    ServiceInfo(
        id="ketamine-order-select",
        hook="order-select",
        title="Ketamine: candidacy, safety and dose while ordering",
        description=(
            "When ketamine or esketamine is selected: contraindications and interactions, whether "
            "the record meets the criteria of an indication, a dose with its arithmetic, and the "
            "work-up that is missing. Silent for unrelated orders."
        ),
        request_schema="request-order-select",
    ),
    ServiceInfo(
        id="ketamine-order-sign",
        hook="order-sign",
        title="Ketamine: last check before signing",
        description=(
            "When a ketamine or esketamine order is signed: contraindications, dangerous "
            "interactions and probable errors of dose, rate, route or unit."
        ),
        request_schema="request-order-sign",
    ),
    ServiceInfo(
        id="ketamine-patient-view",
        hook="patient-view",
        title="Ketamine: treatment course and new candidacy",
        description=(
            "When a chart is opened: what is due in a running ketamine treatment, and criteria of "
            "an indication that are newly met. Silent otherwise."
        ),
        request_schema="request-patient-view",
    ),
)

SERVICES: Mapping[str, ServiceInfo] = {service.id: service for service in _ALL}


def discovery() -> Json:
    """The answer to `GET /cds-services`."""
    return {"services": [service.json() for service in SERVICES.values()]}
