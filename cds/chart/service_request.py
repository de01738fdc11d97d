"""Tests and procedures that are ordered, as far as they are on record."""

from __future__ import annotations

from msgspec.structs import replace

from cds.chart.entries import ServiceRequest, Unread
from cds.chart.identity import FOLLOWS, ORDERS
from cds.chart.medication.resource import notes_of
from cds.chart.medication.taken import withdraw
from cds.chart.unread import unread
from cds.fhir.record.references import keys_of
from cds.fhir.record.referred import Referred
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import as_text, display, first_when, safe_code, status_code, when
from cds.terminology.codes.concept import codings
from cds.terminology.lookup import Terminology
from cds.wire import Json

SERVICES = ("ServiceRequest", "ProcedureRequest", "DiagnosticOrder")
"""The resource and its older names"""
_OPEN = frozenset({"active", "on-hold", "suspended", "requested", "accepted", "in-progress"})
_NOT_AN_ORDER = frozenset({"proposal", "option"})


def read_service_request(
    resource: Json, terminology: Terminology, referred: Referred
) -> ServiceRequest | Unread:
    """An order on record, known to the code sets or not.

    Of one that is no longer open (or a draft: those of the session come with the hook) only what
    names it is read.
    """
    status = status_code(resource.get("status"))
    concept = resource.get("code")
    asked = first_when(resource, "authoredOn", "orderedOn") or when(resource, "occurrence")
    if status == "entered-in-error":
        return unread(resource, safe_code(status), concept, asked)
    named = ServiceRequest(
        sets=frozenset(),
        status=status or "unknown",
        when=None,
        source=(reference_of(resource),),
        display=display(concept),
        open=False,
        codes=tuple(codings(concept)),
        keys=tuple(keys_of(resource)),
        follows=referred.keys_named(resource.get("replaces"), kinds=ORDERS, container=resource),
        followed=referred.keys_named(*map(resource.get, FOLLOWS), kinds=ORDERS, container=resource),
    )
    forbidden = resource.get("doNotPerform") is True
    if status not in _OPEN or status_code(resource.get("intent")) in _NOT_AN_ORDER or forbidden:
        return named
    test, procedure = terminology.observation(concept), terminology.procedure(concept)
    return replace(
        named,
        sets=test.sets | procedure.sets,
        when=asked.day if asked else None,
        withdrawn=withdraw((*notes_of(resource), as_text(resource.get("patientInstruction")))),
        open=True,
        certainty=(test or procedure).certainty,
    )
