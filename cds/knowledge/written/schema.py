"""JSON Schemas of the files of the knowledge, by which an editor completes and checks them.

They are made of the models: a description is the text below a field, and what a field names is
listed in `names.schema.json`, to which the others point. They are those of the one form of the
files (`cds.knowledge.written.form`): several values are a list, codes are a mapping with names.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from textwrap import dedent
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cds.knowledge.check.references import Known, Names
from cds.knowledge.model.declared import CODES, Kind, NameOf
from cds.knowledge.model.names import BY_NAME
from cds.knowledge.model.predicates import KINDS, Predicate
from cds.knowledge.model.quantities import In
from cds.knowledge.words import lists
from cds.knowledge.written.files import models

Json: TypeAlias = dict[str, Any]
NAMES = "names.schema.json"
LISTS = "words.schema.json"
DIALECT = "http://json-schema.org/draft-07/schema#"
"""the one that editors know best"""
_WORDS = "list of words"
_TEXT: Json = {"type": ["string", "number"]}
"""every scalar is read as text: a year needs no quotes, and an editor takes it for a number"""
_PLAIN: Mapping[Any, Json] = {
    str: _TEXT,
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "number"},
    date: {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    Any: {},
}
_ENDS = {Ge: "minimum", Gt: "exclusiveMinimum", Le: "maximum", Lt: "exclusiveMaximum"}


def schemas(known: Known, others: Mapping[Kind, Iterable[str]]) -> dict[str, Json]:
    """File name → schema. `others`: names of kinds that may have further ones."""
    listed = {kind: look.listed for kind, look in known.items() if isinstance(look, Names)}
    names: dict[str, Json] = {kind: {"enum": list(each)} for kind, each in listed.items()}
    for kind, some in others.items():
        names[kind] = {"anyOf": [{"enum": sorted(some)}, _TEXT]}
    names[_WORDS] = {"enum": sorted(lists())}
    made = {
        f"{subject}.schema.json": _Schema(names.keys()).of_file(subject, model)
        for subject, model in models().items()
    }
    return {
        **made,
        LISTS: _of_lists(),
        NAMES: {
            "$schema": DIALECT,
            "definitions": {kind.replace(" ", "-"): names[kind] for kind in sorted(names)},
        },
    }


def _of_lists() -> Json:
    """Of `cds/knowledge/words.yaml`."""
    texts: Json = {"type": "array", "items": _TEXT}
    told = {
        "words": "whole words that count wherever they stand",
        "alone": "words that count only where nothing else is written",
        "examples": "texts that must be found",
        "not": "texts that must not be found",
    }
    entry = {
        "type": "object",
        "properties": {name: {**texts, "description": text} for name, text in told.items()},
        "required": ["examples", "not"],
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        "title": "knowledge: lists of words",
        "type": "object",
        "additionalProperties": entry,
    }


class _Schema:
    """Of one file, with the records that are in it."""

    def __init__(self, named: Iterable[str]) -> None:
        self._named = frozenset(named)
        self._records: dict[str, Json] = {}

    def of_file(self, subject: str, model: Any) -> Json:
        entry = self._of(model, ())
        return {
            "$schema": DIALECT,
            "title": f"knowledge: {subject}",
            "type": "object",
            "properties": {
                "subject": {"const": subject},
                "facts": {"type": ["array", "null"], "items": entry},
            },
            "required": ["subject", "facts"],
            "additionalProperties": False,
            "definitions": dict(sorted(self._records.items())),
        }

    def _of(self, kind: Any, marks: tuple[Any, ...]) -> Json:
        """Of a type, with what is declared beside it."""
        origin, parts = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._of(parts[0], (*parts[1:], *marks))
        if origin in (Union, types.UnionType):
            kinds = [self._of(part, marks) for part in parts if part is not type(None)]
            return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
        if origin is tuple:
            return self._of_several(parts[0], marks)
        if origin is Literal:
            return {"enum": list(parts)}
        if isinstance(kind, type) and issubclass(kind, Predicate | BaseModel):
            return self._of_record(kind)
        return self._of_value(kind, marks)

    def _of_several(self, kind: Any, marks: tuple[Any, ...]) -> Json:
        codes = next((m.kind for m in marks if isinstance(m, NameOf) and m.kind in CODES), None)
        if codes is None:
            return {"type": "array", "items": self._of(kind, marks)}
        return {
            "type": "object",
            "description": f"each {codes} with its name, or `~` where no table has one",
            "additionalProperties": {"type": ["string", "null"]},
        }

    def _of_value(self, kind: Any, marks: tuple[Any, ...]) -> Json:
        schema = dict(_PLAIN[kind])
        for mark in _flat(marks):
            if isinstance(mark, NameOf) and mark.kind in self._named:
                return _named(mark.kind)
            if mark is BY_NAME:
                return _named(_WORDS)
            if isinstance(mark, In):
                schema = {
                    "type": "string",
                    "pattern": r"^[0-9.]+ \S+$",
                    "examples": [f"1 {mark.unit}"],
                }
            elif type(mark) in _ENDS:
                name = _ENDS[type(mark)]
                schema[name] = getattr(mark, type(mark).__name__.lower())
        return schema

    def _of_record(self, model: type[BaseModel]) -> Json:
        name = model.__name__
        if name not in self._records:
            self._records[name] = {}  # it may be in itself
            self._records[name] = (
                self._any_predicate() if model is Predicate else self._fields(model)
            )
        return {"$ref": f"#/definitions/{name}"}

    def _any_predicate(self) -> Json:
        kinds = {name: self._of_record(kind) for name, kind in sorted(KINDS.items())}
        return {
            "type": "object",
            "description": "what is asked: one name, and below it what it asks",
            "properties": kinds,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }

    def _fields(self, model: type[BaseModel]) -> Json:
        texts = {
            name: text for each in reversed(model.__mro__) for name, text in _told(each).items()
        }
        properties = {
            name: {
                **self._of_field(info),
                **({"description": texts[name]} if name in texts else {}),
            }
            for name, info in model.model_fields.items()
        }
        if issubclass(model, Predicate) and model.asks_by == ("of",) and list(properties) == ["of"]:
            return {**properties["of"], "description": inspect.cleandoc(model.__doc__ or "")}
        return {
            "type": "object",
            "description": inspect.cleandoc(model.__doc__ or ""),
            "properties": properties,
            "required": [name for name, info in model.model_fields.items() if info.is_required()],
            "additionalProperties": False,
        }

    def _of_field(self, info: FieldInfo) -> Json:
        schema = self._of(info.annotation, tuple(info.metadata))
        return {"allOf": [schema]} if "$ref" in schema else schema


def _named(kind: str) -> Json:
    return {"$ref": f"{NAMES}#/definitions/{kind.replace(' ', '-')}"}


def _flat(marks: Iterable[Any]) -> Iterator[Any]:
    """What is declared, also within a field of pydantic."""
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark


@cache
def _told(model: type) -> Mapping[str, str]:
    """Field → the text below it."""
    try:
        (body,) = ast.parse(dedent(inspect.getsource(model))).body
    except (OSError, TypeError):  # a class of Python itself
        return {}
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str() as text)):
                    found[field.target.id] = " ".join(text.split())
    return found
