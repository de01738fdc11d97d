"""Browser-based EHRs: preflights, listed origins, and errors that a page may read."""

from __future__ import annotations

import hooktools
import pytest

ORIGIN = "https://sandbox.cds-hooks.org"
PATHS = [
    ("GET", "/cds-services"),
    ("POST", "/cds-services/ketamine-order-select"),
    ("POST", "/cds-services/ketamine-order-select/feedback"),
]


@pytest.fixture(scope="module")
def client():
    return hooktools.app(
        cors_origins=[ORIGIN], auth="required", clients=[hooktools.client()]
    ).test_client()


def preflight(client, method, path, origin=ORIGIN):
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_CORS_1_a_preflight_without_token_allows_what_is_needed(client, method, path):
    response = preflight(client, method, path)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert method in response.headers["Access-Control-Allow-Methods"]
    allowed = response.headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in allowed
    assert "content-type" in allowed


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_CORS_2_answers_carry_the_origin(client, method, path):
    bodies = {
        PATHS[1][1]: hooktools.request(),
        PATHS[2][1]: hooktools.overridden(hooktools.shown(client, iss=hooktools.ISSUER)),
    }
    headers = hooktools.bearer(hooktools.token(path)) | {"Origin": ORIGIN}
    response = client.open(path, method=method, json=bodies.get(path), headers=headers)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_CORS_3_errors_carry_it_too_with_vary_and_never_with_credentials(client):
    for response in (
        client.get("/cds-services", headers={"Origin": ORIGIN}),
        client.get("/nope", headers={"Origin": ORIGIN}),
        client.get("/cds-services/ketamine-order-select", headers={"Origin": ORIGIN}),
    ):
        assert response.status_code in (401, 404, 405)
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert response.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_page_depends_on_what_is_accepted_and_on_the_origin(client):
    """A cache that knew one of them alone would show JSON to a browser, or to another origin."""
    for accepted in ("text/html", "application/json"):
        answer = client.get("/knowledge/limits", headers={"Origin": ORIGIN, "Accept": accepted})
        assert answer.headers["Vary"] == "Accept, Origin"


def test_CORS_3_other_origins_get_nothing(client):
    for origin in ("https://evil.example.org", "null", ORIGIN + ".evil.org", "http" + ORIGIN[5:]):
        response = preflight(client, "POST", PATHS[1][1], origin)
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Vary"] == "Origin"


def test_any_origin_is_a_star_without_credentials():
    client = hooktools.app(cors_origins=["*"]).test_client()
    response = client.get("/cds-services", headers={"Origin": ORIGIN})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_without_origins_there_is_no_header():
    response = hooktools.app().test_client().get("/cds-services", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in response.headers
