"""A small FHIR R4 endpoint over the fixture patients: read and search, for the demo only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

from flask import Blueprint, Response, request

import fhir_fixtures
from cds.fhir.record.references import reference_key
from cds.wire import Json, encode

fhir = Blueprint("fhir", __name__, url_prefix="/fhir")

SUBJECTS = ("subject", "patient")


@lru_cache(maxsize=2)
def _resources(day: date) -> tuple[Json, ...]:
    return tuple(
        entry["resource"] for bundle in fhir_fixtures.load_all(day) for entry in bundle["entry"]
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _answer(body: Json, status: int = 200) -> Response:
    return Response(encode(body), status, content_type="application/fhir+json")


def _not_found(what: str) -> Response:
    issue = {"severity": "error", "code": "not-found", "diagnostics": f"{what} is not here"}
    return _answer({"resourceType": "OperationOutcome", "issue": [issue]}, 404)


@fhir.get("/metadata")
def metadata() -> Response:
    """The capability statement."""
    types = sorted({resource["resourceType"] for resource in _resources(_today())})
    resource = [
        {"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}]} for kind in types
    ]
    return _answer(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": _today().isoformat(),
            "kind": "instance",
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [{"mode": "server", "resource": resource}],
        }
    )


@fhir.get("/<kind>/<ident>")
def read(kind: str, ident: str) -> Response:
    """Read one resource."""
    for resource in _resources(_today()):
        if resource["resourceType"] == kind and resource["id"] == ident:
            return _answer(resource)
    return _not_found(f"{kind}/{ident}")


@fhir.get("/<kind>")
@fhir.post("/<kind>/_search")
def search(kind: str) -> Response:
    """Search by patient, _id, code and code:text."""
    wanted = request.values
    patient = (wanted.get("patient") or wanted.get("subject") or "").rpartition("/")[2]
    words = wanted.get("code:text", "").lower()
    codes = {code.rpartition("|")[2] for code in wanted.get("code", "").split(",") if code}
    found = [
        resource
        for resource in _resources(_today())
        if resource["resourceType"] == kind
        and (not patient or _patient_of(resource) == patient)
        and ("_id" not in wanted or resource["id"] == wanted["_id"])
        and (not codes or codes & set(_codes(resource)))
        and words in str(resource.get("code", {}).get("text", "")).lower()
    ]
    base = request.host_url.rstrip("/") + "/fhir"
    entry = [
        {
            "fullUrl": f"{base}/{kind}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in found
    ]
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return _answer(bundle | ({"entry": entry} if entry else {}))


def _patient_of(resource: Json) -> str | None:
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    for name in SUBJECTS:
        if name in resource:
            return reference_key(str(resource[name]["reference"])).rpartition("/")[2]
    return None


def _codes(resource: Json) -> Iterable[str]:
    return (coding["code"] for coding in resource.get("code", {}).get("coding", ()))
