"""A JSON Schema as plain functions: whether a message fits, thirty times faster than its report.

Nearly every request fits. The few that don't are checked again by `jsonschema`, which says where.
Only the keywords of our own request schemas are known; another one is an error when the functions
are built, and the tests compare both readings on generated messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any], bool]

_ANNOTATIONS = frozenset({"description", "title", "$id", "$schema", "$defs"})


def compiled(schema: Any) -> Check:
    """The check of a schema without references. Raises ValueError for a keyword it can't do."""
    if isinstance(schema, bool):
        return lambda value: schema
    if "if" in schema:
        schema = dict(schema)
        wanted, then, otherwise = (compiled(schema.pop(k, True)) for k in ("if", "then", "else"))
        rest = compiled(schema)
        return lambda v: rest(v) and (then(v) if wanted(v) else otherwise(v))
    checks = [_KEYWORDS[key](wanted) for key, wanted in schema.items() if key not in _ANNOTATIONS]
    return _every(checks)


def _every(checks: list[Check]) -> Check:
    """All of them. A loop, since a generator would cost more than most checks do."""
    if len(checks) == 1:
        return checks[0]

    def every(value: Any) -> bool:
        for check in checks:  # noqa: SIM110
            if not check(value):
                return False
        return True

    return every


@cache
def whole(pattern: str) -> re.Pattern[str]:
    """A pattern whose `$` is the end, as in JSON Schema; Python's also allows a line break."""
    return re.compile(re.sub(r"(?<!\\)\$", r"\\Z", pattern))


def is_integer(value: object) -> bool:
    """`3600.0` is an integer too; an absurd exponent is not, since nobody should expand it."""
    if isinstance(value, bool):
        return False
    if isinstance(value, Decimal):
        return -20 < value.adjusted() < 18 and value == value.to_integral_value()
    return isinstance(value, int)


_TYPES: Mapping[str, Check] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "null": lambda v: v is None,
    "integer": is_integer,
}


def _type(wanted: str | list[str]) -> Check:
    if isinstance(wanted, str):
        return _TYPES[wanted]
    first, second = (_TYPES[kind] for kind in wanted)
    return lambda v: first(v) or second(v)


def _properties(wanted: Mapping[str, Any]) -> Check:
    members = [(name, compiled(schema)) for name, schema in wanted.items()]

    def fits(value: Any) -> bool:
        if isinstance(value, dict):
            for name, check in members:
                if name in value and not check(value[name]):
                    return False
        return True

    return fits


def _required(names: list[str]) -> Check:
    return lambda v: not isinstance(v, dict) or all(name in v for name in names)


def _items(schema: Any) -> Check:
    check = compiled(schema)
    return lambda v: not isinstance(v, list) or all(map(check, v))


def _all_of(schemas: list[Any]) -> Check:
    return _every([compiled(schema) for schema in schemas])


def _not(check: Check) -> Check:
    return lambda v: not check(v)


def _pattern(pattern: str) -> Check:
    search = whole(pattern).search
    return lambda v: not isinstance(v, str) or search(v) is not None


def _size(kind: type[Sized], fits: Callable[[int, int], bool]) -> Callable[[int], Check]:
    return lambda wanted: lambda v: not isinstance(v, kind) or fits(len(v), wanted)


_KEYWORDS: Mapping[str, Callable[[Any], Check]] = {
    "type": _type,
    "properties": _properties,
    "required": _required,
    "items": _items,
    "allOf": _all_of,
    "pattern": _pattern,
    "not": lambda schema: _not(compiled(schema)),
    "const": lambda wanted: lambda v: bool(v == wanted),
    "enum": lambda wanted: lambda v: v in wanted,
    "minLength": _size(str, lambda length, wanted: length >= wanted),
    "maxLength": _size(str, lambda length, wanted: length <= wanted),
    "minItems": _size(list, lambda length, wanted: length >= wanted),
    "maxItems": _size(list, lambda length, wanted: length <= wanted),
    "minProperties": _size(dict, lambda length, wanted: length >= wanted),
}
