"""Entries that count, and of which not all is read, so that it is said."""

from __future__ import annotations

from datetime import date
from typing import Any

from cds.chart.encounter_entry import Encounter
from cds.chart.entries import Allergy, Overlong, ServiceRequest, Unread
from cds.chart.medication.entry import Medication
from cds.chart.overlong_fields import not_read
from cds.dosage.model import DosageRead
from cds.dosage.words.read import TOO_LONG
from cds.fhir.record.referred import Referred
from cds.fhir.record.skipped import reference_of
from cds.fhir_json import when
from cds.wire import Json

_TELL_WHAT_IT_IS = ("code", "component", "value")
"""fields of an entry that no rule asks about, as far as the others tell what it is"""


def overlong(resource: Json, entry: Any, referred: Referred) -> Overlong | None:
    """What of a resource is not read; `entry` is what its reader made of it.

    None where all is, and where nothing of it would count.
    """
    first = entry[0] if isinstance(entry, list) and entry else entry
    if not _counts(first):
        return None
    fields = not_read(resource, referred)
    if isinstance(first, Medication) and any(map(_of_many_words, first.dosages)):
        fields = tuple(dict.fromkeys((*fields, "dosage")))
    if first is None or (isinstance(first, ServiceRequest) and not first.sets):
        fields = tuple(name for name in fields if name.startswith(_TELL_WHAT_IT_IS))
    if not fields:
        return None
    return Overlong(
        reference_of(resource), str(resource.get("resourceType")), fields, _day(first, resource)
    )


def _of_many_words(dosage: DosageRead) -> bool:
    return TOO_LONG in dosage.words.unread


def _counts(entry: Any) -> bool:
    if isinstance(entry, Unread):
        return entry.nameless or entry.kind == "QuestionnaireResponse"
    if isinstance(entry, Medication):
        return not (entry.standing.void or entry.denied or entry.other)
    if isinstance(entry, Allergy):
        return entry.active is not False
    return not isinstance(entry, ServiceRequest) or entry.open


def _day(entry: Any, resource: Json) -> date | None:
    """The first day on which it is there, as the entry has it."""
    if entry is None:
        moment = when(resource, "effective")
        return moment.earliest if moment else None
    found: date | None = entry.start if isinstance(entry, Encounter) else entry.when
    return found
