"""The Medications that orders refer to, where neither prefetch nor an include brought them."""

from __future__ import annotations

from functools import partial

from cds.fhir.fetch import side_by_side
from cds.fhir.plan import WITH_MEDICATION
from cds.fhir.prefetch import Answers
from cds.fhir.record.references import keys_of, medications_of, reference_key
from cds.fhir.record.skipped import Skipped
from cds.fhir.server.client import FhirClient, FhirError
from cds.fhir.server.scopes import Access

MOST = 60
"""Medications that are read at a time for one hook call"""
_NAMES_MEDICATIONS = WITH_MEDICATION | {"Medication"}


def read_medications(client: FhirClient, answers: Answers) -> None:
    """Read them side by side. One that can't be had is named: its drug is unknown.

    Then those that they are mixed from, once.
    """
    tried = set(missing := _missing(client, answers))
    _read(client, answers, missing)
    _read(client, answers, [one for one in _missing(client, answers) if one not in tried])


def _read(client: FhirClient, answers: Answers, missing: list[str]) -> None:
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
        if resource["resourceType"] not in _NAMES_MEDICATIONS:
            continue
        for holder in medications_of(resource):
            reference = holder.get("reference")
            relative = client.relative(reference) if isinstance(reference, str) else None
            if relative is None or not relative.startswith("Medication/"):
                continue
            if reference_key(relative) not in here:
                missing[relative] = None
    return list(missing)
