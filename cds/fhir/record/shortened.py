"""Whether a resource, or a Bundle, says by its labels that some of its content was taken out."""

from __future__ import annotations

from cds.fhir_json import as_objects
from cds.wire import Json

SHORTENED = "its entries are shortened"
_SHORTENING = frozenset({"MASKED", "REDACTED", "SUBSETTED"})
"""of v3-ObservationValue: left out by what was asked for, by a policy, or hidden without a key"""


def is_shortened(resource: Json) -> bool:
    """A label tells of what bears it and of nothing else; never raises."""
    meta = resource.get("meta")
    if not isinstance(meta, dict):
        return False
    labels = (*as_objects(meta.get("tag")), *as_objects(meta.get("security")))
    return any(
        isinstance(code := label.get("code"), str) and code in _SHORTENING for label in labels
    )
