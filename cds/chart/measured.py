"""Numbers of an observation in the canonical unit of its kind, or the problem that they have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from cds.fhir_json import as_number, as_objects, as_text, status_code, unit_texts
from cds.knowledge.measurements import Measurement
from cds.terminology.answers import answer, scored
from cds.units import UnitError, convert, parse_unit, plain
from cds.wire import Json

_WITH_UNIT = re.compile(
    r"(?P<amount>\d{1,6}(?:\.\d{1,4})?)\s*(?P<unit>[A-Za-zµμ%]\S{0,19}?)\.?", re.A
)
_STONES = re.compile(
    r"(?P<st>\d{1,2})\s*(?:st|stones?)\.?(?:\s*(?P<lb>\d(?:\.\d)?|1[0-3](?:\.\d)?)\s*(?:lbs?|pounds?)\.?)?",
    re.A | re.I,
)
_BOUND = re.compile(r"\s*([<>]=?)\s*")
_POUNDS_OF_A_STONE = 14
_SPELLINGS = tuple(
    (re.compile(pattern), plain_form)
    for pattern, plain_form in (
        (r"[µμ]|micro|\bmc(?=mol|l|g)", "u"),
        (r"^x(?=10)", ""),
        (r"\b10(?:\^|e|\*\*)(?=\d)", "10*"),
        (r"\b10\((\d)\)", r"10*\1"),
        (r"^(?:k|thou(?:sands?)?|1000|1,000)(?=/)", "10*3"),
        (r"^giga(?=/)", "10*9"),
        (r"/(?:mm\^?3|cu\.?mm|cmm)$", "/ul"),
        (r"^(m?)gm?%$", r"\1g/dl"),
        (r"\bgm\b", "g"),
        (r"/100ml$", "/dl"),
        (r"^[\[{(](.*)[\])}]$", r"\1"),
    )
)
_UNIT_DIFFERS = "unit code and unit text differ"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a value[x] comes to: a number, an answer, or a problem."""

    value: Decimal | None = None
    unit: str | None = None
    concept: frozenset[str] = frozenset()
    problem: str | None = None


def in_canonical_unit(value: object, measurement: Measurement) -> Measured:
    """A number in the canonical unit, or the problem that it has."""
    if value is None:
        return Measured(problem="no value")
    amount, units, comparator = _parts(value)
    if amount is None:
        said = answer(value) if measurement.positive_from is not None else frozenset()
        return Measured(concept=said, problem=None if said else "the value is not a number")
    if comparator:
        concept = _beyond(comparator, amount, units, measurement)
        return Measured(concept=concept, problem=None if concept else "only a bound is given")
    return _in_unit(amount, units, measurement)


def _in_unit(amount: Decimal, units: list[str], measurement: Measurement) -> Measured:
    if not units:
        if measurement.unit_needed:
            return Measured(problem="no unit")
        converted: list[Decimal] = [amount]
    else:
        converted = [c for u in units if (c := to_canonical(amount, u, measurement)) is not None]
        if not converted:
            return Measured(problem="the unit does not measure this")
        if len(converted) < len(units) and _other_unit(units, measurement):
            return Measured(problem=_UNIT_DIFFERS)
    if any(c != converted[0] for c in converted):
        return Measured(problem=_UNIT_DIFFERS)
    final = converted[0]
    low, high = measurement.lowest, measurement.highest
    if (low is not None and final < low) or (high is not None and final > high):
        return Measured(problem=f"implausible: {_shown(final)} {measurement.unit}")
    return Measured(value=final, unit=measurement.unit)


def _shown(value: Decimal) -> str:
    return plain(value) if abs(value.adjusted()) < 12 else "beyond any measure"


def to_canonical(amount: Decimal, unit: str, measurement: Measurement) -> Decimal | None:
    """`amount` of `unit` in the canonical unit of a kind; None when the unit does not fit it."""
    if measurement.unit is None:
        return None
    if unit == measurement.unit or unit in measurement.same_as:
        return amount
    for rule in measurement.conversions:
        if unit == rule.unit:
            return (amount - rule.subtract) * rule.multiply / rule.divide
    try:
        return convert(amount, unit, measurement.unit)
    except UnitError:
        known = _spelled(measurement).get(_spelling(unit))
        return to_canonical(amount, known, measurement) if known not in (None, unit) else None


@lru_cache(maxsize=512)
def _spelled(measurement: Measurement) -> Mapping[str, str]:
    """The units that are known of a kind, by their spelling without case and printer's signs."""
    own = (measurement.unit or "", *measurement.same_as, *(c.unit for c in measurement.conversions))
    return {_spelling(unit): unit for unit in reversed(own)}


@lru_cache(maxsize=1024)
def _spelling(unit: str) -> str:
    """`X10E3/UL`, `thou/mm3` and `10^9/l` as the unit of a known kind is written.

    Of one kind no two units differ in their case alone.
    """
    text = unit.lower().replace(" ", "")
    for pattern, plain_form in _SPELLINGS:
        text = pattern.sub(plain_form, text)
    return text


