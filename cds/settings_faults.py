"""What is wrong with the settings, in words, and where the operator wrote it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from cds.knowledge.site import SiteProtocol

PREFIX = "KETAMINE_CDS_"
CONFIG_VARIABLE = f"{PREFIX}CONFIG"
OTHER_VARIABLES = frozenset({"config", "call_token"})
"""with our prefix, and no settings: the file's name, and what commands take"""

Place = tuple[str | int, ...]
"""a setting: the keys and positions that lead to it"""


def unknown_variables(settings: Iterable[str]) -> Iterator[str]:
    """Variables with our prefix that are no setting."""
    known = [*settings, *OTHER_VARIABLES]
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX):
            setting = name[len(PREFIX) :].lower().split("__", 1)[0]
            if setting not in known:
                close = get_close_matches(setting, known, n=1)
                guess = f"did you mean {PREFIX}{close[0].upper()}?" if close else ""
                yield f"{name} is not a setting; {guess or 'see docs/settings.md'}"


def repeated_keys() -> Iterator[str]:
    """Variables whose JSON has a key twice: the first one would be dropped, and nobody told."""
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX):
            twice: list[str] = []
            try:
                json.loads(os.environ[name], object_pairs_hook=partial(_pairs, twice))
            except ValueError:
                continue
            for key in dict.fromkeys(twice):
                yield f"{name}: the key `{key}` stands twice"


