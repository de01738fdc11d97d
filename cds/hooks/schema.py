"""The JSON Schemas of the messages: built once, and their faults told without quoting a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from cds.hooks.accept import Check, compiled, is_integer, whole
from cds.hooks.errors import Issue
from cds.hooks.services import SERVICES
from cds.wire import Json

REQUESTS = {service.request_schema: service.schema() for service in SERVICES.values()}
NAMES = (
    "common", "envelope", *REQUESTS, "feedback", "discovery", "response", "operation-outcome",
)  # fmt: skip

MOST_ISSUES = 20


@cache
def load(name: str) -> Json:
    """The schema document `schemas/<name>.json`, or that of a service's requests."""
    if name in REQUESTS:
        return REQUESTS[name]
    document: Json = json.loads((files("cds.hooks") / "schemas" / f"{name}.json").read_bytes())
    return document


@cache
def validator(name: str) -> Validator:
    """The validator of one message, built on first use and kept."""
    built: Validator = _Validator(inlined(name))
    return built


@cache
def inlined(name: str) -> Json:
    """A schema with every `$ref` replaced by what it names.

    Resolving references costs more than all the rest of checking a request.
    """
    return expanded(load(name))


def expanded(document: Json) -> Json:
    """A schema document with its references replaced."""
    whole: Json = _expand(document, document["$id"].removesuffix(".json"))
    return whole


def _expand(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_expand(item, name) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {
        key: _expand(value, name)
        for key, value in node.items()
        if key not in ("$ref", "$defs", "$id", "$schema")
    }
    if "$ref" not in node:
        return rest
    file, _, pointer = node["$ref"].partition("#")
    target_name: Any = file.removesuffix(".json") or name
    target: Any = load(target_name)
    for step in pointer.split("/")[1:]:
        target = target[step]
    named = _expand(target, target_name)
    return {"allOf": [named], **rest} if rest else named


@cache
def _accepts(name: str) -> Check:
    return compiled(inlined(name))


def issues(name: str, message: Json) -> list[Issue]:
    """What is wrong with a request: where, and what would be right. Empty when nothing is."""
    return [] if _accepts(name)(message) else faults(name, message)


def faults(name: str, message: Json) -> list[Issue]:
    """The same, by `jsonschema` alone; for any message."""
    found: dict[str, Issue] = {}
    for error in validator(name).iter_errors(message):
        for issue in _issues(error):
            found.setdefault(issue.text, issue)
        if len(found) >= MOST_ISSUES or error.validator == "maxItems":
            break  # of a list that is too long nothing more is said
    return list(found.values())[:MOST_ISSUES]


def _issues(error: ValidationError) -> list[Issue]:
    path = _expression(error)
    if error.validator == "required":
        wanted, present = _names(error.validator_value), _names(error.instance)
        prefix = f"{path}." if path else ""
        missing = [prefix + name for name in wanted if name not in present]
        return [Issue(f"{name} is required.", name, code="required") for name in missing]
    remedy = _remedy(error.validator, error.validator_value)
    return [Issue(f"{path or 'The body'} {remedy}.", expression=path or None)]


def _names(members: Any) -> list[str]:
    return list(members)


def _remedy(keyword: object, wanted: Any) -> str:
    match keyword:
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"must be {' or '.join(kinds)}"
        case "const":
            return f"must be {wanted!r}"
        case "enum":
            return f"must be one of {', '.join(map(repr, wanted))}"
        case "minLength" | "minItems" | "minProperties":
            return "must not be empty"
        case "maxLength" | "maxItems":
            return f"is longer than {wanted}"
        case "pattern":
            return f"does not have the form {wanted}"
        case "not":
            return "is not allowed here"
        case _:
            return "is not valid here"


def _expression(error: ValidationError) -> str:
    path = ""
    for step in error.absolute_path:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path


def _pattern(
    _validator: Validator, pattern: str, value: object, _schema: object
) -> Iterator[ValidationError]:
    if isinstance(value, str) and not whole(pattern).search(value):
        yield ValidationError("does not match")


_Validator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    validators={"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _checker, value: is_integer(value)
    ),
)
