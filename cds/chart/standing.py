"""What a medication resource or a procedure stands for: given, handed over, ordered, told or void.

Everybody who counts doses, sessions or orders asks here, so that one resource can't count for the
one and not for the other. Older FHIR versions said it apart from the status (notGiven, wasNotTaken,
notDone …): `cds.fhir.record.versions` has made statuses of that by then.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from cds.fhir_json import status_code
from cds.wire import Json

Counts = Literal["given", "handed over", "ordered", "told", "void"]

_STANDS_FOR: dict[str, Counts] = {
    "MedicationAdministration": "given",
    "Procedure": "given",
    "MedicationDispense": "handed over",
    "MedicationRequest": "ordered",
    "MedicationStatement": "told",
}
_NOTHING = frozenset({
    "entered-in-error", "cancelled", "declined", "draft", "intended", "not-done", "not-taken",
    "preparation", "scheduled",
})  # fmt: skip
"""Statuses by which nothing was given, handed over, ordered or taken, whatever the resource.

Only a status deletes: one that is missing, or that no version of FHIR has, leaves the resource as
what it is, since a dose that is passed over in silence does more harm than one that is asked about.
"""
PLANNED = frozenset({"preparation", "scheduled"})
"""Statuses of a procedure that nothing was given by, and that may still come."""
_MAYBE_NOTHING = {
    # The system that sends it does not know whether it was given. `on-hold` and `stopped` are not
    # here: FHIR has them for what was begun and then paused or broken off, and `dosage` tells what
    # was given until then. A dose that was held back is `not-done`.
    "MedicationAdministration": frozenset({"unknown"}),
    # Paused or broken off, perhaps before anything left the pharmacy: only with a time of handing
    # over did the patient get some of it. `in-progress` counts: hospitals leave it so for the stay.
    "MedicationDispense": frozenset({"on-hold", "stopped", "unknown"}),
}
_NOBODY_ACTS = frozenset({"proposal", "plan", "option"})
"""Intents of orders that wait for a decision. A plan that is reported is no plan of ours: it says
what the patient takes, as told (US Core writes home medication so)."""


class Standing(Struct, frozen=True):
    """What a resource counts as, and why it is void."""

    counts: Counts
    why: str | None = None
    """of what is void: quotes codes only"""

    @property
    def void(self) -> bool:
        return self.counts == "void"


_NOT_ORDERED = frozenset({
    "entered-in-error", "cancelled", "stopped", "completed", "revoked", "ended", "declined",
})  # fmt: skip
"""statuses of a draft, by which nothing more is given; its own `draft` is an order that may be"""


_SOUND = {counts: Standing(counts) for counts in _STANDS_FOR.values()}


def standing(resource: Json) -> Standing:
    """The standing of a resource of the record, by type, status, intent and reporting."""
    kind = str(resource.get("resourceType"))
    status = status_code(resource.get("status"))
    maybe = status in _MAYBE_NOTHING.get(kind, ()) and not resource.get("whenHandedOver")
    if status in _NOTHING or maybe:
        return Standing("void", f"status {status}")
    if resource.get("doNotPerform") is True:
        return Standing("void", "an order not to give the drug")
    if kind != "MedicationRequest":
        return _SOUND[_STANDS_FOR[kind]]
    told = _is_told(resource)
    intent = status_code(resource.get("intent"))
    if intent in _NOBODY_ACTS and not (intent == "plan" and told):
        return Standing("void", f"intent {intent}")
    return _SOUND["told" if told else "ordered"]


def draft_standing(draft: Json) -> Standing:
    """The standing of an order that is about to be placed: what it would order, or nothing."""
    status = status_code(draft.get("status"))
    if status in _NOT_ORDERED:
        return Standing("void", f"status {status}")
    if draft.get("doNotPerform") is True:
        return Standing("void", "an order not to give it")
    return _SOUND["ordered"]


def _is_told(order: Json) -> bool:
    """Written down from what somebody said, not ordered here."""
    return order.get("reportedBoolean") is True or "reportedReference" in order
