"""Tolerant access to FHIR JSON: the one place that knows the odd shapes that servers really send.

Nothing here raises on a strange shape: what does not fit is not there. Differences between versions
that are a mere rename (a status as a string, a category that is not a list) are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from cds.characters import as_seen
from cds.dates import When, parse_when
from cds.limits import LARGEST_MEASURED, LONGEST_TEXT, MOST_LISTED, UNREADABLE
from cds.units import Quantity, UnitError, parse_unit
from cds.usual import once
from cds.wire import Json

NAMELESS = "no code and no text"
_UCUM = "unitsofmeasure.org"
_FHIR = "hl7.org/"
LEFT_OUT: list[Json] = [{"text": UNREADABLE, "display": UNREADABLE}]
"""what stands in place of a list that is too long"""
_SAFE_CODE = re.compile(r"[A-Za-z0-9-]{1,40}\Z")
_FLAGS = {"true": True, "false": False}
_AMOUNT = re.compile(
    r"(?!\d{1,3}\.\d00(?!\d))"  # 1.000 may be one or a thousand
    r"(?P<value>(?:0|[1-9]\d{0,8})(?:\.\d{1,9})?)\s?(?P<unit>[^\d\s.,-].{0,59})?\Z"
)
_LONGEST_CODE = 64


class RawCoding(NamedTuple):
    """A coding with a code, its system as written: to be compared only once it is canonical."""

    system: str
    code: str
    display: str
    chosen: bool
    """`userSelected`: a person picked this coding"""


# ---- objects, lists and plain values -------------------------------------------------------------


def as_single(value: object) -> object:
    """What a list of one holds; anything else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def as_object(value: object) -> Json:
    """An object, or the one in a list; empty for anything else."""
    if isinstance(value, list):
        value = as_single(value)
    return value if isinstance(value, dict) else {}


def as_objects(value: object) -> list[Json]:
    """The objects of a field that is a list, or should have been one."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def child(value: object, *path: str) -> object:
    """The value at a path of object keys; None where the path breaks off."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else as_object(value).get(key)
    return value


def choice(resource: Json, stem: str, kinds: tuple[str, ...]) -> object:
    """The first of `stemKind` that is there: `choice(r, "onset", ("DateTime", "Period"))`."""
    for kind in kinds:
        if (value := resource.get(stem + kind)) is not None:
            return value
    return None


def as_text(value: object) -> str:
    """A string, or the one in a list, as it is seen and stripped; empty for anything else.

    Of one that is longer than any text of its kind, that it is so.
    """
    if isinstance(value, list):
        value = as_single(value)
    if not isinstance(value, str):
        return ""
    if len(value) > LONGEST_TEXT:
        return UNREADABLE
    if value.isascii() and value.isprintable():  # as nearly every text is: it is seen as it stands
        return value.strip()
    return as_seen(value).strip()


def is_long_text(value: str) -> bool:
    """Whether no word of it is read."""
    return len(value) > LONGEST_TEXT or value == UNREADABLE


def as_texts(value: object) -> list[str]:
    """The strings of a field that is a list, or should have been one; blank ones left out."""
    found = value if isinstance(value, list) else [value]
    return [text for item in found if (text := as_text(item))]


def as_flag(value: object) -> object:
    """A Boolean, also one in quotes; anything else as it is, and not one."""
    value = as_single(value)
    if isinstance(value, str):
        return _FLAGS.get(as_text(value).lower(), value)
    return value


def as_text_object(value: object) -> object:
    """An object with a `text` (a Dosage, an annotation): a string is that text."""
    value = as_single(value)
    return {"text": value} if isinstance(value, str) and value.strip() else value


def as_reference(value: object) -> object:
    """A Reference: a string is what it refers to."""
    if isinstance(value, list):
        value = as_single(value)
    if isinstance(value, str) and value.strip():
        return {"reference": value}
    if isinstance(value, dict) and isinstance(value.get("reference"), list):
        return {**value, "reference": as_single(value["reference"])}
    return value


def reference_text(value: object) -> str:
    """What a Reference, or its text, refers to."""
    if isinstance(value, dict) and isinstance(text := value.get("reference"), str):  # nearly all
        return as_text(text)
    return as_text(child(as_reference(value), "reference"))


def as_number(value: object) -> Decimal | None:
    """A finite JSON number of a size that something could be measured in; of any Python kind.

    A number in quotes is not one.
    """
    if isinstance(value, list):
        value = as_single(value)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        value = Decimal(value) if value.bit_length() < 128 else None
    elif isinstance(value, float):
        value = Decimal(str(value))
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    return value if abs(value.adjusted()) <= LARGEST_MEASURED else None


def as_count(value: object) -> int | None:
    """A whole number above zero, however it is written: `2`, `2.0`."""
    number = as_number(value)
    if number is None or number <= 0 or number != number.to_integral_value():
        return None
    return int(number)


# ---- codes and names -----------------------------------------------------------------------------


def raw_codings(concept: object) -> Iterator[RawCoding]:
    """The codings of a CodeableConcept, of a bare Coding, or of an object in place of the list.

    A code that was sent as a number is taken as its text.
    """
    for coding in _coding_objects(concept):
        code = coding.get("code")
        if isinstance(code, list):
            code = as_single(code)
        if isinstance(code, int) and not isinstance(code, bool):
            code = str(code)
        plain = as_text(code)
        if plain and len(plain) <= _LONGEST_CODE:
            chosen = coding.get("userSelected") is True
            yield RawCoding(
                as_text(coding.get("system")), plain, as_text(coding.get("display")), chosen
            )


def _coding_objects(concept: object) -> list[Json]:
    node = as_object(concept)
    return as_objects(few(node.get("coding"))) or ([node] if node else [])


