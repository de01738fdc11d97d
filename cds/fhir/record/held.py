"""The entries of a Bundle, sorted: what they are, and what came without its content."""

from __future__ import annotations

from collections.abc import Iterator

from cds.fhir.record.outcomes import is_failure
from cds.fhir.record.references import reference_key
from cds.fhir.record.shortened import is_shortened
from cds.fhir.record.skipped import is_type_name
from cds.fhir_json import as_objects, child
from cds.wire import Json

UNREADABLE = "its entries can't be read"


class Held:
    """What a Bundle holds. An entry is named by its type, its id and its version."""

    def __init__(self, bundle: Json) -> None:
        self.matches: list[str] = []
        """all but what says that it came along, and the Bundles inside"""
        self.included: set[str] = set()
        self.shortened: set[str] = set()
        """types of those that say that they are not whole"""
        self.outcomes = 0
        """OperationOutcomes that tell of the search, and of no failure"""
        self._kinds: set[str] = set()
        self._patients: set[str] = set()
        self._without = 0
        listed = bundle.get("entry")
        entries = listed if isinstance(listed, list) else as_objects(listed)
        self._unreadable = bool(listed) and not entries
        for entry in entries:
            self._take(entry)

    @property
    def faults(self) -> Iterator[str]:
        if self._unreadable:
            yield UNREADABLE
        if self._without:
            several = self._without > 1
            many = f"{self._without} entries" if several else "an entry"
            yield f"{many} came without {'their' if several else 'its'} content"

    @property
    def kind(self) -> str | None:
        (kind,) = self._kinds if len(self._kinds) == 1 else (None,)
        return kind if kind != "Bundle" and is_type_name(kind) else None

    @property
    def patient(self) -> str | None:
        (patient,) = self._patients if len(self._patients) == 1 else (None,)
        return patient

    def _take(self, entry: object) -> None:
        resource = resource_of(entry)
        if resource is None:
            method = _method(entry)
            if method == "DELETE":
                self.matches.append(f"/{id(entry)}")
            elif method != "GET":
                self._without += 1
        elif resource["resourceType"] == "OperationOutcome":
            self.outcomes += not is_failure(resource)
        elif isinstance(entry, dict) and child(entry.get("search"), "mode") == "include":
            self.included.add(_name(resource))
        else:
            self._count(resource)

    def _count(self, resource: Json) -> None:
        self.matches.append(_name(resource))
        self._kinds.add(resource["resourceType"])
        if named := about(resource):
            self._patients.add(named)
        if is_shortened(resource):
            self.shortened.add(resource["resourceType"])


def resource_of(entry: object) -> Json | None:
    """What a Bundle entry holds: its resource, or itself where it is one; None: nothing."""
    if not isinstance(entry, dict):
        return None
    held = entry.get("resource", entry)
    typed = isinstance(held, dict) and isinstance(held.get("resourceType"), str)
    return held if typed else None


def type_of(name: str) -> str:
    """The type of the entry that is named so; empty: of a deletion nobody knows it."""
    return name.partition("/")[0]


def _method(entry: object) -> object:
    """What an entry without a resource asks for: a deletion is all of it, a request has none."""
    if not isinstance(entry, dict):
        return None
    if str(child(entry.get("response"), "status") or "").startswith(("201", "204")):
        return "GET"  # the answer to something that was written
    return child(entry.get("request"), "method")


def _name(resource: Json) -> str:
    ident, version = resource.get("id"), child(resource.get("meta"), "versionId")
    if not isinstance(ident, str) or not ident:
        return f"{resource['resourceType']}/#{id(resource)}"
    return f"{resource['resourceType']}/{ident}/{version or ''}"


def about(resource: Json) -> str:
    """Key of the patient that a resource names; empty where it names none."""
    for name in ("subject", "patient"):
        holder = resource.get(name)
        reference = holder.get("reference") if isinstance(holder, dict) else holder
        if isinstance(reference, str):
            return reference_key(reference)
    return ""
