"""A chart was opened, and nothing is ordered."""

from __future__ import annotations

from cds.hooks.services.context import ENCOUNTER, PATIENT, USER
from cds.hooks.services.service_info import ServiceInfo

SERVICE = ServiceInfo(
    id="ketamine-patient-view",
    hook="patient-view",
    title="Ketamine: treatment course and new candidacy",
    description=(
        "When a chart is opened: what is due in a running ketamine treatment, and criteria of "
        "an indication that are newly met. Silent otherwise."
    ),
    answers="Cards for the patient whose chart was opened",
    gesture="Open the chart",
    context=(USER, PATIENT, ENCOUNTER.optional()),
    cards_as="patient-view",
    candidacy_unasked=True,
)
