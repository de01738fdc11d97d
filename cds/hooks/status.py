"""For operators and integrators: alive, ready, metrics, and the API description."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, tzinfo
from functools import lru_cache

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from cds import __version__
from cds.clock import today_in
from cds.hooks.answers import json_response
from cds.hooks.openapi import document
from cds.knowledge.load import load_knowledge
from cds.knowledge.review.due import counts, due_on
from cds.knowledge.review.ledger_file import project_ledger, signed_here
from cds.settings import Settings
from cds.store.probe import REACHABLE
from cds.terminology.lookup import load_terminology
from cds.wire import Json


def status_routes(
    settings: Settings,
    store_state: Callable[[], str],
    tokens_state: Callable[[], str] | None = None,
    today: Callable[[tzinfo], date] = today_in,
) -> Blueprint:
    """`/healthz`, `/readyz`, `/metrics`, `/openapi.json`. None shows patient data.

    `tokens_state` is that of the memory of used tokens, where tokens are asked for.
    """
    reviews = signed_here(settings.reviews).over(project_ledger())
    reviewed = lru_cache(maxsize=2)(
        lambda day: counts(due_on(load_knowledge(settings.knowledge), reviews, day))
    )
    routes = Blueprint("status", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return json_response({"status": "alive", "version": __version__})

    @routes.get("/readyz")
    def readyz() -> Response:
        load_terminology()
        store = store_state()
        ready = store == REACHABLE or not settings.readiness_needs_store
        state: Json = {
            "knowledge": load_knowledge(settings.knowledge).version,
            "store": store,
            "review": reviewed(today(settings.zone or UTC)),
        }
        if tokens_state is not None:
            state["used_tokens"] = tokens_state()
            refused = settings.replay_when_unavailable == "refuse"
            ready &= state["used_tokens"] == REACHABLE or not refused
        state = {"status": "ready" if ready else "not ready"} | state
        return json_response(state, 200 if ready else 503)

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(metrics_registry()), content_type=CONTENT_TYPE_LATEST)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return json_response(document(settings.base_url))

    return routes


def metrics_registry() -> CollectorRegistry:
    """Of this process, or of all workers where they share a directory."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
