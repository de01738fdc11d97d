"""Numbers of an observation in the canonical unit of its kind, or the problem that they have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from cds.chart.named_unit import named_unit, unit_told
from cds.fhir_json import as_number, as_objects, as_text, status_code, unit_texts
from cds.knowledge.model.measurements import Measurement
from cds.terminology.answers import answer, scored
from cds.units import UnitError, convert, parse_unit, plain
from cds.wire import Json

_NUMBER = r"\d{1,8}(?:\.\d{1,4})?|[1-9]\d{0,2}(?:,\d{3})+|\d{1,4},\d{1,4}"
"""`1,200` is a thousand and more; `4,8` and `0,850` have a decimal comma"""
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+")
_WITH_UNIT = re.compile(
    rf"(?P<amount>{_NUMBER})\s*(?P<unit>[A-Za-zµμ%‰](?:\S{{0,19}}?|\S{{0,10}} ?/ ?\S{{1,9}}?))\.?",
    re.A,
)
_FLAG = (
    r"(?:[HLAN]|HH|LL|AA|HI|LO"
    r"|(?i:high|low|abnormal|abn|normal|crit(?:ical)?(?: high| low)?|panic))"
)
_BEHIND = re.compile(
    rf"\s*(?:\s{_FLAG}|[(\[]\s*(?:{_FLAG}|[hlan]{{1,2}}|[*!]+)\s*[)\]]|[*!↑↓]+"
    r"|(?<=%)\s+(?:on )?(?i:RA|room air)|(?<=%)\s+on \d{1,2} ?L(?:/min)?)\.?\Z"
)
_BEFORE = re.compile(rf"\A(?:{_FLAG}\s+|[*!]+\s*)")
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
ONLY_A_BOUND = "only a bound is given"
_UNIT_UNFIT = "the unit does not fit"
_UNIT_DIFFERS = "unit code and unit text differ"


class Measured(Struct, frozen=True):
    """What a value[x] comes to: a number, an answer, or a problem."""

    value: Decimal | None = None
    unit: str | None = None
    concept: frozenset[str] = frozenset()
    problem: str | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None


def in_canonical_unit(
    value: object, measurement: Measurement, names: Sequence[str] = ()
) -> Measured:
    """A number in the canonical unit, or the problem that it has.

    `names`: of the result; where the number has no unit, one of them may tell it.
    """
    if value is None:
        return Measured(problem="no value")
    amount, units, comparator = _parts(value)
    if amount is not None:
        units = units or _told_by_name(amount, measurement, names)
        if units and _is_no_unit_of(names, units, measurement):
            return Measured(problem=_UNIT_UNFIT)
    if amount is None:
        said = answer(value) if measurement.positive_from is not None else frozenset()
        return Measured(concept=said, problem=None if said else "the value is not a number")
    if comparator:
        concept = _beyond(comparator, amount, units, measurement)
        return (
            Measured(concept=concept) if concept else _bound(comparator, amount, units, measurement)
        )
    return _in_unit(amount, units, measurement)


def _told_by_name(amount: Decimal, measurement: Measurement, names: Sequence[str]) -> list[str]:
    told = unit_told(amount, names, measurement, lambda unit: _fits(unit, measurement))
    return [] if told is None else [told]


def _fits(unit: str, measurement: Measurement) -> bool:
    return to_canonical(Decimal(1), unit, measurement) is not None


def _is_no_unit_of(names: Sequence[str], units: list[str], measurement: Measurement) -> bool:
    """Whether the names want another unit, though this one measures the kind."""
    wanted = named_unit(names, measurement)
    if wanted is None or not wanted.units or units == [measurement.unit]:
        return False
    spelled = {_spelling(unit) for unit in wanted.units}
    return not any(_spelling(unit) in spelled for unit in units)


def _in_unit(amount: Decimal, units: list[str], measurement: Measurement) -> Measured:
    if not units:
        if measurement.unit_needed:
            return Measured(problem="no unit")
        converted: list[Decimal] = [amount]
    else:
        converted = [c for u in units if (c := to_canonical(amount, u, measurement)) is not None]
        if not converted:
            return Measured(problem=_UNIT_UNFIT)
        if len(converted) < len(units) and _other_unit(units, measurement):
            return Measured(problem=_UNIT_DIFFERS)
    if len(converted) > 1 and any(c != converted[0] for c in converted):
        return Measured(problem=_UNIT_DIFFERS)
    final = converted[0]
    low, high = measurement.lowest, measurement.highest
    if (low is not None and final < low) or (high is not None and final > high):
        return Measured(problem=f"implausible: {_shown(final)} {measurement.unit}")
    return Measured(value=final, unit=measurement.unit)


def _bound(
    comparator: str, amount: Decimal, units: list[str], measurement: Measurement
) -> Measured:
    """`>30 mg/dL`: no number, and a rule that asks for 3 and more has its answer."""
    read = _in_unit(amount, units, measurement)
    if read.value is None:
        return read
    over = comparator.startswith(">")
    return Measured(
        unit=read.unit,
        problem=ONLY_A_BOUND,
        at_least=read.value if over else None,
        at_most=None if over else read.value,
    )


def _shown(value: Decimal) -> str:
    return plain(value) if abs(value.adjusted()) < 12 else "beyond any measure"


def to_canonical(amount: Decimal, unit: str, measurement: Measurement) -> Decimal | None:
    """`amount` of `unit` in the canonical unit of a kind; None when the unit does not fit it."""
    if measurement.unit is None:
        return None
    of_its_most = f"/{measurement.highest}"  # "21/27" of a score that ends at 27
    if unit == measurement.unit or unit in measurement.same_as or unit == of_its_most:
        return amount
    for rule in measurement.conversions:
        if unit == rule.unit or _spelling(unit) == _spelling(rule.unit):
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
    if isinstance(value, dict | str):
        concept = value if isinstance(value, dict) else {"text": value}
        score = scored(concept)
        if score is not None:
            return Decimal(score), ["{score}"], ""
        return _told(as_text(concept.get("text")))
    return as_number(value), [], ""


def _told(text: str) -> tuple[Decimal | None, list[str], str]:
    """A number in a string, without the laboratory's flags: `4.8 mg/dL (H)`, `H >30 mg/dL`."""
    text = _BEHIND.sub("", _BEFORE.sub("", text))
    bound = _BOUND.match(text)
    amount, units = _written(text[bound.end() :] if bound else text)
    return amount, units, bound[1] if bound else ""


