"""Tests and procedures that are ordered and still open."""

from __future__ import annotations

from datetime import date

from cds.dates import is_later
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir.record.skipped import DATED_LATER, skip
from cds.fhir_json import display, first_when, safe_code, status_code, when
from cds.history.model import ServiceOrderFact
from cds.terminology.lookup import Terminology

_OPEN = frozenset({"active", "on-hold", "suspended", "requested", "accepted", "in-progress"})
_NOT_AN_ORDER = frozenset({"proposal", "option"})


def read_service_orders(
    record: PatientRecord, terminology: Terminology, as_of: date, skipped: list[Skipped]
) -> tuple[ServiceOrderFact, ...]:
    """Open ServiceRequests (and their older names) whose code the sets know; oldest first.

    Drafts are not here: those of the session come with the hook.
    """
    facts = []
    for resource in record.of("ServiceRequest", "ProcedureRequest", "DiagnosticOrder"):
        status = status_code(resource.get("status"))
        if status == "entered-in-error":
            skip(skipped, resource, safe_code(status))
            continue
        forbidden = resource.get("doNotPerform") is True
        if status not in _OPEN or status_code(resource.get("intent")) in _NOT_AN_ORDER or forbidden:
            continue
        concept = resource.get("code")
        sets = terminology.observation(concept).sets | terminology.procedure(concept).sets
        asked = first_when(resource, "authoredOn", "orderedOn") or when(resource, "occurrence")
        if is_later(asked, as_of):
            skip(skipped, resource, DATED_LATER)
            continue
        if sets:
            facts.append(
                ServiceOrderFact(
                    sets=sets,
                    status=status,
                    when=asked.day if asked else None,
                    source=(reference_of(resource),),
                    display=display(concept),
                )
            )
    return tuple(sorted(facts, key=lambda f: (f.when is None, f.when or as_of, f.source)))
