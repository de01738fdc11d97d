"""For operators and reviewers: alive, ready, metrics."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import hooktools
import pytest
from flask import Flask

from cds.hooks.status import status_routes
from cds.settings import Settings
from tests.replaced import replace


@pytest.fixture(scope="module")
def client():
    trusted = [hooktools.client()]
    return hooktools.app(auth="required", clients=trusted).test_client()


def test_alive(client):
    assert client.get("/healthz").get_json()["status"] == "alive"


def test_ready(client):
    state = client.get("/readyz").get_json()
    assert state["status"] == "ready"
    assert state["store"] == "reachable"
    assert re.fullmatch("[0-9a-f]{12}", state["knowledge"])


def test_ready_tells_what_of_the_knowledge_is_unsigned_or_due(client, knowledge):
    told = client.get("/readyz").get_json()["review"]
    assert set(told) == {"state", "unsigned_facts", "facts_due", "sources_due"}
    of_today = knowledge.on(datetime.now(UTC).date())
    assert told["unsigned_facts"] == sum(1 for _ in of_today.facts())


def test_what_is_due_makes_nothing_less_ready(monkeypatch, knowledge):
    cited = next(iter(knowledge.regimens.values())).sources[0]
    aged = {"read_on": date(2025, 1, 1), "max_age_months": 12}
    sources = dict(knowledge.sources) | {cited: knowledge.sources[cited].model_copy(update=aged)}
    old = replace(knowledge, sources=sources)
    monkeypatch.setattr("cds.hooks.status.load_knowledge", lambda _: old)
    days = iter((date(2026, 1, 1), date(2026, 1, 2)))
    asked = Flask("asked")
    asked.register_blueprint(
        status_routes(Settings(), lambda: "reachable", None, lambda _: next(days))
    )
    on_time, late = (asked.test_client().get("/readyz") for _ in range(2))
    assert (on_time.status_code, late.status_code) == (200, 200)
    assert (on_time.json["status"], late.json["status"]) == ("ready", "ready")
    assert (on_time.json["review"]["state"], late.json["review"]["state"]) == ("nothing due", "due")
    assert (on_time.json["review"]["sources_due"], late.json["review"]["sources_due"]) == (0, 1)


def test_ready_without_a_store_where_the_site_says_so():
    lost = {"database_url": "sqlite:////nowhere/at/all.sqlite"}
    assert hooktools.app(**lost).test_client().get("/readyz").status_code == 503
    tolerant = hooktools.app(**lost, readiness_needs_store=False).test_client()
    assert tolerant.get("/readyz").status_code == 200


def test_metrics_count_calls_and_cards_without_anything_of_a_request():
    client = hooktools.app().test_client()
    path = hooktools.SERVICES["order-select"]
    client.post(path, json=hooktools.request())
    client.post(path, json={})
    text = client.get("/metrics").get_data(as_text=True)
    labels = 'service="ketamine-order-select",status="%s"'
    assert f"ketamine_cds_calls_total{{{labels % 200}}}" in text
    assert f"ketamine_cds_calls_total{{{labels % 400}}}" in text
    assert "ketamine_cds_call_seconds_bucket" in text
    assert 'kind="dose"' in text
    assert "rx1" not in text


def test_answers_are_not_sniffed(client):
    for path in ("/healthz", "/knowledge", "/nope", "/metrics"):
        assert client.get(path).headers["X-Content-Type-Options"] == "nosniff"