def _written(value: str) -> tuple[Decimal | None, list[str]]:
    """`14`, `7/10` or `82.5 kg` in a valueString: the whole string is it, or there is none.

    What a score is out of is its unit: `/10` fits a scale that ends there. Stones are told in
    pounds.
    """
    if stones := _STONES.fullmatch(value):
        return Decimal(stones["st"]) * _POUNDS_OF_A_STONE + Decimal(stones["lb"] or 0), ["lb"]
    if with_unit := _WITH_UNIT.fullmatch(value):
        return _number(with_unit["amount"]), [with_unit["unit"].replace(" ", "")]
    amount, slash, scale = (part.strip() for part in value.partition("/"))
    if not re.fullmatch(_NUMBER, amount, re.A):
        return None, []
    return _number(amount), [f"/{scale}"] if slash else []


def _number(written: str) -> Decimal:
    thousands = _THOUSANDS.fullmatch(written)
    return Decimal(written.replace(",", "" if thousands else "."))


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
    stated = part.get("referenceRange")
    if not stated or measurement is None or measurement.unit is None:
        return None, None
    ranges = [
        entry for entry in as_objects(stated) if status_code(entry.get("type")) in (None, "normal")
    ]
    _, unit, _ = _parts(part.get("valueQuantity") or part.get("valueString"))
    return _limit(ranges, "low", measurement, unit), _limit(ranges, "high", measurement, unit)


def _limit(
    ranges: list[Json], end: str, measurement: Measurement, unit: list[str]
) -> Decimal | None:
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
