"""One dosage of a draft order, interpreted: its fields first, its words where they are silent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from cds.dosage.dose_units import DOSES
from cds.dosage.model import DosageRead, FieldAmount, Fields, Route, Stated
from cds.dosage.quantity import Problems
from cds.dosage.read import with_text
from cds.dosage.words import found_in, order_steps, stated_in
from cds.orders.of_what import word_list
from cds.orders.schedule import Schedule, schedule_of, with_words
from cds.units import Quantity, UnitError, decimal, measures, readable

AT_ONCE = ("push", "bolus")
BOLUS_MIN = 10
"""what takes longer is no push: as the checks of the order have it"""


class OrderedDosage(Struct, frozen=True):
    """What one dosage orders. None: not said, or not readable (then in the problems)."""

    dose: Quantity | None = None
    dose_high: Quantity | None = None
    dose_per_kg: Quantity | None = None
    rate: Quantity | None = None
    rate_high: Quantity | None = None
    duration_min: Decimal | None = None
    duration_told: Decimal | None = None
    """minutes in words, where the fields say another time"""
    duration_unread: bool = False
    """a time is written, and can't be read"""
    route: Route | None = None
    method: str | None = None
    volume: Quantity | None = None
    also: tuple[Quantity, ...] = ()
    """what the words say of the dose where the fields say another: to be judged as well"""
    also_rates: tuple[Quantity, ...] = ()
    contradictory: bool = False
    """fields and words differ on dose, rate or route, or the words name several doses"""
    schedule: Schedule = field(default_factory=Schedule)
    as_needed: bool | None = None
    max_per_administration: Quantity | None = None
    max_per_period: tuple[Quantity, Quantity] | None = None
    max_per_lifetime: Quantity | None = None
    stated: Stated = field(default_factory=Stated)
    text: str = ""
    beside: bool = False
    """only words order it, beside a dose that stands in the fields or in the instruction"""


def ordered(read: DosageRead, path: str, problems: Problems) -> OrderedDosage:
    """What a Dosage orders; what can't be read or contradicts itself is a problem at its path."""
    fields, stated = read.fields, stated_in(read.text)
    for what in stated.unread:
        problems.add(f"{path}.text", what)
    problems.under(path, fields.problems)
    doses, rates = _with_units(fields.doses, path, problems), list(fields.rates)
    dose, per_kg, volume = _doses([_low(d) for d in doses], stated, path, problems)
    rate = _agreed([_low(r) for r in rates], stated.rates, f"{path}: rate", problems)
    also = _contradicting(doses, stated.doses, f"{path}: dose", problems)
    also_rates = _contradicting(rates, stated.rates, f"{path}: rate", problems)
    more = _named_besides(doses, read.text, path, problems)
    minutes = _duration(fields, stated, path, problems)
    route = _route(fields, stated, path, problems)
    if fields.against:
        problems.add(f"{path}.additionalInstruction", "says that it is not to be given")
    return OrderedDosage(
        dose=dose,
        dose_high=_upper(_high(doses), stated.high, dose),
        dose_per_kg=per_kg,
        rate=rate,
        rate_high=_upper(_high(rates), stated.rate_high, rate),
        duration_min=minutes,
        duration_told=None if is_one_time(minutes, stated.duration_min) else stated.duration_min,
        duration_unread=minutes is None and fields.timing.duration_unread,
        route=route,
        method=fields.method or stated.method,
        volume=volume,
        also=(*also, *_milligrams_beside(doses, stated)),
        also_rates=also_rates,
        contradictory=bool(also or also_rates or more)
        or _routes_differ(fields, stated)
        or (dose is None and not doses and _undecided(stated.doses)),
        schedule=with_words(schedule_of(fields.timing), stated, path, problems),
        as_needed=fields.as_needed or stated.as_needed or fields.as_needed,
        max_per_administration=fields.max_per_administration or stated.maximum,
        max_per_period=next(iter(fields.max_per_period), None),
        max_per_lifetime=fields.max_per_lifetime,
        stated=stated,
        text="; ".join(t for t in (read.text, *read.more) if t),
    )


def _with_units(doses: tuple[FieldAmount, ...], path: str, problems: Problems) -> list[FieldAmount]:
    """An ordered dose needs its unit: a bare number is none."""
    found = []
    for dose in doses:
        if _low(dose).unit:
            found.append(dose)
        else:
            problems.add(f"{path}.{dose.path}", "no unit")
    return found


