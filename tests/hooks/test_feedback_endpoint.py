"""Feedback: every valid kind is taken and kept once; what is invalid is told."""

from __future__ import annotations

from uuid import uuid4

import hooktools
import pytest
from sqlalchemy import select

from cds.hooks.app import create_app
from cds.hooks.store import Store
from cds.settings import Settings
from cds.store.tables import accepted_suggestion, feedback

URL = "/cds-services/ketamine-order-select/feedback"
WHEN = "2026-11-24T10:00:00.123Z"
ACCEPTED = {
    "card": str(uuid4()),
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": str(uuid4())}, {"id": str(uuid4())}],
    "outcomeTimestamp": WHEN,
}
OVERRIDDEN = {"card": str(uuid4()), "outcome": "overridden", "outcomeTimestamp": WHEN}
REASON = {"reason": {"code": "local-protocol", "system": "urn:ketamine-cds:override-reason"}}
COMMENT = "Jane Doe said so"

VALID = {
    "accepted": ACCEPTED,
    "overridden without a reason": OVERRIDDEN,
    "overridden with a coded reason": OVERRIDDEN | {"overrideReason": REASON},
    "overridden with reason and comment": OVERRIDDEN
    | {"overrideReason": REASON | {"userComment": COMMENT}},
    "overridden with a comment only": OVERRIDDEN | {"overrideReason": {"userComment": COMMENT}},
    "with an extension": OVERRIDDEN | {"extension": {"org.example.a": 1}},
    "with the display of the reason": OVERRIDDEN
    | {"overrideReason": {"reason": REASON["reason"] | {"display": "Local protocol"}}},
    "about a card nobody returned": OVERRIDDEN | {"card": "4e0a3a1e-3283-4575-ab82-028d55fe2719"},
    "timestamp without fraction": OVERRIDDEN | {"outcomeTimestamp": "2026-11-24T10:00:00Z"},
    "timestamp with nanoseconds": OVERRIDDEN | {"outcomeTimestamp": "2026-11-24T10:00:00.1234567Z"},
    "timestamp with a zone": OVERRIDDEN | {"outcomeTimestamp": "2026-11-24T11:00:00+01:00"},
}
INVALID = {
    # name: (message, field that is named)
    "no array": ({}, "feedback"),
    "null": ({"feedback": None}, "feedback"),
    "empty": ({"feedback": []}, "feedback"),
    "an object": ({"feedback": ACCEPTED}, "feedback"),
    "no card": ({"feedback": [OVERRIDDEN | {"card": ...}]}, "feedback[0].card"),
    "no outcome": ({"feedback": [OVERRIDDEN | {"outcome": ...}]}, "feedback[0].outcome"),
    "unknown outcome": ({"feedback": [OVERRIDDEN | {"outcome": "ignored"}]}, "feedback[0].outcome"),
    "no time": (
        {"feedback": [OVERRIDDEN | {"outcomeTimestamp": ...}]},
        "feedback[0].outcomeTimestamp",
    ),
    "a day": (
        {"feedback": [OVERRIDDEN | {"outcomeTimestamp": "2026-11-24"}]},
        "feedback[0].outcomeTimestamp",
    ),
    "no zone": (
        {"feedback": [OVERRIDDEN | {"outcomeTimestamp": "2026-11-24T10:00:00"}]},
        "feedback[0].outcomeTimestamp",
    ),
    "no such day": (
        {"feedback": [OVERRIDDEN | {"outcomeTimestamp": "2026-02-30T10:00:00Z"}]},
        "feedback[0].outcomeTimestamp",
    ),
    "accepted, nothing named": (
        {"feedback": [ACCEPTED | {"acceptedSuggestions": ...}]},
        "feedback[0].acceptedSuggestions",
    ),
    "accepted, empty list": (
        {"feedback": [ACCEPTED | {"acceptedSuggestions": []}]},
        "feedback[0].acceptedSuggestions",
    ),
    "accepted suggestion without id": (
        {"feedback": [ACCEPTED | {"acceptedSuggestions": [{}]}]},
        "feedback[0].acceptedSuggestions[0].id",
    ),
    "accepted and a reason against": (
        {"feedback": [ACCEPTED | {"overrideReason": REASON}]},
        "feedback[0].overrideReason",
    ),
    "overridden and accepted suggestions": (
        {"feedback": [OVERRIDDEN | {"acceptedSuggestions": [{"id": "a"}]}]},
        "feedback[0].acceptedSuggestions",
    ),
    "reason without system": (
        {"feedback": [OVERRIDDEN | {"overrideReason": {"reason": {"code": "a"}}}]},
        "feedback[0].overrideReason.reason.system",
    ),
    "reason as a text": (
        {"feedback": [OVERRIDDEN | {"overrideReason": "local protocol"}]},
        "feedback[0].overrideReason",
    ),
    "second one wrong": (
        {"feedback": [OVERRIDDEN, OVERRIDDEN | {"card": 7}]},
        "feedback[1].card",
    ),
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    settings = Settings(auth="off", database_url=f"sqlite:///{tmp_path}/f.sqlite")
    return Store(settings)


def client_for(store, **settings):
    given = Settings(auth="off", **settings)
    return create_app(given, hooktools.one_card, store).test_client()


def rows(store, table=feedback):
    with store.database.transaction() as connection:
        return [row._asdict() for row in connection.execute(select(table))]


def cleaned(value):
    """`...` marks a member to leave out."""
    if isinstance(value, dict):
        return {k: cleaned(v) for k, v in value.items() if v is not ...}
    return [cleaned(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", VALID)
def test_FB_1_every_kind_of_valid_feedback_is_kept(store, name):
    response = client_for(store).post(URL, json={"feedback": [VALID[name]]})
    assert response.status_code == 200
    assert response.get_json() == {"stored": 1}
    (row,) = rows(store)
    assert row["card"] == VALID[name]["card"]
    assert row["outcome_at"].startswith("2026-11-24T10:00:00.")


def test_FB_2_the_same_again_is_kept_once_and_several_at_once(store):
    client = client_for(store)
    several = {"feedback": [ACCEPTED, OVERRIDDEN, VALID["overridden with a coded reason"]]}
    assert client.post(URL, json=several).get_json() == {"stored": 2}
    assert client.post(URL, json=several).get_json() == {"stored": 0}
    assert len(rows(store)) == 2
    assert len(rows(store, accepted_suggestion)) == 2


@pytest.mark.parametrize("name", INVALID)
def test_FB_3_invalid_feedback_is_refused_and_none_of_it_kept(store, name):
    message, field = INVALID[name]
    response = client_for(store).post(URL, json=cleaned(message))
    assert response.status_code == 400
    assert hooktools.expressions(response) == [field]
    assert rows(store) == []


def test_FB_4_feedback_about_an_unknown_card_is_taken(store):
    message = {"feedback": [VALID["about a card nobody returned"]]}
    assert client_for(store).post(URL, json=message).status_code == 200


def test_FB_5_the_endpoint_is_there_for_each_service(store):
    client = client_for(store)
    for path in hooktools.SERVICES.values():
        assert client.post(f"{path}/feedback", json={"feedback": [OVERRIDDEN]}).status_code == 200


def test_free_text_is_kept_only_where_the_site_allows_it(store):
    message = {"feedback": [VALID["overridden with reason and comment"]]}
    client_for(store).post(URL, json=message)
    assert rows(store)[0]["comment"] is None
    allowed = {"feedback": [message["feedback"][0] | {"card": "another"}]}
    client_for(store, feedback_comments=True).post(URL, json=allowed)
    assert rows(store)[1]["comment"] == COMMENT


def test_a_lost_database_is_a_503_for_feedback_and_nothing_for_cards(tmp_path):
    settings = Settings(auth="off", database_url=f"sqlite:///{tmp_path}/missing/f.sqlite")
    client = create_app(settings, hooktools.one_card, Store(settings)).test_client()
    response = client.post(URL, json={"feedback": [OVERRIDDEN]})
    assert response.status_code == 503
    assert response.headers["Retry-After"]
    hooktools.outcome(response)
    answer = client.post(hooktools.SERVICES["order-select"], json=hooktools.request())
    assert answer.status_code == 200
    assert len(answer.get_json()["cards"]) == 1
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
