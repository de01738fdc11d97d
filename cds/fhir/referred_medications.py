"""The Medications that orders refer to, where neither prefetch nor an include brought them."""

from __future__ import annotations

from functools import partial

from cds.fhir.fetch import side_by_side
from cds.fhir.plan import WITH_MEDICATION
from cds.fhir.prefetch import Answers
from cds.fhir.record.references import keys_of, reference_key
from cds.fhir.record.skipped import Skipped
from cds.fhir.server.client import FhirClient, FhirError
from cds.fhir.server.scopes import Access

MOST = 60
"""Medications that are read for one hook call"""


def read_medications(client: FhirClient, answers: Answers) -> None:
    """Read them side by side. One that can't be had is named: its drug is unknown."""
    missing = _missing(client, answers)
    if not missing:
        return
    if client.reading("Medication") is Access.NONE:
        refused = "out of scope: the access token does not cover Medication"
        answers.skipped += [Skipped(one, refused) for one in missing]
        return
    answers.skipped += [Skipped(one, "too many Medications to read") for one in missing[MOST:]]
    wanted = missing[:MOST]
    found = side_by_side(client, [partial(client.get, one) for one in wanted])
    for reference, resource in zip(wanted, found, strict=True):
        if isinstance(resource, FhirError):
            answers.skipped.append(Skipped(reference, f"not read: {resource}"))
        elif resource.get("resourceType") != "Medication":
            answers.skipped.append(Skipped(reference, "not read: it is no Medication"))
        else:
            answers.entries.append({"resource": resource})


def _missing(client: FhirClient, answers: Answers) -> list[str]:
    here = {
        key
        for entry in answers.entries
        if entry["resource"]["resourceType"] == "Medication"
        for key in keys_of(entry["resource"], entry.get("fullUrl"))
    }
    missing: dict[str, None] = {}
    for resource in answers.resources:
        holder = resource.get("medicationReference")
        reference = holder.get("reference") if isinstance(holder, dict) else None
        if resource["resourceType"] not in WITH_MEDICATION or not isinstance(reference, str):
            continue
        relative = client.relative(reference)
        if relative and relative.startswith("Medication/") and reference_key(relative) not in here:
            missing[relative] = None
    return list(missing)
