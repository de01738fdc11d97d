"""Fields in another shape than FHIR gives them, brought into it: the table is `shapes.yaml`.

A list of one where an object belongs, a string for a concept, a reference or a dosage, "true" in
quotes: what is meant is plain, and every reader would have to know it. What can't be understood
stays as it was sent, for its reader to say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, partial
from operator import is_
from typing import Any

from cds.fhir_json import (
    as_concept,
    as_flag,
    as_objects,
    as_plain_number,
    as_quantity_object,
    as_reference,
    as_single,
    as_text_object,
)
from cds.reviewed import read_reviewed
from cds.wire import Json

Shape = Callable[[object], object]
"""Returns the same object where nothing is to be done."""
Fields = Mapping[str, tuple[Shape, tuple[type, ...]]]
"""name of a field → its shape, and the types of values that are in shape as they are"""


def in_shape(resource: Json) -> Json:
    """The resource as FHIR R4 would have it; the same object when it is so."""
    fields = _resources().get(str(resource.get("resourceType")))
    return _object(fields, resource) if fields is not None else resource


def _object(fields: Fields, node: Json) -> Json:
    changes = {}
    for name, value in node.items():
        known = fields.get(name)
        if known is None or type(value) in known[1]:  # nearly all are
            continue
        made = known[0](value)
        if made is not value:
            changes[name] = made
    return {**node, **changes} if changes else node


# ---- the kinds -----------------------------------------------------------------------------------


def _one(fields: Fields, of: Shape, value: object) -> object:
    made = of(value)
    return _object(fields, made) if isinstance(made, dict) else made


def _many(one: Shape, value: object) -> object:
    """A list of what may have been sent alone; the same list where each is in shape."""
    if value is None:
        return None
    if not isinstance(value, list):
        made = one(value)
        return [made] if isinstance(made, dict) else value
    shaped = [one(item) for item in value]
    return value if all(map(is_, shaped, value)) else shaped


def _status(value: object) -> object:
    """A plain code is what older versions had, and is read there."""
    return as_single(value) if isinstance(as_single(value), str) else as_concept(value)


def _resource(value: object) -> object:
    return in_shape(value) if isinstance(value, dict) else value


def _resources_in(value: object) -> object:
    return _many(_resource, as_objects(value) if isinstance(value, dict) else value)


_KINDS: dict[str, Shape] = {
    "concept": as_concept,
    "concepts": partial(_many, as_concept),
    "quantity": as_quantity_object,
    "reference": as_reference,
    "references": partial(_many, as_reference),
    "flag": as_flag,
    "number": as_plain_number,
    "plain": as_single,
    "plain list": lambda value: [value] if isinstance(value, str) else value,
    "status": _status,
    "text": partial(_many, as_text_object),
    "resources": _resources_in,
}

_SOUND: dict[Shape, tuple[type, ...]] = {
    as_concept: (dict,),
    as_quantity_object: (dict,),
    as_flag: (bool,),
    as_plain_number: (int, Decimal),
    as_single: (str, int, Decimal),
}
"""types of values that a shape leaves as they are"""


# ---- the table -----------------------------------------------------------------------------------


@cache
def _resources() -> dict[str, Fields]:
    table = read_reviewed("cds.fhir.record", "shapes.yaml")
    kinds = dict(_KINDS)
    kinds["timing"] = partial(_one, _fields(table.pop("Timing"), kinds), _timing)
    kinds["dosage"] = partial(_one, _fields(table.pop("Dosage"), kinds), _dosage)
    kinds["dosages"] = partial(_many, kinds["dosage"])
    return {name: _fields(fields, kinds) for name, fields in table.items()}


def _fields(table: Mapping[str, Any], kinds: Mapping[str, Shape]) -> Fields:
    shapes = {name: _shape(kind, kinds) for name, kind in table.items()}
    return {name: (shape, _SOUND.get(shape, ())) for name, shape in shapes.items()}


def _shape(kind: str | Mapping[str, Any], kinds: Mapping[str, Shape]) -> Shape:
    if isinstance(kind, str):
        return kinds[kind]
    [(form, fields)] = kind.items()
    one = partial(_one, _fields(fields, kinds), as_single)
    return one if form == "object" else partial(_many, one)


def _dosage(value: object) -> object:
    made = as_text_object(value)
    return {"text": str(made)} if isinstance(made, int | Decimal) else made


def _timing(value: object) -> object:
    single = as_single(value)
    return {"code": {"text": single}} if isinstance(single, str) and single.strip() else single
