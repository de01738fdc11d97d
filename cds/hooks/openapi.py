"""The OpenAPI document: written by hand, with the services and the schemas of messages put in."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cds import __version__
from cds.hooks.schema import NAMES, load
from cds.hooks.services import SERVICES
from cds.hooks.services.service_info import ServiceInfo
from cds.wire import Json


@cache
def document(base_url: str) -> Json:
    """The document that `/openapi.json` serves; it refers to nothing outside itself."""
    text = (files("cds.hooks") / "openapi.yaml").read_bytes()
    written: Json = yaml.load(text, Loader=yaml.CSafeLoader)
    _offer(written)
    described: Json = _inside(written, "")
    described["info"]["version"] = __version__
    described["servers"] = [{"url": base_url}]
    described["components"]["schemas"] = {
        name: _inside(_without_id(load(name)), name) for name in NAMES
    }
    return described


def _offer(written: Json) -> None:
    """Put in each service: where it is called, with what, and that feedback is taken for it."""
    paths, bodies = written["paths"], written["components"]["requestBodies"]
    feedback = paths["/cds-services/{service}/feedback"]["post"]
    feedback["parameters"][0]["schema"]["enum"] = list(SERVICES)
    template, calls, sent = "/cds-services/{service}", {}, {}
    for service in SERVICES.values():
        name = "".join(word.capitalize() for word in service.hook.split("-"))
        calls[f"/cds-services/{service.id}"] = _call(paths[template], service, name)
        schema = {"$ref": f"schemas/{service.request_schema}.json"}
        sent[name] = {"required": True, "content": {"application/json": {"schema": schema}}}
    written["paths"] = _replaced(paths, template, calls)
    written["components"]["requestBodies"] = sent | bodies


def _call(path: Json, service: ServiceInfo, name: str) -> Json:
    told = {
        "operationId": name[0].lower() + name[1:],
        "summary": service.answers,
        "requestBody": {"$ref": f"#/components/requestBodies/{name}"},
    }
    return {"post": path["post"] | told}


def _replaced(paths: Json, template: str, calls: Json) -> Json:
    """The paths in their order, with those of the services in the place of their template."""
    replaced: Json = {}
    for path, methods in paths.items():
        replaced |= calls if path == template else {path: methods}
    return replaced


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
