"""A patient's FHIR resources, gathered, de-duplicated, and with what could not be had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cds.wire import Json


@dataclass(frozen=True, slots=True)
class Skipped:
    """A resource that was not used, and why. The reason never quotes patient data."""

    resource: str
    """`Type/id`, or `Type` when it has no id"""
    reason: str


@dataclass(slots=True)
class PatientRecord:
    """Everything known of one patient, as FHIR JSON.

    `unavailable` maps a prefetch key (`allergies`, `medicationRequests` …) to why it could not be
    had: its facts are then unknown, never absent. A key that was answered, with or without
    resources, is in `answered`.
    """

    patient: Json | None = None
    resources: dict[str, list[Json]] = field(default_factory=dict)
    """by resourceType, each (type, id) once"""
    answered: set[str] = field(default_factory=set)
    unavailable: dict[str, str] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    index: dict[str, Json] = field(default_factory=dict)
    """`Type/id` and fullUrl → resource, for references"""

    def of(self, *types: str) -> Iterator[Json]:
        for name in types:
            yield from self.resources.get(name, ())

    def resolve(self, reference: object, container: Json | None = None) -> Json | None:
        """The resource that a reference names: `#contained`, relative, absolute or `urn:uuid`."""
        raise NotImplementedError


def reference_of(resource: Json) -> str:
    """`Type/id`, the way a finding names a resource."""
    ident = resource.get("id")
    kind = str(resource.get("resourceType", "Resource"))
    return f"{kind}/{ident}" if isinstance(ident, str) and ident else kind


def gather(resources: Iterable[Json]) -> PatientRecord:
    """Put loose resources of one patient together."""
    raise NotImplementedError
