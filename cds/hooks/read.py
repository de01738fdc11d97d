"""From a JSON document to a HookRequest: strict about the envelope, tolerant of the clinical data.

Real clients send drafts without a medication or an intent, Bundles without a type, `Patient/`
before an id, null for what is absent, and empty or wrapped prefetch values. All of that is read.
What would make the answer wrong is refused: another hook, another patient, a selection that names
no draft, a resource under a key that asked for another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cds.chart.in_reach import in_reach
from cds.fhir.queries import QUERIES
from cds.fhir.record.references import keys_of, reference_key
from cds.fhir_json import as_object, reference_text
from cds.hooks import schema
from cds.hooks.errors import InvalidRequest, Issue, no_json
from cds.hooks.prefetch_text import PREFETCH, PrefetchText
from cds.hooks.request import FhirAuthorization, HookRequest
from cds.hooks.services.service_info import ServiceInfo
from cds.limits import MOST_INSTRUCTIONS, MOST_LISTED
from cds.settings import TrustedClient
from cds.wire import InvalidJson, Json, encode


def read_request(
    service: ServiceInfo,
    document: Json,
    client: TrustedClient | None = None,
    tenant: str | None = None,
) -> HookRequest:
    """Check and read one call. Raises InvalidRequest with an issue for each fault.

    What is wrong with the prefetch is told by whoever asks for it: of an order that has nothing to
    do with us nobody does.
    """
    envelope = {name: value for name, value in document.items() if name != PREFETCH}
    prefetch = _Prefetch(service, envelope, document.get(PREFETCH))
    if _faults(service, envelope):
        # of a call that can't be answered all is told that is wrong, the prefetch included
        raise InvalidRequest(*_faults(service, prefetch.with_envelope()))
    context: Json = document["context"]
    entries = tuple(in_reach(_entries(context)))
    drafts = tuple(entry["resource"] for entry in entries)
    selections = tuple(context.get("selections") or ())
    return HookRequest(
        hook=document["hook"],
        hook_instance=document["hookInstance"],
        service_id=service.id,
        user_id=context.get("userId"),
        patient_id=context["patientId"].removeprefix("Patient/"),
        encounter_id=(context.get("encounterId") or "").removeprefix("Encounter/") or None,
        draft_orders=drafts,
        draft_entries=entries,
        selections=selections,
        selected_orders=_selected(entries, selections) if "selections" in context else drafts,
        prefetch=prefetch,
        fhir_server=(document.get("fhirServer") or "").rstrip("/") or None,
        fhir_authorization=_authorization(document.get("fhirAuthorization")),
        client=client,
        tenant=tenant,
        extension=document.get("extension") or {},
    )


class _Prefetch:
    """What the EHR sent along, as text or read, checked when it is asked for."""

    def __init__(self, service: ServiceInfo, envelope: Json, given: object) -> None:
        self._service = service
        self._envelope = envelope
        self._given = given

    def read(self) -> Mapping[str, object]:
        whole = self.with_envelope()
        issues = schema.issues(self._service.request_schema, whole) or _unexpected(whole)
        if issues:
            raise InvalidRequest(*issues)
        return _answered(whole)

    def holding(self, resource_type: str) -> Mapping[str, object]:
        found = self._given
        if isinstance(found, PrefetchText):
            with _as_hook_error():
                found = found.holding(resource_type)
        sound = {key: one for key, one in as_object(found).items() if isinstance(one, dict)}
        return _answered({PREFETCH: sound})

    def as_sent(self) -> tuple[bytes | memoryview, ...]:
        given = self._given
        return given.as_sent() if isinstance(given, PrefetchText) else (encode(given),)

    def with_envelope(self) -> Json:
        """The whole message."""
        found = self._given
        if isinstance(found, PrefetchText):
            with _as_hook_error():
                found = found.read()
        return {**self._envelope, PREFETCH: found}


@contextmanager
def _as_hook_error() -> Iterator[None]:
    try:
        yield
    except InvalidJson as error:
        raise no_json(error) from None


def _faults(service: ServiceInfo, document: Json) -> list[Issue]:
    return schema.issues(service.request_schema, document) or _contradictions(document)


def _overlong(entries: Sequence[Json]) -> list[Issue]:
    """More instructions than can be read; a list that is too long by itself stays unread anyway."""
    lists = (entry["resource"].get("dosageInstruction") for entry in entries)
    lengths = (len(one) for one in lists if isinstance(one, list))
    if sum(length for length in lengths if length <= MOST_LISTED) <= MOST_INSTRUCTIONS:
        return []
    text = f"context.draftOrders: more than {MOST_INSTRUCTIONS} dosage instructions in all."
    return [Issue(text, "context.draftOrders", code="too-long")]


def _contradictions(document: Json) -> list[Issue]:
    """What is well formed and can't be right."""
    issues: list[Issue] = []
    context = document["context"]
    if document.get("fhirAuthorization") and not document.get("fhirServer"):
        text = "fhirServer is required where fhirAuthorization is given."
        issues.append(Issue(text, expression="fhirServer", code="required"))
    entries = _entries(context)
    issues += _overlong(entries)
    named = _Named(entries)
    for number, selection in enumerate(context.get("selections") or ()):
        if not named.by(selection):
            text = f"context.selections[{number}] names no resource of context.draftOrders."
            issues.append(Issue(text, expression="context.selections", code="not-found"))
    patient = context["patientId"].removeprefix("Patient/")
    for number, entry in enumerate(entries):
        if _of_another_patient(entry["resource"], patient):
            path = f"context.draftOrders.entry[{number}].resource.subject"
            issues.append(Issue(f"{path} is not the patient of context.patientId.", path))
    issues += _unexpected(document)
    return issues[: schema.MOST_ISSUES]