def _contradicting(
    coded: Sequence[FieldAmount], said: tuple[Quantity, ...], path: str, problems: Problems
) -> tuple[Quantity, ...]:
    """What the words say of an amount, where none of it is what the fields say: a problem."""
    found: list[Quantity] = []
    for amount in coded:
        same = [q for q in said if measures(q.unit, _low(amount).unit)]
        if same and all(_is_outside(q, amount) for q in same):
            problems.add(path, f"the fields say {_low(amount)}, the text says {same[0]}")
            found += same
    return tuple(dict.fromkeys(found))


def _named_besides(
    coded: Sequence[FieldAmount], text: str, path: str, problems: Problems
) -> list[Quantity]:
    """Another dose in words that name the fields' dose as well; what a vial holds is none."""
    if not coded:
        return []
    facts = [text[f.begin : f.end] for f in found_in(text) if f.kind == "dose"]
    forms = word_list("forms")
    given = [fact for fact in facts if forms.isdisjoint(re.findall(r"[a-z]+", fact.lower()))]
    said = [dose for fact in given for dose in stated_in(fact).doses]
    found: list[Quantity] = []
    for amount in coded:
        same = [
            q for q in said if measures(q.unit, _low(amount).unit) and not measures(q.unit, "mL")
        ]
        others = [q for q in same if _is_outside(q, amount)]
        if others and len(others) < len(same):
            problems.add(path, f"the text also says {others[0]}")
            found += others
    return found


def _undecided(said: tuple[Quantity, ...]) -> bool:
    """`20 mg over 40 min then 100 mg push`: two amounts of one kind, and which is it?"""
    return any(
        measures(one.unit, other.unit) and _differ(one, other) for one, other in pairwise(said)
    )


def _is_outside(said: Quantity, amount: FieldAmount) -> bool:
    ends = [end for end in (amount.low, amount.high) if end is not None]
    if not all(_differ(end, said) for end in ends):
        return False
    value = said.to(ends[0].unit).value
    return len(ends) < 2 or not ends[0].value <= value <= ends[1].to(ends[0].unit).value


def _milligrams_beside(doses: list[FieldAmount], stated: Stated) -> Iterator[Quantity]:
    """`350 mg` in words beside 0.5 mg/kg in the fields: only the weight tells if they agree."""
    units = [_low(dose).unit for dose in doses]
    if units and all(measures(unit, "mg/kg") for unit in units):
        yield from (dose for dose in stated.doses if measures(dose.unit, "mg"))


def _low(amount: FieldAmount) -> Quantity:
    """The lower end; of a range with one end, that end."""
    known = amount.low or amount.high
    assert known is not None
    return known


def _high(amounts: list[FieldAmount]) -> Quantity | None:
    return next((a.high for a in amounts if a.high is not None and a.low is not None), None)


def _doses(
    doses: list[Quantity], stated: Stated, path: str, problems: Problems
) -> tuple[Quantity | None, Quantity | None, Quantity | None]:
    """(dose, the same per kg where both are stated, volume drawn up)."""
    kinds: dict[str, Quantity] = {}
    for unit in DOSES:
        coded = [q for q in doses if measures(q.unit, unit)]
        said = tuple(q for q in stated.doses if measures(q.unit, unit))
        chosen = _agreed(coded, said, f"{path}: dose", problems)
        if chosen is not None:
            kinds[unit] = chosen
    if "{device}" in kinds:
        kinds.pop("{spray}", None)  # `1 spray in each nostril per device`: how a device is used
    primary = next((kinds[unit] for unit in DOSES if unit in kinds), None)
    structured = {unit for unit in kinds if unit != "1" for q in doses if measures(q.unit, unit)}
    if structured and primary is not None:
        # a dose in the fields is the order; the text may add its volume or the dose per kg, or say
        # of what a bare count is
        primary = next(kinds[unit] for unit in DOSES if unit in structured)
    per_kg = kinds.get("mg/kg") if primary is not kinds.get("mg/kg") else None
    volume = kinds.get("mL") if primary is not kinds.get("mL") else None
    return primary, per_kg, volume


