"""What does not fit its model, in words, with what would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cds.knowledge.check.references import fields_of
from cds.knowledge.check.written import Document, Slip
from cds.knowledge.guesses import unknown
from cds.knowledge.model.predicates import KINDS

_CHOICE = re.compile(r"'([^']*)'")


def misfits(
    error: ValidationError, model: Any, document: Document, entry: tuple[str | int, ...]
) -> Iterator[Slip]:
    """Every field of an entry that does not fit."""
    for each in error.errors(include_url=False):
        path = (*entry, *each["loc"])
        yield document.fault(path, _told(each, model, document.shown(path)))


def _told(each: ErrorDetails, model: Any, shown: list[str]) -> str:
    given = each["input"]
    match each["type"]:
        case "missing":
            return "it is missing"
        case "extra_forbidden":
            return unknown("field", shown[-1], _fields_beside(model, shown))
        case "literal_error" | "union_tag_invalid":
            ctx = each["ctx"]
            expected = ctx.get("expected") or ctx["expected_tags"]
            value = given.get("id") if isinstance(given, dict) else given
            return unknown("value", str(value), dict.fromkeys(_CHOICE.findall(expected)))
        case "value_error":
            return each["msg"].removeprefix("Value error, ")
    value = f"`{given}`: " if isinstance(given, str) else ""
    return f"{value}{each['msg'][:1].lower()}{each['msg'][1:]}"


def _fields_beside(model: Any, shown: list[str]) -> dict[str, None]:
    """The fields that a record has, of the innermost predicate where it stands in one."""
    for at in range(len(shown) - 2, -1, -1):
        if shown[at] in KINDS:
            return fields_of(KINDS[shown[at]], shown[at + 1 :])
    return fields_of(model, shown)
