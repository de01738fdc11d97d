"""What is not used, as an entry of its own: named, so that nothing is lost in silence."""

from __future__ import annotations

from cds.chart.entries import Unread
from cds.dates import When
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import display
from cds.wire import Json

NOT_RECOGNISED = {
    "AllergyIntolerance": "substance not recognised",
    "Condition": "diagnosis not recognised",
    "Procedure": "procedure not recognised",
}
"""resourceType → why an entry of it was not understood"""


def unread(resource: Json, why: str, concept: object = None, dated: When | None = None) -> Unread:
    """Why a resource is not used. `dated`: before that day it is not even there."""
    return Unread(
        reference=reference_of(resource),
        kind=str(resource.get("resourceType")),
        why=why,
        name=display(concept),
        when=dated.earliest if dated else None,
    )
