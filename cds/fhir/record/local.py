"""The zone that a record's own instants are written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from cds.dates import LocalTime
from cds.fhir.record.patient_record import PatientRecord
from cds.wire import Json

_WITH_OFFSET = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?P<offset>[+-]\d\d:\d\d)\Z"
)
_NOT_OF_THE_PATIENT = "meta"
"""when a server stored it says where the server is"""


def own_time(record: PatientRecord) -> LocalTime | None:
    """Where the newest instant that tells its offset was written; None where none tells one.

    `Z` tells none: servers write it wherever they are.
    """
    newest: datetime | None = None
    for resources in record.resources.values():
        for resource in resources:
            for text in _instants(resource):
                try:
                    moment = datetime.fromisoformat(text)
                except ValueError:
                    continue
                if newest is None or moment > newest:
                    newest = moment
    zone = newest.tzinfo if newest is not None else None
    return LocalTime(zone, set_by_site=False) if zone is not None else None


def _instants(resource: Json) -> Iterator[str]:
    for name, value in resource.items():
        if isinstance(value, str):
            if value[10:11] == "T" and _WITH_OFFSET.match(value):
                yield value
        elif isinstance(value, dict) and name != _NOT_OF_THE_PATIENT:  # periods
            for inner in value.values():
                if isinstance(inner, str) and inner[10:11] == "T" and _WITH_OFFSET.match(inner):
                    yield inner