def _other_unit(units: list[str], measurement: Measurement) -> bool:
    """One of the two units is a real unit of something else: the pair can't be trusted."""
    for unit in units:
        if to_canonical(Decimal(1), unit, measurement) is None:
            try:
                parse_unit(unit)
            except UnitError:
                continue
            return True
    return False


def _parts(value: object) -> tuple[Decimal | None, list[str], str]:
    """Amount, units and comparator of a Quantity, an integer, a decimal or a score in words."""
    if isinstance(value, dict) and not value.keys() & {"coding", "text"}:
        return as_number(value.get("value")), unit_texts(value), as_text(value.get("comparator"))
    if isinstance(value, dict):
        score = scored(value)
        written = _written(as_text(value.get("text")))
        return (Decimal(score), ["{score}"], "") if score is not None else (*written, "")
    if isinstance(value, str):
        score = scored({"text": value})
        if score is not None:
            return Decimal(score), ["{score}"], ""
        bound = _BOUND.match(as_text(value))
        rest = as_text(value)[bound.end() :] if bound else as_text(value)
        return *_written(rest), bound[1] if bound else ""
    return as_number(value), [], ""


def _written(value: str) -> tuple[Decimal | None, list[str]]:
    """`14`, `7/10` or `82.5 kg` in a valueString: the whole string is it, or there is none.

    What a score is out of is its unit: `/10` fits a scale that ends there. Stones are told in
    pounds.
    """
    if stones := _STONES.fullmatch(value):
        return Decimal(stones["st"]) * _POUNDS_OF_A_STONE + Decimal(stones["lb"] or 0), ["lb"]
    if with_unit := _WITH_UNIT.fullmatch(value):
        return Decimal(with_unit["amount"]), [with_unit["unit"]]
    amount, slash, scale = (part.strip() for part in value.partition("/"))
    if not amount.replace(".", "", 1).isdecimal() or len(amount) > 8:
        return None, []
    return (Decimal(amount), [f"/{scale}"]) if slash else (Decimal(amount), [])


def is_score(value: object) -> bool:
    """A number with a score's unit or none: some systems put the total on the panel itself."""
    if value is None:
        return False
    amount, units, comparator = _parts(value)
    return amount is not None and not comparator and all(map(_is_score_unit, units))


def _is_score_unit(unit: str) -> bool:
    return "score" in unit.lower() or unit in ("1", "points", "{points}", "{#}")


def _beyond(
    comparator: str, amount: Decimal, units: list[str], measurement: Measurement
) -> frozenset[str]:
    """`<5 m[IU]/mL` is a negative test, `>1000 m[IU]/mL` a positive one."""
    if measurement.positive_from is None or measurement.negative_below is None or not units:
        return frozenset()
    bound = to_canonical(amount, units[0], measurement)
    if bound is None:
        return frozenset()
    if comparator in ("<", "<=") and bound <= measurement.negative_below:
        return frozenset({"negative"})
    if comparator in (">", ">=") and bound >= measurement.positive_from:
        return frozenset({"positive"})
    return frozenset()


def presence(value: Decimal | None, measurement: Measurement | None) -> frozenset[str]:
    """Positive or negative by the cut-offs of a quantitative test; neither in between."""
    if value is None or measurement is None:
        return frozenset()
    if measurement.positive_from is not None and value >= measurement.positive_from:
        return frozenset({"positive"})
    if measurement.negative_below is not None and value < measurement.negative_below:
        return frozenset({"negative"})
    return frozenset()


def reference_limits(
    part: Json, measurement: Measurement | None
) -> tuple[Decimal | None, Decimal | None]:
    """Reference limits in the canonical unit; None when there are several or they can't be read.

    A limit without a unit is in the unit of the value beside it.
    """
    ranges = [
        entry
        for entry in as_objects(part.get("referenceRange"))
        if status_code(entry.get("type")) in (None, "normal")
    ]
    value = part.get("valueQuantity")
    unit = unit_texts(value) if isinstance(value, dict) else []
    return _limit(ranges, "low", measurement, unit), _limit(ranges, "high", measurement, unit)


def _limit(
    ranges: list[Json], end: str, measurement: Measurement | None, unit: list[str]
) -> Decimal | None:
    if measurement is None or measurement.unit is None:
        return None
    found: set[Decimal] = set()
    for entry in ranges:
        bound = entry.get(end)
        amount = as_number(bound.get("value")) if isinstance(bound, dict) else None
        units = (unit_texts(bound) or unit) if isinstance(bound, dict) else []
        if amount is None:
            continue
        in_unit = to_canonical(amount, units[0], measurement) if units else None
        if in_unit is None:
            return None
        found.add(in_unit)
    return found.pop() if len(found) == 1 else None
