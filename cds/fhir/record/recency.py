"""What comes first of resources of which not all can be read: whether it is over, and its date.

Both as they are written: enough to put resources in order, and no reading of them.
"""

from __future__ import annotations

from cds.fhir_json import as_object, as_objects, as_text, child, status_code
from cds.usual import once
from cds.wire import Json

PAST = frozenset({
    "stopped", "completed", "cancelled", "entered-in-error", "inactive", "resolved", "remission",
    "finished", "not-taken",
})  # fmt: skip
"""statuses of what is over; of results and doses given nearly all are alike"""
_DATES = (
    "effectiveDateTime", "effectiveInstant", "recordedDate", "onsetDateTime", "authoredOn",
    "performedDateTime", "dateAsserted", "whenHandedOver", "authored", "issued",
)  # fmt: skip
_PERIODS = ("effectivePeriod", "performedPeriod", "period")


def is_past(resource: Json) -> bool:
    """Whether its status says that it is over."""
    if status_code(resource.get("status")) in PAST:
        return True
    clinical = resource.get("clinicalStatus")
    return clinical is not None and _is_past(clinical)


@once(256)
def _is_past(clinical: object) -> bool:
    codings = as_objects(as_object(clinical).get("coding"))
    return any(as_text(coding.get("code")) in PAST for coding in codings)


def written_date(resource: Json) -> str:
    """When it was, as it is written; empty where it has no date."""
    for name in _DATES:
        if isinstance(date := resource.get(name), str):
            return date
    for name in _PERIODS:
        if isinstance(date := child(resource.get(name), "start"), str):
            return date
    return ""