def _pairs(twice: list[str], pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object as a dict; keys that it has twice go to `twice`."""
    keys = [key for key, _ in pairs]
    twice += [key for key in keys if keys.count(key) > 1]
    return dict(pairs)


def checked_site(
    given: object, read: ValidatorFunctionWrapHandler, knowledge: Path | None
) -> SiteProtocol:
    """The site protocol, once nothing in it is wrong by itself or against the knowledge.

    What is wrong by itself is left out, and the rest looked at against the knowledge all the same:
    an operator should not learn of one mistake after the other.
    """
    faults: list[InitErrorDetails] = []
    rest, places = given, dict[int, int]()
    try:
        site = read(given)
    except ValidationError as error:
        found = error.errors(include_url=False)
        faults = [_again(fault) for fault in found]
        rest, places = _without(given, [fault["loc"] for fault in found])
        try:
            site = read(rest)
        except ValidationError:
            raise error from None
    if site.model_fields_set:
        faults += [
            _custom(_placed(path, places), text)
            for path, text in _against_the_knowledge(cast(SiteProtocol, site), knowledge)
        ]
    if faults:
        raise ValidationError.from_exception_data("site", faults)
    return cast(SiteProtocol, site)


def _against_the_knowledge(site: SiteProtocol, place: Path | None) -> list[tuple[Place, str]]:
    from cds.knowledge.load import KnowledgeError, load_knowledge
    from cds.knowledge.site_check import site_faults

    try:
        known = load_knowledge(place)
    except KnowledgeError:
        if place is None:
            raise
        return []  # of a site's own folder, who reads it next tells every mistake
    return [(fault.path, fault.text) for fault in site_faults(site, known)]


def _again(fault: ErrorDetails) -> InitErrorDetails:
    """A fault as it was found, to be raised beside others."""
    kind: Any = PydanticCustomError(cast(Any, fault["type"]), cast(Any, "{told}"), {
        "told": fault["msg"], **{k: v for k, v in fault.get("ctx", {}).items() if k in ("ge", "le")}
    })  # fmt: skip
    return {"type": kind, "loc": fault["loc"], "input": None}


def _custom(path: Place, text: str) -> InitErrorDetails:
    kind = PydanticCustomError("site_protocol", cast(Any, "{told}"), {"told": text})
    return {"type": kind, "loc": path, "input": None}


def _without(given: object, faulty: Sequence[Place]) -> tuple[object, dict[int, int]]:
    """The settings that are readable, and where each local limit that is left stood."""
    if not isinstance(given, Mapping):
        return given, {}
    bad_limits = {path[1] for path in faulty if path[0] == "limits" and len(path) > 1}
    bad = {path[0] for path in faulty if not (path[0] == "limits" and len(path) > 1)}
    rest = {name: value for name, value in given.items() if name not in bad}
    limits = rest.get("limits")
    if not isinstance(limits, list | tuple):
        return rest, {}
    left = [number for number in range(len(limits)) if number not in bad_limits]
    return rest | {"limits": [limits[number] for number in left]}, dict(enumerate(left))


def _placed(path: Place, places: Mapping[int, int]) -> Place:
    if path[0] == "limits" and len(path) > 1 and isinstance(path[1], int):
        return ("limits", places.get(path[1], path[1]), *path[2:])
    return path


def told(error: ValidationError, model: type[BaseModel]) -> Iterator[str]:
    """Each fault in a line: where it is written, which setting, what is wrong with it."""
    for fault in error.errors(include_input=False, include_url=False):
        loc = fault["loc"]
        where = _written_in(loc)
        name = ".".join(str(part) for part in loc) or "settings"
        yield f"{where}{name}: {_why(fault, _unit(loc, model))}{_meant(fault, model)}"


def _why(fault: ErrorDetails, unit: str) -> str:
    kind, ends = fault["type"], fault.get("ctx", {})
    if kind in ("greater_than_equal", "less_than_equal"):
        low = kind == "greater_than_equal"
        end = ends["ge"] if low else ends["le"]
        unit = unit.removesuffix("s") if end == 1 else unit
        return f"must be at {'least' if low else 'most'} {end}{unit}"
    if kind == "extra_forbidden":
        return "is not a setting"
    if kind == "finite_number":
        return f"must be a number{unit}, neither NaN nor infinite"
    if kind in ("tuple_type", "list_type", "dict_type", "model_type", "model_attributes_type"):
        return "must be a list or a table: in a variable, JSON"
    return fault["msg"].removeprefix("Value error, ")


def _meant(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """The setting that an unknown name probably means."""
    if fault["type"] != "extra_forbidden":
        return ""
    *table, name = fault["loc"]
    known = [inside for _, inside in _walk(tuple(table), model)]
    fields = [*(known[-1] if known else model).model_fields]
    close = get_close_matches(str(name).lower(), fields, n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _unit(loc: Place, model: type[BaseModel]) -> str:
    """The unit of the innermost setting that has one, after a space."""
    unit = ""
    for field, _ in _walk(loc, model):
        extra = field.json_schema_extra
        unit = f" {extra['unit']}" if isinstance(extra, dict) and "unit" in extra else unit
    return unit


def _walk(loc: Place, model: type[BaseModel]) -> Iterator[tuple[FieldInfo, type[BaseModel]]]:
    """The settings that lead to a place, each with the table that what follows stands in."""
    inside = model
    for part in loc:
        field = inside.model_fields.get(part) if isinstance(part, str) else None
        if field is not None:
            models = [a for a in (field.annotation, *get_args(field.annotation)) if _is_model(a)]
            inside = models[0] if models else inside
            yield field, inside


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _written_in(loc: Place) -> str:
    """The variable, or the file, that a setting stands in; empty for what stands in neither."""
    names = {name.upper(): name for name in os.environ}
    for length in range(len(loc), 0, -1):
        name = names.get(PREFIX + "__".join(str(part).upper() for part in loc[:length]))
        if name is not None and _holds(os.environ[name], loc[length:]):
            return f"{name}, "
    file = os.environ.get(CONFIG_VARIABLE)
    return f"{file}, " if file and loc and loc[0] in _keys_of(file) else ""


def _holds(value: str, rest: Place) -> bool:
    """Whether the JSON of a variable has the part that a fault is about."""
    try:
        read = json.loads(value)
    except ValueError:
        return True
    return not rest or not isinstance(read, dict) or str(rest[0]) in {key.lower() for key in read}


def _keys_of(file: str) -> frozenset[str]:
    try:
        return frozenset(tomllib.loads(Path(file).read_text()))
    except (OSError, ValueError):
        return frozenset()
