"""The Medications that drafts name, before the record is there: whose drug is it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from cds.fhir.record.patient_record import PatientRecord
from cds.fhir.record.references import medications_of, named_keys
from cds.fhir.record.referred import Referred
from cds.fhir.server.client import FhirClient
from cds.wire import Json

_KINDS = ("Medication",)
_DEEPEST = 3
"""Medications in Medications, as deep as a product is read"""


class OrderedMedications:
    """Finds them in the session, then in the prefetch, then at the server; once a hook call.

    An order is dismissed by its drug alone, so the drug is looked for wherever it may stand.
    """

    def __init__(
        self, session: PatientRecord, client: FhirClient | None, prefetched: Callable[[], Referred]
    ) -> None:
        """`prefetched` is only called for a Medication that the session lacks."""
        self._session = session
        self._client = client
        self._read_prefetch = prefetched
        self._fetched: list[Json] = []
        self._tried: set[str] = set()

    @cached_property
    def _prefetched(self) -> Referred:
        return self._read_prefetch()

    def fetch(self, drafts: Iterable[Json]) -> list[Json]:
        """Put what the drafts name into the session; return what had to be read, as entries."""
        followed: set[tuple[int, int]] = set()
        for draft in drafts:
            self._follow(draft, _DEEPEST, followed)
        return self._fetched

    def _follow(self, resource: Json, depth: int, followed: set[tuple[int, int]]) -> None:
        if (id(resource), depth) in followed:
            return
        followed.add((id(resource), depth))
        for holder in medications_of(resource):
            medication = self._found(holder, resource)
            if medication is not None and depth:
                self._follow(medication, depth - 1, followed)  # what it is mixed from

    def _found(self, holder: Json, resource: Json) -> Json | None:
        here = self._session.referred.resolve(holder, resource, _KINDS)
        keys = list(named_keys(holder, _KINDS))
        if here is not None or not keys:
            return here
        found = self._prefetched.resolve(holder, kinds=_KINDS) or self._read(holder)
        if found is not None:
            self._session.index.update(dict.fromkeys(keys, found))
        return found

    def _read(self, holder: Json) -> Json | None:
        reference = holder.get("reference")
        if self._client is None or not isinstance(reference, str) or reference in self._tried:
            return None
        self._tried.add(reference)
        medication = self._client.read(reference)
        if medication is not None and medication.get("resourceType") not in _KINDS:
            return None
        if medication is not None:
            self._fetched.append({"fullUrl": reference, "resource": medication})
        return medication
