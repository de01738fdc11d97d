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

CALL = hooktools.SERVICES["order-select"]
URL = f"{CALL}/feedback"
WHEN = "2026-11-24T10:00:00.123Z"
CARD, FIRST, SECOND = "a shown card", "its first suggestion", "its second suggestion"
"""stand for uuids of a card that was just shown"""
ACCEPTED = {
    "card": CARD,
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": FIRST}, {"id": SECOND}],
    "outcomeTimestamp": WHEN,
}
OVERRIDDEN = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": WHEN}
REASON = {"reason": {"code": "local-protocol", "system": "urn:ketamine-cds:override-reason"}}
COMMENT = "Jane Doe said so"
NAMED = {"feedback[0].outcomeTimestamp"}


def _because(code, system):
    return OVERRIDDEN | {"overrideReason": {"reason": {"code": code, "system": system}}}


VALID = {
    "accepted": ACCEPTED,
    "accepted in part": ACCEPTED | {"acceptedSuggestions": [{"id": SECOND}]},
    "overridden without a reason": OVERRIDDEN,
    "overridden with a coded reason": OVERRIDDEN | {"overrideReason": REASON},
    "overridden with reason and comment": OVERRIDDEN
    | {"overrideReason": REASON | {"userComment": COMMENT}},
    "overridden with a comment only": OVERRIDDEN | {"overrideReason": {"userComment": COMMENT}},
    "with an extension": OVERRIDDEN | {"extension": {"org.example.a": 1}},
    "with the display of the reason": OVERRIDDEN
    | {"overrideReason": {"reason": REASON["reason"] | {"display": "Local protocol"}}},
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
    "more than a message holds": ({"feedback": [OVERRIDDEN] * 1001}, "feedback"),
    "no card": ({"feedback": [OVERRIDDEN | {"card": ...}]}, "feedback[0].card"),
    "no outcome": ({"feedback": [OVERRIDDEN | {"outcome": ...}]}, "feedback[0].outcome"),
    "unknown outcome": ({"feedback": [OVERRIDDEN | {"outcome": "ignored"}]}, "feedback[0].outcome"),
    "no time": (
        {"feedback": [OVERRIDDEN | {"outcomeTimestamp": ...}]},
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
    "a code that nobody can see": (
        {"feedback": [_because(" \u3164", "u")]},
        "feedback[0].overrideReason.reason.code",
    ),
    "a system that nobody can see": (
        {"feedback": [_because("a", "\xa0")]},
        "feedback[0].overrideReason.reason.system",
    ),
    "second one wrong": (
        {"feedback": [OVERRIDDEN, OVERRIDDEN | {"card": 7}]},
        "feedback[1].card",
    ),
    "a suggestion of another card": (
        {"feedback": [OVERRIDDEN, ACCEPTED | {"acceptedSuggestions": [{"id": str(uuid4())}]}]},
        "feedback[1].acceptedSuggestions[0].id",
    ),
    "a suggestion that is no uuid": (
        {"feedback": [ACCEPTED | {"acceptedSuggestions": [{"id": FIRST}, {"id": "x"}]}]},
        "feedback[0].acceptedSuggestions[1].id",
    ),
    "a NUL in the reason": (
        {"feedback": [OVERRIDDEN | {"overrideReason": {"reason": {"code": "a\0", "system": "s"}}}]},
        "feedback[0].overrideReason.reason.code",
    ),
    "an escape sequence in the system": (
        {"feedback": [OVERRIDDEN | {"overrideReason": {"reason": {"code": "a", "system": "\x9b"}}}
        ]},
        "feedback[0].overrideReason.reason.system",
    ),
}  # fmt: skip

TIMES = {
    # as sent: as kept in UTC, or None where it is refused
    "2026-11-24": None,
    "2026-11-24T10:00:00": None,
    "2026-02-30T10:00:00Z": None,
    "2024-02-29T10:00:00Z": "2024-02-29T10:00:00.000000Z",
    "2023-02-29T10:00:00Z": None,
    "0000-01-01T00:00:00Z": None,
    "0001-01-01T00:00:00Z": "0001-01-01T00:00:00.000000Z",
    "0001-01-01T00:00:00-23:59": "0001-01-01T23:59:00.000000Z",
    "0001-01-01T00:00:00+00:01": None,
    "0001-01-01T00:00:00+23:59": None,
    "9999-12-31T23:59:59.999999999Z": "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59+23:59": "9999-12-31T00:00:59.000000Z",
    "9999-12-31T23:59:59-00:01": None,
    "9999-12-31T23:59:59-23:59": None,
    "9999-12-31T23:59:60Z": None,
    "10000-01-01T00:00:00Z": None,
    "2016-12-31T23:59:60Z": "2017-01-01T00:00:00.000000Z",
    "2017-01-01T00:59:60.5+01:00": "2017-01-01T00:00:00.500000Z",
    "2016-12-31T22:59:60Z": None,
    "2016-12-31T23:59:61Z": None,
    "2026-11-24T24:00:00Z": None,
    "2026-11-24T23:60:00Z": None,
    "2026-11-24T10:00:00+24:00": None,
    "2026-11-24T10:00:00+23:60": None,
    "2026-11-24T10:00:00-23:59": "2026-11-25T09:59:00.000000Z",
    "2026-11-24t10:00:00z": "2026-11-24T10:00:00.000000Z",
    "2026-11-24 10:00:00-00:00": "2026-11-24T10:00:00.000000Z",
    "\u0662\u0660\u0662\u0666-11-24T10:00:00Z": None,
}


@pytest.fixture
def store(tmp_path):
    return Store(Settings(auth="off", database_url=f"sqlite:///{tmp_path}/f.sqlite"))


def client_for(store, **settings):
    given = Settings(auth="off", **settings)
    return create_app(given, hooktools.one_card, store).test_client()


@pytest.fixture
def client(store):
    return client_for(store)


def rows(store, table=feedback):
    with store.database.transaction() as connection:
        return [row._asdict() for row in connection.execute(select(table))]


def about(card, message):
    """The message with the uuids of a card that was shown; `...` marks a member to leave out."""
    if isinstance(message, dict):
        return {k: about(card, v) for k, v in message.items() if v is not ...}
    if isinstance(message, list):
        return [about(card, item) for item in message]
    first, second = (each["uuid"] for each in card["suggestions"])
    names = {CARD: card["uuid"], FIRST: first, SECOND: second}
    return names.get(message, message) if isinstance(message, str) else message


def send(client, *given, card=None, url=URL):
    card = card or hooktools.shown(client)
    return client.post(url, json=about(card, {"feedback": list(given)}))


@pytest.mark.parametrize("name", VALID)
def test_FB_1_every_kind_of_valid_feedback_is_kept(store, client, name):
    card = hooktools.shown(client)
    response = send(client, VALID[name], card=card)
    assert response.status_code == 200
    assert response.get_json() == {"stored": 1}
    (row,) = rows(store)
    assert row["card"] == card["uuid"]
    assert row["outcome_at"].startswith("2026-11-24T10:00:00.")


def test_FB_2_the_same_again_is_kept_once_and_what_differs_is_kept_too(store, client):
    card = hooktools.shown(client)
    several = [
        ACCEPTED,
        OVERRIDDEN,
        OVERRIDDEN,
        VALID["overridden with a coded reason"],
        VALID["accepted in part"],
        OVERRIDDEN | {"outcomeTimestamp": "2026-11-24T10:00:01Z"},
    ]
    assert send(client, *several, card=card).get_json() == {"stored": 5}
    assert send(client, *several, card=card).get_json() == {"stored": 0}
    assert len(rows(store)) == 5
    assert len(rows(store, accepted_suggestion)) == 3


@pytest.mark.parametrize("name", INVALID)
def test_FB_3_invalid_feedback_is_refused_and_none_of_it_kept(store, client, name):
    message, field = INVALID[name]
    response = client.post(URL, json=about(hooktools.shown(client), message))
    assert response.status_code == 400
    assert hooktools.expressions(response) == [field]
    assert rows(store) == []


@pytest.mark.parametrize("time", TIMES, ids=ascii)
def test_a_time_is_kept_or_refused_and_never_a_fault(store, client, time):
    response = send(client, OVERRIDDEN | {"outcomeTimestamp": time})
    if TIMES[time] is None:
        assert response.status_code == 400
        assert hooktools.expressions(response) == ["feedback[0].outcomeTimestamp"]
        assert rows(store) == []
    else:
        assert response.status_code == 200
        assert [row["outcome_at"] for row in rows(store)] == [TIMES[time]]


def test_FB_5_the_endpoint_is_there_for_each_service(client):
    for path in hooktools.SERVICES.values():
        card = hooktools.shown(client, path)
        assert send(client, OVERRIDDEN, card=card, url=f"{path}/feedback").status_code == 200


def test_free_text_is_kept_only_where_the_site_allows_it(store, client):
    message = VALID["overridden with reason and comment"]
    send(client, message)
    assert rows(store)[0]["comment"] is None
    send(client_for(store, feedback_comments=True), message)
    assert rows(store)[1]["comment"] == COMMENT


def test_free_text_keeps_its_words_and_loses_what_a_store_or_terminal_would_choke_on(store):
    client = client_for(store, feedback_comments=True)
    text = "a\0b\x1b[31m\r\n\tc\u202e\u0645\u200c\u0646 \U0001f600 <b>&amp;"
    send(client, OVERRIDDEN | {"overrideReason": {"userComment": text}})
    kept = "a\ufffdb\ufffd[31m\n\tc\u202e\u0645\u200c\u0646 \U0001f600 <b>&amp;"
    assert rows(store)[0]["comment"] == kept


def test_a_lone_surrogate_is_no_json(store, client):
    card = hooktools.shown(client)
    body = b'{"feedback": [{"card": "%s", "outcome": "overridden", "outcomeTimestamp": "%s", ' % (
        card["uuid"].encode(), WHEN.encode()
    ) + b'"overrideReason": {"userComment": "\\ud800"}}]}'  # fmt: skip
    response = client.post(URL, data=body, content_type="application/json")
    assert response.status_code == 400
    assert rows(store) == []


class TestLimits:
    """At, below and above each."""

    def test_a_message_has_a_thousand_entries_at_most(self, client):
        card = hooktools.shown(client)
        assert send(client, *[OVERRIDDEN] * 1000, card=card).get_json() == {"stored": 1}

    def test_a_card_has_twenty_entries_at_most(self, store, client):
        card = hooktools.shown(client)
        entries = [
            OVERRIDDEN | {"outcomeTimestamp": f"2026-11-24T10:00:{n:02}Z"} for n in range(21)
        ]
        assert send(client, *entries[:19], card=card).status_code == 200
        assert send(client, entries[19], card=card).status_code == 200
        refused = send(client, entries[0], entries[20], card=card)
        assert refused.status_code == 400
        assert hooktools.expressions(refused) == ["feedback[0].card", "feedback[1].card"]
        assert send(client, *entries[:20], card=card).get_json() == {"stored": 0}
        assert send(client, OVERRIDDEN).status_code == 200, "another card has its own"
        assert len(rows(store)) == 21

    @pytest.mark.parametrize(
        ("setting", "after"), [("feedback_per_minute", 60), ("feedback_per_day", 3600)]
    )
    def test_a_client_has_so_many_in_a_time(self, tmp_path, setting, after):
        settings = Settings(
            auth="off", database_url=f"sqlite:///{tmp_path}/l.sqlite", **{setting: 3}
        )
        store = Store(settings)
        client = client_for(store)
        card = hooktools.shown(client)
        assert send(client, OVERRIDDEN, ACCEPTED, card=card).status_code == 200
        too_many = send(client, OVERRIDDEN, VALID["accepted in part"])
        assert too_many.status_code == 429
        assert too_many.headers["Retry-After"] == str(after)
        assert hooktools.outcome(too_many)["issue"][0]["code"] == "throttled"
        assert len(rows(store)) == 2, "all of a message or none"
        assert send(client, VALID["accepted in part"]).status_code == 200
        assert send(client, OVERRIDDEN).status_code == 429
        assert send(client, OVERRIDDEN, card=card).status_code == 200, "a repeat stores nothing"
