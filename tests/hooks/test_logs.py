"""Logs: lean, structured, and without anything of a patient or a token."""

from __future__ import annotations

import io
import json

import hooktools
import pytest
import structlog

from cds import logs
from cds.faults import where

SECRETS = ["Jane", "Doe", "pat-1234", "s3cret-token", "1980-01-01", "enc-99", "user-7", "a remark"]


@pytest.fixture
def written():
    stream = io.StringIO()
    logs.configure("debug", stream)
    yield stream.getvalue
    structlog.reset_defaults()


def a_request_full_of_secrets(**changes):
    body = hooktools.request(
        patientId="pat-1234",
        userId="Practitioner/user-7",
        encounterId="enc-99",
        draftOrders={
            "resourceType": "Bundle",
            "entry": [{"resource": hooktools.draft(patient="pat-1234")}],
        },
    )
    body["prefetch"]["patient"] = hooktools.PATIENT | {
        "id": "pat-1234",
        "name": [{"given": ["Jane"], "family": "Doe"}],
    }
    body["fhirServer"] = "https://ehr.example.org/pat-1234"
    body["fhirAuthorization"] = {
        "access_token": "s3cret-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "cds",
    }
    return body | changes


def quoting_fault(request):
    raise ValueError(f"{request.patient_id} Jane Doe 1980-01-01")


def test_no_call_leaves_patient_data_or_tokens_in_the_log(written):
    trusted = {"auth": "required", "clients": [hooktools.client()]}
    path = hooktools.SERVICES["order-select"]
    for respond in (hooktools.one_card, quoting_fault):
        client = hooktools.app(respond, **trusted).test_client()
        for body in (
            a_request_full_of_secrets(),
            a_request_full_of_secrets(hook="Jane"),
            a_request_full_of_secrets(prefetch={"patient": "Jane Doe"}),
            a_request_full_of_secrets(context={"patientId": "Jane Doe", "userId": "user-7"}),
        ):
            text = (
                hooktools.token(path, jti=None) if body["hook"] == "Jane" else hooktools.token(path)
            )
            client.post(path, json=body, headers=hooktools.bearer(text))
        override = {
            "card": "c",
            "outcome": "overridden",
            "outcomeTimestamp": "2026-11-24T10:00:00Z",
            "overrideReason": {"userComment": "a remark on Jane Doe"},
        }
        given = {"feedback": [override]}
        feedback = f"{path}/feedback"
        client.post(feedback, json=given, headers=hooktools.bearer(hooktools.token(feedback)))
        client.get("/Patient/pat-1234?name=Jane")
    log = written()
    assert log.count("\n") >= 8
    assert '"event":"failed"' in log
    for secret in SECRETS:
        assert secret not in log
    for line in log.splitlines():
        assert set(json.loads(line)) <= logs.ALLOWED | {"dropped"}
    assert "eyJ" not in log  # the start of any token


def test_a_key_that_is_not_listed_is_dropped_and_counted(written):
    structlog.get_logger().info("seen", patient="Jane", name="Doe", ms=3)
    line = json.loads(written())
    assert line["dropped"] == 2
    assert line["ms"] == 3
    assert "Jane" not in written()


def test_a_line_is_one_write():
    """Workers share one output: what is written in two pieces is torn by another's line."""
    pieces = []
    stream = io.StringIO()
    stream.write = pieces.append
    logs.configure("info", stream)
    structlog.get_logger().info("seen")
    structlog.reset_defaults()
    (line,) = pieces
    assert line.endswith("\n")


def test_lines_below_the_level_are_not_written():
    stream = io.StringIO()
    logs.configure("warning", stream)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("heard")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["heard"]
    structlog.reset_defaults()


def test_the_place_of_a_fault_is_told_and_its_words_are_not():
    try:
        quoting_fault(type("R", (), {"patient_id": "pat-1234"}))
    except ValueError as error:
        frames = where(error)
    assert frames[-1].startswith("test_logs:")
    assert "pat-1234" not in " ".join(frames)