def _entries(context: Json) -> tuple[Json, ...]:
    bundle = context.get("draftOrders") or {}
    return tuple(entry for entry in bundle.get("entry") or () if "resource" in entry)


def _selected(entries: tuple[Json, ...], selections: tuple[str, ...]) -> tuple[Json, ...]:
    named = _Named(entries)
    chosen = {number for selection in selections for number in named.by(selection)}
    return tuple(entry["resource"] for n, entry in enumerate(entries) if n in chosen)


class _Named:
    """Drafts by what a selection may call them: an id, bare or in any form of reference, a fullUrl.

    A draft without any name can only be meant by its type; the public sandbox sends
    `MedicationRequest/undefined` for it.
    """

    def __init__(self, entries: tuple[Json, ...]) -> None:
        self._by_key: dict[str, list[int]] = {}
        self._by_id: dict[str, list[int]] = {}
        self._unnamed: dict[str, list[int]] = {}
        for number, entry in enumerate(entries):
            resource = entry["resource"]
            ident = resource.get("id")
            keys = set(keys_of(resource, entry.get("fullUrl")))
            if ident:
                keys.add(f"urn:uuid:{ident}".lower())
            for key in keys:
                self._by_key.setdefault(key, []).append(number)
            if isinstance(ident, str) and ident:
                self._by_id.setdefault(ident, []).append(number)
            elif not ident:
                self._unnamed.setdefault(resource["resourceType"], []).append(number)

    def by(self, selection: str) -> set[int]:
        """The places of the drafts that a selection means."""
        key = reference_key(selection)
        return {
            *self._by_key.get(key, ()),
            *self._by_id.get(selection, ()),
            *self._unnamed.get(key.rpartition("/")[0], ()),
        }


def _of_another_patient(draft: Json, patient: str) -> bool:
    reference = reference_text(draft.get("subject") or draft.get("patient"))
    kind, _, ident = reference_key(reference).rpartition("/")
    return kind == "Patient" and ident != patient


def _answered(document: Json) -> Mapping[str, Any]:
    """The keys that the service asked for. `{}` says nothing; `{"resource": …}` is unwrapped."""
    answered: dict[str, Any] = {}
    for key, value in (document.get(PREFETCH) or {}).items():
        if key not in QUERIES or value == {}:
            continue
        if value is not None and "resourceType" not in value and "resource" in value:
            value = value["resource"]
        answered[key] = value
    return answered


def _unexpected(document: Json) -> list[Issue]:
    """The keys that hold something else than they ask for."""
    issues = []
    for key, value in _answered(document).items():
        wanted = QUERIES[key].resource_type
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if value is not None and kind not in (wanted, "Bundle", "OperationOutcome"):
            path = f"prefetch.{key}"
            text = f"{path} must be a {wanted}, a Bundle, an OperationOutcome or null."
            issues.append(Issue(text, path))
    return issues


def _authorization(given: Json | None) -> FhirAuthorization | None:
    if not given:
        return None
    return FhirAuthorization(
        access_token=given["access_token"],
        token_type="Bearer",  # noqa: S106 - the type of a token is no secret
        expires_in=int(given["expires_in"]),
        scope=given["scope"],
        subject=given["subject"],
        patient=(given.get("patient") or "").removeprefix("Patient/") or None,
    )
