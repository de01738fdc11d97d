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

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"[0-9]{1,3},[0-9]{3}")
_DAY_FIRST = re.compile(r"(?P<day>\d\d?)(?P<sign>[./])(?P<month>\d\d?)[./](?P<year>\d{4})")
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
            return f"it is missing: add `{shown[-1]}: …`"
        case "extra_forbidden":
            return unknown("field", shown[-1], _fields_beside(model, shown))
        case "literal_error" | "union_tag_invalid":
            ctx = each["ctx"]
            expected = ctx.get("expected") or ctx["expected_tags"]
            value = given.get("id") if isinstance(given, dict) else given
            known = dict.fromkeys(_CHOICE.findall(expected))
            if value == "":
                return f"it is empty: write one of {', '.join(known)}"
            return unknown("value", str(value), known)
        case "bool_parsing":
            return f"`{given}` is no switch: write `true` or `false`"
        case "decimal_parsing" | "int_parsing" | "int_from_float":
            return _no_number(str(given), whole=each["type"] != "decimal_parsing")
        case "date_from_datetime_parsing" | "date_parsing" | "date_from_datetime_inexact":
            return _no_date(str(given))
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return _beyond(str(given), each["type"], each["ctx"])
        case "string_type":
            return "one text is wanted, and here is a list or a mapping"
        case "string_pattern_mismatch":
            return f"`{given}` is no address: write one that begins with `https://`"
        case "value_error":
            return each["msg"].removeprefix("Value error, ")
    value = f"`{given}`: " if isinstance(given, str) else ""
    return f"{value}{each['msg'][:1].lower()}{each['msg'][1:]}"


def _no_number(given: str, *, whole: bool) -> str:
    kind = "whole number" if whole else "number"
    number, _, unit = given.partition(" ")
    meant = number.replace(",", ".", 1)
    if not _NUMBER.fullmatch(meant) or (whole and "." in meant):
        return f"`{given}` is no {kind}: write it in figures" if given else f"write a {kind}"
    beside = ", without its unit" if unit else ""
    if _THOUSANDS.fullmatch(number):  # in one country 1.5, in another 1500
        meant = f"{meant.rstrip('0').rstrip('.')}` or `{number.replace(',', '')}"
    return f"`{given}` is no {kind}: write `{meant}`{beside}"


def _no_date(given: str) -> str:
    found = _DAY_FIRST.fullmatch(given)
    if found is None:
        return f"`{given}` is no date: write one as `2026-12-31`"
    day, month, year = (int(found[part]) for part in ("day", "month", "year"))
    meant = [(month, day)] if found["sign"] == "." else [(month, day), (day, month)]
    days = [f"`{year}-{m:02}-{d:02}`" for m, d in dict.fromkeys(meant) if m <= 12]
    return f"`{given}` is no date: write it as {' or '.join(days or ['`2026-12-31`'])}"


def _beyond(given: str, kind: str, end: dict[str, Any]) -> str:
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    ((name, value),) = end.items()
    return f"`{given}` is not possible: it has to be {words[name]} {value}"


def _fields_beside(model: Any, shown: list[str]) -> dict[str, None]:
    """The fields that a record has, of the innermost predicate where it stands in one."""
    for at in range(len(shown) - 2, -1, -1):
        if shown[at] in KINDS:
            return fields_of(KINDS[shown[at]], shown[at + 1 :])
    return fields_of(model, shown)
