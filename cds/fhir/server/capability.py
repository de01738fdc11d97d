"""What a server says it can do, so that it is not asked for what it can't."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cds.wire import Json

R4 = ("4.0", "4.1", "4.3")
"""FHIR versions that are read as they are: R4, its ballots and R4B."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered for one resource type. Nothing said means that anything may be tried."""

    searchable: bool = True
    parameters: frozenset[str] = frozenset()
    includes: frozenset[str] = frozenset()

    def takes(self, parameter: str) -> bool:
        """Whether a search parameter may be used."""
        return not self.parameters or parameter in self.parameters


@dataclass(frozen=True, slots=True)
class Capability:
    """A CapabilityStatement, as far as we use it."""

    version: str | None = None
    batch: bool = False
    offers: Mapping[str, Offer] = field(default_factory=dict)
    """by resource type; empty when the server does not list its types"""

    def offer(self, resource_type: str) -> Offer | None:
        """The offer for a type; None when the server lists its types and this is not one."""
        return self.offers.get(resource_type) if self.offers else Offer()

    def includes(self, include: str) -> bool:
        """Whether a search may ask for `Type:parameter` to be included."""
        offer = self.offers.get(include.partition(":")[0])
        return offer is not None and not offer.includes.isdisjoint((include, "*"))

    @property
    def foreign(self) -> str | None:
        """The server's FHIR version, when it is neither R4 nor R4B."""
        return None if self.version is None or self.version.startswith(R4) else self.version


UNKNOWN = Capability()


def read_capability(statement: Json) -> Capability:
    """Read a CapabilityStatement (or a Conformance of DSTU2), tolerant of everything."""
    if statement.get("resourceType") not in ("CapabilityStatement", "Conformance"):
        return UNKNOWN
    version = statement.get("fhirVersion")
    rests = [rest for rest in _objects(statement, "rest") if rest.get("mode") != "client"]
    return Capability(
        version=version if isinstance(version, str) else None,
        batch=any("batch" in _codes(rest) for rest in rests),
        offers={
            kind: _offer(resource)
            for rest in rests
            for resource in _objects(rest, "resource")
            if isinstance(kind := resource.get("type"), str)
        },
    )


def _offer(resource: Json) -> Offer:
    interactions = _codes(resource)
    names = (parameter.get("name") for parameter in _objects(resource, "searchParam"))
    included = resource.get("searchInclude")
    return Offer(
        searchable=not interactions or "search-type" in interactions,
        parameters=frozenset(name for name in names if isinstance(name, str)),
        includes=frozenset(i for i in included if isinstance(i, str))
        if isinstance(included, list)
        else frozenset(),
    )


def _codes(holder: Json) -> set[object]:
    return {interaction.get("code") for interaction in _objects(holder, "interaction")}


def _objects(holder: Json, name: str) -> Iterator[Json]:
    listed = holder.get(name)
    return (item for item in (listed if isinstance(listed, list) else ()) if isinstance(item, dict))