def few(listed: object) -> object:
    """A list as it is; of one that is longer than any of its kind, that it is so."""
    if isinstance(listed, list) and len(listed) > MOST_LISTED:
        return LEFT_OUT
    return listed


def in_few(resource: Json) -> Json:
    """The resource with its lists as `few` has them; the same object where none is too long."""
    long = [
        name
        for name, value in resource.items()
        if isinstance(value, list) and len(value) > MOST_LISTED
    ]
    return {**resource, **dict.fromkeys(long, LEFT_OUT)} if long else resource


def as_concept(value: object) -> object:
    """A CodeableConcept or Coding: a string is its text, of several in a list it is all of them."""
    value = as_single(value)
    if isinstance(value, str) and value.strip():
        return {"text": value}
    if not isinstance(value, list) or not value:
        return value
    each = [as_object(as_concept(item)) for item in value]
    codings = [coding for concept in each for coding in _coding_objects(concept)]
    texts = [{"display": text} for concept in each if (text := as_text(concept.get("text")))]
    return {"coding": codings + texts} if codings else value


def concept_codes(concept: object) -> Iterator[str]:
    """The codes of a concept, of whatever system."""
    return (coding.code for coding in raw_codings(concept))


def concept_texts(concept: object) -> Iterator[str]:
    """Text and displays of a CodeableConcept or bare Coding, as written, without repeats."""
    if isinstance(concept, str):
        found = [concept]
    else:
        node = as_object(concept)
        found = [node.get("text"), node.get("display")]  # type: ignore[list-item]
        found += [coding.get("display") for coding in as_objects(few(node.get("coding")))]  # type: ignore[misc]
    texts: dict[str, None] = {}
    for item in found:
        if text := as_text(item):
            texts[text] = None
    return iter(texts)


def nameless(concept: object) -> bool:
    """Whether nothing can be read of a concept: neither a code nor a word."""
    return not display(concept)


@once(4096)
def display(concept: object) -> str:
    """What a concept is called: its text, else the first display, else the first code."""
    texts = list(concept_texts(concept))
    name = next((text for text in texts if text != UNREADABLE), "")
    return name or next(concept_codes(concept), "") or next(iter(texts), "")


@once(1024)
def wordings(concept: object) -> str:
    """Every text and display of a concept, lower case: for matching by words."""
    names = dict.fromkeys(text.lower() for text in concept_texts(concept))
    return " | ".join(names)


def status_code(value: object) -> str | None:
    """A status: a plain code, or that of a CodeableConcept; lower case.

    FHIR's own code goes before a translation of it; without a code, the text.
    """
    if isinstance(value, str):
        return as_text(value).lower() or None
    if isinstance(value, list):
        return status_code(value[0]) if value else None
    return _status(value) if isinstance(value, dict) else None


@once(1024)
def _status(concept: object) -> str | None:
    coded = [(_FHIR not in c.system, c.code) for c in raw_codings(concept)]
    return (min(coded)[1] if coded else display(concept)).lower() or None


def safe_code(value: object) -> str:
    """A code that may be quoted in a reason: letters, digits and hyphens only."""
    found = status_code(value)
    return found if found and _SAFE_CODE.match(found) else "unreadable code"


# ---- times ---------------------------------------------------------------------------------------


def when(resource: Json, stem: str) -> When | None:
    """The time of a `stem[x]` as dateTime, date, instant, Period (its start) or Timing event."""
    value = choice(resource, stem, ("DateTime", "Date", "Instant", "Period", "Timing"))
    if value is None:
        value = resource.get(stem)
    if isinstance(value, dict):
        events = value.get("event")
        value = value.get("start") or (events[0] if isinstance(events, list) and events else None)
        if value is None:
            value = child(resource.get(f"{stem}Period"), "end")
    return parse_when(value)


def first_when(resource: Json, *fields: str) -> When | None:
    """The first of the plain date fields that can be read."""
    for name in fields:
        found = parse_when(resource.get(name))
        if found is not None:
            return found
    return None


# ---- quantities ----------------------------------------------------------------------------------


def unit_texts(quantity: Json) -> list[str]:
    """The unit of a Quantity as it may be read: the UCUM code first, then the unit text."""
    system = as_text(quantity.get("system"))
    code = as_text(quantity.get("code")) if not system or _UCUM in system else ""
    unit = as_text(quantity.get("unit"))
    return [found for found in (code, unit if unit != code else "") if found]


def as_plain_number(value: object) -> object:
    """A number, also one in quotes; anything else as it is."""
    value = as_single(value)
    if isinstance(value, str) and (match := _AMOUNT.match(as_text(value))) and not match["unit"]:
        return Decimal(match["value"])
    return value


def as_quantity_object(value: object) -> object:
    """A Quantity: of a string, the number and the unit that it is made of; of a number, that."""
    value = as_single(value)
    if isinstance(value, str) and (match := _AMOUNT.match(as_text(value))):
        unit = {"unit": match["unit"]} if match["unit"] else {}
        return {"value": Decimal(match["value"]), **unit}
    return {"value": value} if as_number(value) is not None else value


def as_quantity(value: object) -> Quantity | None:
    """A Quantity in a listed unit; None with a comparator, or with two units that differ."""
    if not isinstance(value, dict) or value.get("comparator"):
        return None
    amount = as_number(value.get("value"))
    units = []
    for unit in unit_texts(value):
        try:
            units.append((parse_unit(unit), unit))
        except UnitError:
            continue
    if amount is None or not units or any(parsed != units[0][0] for parsed, _ in units):
        return None
    return Quantity(amount, units[0][1])