def _agreed(
    coded: list[Quantity], said: tuple[Quantity, ...], path: str, problems: Problems
) -> Quantity | None:
    """The one amount that the fields state, else the one that the text says.

    Several different ones give none.
    """
    if coded:
        if any(_differ(coded[0], other) for other in coded[1:]):
            problems.add(path, "several different amounts")
            return None
        return coded[0]
    if not said:
        return None
    if any(_differ(said[0], other) for other in said[1:]):
        named = ", ".join(dict.fromkeys(map(str, said)))
        problems.add(path, f"the text names several different amounts: {named}")
        return None
    return said[0]


def _differ(one: Quantity, other: Quantity) -> bool:
    """Whether two amounts of one kind differ by more than rounding (1 %)."""
    try:
        value = other.to(one.unit).value
    except UnitError:
        return False
    return abs(value - one.value) * 100 > one.value


def _upper(coded: Quantity | None, said: Quantity | None, low: Quantity | None) -> Quantity | None:
    """The upper end, in the unit of the lower one."""
    for high in (coded, said):
        if high is not None and low is not None and measures(high.unit, low.unit):
            return high.to(low.unit)
    return None


def _duration(fields: Fields, stated: Stated, path: str, problems: Problems) -> Decimal | None:
    coded, said = fields.timing.duration_min, stated.duration_min
    if not is_one_time(coded, said):
        assert coded is not None
        assert said is not None
        problems.add(
            f"{path}: duration",
            f"the fields say {readable(coded)} min, the text says {readable(said)} min",
        )
    if coded is not None and said is None and coded > BOLUS_MIN and stated.method in AT_ONCE:
        problems.add(
            f"{path}: duration",
            f"the fields say {readable(coded)} min, the text says {stated.method}",
        )
    return coded if coded is not None else said


def is_one_time(coded: Decimal | None, said: Decimal | None) -> bool:
    """Whether at most one time is told, to within rounding (1 %)."""
    return coded is None or said is None or abs(coded - said) * 100 <= coded


def _route(fields: Fields, stated: Stated, path: str, problems: Problems) -> Route | None:
    if fields.route is not None:
        if _routes_differ(fields, stated):
            said = stated.routes[0]
            problems.add(f"{path}.route", f"coded as {fields.route}, the text says {said}")
        return fields.route
    if len(fields.routes) > 1:
        problems.add(f"{path}.route", f"names several routes: {', '.join(fields.routes)}")
        return None
    if fields.route_written:
        problems.add(f"{path}.route", "not a known route")
    if len(stated.routes) > 1:
        problems.add(f"{path}.text", "names several routes")
        return None
    return stated.routes[0] if stated.routes else None


def _routes_differ(fields: Fields, stated: Stated) -> bool:
    other = fields.route is not None and stated.routes and fields.route not in stated.routes
    return bool(other) or len(fields.routes) > 1


def contradictions(stated: Stated) -> Iterator[str]:
    """What makes a text no order: amounts that can't be read, or two of one kind that differ."""
    yield from stated.unread
    for what, amounts in (("doses", stated.doses), ("rates", stated.rates)):
        pairs = [
            (one, other)
            for number, one in enumerate(amounts)
            for other in amounts[number + 1 :]
            if measures(one.unit, other.unit)
        ]
        if any(other.to(one.unit).value != one.value for one, other in pairs):
            yield f"several {what} in the text"


def in_steps(read: DosageRead) -> list[DosageRead]:
    """One instruction that tells of a bolus and then of an infusion, as two."""
    if read.fields.amount_written:
        return [read]
    steps = order_steps(read.own)
    if len(steps) == 1:
        return [read]
    routes = stated_in(read.own).routes
    if len(routes) == 1 and not read.fields.route_written:
        fields = replace(read.fields, route=routes[0], routes=routes, route_written=True)
        read = replace(read, fields=fields)
    return [with_text(read, step) for step in steps]


def mixed_concentration(dose: Quantity | None, volume: Quantity | None) -> Quantity | None:
    """mg/mL of a dose made up to a volume."""
    if dose is None or volume is None or not measures(dose.unit, "mg"):
        return None
    milligrams, millilitres = dose.to("mg").value, volume.to("mL").value
    return Quantity(decimal(Fraction(milligrams) / Fraction(millilitres)), "mg/mL")
