"""Tolerant access to FHIR JSON, as servers of several versions really send it.

Nothing here raises on a strange shape: what does not fit is not there. Differences between versions
that are a mere rename (a status as a string, a category that is not a list) are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from cds.dates import When, parse_when
from cds.fhir.record.patient_record import PatientRecord, Skipped, reference_of
from cds.fhir.record.skipped import DATED_LATER as DATED_LATER
from cds.units import Quantity, UnitError, parse_unit
from cds.wire import Json

NAMELESS = "no code and no text"
_UCUM = "unitsofmeasure.org"
_FHIR = "hl7.org/"
_SAFE_CODE = re.compile(r"[A-Za-z0-9-]{1,40}\Z")


def entries(value: object) -> list[Json]:
    """The objects of a field that is a list, or should have been one."""
    found = value if isinstance(value, list) else [value]
    return [entry for entry in found if isinstance(entry, dict)]


def child(value: object, *path: str) -> object:
    """The value at a path of object keys; None where the path breaks off."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: object) -> str:
    """A string, stripped; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def codings(concept: object) -> Iterator[tuple[str, str]]:
    """(system, code) of each coding of a CodeableConcept or of a bare Coding."""
    if not isinstance(concept, dict):
        return
    for coding in entries(concept.get("coding")) or [concept]:
        code = text(coding.get("code"))
        if code:
            yield text(coding.get("system")), code


def nameless(concept: object) -> bool:
    """Whether nothing can be read of a concept: neither a code nor a word."""
    return not display(concept) and not wordings(concept)


def display(concept: object) -> str:
    """What a concept is called: its text, else the first display, else the first code."""
    if isinstance(concept, str):
        return concept.strip()
    if not isinstance(concept, dict):
        return ""
    named = text(concept.get("text")) or text(concept.get("display"))
    inner = entries(concept.get("coding"))
    return (
        named
        or next((t for c in inner if (t := text(c.get("display")))), "")
        or next((code for _, code in codings(concept)), "")
    )


def wordings(concept: object) -> str:
    """Every text and display of a concept, lower case: for matching by words."""
    if isinstance(concept, str):
        return concept.lower()
    if not isinstance(concept, dict):
        return ""
    parts = [text(concept.get("text")), text(concept.get("display"))]
    parts += [text(coding.get("display")) for coding in entries(concept.get("coding"))]
    return " | ".join(dict.fromkeys(part.lower() for part in parts if part))


def status_code(value: object) -> str | None:
    """A status: a plain code, or that of a CodeableConcept; lower case.

    FHIR's own code goes before a translation of it; without a code, the text.
    """
    if isinstance(value, str):
        return value.strip().lower() or None
    if isinstance(value, list):
        return status_code(value[0]) if value else None
    if isinstance(value, dict):
        coded = [(_FHIR not in system, code) for system, code in codings(value)]
        return (min(coded)[1] if coded else display(value)).lower() or None
    return None


def safe_code(value: object) -> str:
    """A code that may be quoted in a reason: letters, digits and hyphens only."""
    found = status_code(value)
    return found if found and _SAFE_CODE.match(found) else "unreadable code"


def number(value: object) -> Decimal | None:
    """A finite JSON number of a size that something could be measured in."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        value = Decimal(str(value))
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value.adjusted()) > 30:
        return None
    return value


def choice(resource: Json, stem: str, kinds: tuple[str, ...]) -> object:
    """The first of `stemKind` that is there: `choice(r, "onset", ("DateTime", "Period"))`."""
    return next((v for kind in kinds if (v := resource.get(stem + kind)) is not None), None)


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
    return next((found for f in fields if (found := parse_when(resource.get(f)))), None)


def unit_texts(quantity: Json) -> list[str]:
    """The unit of a Quantity as it may be read: the UCUM code first, then the unit text."""
    system = text(quantity.get("system"))
    code = text(quantity.get("code")) if not system or _UCUM in system else ""
    return list(dict.fromkeys(found for found in (code, text(quantity.get("unit"))) if found))


def quantity(value: object) -> Quantity | None:
    """A Quantity in a listed unit; None with a comparator, or with two units that differ."""
    if not isinstance(value, dict) or value.get("comparator"):
        return None
    amount = number(value.get("value"))
    units = []
    for unit in unit_texts(value):
        try:
            units.append((parse_unit(unit), unit))
        except UnitError:
            continue
    if amount is None or not units or any(parsed != units[0][0] for parsed, _ in units):
        return None
    return Quantity(amount, units[0][1])


def medication_concept(record: PatientRecord, resource: Json) -> object:
    """The CodeableConcept of a medication resource, or of the Medication that it refers to."""
    concept = resource.get("medicationCodeableConcept") or child(
        resource.get("medication"), "concept"
    )
    if isinstance(concept, dict):
        return concept
    reference = resource.get("medicationReference") or child(
        resource.get("medication"), "reference"
    )
    found = record.resolve(child(reference, "reference") or reference, resource)
    if found is not None and isinstance(found.get("code"), dict):
        return found["code"]
    named = text(child(reference, "display"))
    return {"text": named} if named else None


def skip(skipped: list[Skipped], resource: Json, reason: str) -> None:
    skipped.append(Skipped(reference_of(resource), reason))


def is_later(found: When | None, as_of: date) -> bool:
    """Certainly after the day: for `2026`, only when the whole year is."""
    return found is not None and found.earliest > as_of
