"""Tests and procedures that are ordered and still open."""

from __future__ import annotations

from cds.chart.entries import Service, Unread
from cds.chart.unread import unread
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import display, first_when, safe_code, status_code, when
from cds.terminology.lookup import Terminology
from cds.wire import Json

SERVICES = ("ServiceRequest", "ProcedureRequest", "DiagnosticOrder")
"""The resource and its older names"""
_OPEN = frozenset({"active", "on-hold", "suspended", "requested", "accepted", "in-progress"})
_NOT_AN_ORDER = frozenset({"proposal", "option"})


def read_service(resource: Json, terminology: Terminology) -> Service | Unread | None:
    """An order on record that is still open, known to the code sets or not; None: it is not.

    Drafts are not open: those of the session come with the hook.
    """
    status = status_code(resource.get("status"))
    concept = resource.get("code")
    if status == "entered-in-error":
        return unread(resource, safe_code(status), concept)
    forbidden = resource.get("doNotPerform") is True
    if status not in _OPEN or status_code(resource.get("intent")) in _NOT_AN_ORDER or forbidden:
        return None
    asked = first_when(resource, "authoredOn", "orderedOn") or when(resource, "occurrence")
    return Service(
        sets=terminology.observation(concept).sets | terminology.procedure(concept).sets,
        status=status,
        when=asked.day if asked else None,
        source=(reference_of(resource),),
        display=display(concept),
    )
