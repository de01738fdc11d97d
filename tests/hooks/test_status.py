"""For operators and reviewers: alive, ready, metrics."""

from __future__ import annotations

import re

import hooktools
import pytest


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
