"""One Dosage of an order: its fields first, the written instruction where they are silent."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from cds.fhir_json import as_objects, as_text, concept_texts
from cds.orders.model import Route
from cds.orders.quantities import Problems, read_quantity, read_range, read_ratio
from cds.orders.routes import method_of, route_of
from cds.orders.text import Written, read_text, two_steps
from cds.orders.timing import Schedule, read_timing
from cds.units import Quantity, UnitError, decimal, measures
from cds.wire import Json

_RATES = ("mg/h", "mg/kg/h", "mL/h", "mL/kg/h")
_DOSES = ("mg", "mg/kg", "mL", "mL/kg", "{spray}", "{device}", "{vial}", "{kit}", "{tablet}",
          "{capsule}", "{lozenge}", "{patch}", "1")  # fmt: skip


@dataclass(frozen=True, slots=True)
class DosageRead:
    """What one dosage says. None: not said, or not readable (then in the problems)."""

    dose: Quantity | None = None
    dose_high: Quantity | None = None
    dose_per_kg: Quantity | None = None
    rate: Quantity | None = None
    rate_high: Quantity | None = None
    duration_min: Decimal | None = None
    route: Route | None = None
    method: str | None = None
    volume: Quantity | None = None
    schedule: Schedule = field(default_factory=Schedule)
    as_needed: bool | None = None
    max_per_administration: Quantity | None = None
    max_per_period: tuple[Quantity, Quantity] | None = None
    max_per_lifetime: Quantity | None = None
    written: Written = field(default_factory=Written)
    text: str = ""


def read_dosage(node: Json, path: str, problems: Problems) -> DosageRead:
    """Read a Dosage of R4; a doseQuantity on the dosage itself (STU3) is taken too."""
    text = as_text(node.get("text"))
    written = read_text(text)
    for what in written.unread:
        problems.add(f"{path}.text", what)
    amounts = _Amounts.read(node, path, problems)
    dose, per_kg, volume = _doses(amounts, written, path, problems)
    rate = _agreed(amounts.rates, written.rates, f"{path}: rate", problems)
    schedule = read_timing(node.get("timing"), f"{path}.timing", problems)
    duration = _duration(schedule.duration_min, written.duration_min, path, problems)
    route = route_of(node.get("route"))
    highest = read_quantity(
        node.get("maxDosePerAdministration"), f"{path}.maxDosePerAdministration", problems
    )
    return DosageRead(
        dose=dose,
        dose_high=_upper(amounts.dose_high, written.high, dose),
        dose_per_kg=per_kg,
        rate=rate,
        rate_high=_upper(amounts.rate_high, written.rate_high, rate),
        duration_min=duration,
        route=_route(route, bool(node.get("route")), written, path, problems),
        method=_method(node, written),
        volume=volume,
        schedule=schedule,
        as_needed=_as_needed(node) or written.as_needed,
        max_per_administration=highest or written.maximum,
        max_per_period=_max_per_period(node, path, problems),
        max_per_lifetime=read_quantity(
            node.get("maxDosePerLifetime"), f"{path}.maxDosePerLifetime", problems
        ),
        written=written,
        text="; ".join(t for t in (text, *_instructions(node)) if t),
    )


@dataclass(frozen=True, slots=True)
class _Amounts:
    """The amounts of all doseAndRate entries: `ordered` and `calculated` may both be there."""

    doses: tuple[Quantity, ...] = ()
    dose_high: Quantity | None = None
    rates: tuple[Quantity, ...] = ()
    rate_high: Quantity | None = None

    @classmethod
    def read(cls, node: Json, path: str, problems: Problems) -> _Amounts:
        entries = [(node, path)] + [
            (item, f"{path}.doseAndRate[{i}]")
            for i, item in enumerate(as_objects(node.get("doseAndRate")))
        ]
        amounts = [pair for entry, where in entries for pair in _pairs(entry, where, problems)]
        doses = [pair for pair in amounts if not _is_rate(pair[0])]
        rates = [pair for pair in amounts if _is_rate(pair[0])]
        return cls(
            tuple(low for low, _ in doses),
            next((high for _, high in doses if high), None),
            tuple(low for low, _ in rates),
            next((high for _, high in rates if high), None),
        )


def _pairs(entry: Json, path: str, problems: Problems) -> list[tuple[Quantity, Quantity | None]]:
    """(low, high) of every dose and rate field; a unit of neither kind is a problem."""
    read: list[tuple[Quantity | None, Quantity | None, str]] = [
        (read_quantity(entry.get(name), f"{path}.{name}", problems), None, name)
        for name in ("doseQuantity", "doseSimpleQuantity", "rateQuantity", "rateSimpleQuantity")
    ]
    read += [
        (*read_range(entry.get(name), f"{path}.{name}", problems), name)
        for name in ("doseRange", "rateRange")
    ]
    read.append(
        (read_ratio(entry.get("rateRatio"), f"{path}.rateRatio", problems), None, "rateRatio")
    )
    pairs: list[tuple[Quantity, Quantity | None]] = []
    for low, high, name in read:
        if low is None:
            continue
        if not _is_rate(low) and not (name.startswith("dose") and _is_dose(low)):
            problems.add(f"{path}.{name}", f'"{low.unit}" is not a unit of {name[:4]}')
            continue
        pairs.append((low, high))
    return pairs


def _is_rate(quantity: Quantity) -> bool:
    return any(measures(quantity.unit, unit) for unit in _RATES)


def _is_dose(quantity: Quantity) -> bool:
    return any(measures(quantity.unit, unit) for unit in _DOSES)


def _doses(
    amounts: _Amounts, written: Written, path: str, problems: Problems
) -> tuple[Quantity | None, Quantity | None, Quantity | None]:
    """(dose, the same per kg where both are stated, volume drawn up)."""
    kinds: dict[str, Quantity] = {}
    for unit in _DOSES:
        stated = [q for q in amounts.doses if measures(q.unit, unit)]
        said = [q for q in written.doses if measures(q.unit, unit)]
        chosen = _agreed(tuple(stated), tuple(said), f"{path}: dose", problems)
        if chosen is not None:
            kinds[unit] = chosen
    primary = next((kinds[unit] for unit in _DOSES if unit in kinds), None)
    structured = {unit for unit in kinds for q in amounts.doses if measures(q.unit, unit)}
    if structured and primary is not None:
        # a dose in the fields is the order; the text may add its volume or the dose per kg
        primary = next(kinds[unit] for unit in _DOSES if unit in structured)
    per_kg = kinds.get("mg/kg") if primary is not kinds.get("mg/kg") else None
    volume = kinds.get("mL") if primary is not kinds.get("mL") else None
    return primary, per_kg, volume


def _agreed(
    stated: tuple[Quantity, ...], said: tuple[Quantity, ...], path: str, problems: Problems
) -> Quantity | None:
    """The one amount that the fields state, else the one that the text says.

    Several different ones give none. A text that says another amount than the fields is a problem.
    """
    if stated:
        if any(_differ(stated[0], other) for other in stated[1:]):
            problems.add(path, "several different amounts")
            return None
        same_kind = [q for q in said if measures(q.unit, stated[0].unit)]
        if same_kind and all(_differ(stated[0], q) for q in same_kind):
            problems.add(path, f"the fields say {stated[0]}, the text says {same_kind[0]}")
        return stated[0]
    if not said:
        return None
    if any(_differ(said[0], other) for other in said[1:]):
        problems.add(path, "the text names several different amounts")
        return None
    return said[0]


def _differ(one: Quantity, other: Quantity) -> bool:
    """Whether two amounts of one kind differ by more than rounding (1 %)."""
    try:
        value = other.to(one.unit).value
    except UnitError:
        return False
    return abs(value - one.value) * 100 > one.value


def _upper(stated: Quantity | None, said: Quantity | None, low: Quantity | None) -> Quantity | None:
    """The upper end, in the unit of the lower one."""
    for high in (stated, said):
        if high is not None and low is not None and measures(high.unit, low.unit):
            return high.to(low.unit)
    return None


def _duration(
    stated: Decimal | None, said: Decimal | None, path: str, problems: Problems
) -> Decimal | None:
    if stated is not None and said is not None and abs(stated - said) * 100 > stated:
        problems.add(
            f"{path}: duration", f"the fields say {stated:f} min, the text says {said:f} min"
        )
    return stated if stated is not None else said


def _route(
    stated: Route | None, coded: bool, written: Written, path: str, problems: Problems
) -> Route | None:
    if stated is not None:
        if written.routes and stated not in written.routes:
            problems.add(f"{path}.route", f"coded as {stated}, the text says {written.routes[0]}")
        return stated
    if coded:
        problems.add(f"{path}.route", "not a known route")
    if len(written.routes) > 1:
        problems.add(f"{path}.text", "names several routes")
        return None
    return written.routes[0] if written.routes else None


def _method(node: Json, written: Written) -> str | None:
    return method_of(node.get("method"), node.get("route")) or written.method


def _as_needed(node: Json) -> bool | None:
    flag = node.get("asNeededBoolean", node.get("asNeeded"))
    if isinstance(flag, bool):
        return flag
    return True if node.get("asNeededCodeableConcept") or node.get("asNeededFor") else None


def _max_per_period(node: Json, path: str, problems: Problems) -> tuple[Quantity, Quantity] | None:
    for item in as_objects(node.get("maxDosePerPeriod")):
        where = f"{path}.maxDosePerPeriod"
        amount = read_quantity(item.get("numerator"), f"{where}.numerator", problems)
        period = read_quantity(item.get("denominator"), f"{where}.denominator", problems)
        if amount and period:
            return amount, period
    return None


def _instructions(node: Json) -> list[str]:
    texts = [as_text(node.get("patientInstruction"))]
    for concept in as_objects(node.get("additionalInstruction")):
        texts += concept_texts(concept)
    return texts


def in_steps(node: Json) -> list[Json]:
    """One instruction that tells of a bolus and then of an infusion, as two."""
    text = as_text(node.get("text"))
    fields = {"doseAndRate", "doseQuantity", "rateQuantity", "rateRatio", "doseRange", "rateRange"}
    if fields & set(node):
        return [node]
    steps = two_steps(text)
    if len(steps) == 1:
        return [node]
    routes = read_text(text).routes
    route = {"route": {"text": routes[0]}} if len(routes) == 1 else {}
    return [{**route, **node, "text": step} for step in steps]


def mixed_concentration(dose: Quantity | None, volume: Quantity | None) -> Quantity | None:
    """mg/mL of a dose made up to a volume."""
    if dose is None or volume is None or not measures(dose.unit, "mg"):
        return None
    milligrams, millilitres = dose.to("mg").value, volume.to("mL").value
    return Quantity(decimal(Fraction(milligrams) / Fraction(millilitres)), "mg/mL")
