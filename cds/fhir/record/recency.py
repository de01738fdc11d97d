"""What comes first of resources of which not all can be read: whether it is over, and its date.

Both as they are written: enough to put resources in order, and no reading of them.
"""

from __future__ import annotations

from itertools import chain

from cds.fhir_json import as_object, as_objects, as_text, status_code
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
    clinical = as_objects(as_object(resource.get("clinicalStatus")).get("coding"))
    codes = (as_text(coding.get("code")) for coding in clinical)
    return status_code(resource.get("status")) in PAST or any(code in PAST for code in codes)


def written_date(resource: Json) -> str:
    """When it was, as it is written; empty where it has no date."""
    periods = (as_object(resource.get(name)).get("start") for name in _PERIODS)
    dates = (resource.get(name) for name in _DATES)
    return next((date for date in chain(dates, periods) if isinstance(date, str)), "")
