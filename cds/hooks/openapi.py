"""The OpenAPI document: written by hand, with the schemas of the messages put in."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cds import __version__
from cds.hooks.schema import NAMES, load
from cds.wire import Json


@cache
def document(base_url: str) -> Json:
    """The document that `/openapi.json` serves; it refers to nothing outside itself."""
    text = (files("cds.hooks") / "openapi.yaml").read_bytes()
    described: Json = _inside(yaml.load(text, Loader=yaml.CSafeLoader), "")
    described["info"]["version"] = __version__
    described["servers"] = [{"url": base_url}]
    described["components"]["schemas"] = {
        name: _inside(_without_id(load(name)), name) for name in NAMES
    }
    return described


def _without_id(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key not in ("$id", "$schema")}


def _inside(node: Any, owner: str) -> Any:
    """A copy whose references to schema files, or within one, point into `components`."""
    if isinstance(node, list):
        return [_inside(item, owner) for item in node]
    if not isinstance(node, dict):
        return node
    copied = {key: _inside(value, owner) for key, value in node.items()}
    reference = copied.get("$ref")
    if isinstance(reference, str):
        file, _, pointer = reference.partition("#")
        name = file.removeprefix("schemas/").removesuffix(".json") or owner
        if name:
            copied["$ref"] = f"#/components/schemas/{name}{pointer}"
    return copied
