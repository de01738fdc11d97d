"""Bodies: declared as JSON, of bounded length, even when compressed or chunked."""

from __future__ import annotations

import gzip
import io
import json

import hooktools
import pytest

from cds.hooks.body import read_json
from cds.hooks.errors import BodyTooLarge, InvalidRequest

URL = hooktools.SERVICES["order-select"]
JSON = "application/json"


@pytest.fixture(scope="module")
def client():
    return hooktools.app(request_bytes=20_000).test_client()


@pytest.fixture
def raw():
    return json.dumps(hooktools.request()).encode()


@pytest.mark.parametrize(
    ("name", "body"),
    {
        "empty": b"",
        "only spaces": b"  \n ",
        "not JSON": b"hook=order-select",
        "cut short": b'{"hook": "order-',
        "an array": b"[]",
        "a string": b'"order-select"',
        "null": b"null",
        "NaN": b'{"hook": NaN}',
        "Infinity": b'{"hook": -Infinity}',
        "invalid UTF-8": b'{"hook": "\xff\xfe"}',
        "UTF-16": '{"hook": "order-select"}'.encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf{}",
        "a lone surrogate": b'{"hook": "\\ud800"}',
        "two documents": b"{} {}",
        "nested 5000 deep": b'{"hook":' + b"[" * 5000 + b"]" * 5000 + b"}",
        "a trailing comma": b'{"hook": "order-select",}',
        "a comment": b'{"hook": "order-select"} // first',
    }.items(),
)
def test_ERR_1_body_that_is_no_json_object(client, name, body):
    response = client.post(URL, data=body, content_type=JSON)
    assert response.status_code == 400, name
    hooktools.outcome(response)


@pytest.mark.parametrize("depth", [200, 400, 600, 800, 950])
def test_ERR_1_deep_nesting_inside_a_valid_request_is_no_failure(client, depth):
    body = hooktools.request()
    raw = json.dumps(body)[:-1].encode()
    raw += b', "extension": {"org.example": ' + b"[" * depth + b"]" * depth + b"}}"
    assert client.post(URL, data=raw, content_type=JSON).status_code in (200, 400)


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/xml", "application/x-www-form-urlencoded",
     "multipart/form-data", "application/json; charset=utf-16", "json", "text/json"],
)  # fmt: skip
def test_ERR_8_body_not_declared_as_json(client, raw, content_type):
    response = client.post(URL, data=raw, content_type=content_type)
    assert response.status_code == 415
    hooktools.outcome(response)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", 'Application/JSON;Charset="UTF-8"',
     "application/fhir+json", "application/json;fhirVersion=4.0"],
)  # fmt: skip
def test_json_media_types_are_read(client, raw, content_type):
    assert client.post(URL, data=raw, content_type=content_type).status_code == 200


def test_a_member_named_twice_has_its_last_value(client, raw):
    doubled = b'{"hook": "patient-view", ' + raw[1:]
    assert client.post(URL, data=doubled, content_type=JSON).status_code == 200


def test_too_long_a_body_is_refused(client, raw):
    body = raw + b" " * 20_000
    response = client.post(URL, data=body, content_type=JSON)
    assert response.status_code == 413
    assert hooktools.outcome(response)["issue"][0]["code"] == "too-long"


def test_too_long_a_chunked_body_is_refused_without_reading_it_all():
    class Endless:
        given = 0

        def read(self, size=-1):
            self.given += size
            return b" " * size

    stream = Endless()
    environ = {"CONTENT_TYPE": JSON, "wsgi.input": stream, "wsgi.input_terminated": True}
    with pytest.raises(BodyTooLarge):
        read_json(environ, 100_000)
    assert stream.given < 300_000


def test_a_body_without_length_and_without_end_is_not_waited_for():
    environ = {"CONTENT_TYPE": JSON, "wsgi.input": None}
    with pytest.raises(InvalidRequest):
        read_json(environ, 100_000)


def test_a_chunked_body_is_read(client, raw):
    response = client.post(
        URL, content_type=JSON, input_stream=io.BytesIO(raw),
        environ_overrides={"CONTENT_LENGTH": ""}, environ_base={"wsgi.input_terminated": True},
    )  # fmt: skip
    assert response.status_code == 200


def gzipped(client, packed, coding="gzip"):
    return client.post(URL, data=packed, content_type=JSON, headers={"Content-Encoding": coding})


def test_a_gzipped_body_is_read(client, raw):
    assert gzipped(client, gzip.compress(raw)).status_code == 200
    half = len(raw) // 2
    two_members = gzip.compress(raw[:half]) + gzip.compress(raw[half:])
    assert gzipped(client, two_members).status_code == 200


def test_the_limit_is_on_the_inflated_body(client):
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) > 20_000
    assert gzipped(client, gzip.compress(b" " * 1_000_000)).status_code == 413
    assert gzipped(client, bomb).status_code == 413


PACKED = gzip.compress(b"{}", mtime=0)


@pytest.mark.parametrize("packed", [b"", b"plain", PACKED[:-9], PACKED + b"x"])
def test_broken_gzip_is_refused(client, packed):
    assert gzipped(client, packed).status_code == 400


@pytest.mark.parametrize("coding", ["deflate", "br", "zstd", "gzip, gzip"])
def test_other_codings_are_refused(client, raw, coding):
    response = gzipped(client, raw, coding)
    assert response.status_code == 415
    hooktools.outcome(response)
