"""The demo page: a small EHR screen that fires the hooks and shows the cards."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from uuid import uuid4

from flask import Blueprint, Response, render_template, request
from markdown_it import MarkdownIt

import fhir_fixtures
from cds.fhir.queries import QUERIES
from cds.hooks.services import OF_HOOK, SERVICES
from cds.hooks.services.context import Scene
from cds.wire import Json, encode

page = Blueprint(
    "page", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
)

POLICY = "default-src 'self'; style-src 'self'; script-src 'self'; frame-ancestors 'none'"


@page.get("/")
def screen() -> Response:
    """The screen: the fixture patients, the draft order, the cards."""
    patients = [_banner(name) for name in fhir_fixtures.names()]
    response = Response(render_template("demo.html", patients=patients, services=SERVICES.values()))
    response.headers["Content-Security-Policy"] = POLICY
    return response


@page.get("/demo/request/<name>")
def hook_request(name: str) -> Response:
    """The request that an EHR would send for a fixture patient's draft, of the hook `?hook=`."""
    hook = request.args.get("hook", "order-select")
    if name not in fhir_fixtures.names() or hook not in OF_HOOK:
        error = {"error": "no such patient, or no such hook"}
        return Response(encode(error), 404, content_type="application/json")
    return Response(
        encode(request_for(name, request.host_url.rstrip("/") + "/fhir", hook)),
        content_type="application/json",
    )


@page.post("/demo/markdown")
def markdown() -> Response:
    """A card's detail as HTML, the way an EHR would show it: no HTML of its own, and no link."""
    text = request.get_data(as_text=True)[:20_000]
    response = Response(_markdown().render(text), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    return response


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
        ["image", "link", "autolink"]
    )


def request_for(name: str, fhir_server: str, hook: str = "order-select") -> Json:
    """A request for a fixture patient, without prefetch: the data are fetched."""
    draft = json.loads((fhir_fixtures.orders() / f"{name}.json").read_text())
    service = OF_HOOK[hook]
    visit = _encounter(name) if "encounterId" in service.required else None
    return {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "fhirServer": fhir_server,
        "context": service.context_in(Scene("Practitioner/demo", name, visit, [draft])),
    }


def prefetched(bundle: Json) -> Json:
    """A patient's Bundle as the prefetch that an EHR would send for it."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    answer: Json = {"patient": resources[0]}
    for key, query in QUERIES.items():
        if key in ("patient", "encounter"):
            continue
        found = [r for r in resources if r["resourceType"] == query.resource_type]
        answer[key] = {
            "resourceType": "Bundle", "type": "searchset", "total": len(found),
            "entry": [{"resource": resource} for resource in found],
        }  # fmt: skip
    return answer


def _chart(name: str) -> list[Json]:
    bundle = fhir_fixtures.load(name, datetime.now(UTC).date())
    return [entry["resource"] for entry in bundle["entry"]]


def _encounter(name: str) -> str | None:
    visits = (r["id"] for r in _chart(name) if r["resourceType"] == "Encounter")
    return next(visits, None)


def _banner(name: str) -> dict[str, str]:
    patient = _chart(name)[0]
    label = f"{patient['name'][0]['given'][0]} {patient['name'][0]['family']}"
    draft = json.loads((fhir_fixtures.orders() / f"{name}.json").read_text())
    return {
        "id": name,
        "name": label,
        "about": f"{patient['gender']}, born {patient['birthDate']}",
        "order": draft["medicationCodeableConcept"]["text"],
    }
