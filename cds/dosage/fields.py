"""The coded fields of a Dosage: amounts, rates, timing, route, maxima."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec.structs import replace

from cds.dosage.asides import Asides, read_asides
from cds.dosage.dose_units import is_dose, is_rate
from cds.dosage.model import FieldAmount, Fields
from cds.dosage.quantity import Problems, read_dose, read_quantity, read_range, read_ratio
from cds.dosage.route import method_of, routes_of
from cds.dosage.timing import read_timing
from cds.fhir_json import as_flag, as_objects, concept_codes, concept_texts
from cds.units import Quantity
from cds.wire import Json

_QUANTITIES = ("doseQuantity", "doseSimpleQuantity", "dose", "rateQuantity", "rateSimpleQuantity")
"""of R4 and STU3, and `dose` as a MedicationAdministration has it"""
AS_NEEDED = "asNeededBoolean"
_RANGES = ("doseRange", "rateRange")
_OF_AN_ENTRY = ("rateRatio", *_QUANTITIES, *_RANGES)
_AMOUNTS = ("doseAndRate", *_OF_AN_ENTRY)


def read_fields(node: Json) -> Fields:
    """The fields of R4; a doseQuantity on the dosage itself (STU3) is taken too. Never raises."""
    problems = Problems()
    amounts = list(_amounts(node, problems))
    timing = read_timing(node.get("timing"), "timing", problems)
    asides, routes = read_asides(node), routes_of(node.get("route"))
    most = read_quantity(node.get("maxDosePerAdministration"), "maxDosePerAdministration", problems)
    fields = Fields(
        doses=tuple(amount for amount in amounts if not _is_rate(amount)),
        rates=tuple(amount for amount in amounts if _is_rate(amount)),
        timing=timing,
        route=routes[0] if len(routes) == 1 else None,
        routes=routes,
        route_written=bool(node.get("route")),
        method=method_of(node.get("method"), node.get("route")),
        as_needed=None if asides.as_needed else _as_needed(node, problems),
        max_per_administration=most,
        max_per_period=tuple(_max_per_period(node, problems)),
        max_per_lifetime=read_quantity(
            node.get("maxDosePerLifetime"), "maxDosePerLifetime", problems
        ),
        amount_written=any(node.get(name) for name in _AMOUNTS),
        problems=tuple(problems),
    )
    return with_asides(fields, asides)


def with_asides(fields: Fields, asides: Asides) -> Fields:
    """The fields, completed by what is written beside the dose."""
    often = [n for n in (fields.max_times_per_day, asides.max_times_per_day) if n is not None]
    return replace(
        fields,
        as_needed=asides.as_needed or fields.as_needed,
        max_per_administration=fields.max_per_administration or asides.max_per_administration,
        max_per_period=(*fields.max_per_period, *asides.max_per_period),
        max_times_per_day=min(often, default=None),
        against=(*fields.against, *asides.against),
        changes=(*fields.changes, *asides.changes),
    )


def _amounts(node: Json, problems: Problems) -> Iterator[FieldAmount]:
    yield from _entry(node, "", problems)
    for number, entry in enumerate(as_objects(node.get("doseAndRate"))):
        yield from _entry(entry, f"doseAndRate[{number}].", problems)


def _entry(entry: Json, path: str, problems: Problems) -> Iterator[FieldAmount]:
    """Every dose and rate of one doseAndRate; a unit of neither kind is a problem."""
    if entry.keys().isdisjoint(_OF_AN_ENTRY):
        return
    kind = _kind(entry)
    for name in filter(entry.__contains__, _QUANTITIES):
        value = read_dose(entry.get(name), f"{path}{name}", problems)
        yield from _checked(FieldAmount(path + name, value, None, False, kind), problems)
    for name in filter(entry.__contains__, _RANGES):
        low, high = read_range(entry.get(name), f"{path}{name}", problems)
        yield from _checked(FieldAmount(path + name, low, high, True, kind), problems)
    value = read_ratio(entry.get("rateRatio"), f"{path}rateRatio", problems)
    yield from _checked(FieldAmount(f"{path}rateRatio", value, None, False, kind), problems)


def _checked(amount: FieldAmount, problems: Problems) -> Iterator[FieldAmount]:
    known = amount.low or amount.high
    if known is None:
        return
    field = amount.path.rpartition(".")[2]
    if known.unit == "" and field.startswith("rate"):
        problems.add(amount.path, "no unit")
    elif known.unit and not is_rate(known.unit) and not (field[:4] == "dose" and _dosed(known)):
        problems.add(amount.path, f'"{known.unit}" is not a unit of {field[:4]}')
    else:
        yield amount


def _dosed(quantity: Quantity) -> bool:
    return is_dose(quantity.unit)


def _is_rate(amount: FieldAmount) -> bool:
    known = amount.low or amount.high
    return known is not None and is_rate(known.unit)


def _kind(entry: Json) -> Literal["ordered", "calculated", "other"]:
    """doseAndRate.type, by code or by its text."""
    names = {
        n.lower() for n in (*concept_codes(entry.get("type")), *concept_texts(entry.get("type")))
    }
    if "ordered" in names:
        return "ordered"
    return "calculated" if "calculated" in names else "other"


def _as_needed(node: Json, problems: Problems) -> bool | None:
    flag = as_flag(node.get("asNeededBoolean", node.get("asNeeded")))
    if node.get("asNeededCodeableConcept") or node.get("asNeededFor"):
        return True
    if flag is not None and not isinstance(flag, bool):
        problems.add(AS_NEEDED, "neither true nor false")
    return flag if isinstance(flag, bool) else None


def _max_per_period(node: Json, problems: Problems) -> Iterator[tuple[Quantity, Quantity]]:
    for ratio in as_objects(node.get("maxDosePerPeriod")):
        amount = read_dose(ratio.get("numerator"), "maxDosePerPeriod.numerator", problems)
        period = read_quantity(ratio.get("denominator"), "maxDosePerPeriod.denominator", problems)
        if amount and period:
            yield amount, period
