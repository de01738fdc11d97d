"""The entries that references lead to: one reading of a resource, whoever names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cds.chart.condition import read_condition
from cds.chart.diagnosis import diagnosis_of
from cds.chart.encounter import read_encounter
from cds.chart.encounter_entry import Encounter
from cds.chart.entries import Nameable
from cds.chart.procedure import read_procedure
from cds.chart.service_request import SERVICES, read_service_request
from cds.dates import When
from cds.fhir.record.references import named_keys
from cds.fhir.record.referred import Referred
from cds.fhir.record.shapes import in_shape
from cds.fhir.record.versions import as_r4
from cds.terminology.lookup import Terminology
from cds.wire import Json


class Named:
    """The chart's entries by key; and what a resource contains or a session holds, read the same.

    `find`: the chart's entry under a key. `born`: the patient's birth, for onsets that are given as
    an age.
    """

    def __init__(
        self,
        find: Callable[[str], Nameable | None],
        terminology: Terminology,
        born: When | None,
        session: Referred | None = None,
    ) -> None:
        self._find = find
        self._terminology = terminology
        self._born = born
        self._session = session or Referred()

    def entry(self, reference: object, container: Json, kinds: Iterable[str]) -> Nameable | None:
        """What a Reference in `container` names; None when it is not here, or no entry."""
        kinds = tuple(kinds)
        found = self._session.resolve(reference, container, kinds)
        if found is None:
            keys = named_keys(reference, kinds)
            return next((entry for entry in map(self._find, keys) if entry is not None), None)
        return self._read(as_r4(in_shape(found))) if found.get("resourceType") in kinds else None

    def encounter(self, draft: Json) -> Encounter | None:
        """The encounter of an order: `context` where a client still speaks STU3."""
        reference = draft.get("encounter") or draft.get("context")
        found = self.entry(reference, draft, ("Encounter",))
        return found if isinstance(found, Encounter) else None

    def _read(self, resource: Json) -> Nameable | None:
        kind = resource.get("resourceType")
        if kind == "Condition":
            said = diagnosis_of(resource, self._terminology)
            return read_condition(resource, said, self._born)
        if kind == "Procedure":
            return read_procedure(resource, self._terminology)
        if kind == "Encounter":
            return read_encounter(resource)
        if kind in SERVICES:
            return read_service_request(resource, self._terminology, self._session)
        return None
