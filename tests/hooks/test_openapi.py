"""The API description: valid, complete, and true when Schemathesis drives the app by it."""

from __future__ import annotations

import re

import hooktools
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from cds.hooks import schema
from cds.hooks.openapi import document

STANDARD = {"GET", "POST"}
app = hooktools.app()
described = schemathesis.openapi.from_wsgi("/openapi.json", app)
described.config.generation.update(max_examples=8, deterministic=True)


@pytest.fixture(scope="module")
def api():
    return document(hooktools.BASE)


def test_every_route_appears_and_nothing_else(api):
    routes = {
        (re.sub(r"<.*?>", "{}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods & STANDARD
    }
    paths = {
        (re.sub(r"{.*?}|ketamine-[a-z-]+", "{}", path), method.upper())
        for path, methods in api["paths"].items()
        for method in methods
    }
    assert paths == routes


def test_every_reference_is_inside_the_document(api):
    def references(node):
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    found = set(references(api))
    assert len(found) > 20
    for reference in found:
        assert reference.startswith("#/"), reference
        target = api
        for step in reference.split("/")[1:]:
            target = target[step]


def test_each_status_that_the_errors_define_is_described(api):
    statuses = set(api["paths"]["/cds-services/ketamine-order-select"]["post"]["responses"])
    assert {"200", "400", "401", "412", "413", "415"} <= statuses


@pytest.mark.parametrize("name", schema.NAMES)
def test_each_message_schema_is_a_valid_schema(name):
    jsonschema.Draft202012Validator.check_schema(schema.load(name))


@described.parametrize()
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_schemathesis_finds_the_app_as_described(case):
    case.validate_response(
        case.call(),
        checks=(
            not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
            checks.unsupported_method,
        ),
    )
