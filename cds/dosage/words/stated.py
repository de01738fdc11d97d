"""What is certain in a text, whatever else it says: for the check of a draft order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from cds.dosage.model import Route, Span, Stated
from cds.dosage.words.facts import COURSE, MASSES, Dose, Fact, Length
from cds.dosage.words.readers.maxima import Maximum
from cds.dosage.words.stated_often import per_day
from cds.units import Quantity, decimal

UNREAD_AMOUNT = "an amount that can't be read for certain"
_METHODS = ("push", "bolus", "infusion", "injection")
"""push and bolus before infusion, since they are the risk"""
_BELOW_A_RATE = ("h", "min", "d", "24h")
_GIVEN_SLOWLY = ("intravenous", "subcutaneous", "intraosseous")
_CAPITAL_IN = re.compile(r"\bIN\b")
_A_DAY = 1440
_ONCE = frozenset({"single", "single_dose", "now"})
_COURSE = COURSE


def read_stated(text: str, facts: Sequence[Fact]) -> Stated:
    """Search the facts of a text; those inside advice are not among them."""
    diluent, volume, facts = _diluent(text, facts)
    doses, maximum = _doses(facts)
    rates = [dose for dose in doses if _is_rate(dose.unit)]
    doses = [dose for dose in doses if not _is_rate(dose.unit)]
    routes = _routes(text, facts)
    flags = {fact.value for fact in facts if fact.kind == "flag"}
    methods = {fact.value for fact in facts if fact.kind == "method"}
    methods |= {"infusion" for fact in facts if _says(text, fact) == "ivpb"}
    kinds = {fact.kind for fact in facts}
    titrated = not kinds.isdisjoint(("titrate", "change_to")) or "titrat" in text.lower()
    once = facts if not kinds.isdisjoint(_ONCE) else ()
    single = next((fact for fact in once if _is_once(fact)), None)
    slow = bool(set(routes) & set(_GIVEN_SLOWLY)) or "infusion" in methods or bool(rates)
    return Stated(
        doses=tuple(_low(dose) for dose in doses),
        high=_high(doses),
        rates=tuple(_low(dose) for dose in rates),
        rate_high=_high(rates),
        concentration=_concentration(facts),
        duration_min=_duration(facts, slow=slow),
        per_day=per_day(text, facts),
        sessions=_sessions(facts, single),
        weeks=_weeks(facts),
        single=True if single else None,
        routes=routes,
        method=next((method for method in _METHODS if method in methods), None),
        volume=volume,
        diluent=diluent or ("diluent" if "diluted" in flags else None),
        test_dose="test_dose" in flags,
        pca="pca" in flags,
        continuous=True
        if "continuous" in flags or (titrated and rates) or ("length" in kinds and _all_day(facts))
        else None,
        home="home" in flags,
        ideal_weight="ideal" in flags,
        as_needed=True if "prn" in kinds else None,
        maximum=maximum,
        unread=(UNREAD_AMOUNT,) if [f for f in facts if f.kind == "bad" and f.value] else (),
    )


def _diluent(
    text: str, facts: Sequence[Fact]
) -> tuple[str | None, Quantity | None, Sequence[Fact]]:
    """The fluid, the mL that the dose is made up to, and the facts without them and flushes."""
    kept: list[Fact] = []
    name: str | None = None
    volume: Quantity | None = None
    place = 0
    while place < len(facts):
        fact = facts[place]
        made_up = fact.value in ("in", "with") and fact.kind in ("unknown", "fill")
        made_up = made_up or (fact.kind == "advice" and _says(text, fact).startswith("dilute"))
        found = _fluid_from(facts, place + made_up)
        end = found[0] if found is not None else place
        flushed = found is not None and end < len(facts) and _is_flush(text, facts[end])
        if found is not None and (made_up or flushed or found[2] is not None):
            end, millilitres, fluid = found
            if not flushed and volume is None and (made_up or kept):
                volume = Quantity(decimal(millilitres), "mL")
                name = text[fluid.begin : fluid.end] if fluid else "diluent"
            place = end
            continue
        if made_up and name is None and place + 1 < len(facts):
            following = facts[place + 1]
            if following.kind == "fluid":  # `in NS at 50 mL/h`: how much of it is not said
                name = text[following.begin : following.end]
        kept.append(fact)
        place += 1
    return name, volume, kept


def _fluid_from(facts: Sequence[Fact], at: int) -> tuple[int, Fraction, Fact | None] | None:
    """`100 mL (of) normal saline`, `sodium chloride 0.9 %, 250 mL`, `10 mL` before a flush."""
    fluid: Fact | None = None
    amount: Fraction | None = None
    place = at
    while place < len(facts) and place < at + 5:
        fact = facts[place]
        if fact.kind == "fluid" and fluid is None:
            fluid = fact
        elif fact.kind == "dose" and fact.value.unit == "mL" and amount is None:
            amount = fact.value.span.low
        elif fact.kind not in ("fill", "comma", "colon") or place == at:
            break
        place += 1
    while place > at and facts[place - 1].kind in ("fill", "comma", "colon"):
        place -= 1
    return None if amount is None or amount <= 0 else (place, amount, fluid)


def _is_flush(text: str, fact: Fact) -> bool:
    return fact.kind == "advice" and "flush" in text[fact.begin : fact.end].lower()


def _doses(facts: Sequence[Fact]) -> tuple[list[Dose], Quantity | None]:
    """Doses and rates in order, and the maximum of one administration beside them."""
    found: list[Dose] = []
    bounds: list[Dose] = []
    for fact in facts:
        if fact.kind == "dose":
            if fact.value.high and fact.value.unit != "1":
                bounds.append(fact.value)
            else:
                found.extend(_each(fact.value))
        elif fact.kind == "max":
            if isinstance(fact.value, Maximum) and fact.value.dose is not None:
                bounds.append(_bound(fact.value))
        elif fact.kind == "up_to_a_day":
            bounds.append(fact.value._replace(unit=fact.value.unit + "/d"))
        elif fact.kind == "each_nostril" and found and found[-1].unit == "{spray}":
            found[-1] = Dose(Span(found[-1].span.low * 2, found[-1].span.high * 2), "{spray}")
    found = [dose for dose in found if dose.unit != "1" and dose.span.low > 0]
    if found:
        return found, _highest(bounds)
    alone = [dose for dose in bounds if dose.unit not in ("1", "1/d") and dose.span.low > 0]
    return [dose._replace(unit=dose.unit.removesuffix("/d")) for dose in alone], None


def _each(dose: Dose) -> Iterable[Dose]:
    """`2 devices of 28 mg`: the devices, and what they weigh together."""
    if dose.unit != "1":
        yield Dose(dose.span, dose.unit)
    if dose.each is not None:
        span, unit = dose.each
        yield Dose(dose.span * span, unit)


def _bound(value: Maximum) -> Dose:
    assert value.dose is not None
    unit = value.dose.unit + ("/d" if value.days is not None else "")
    return Dose(value.dose.span, unit)


def _highest(bounds: Sequence[Dose]) -> Quantity | None:
    """Of one administration: not of a day, and not a rate."""
    for dose in bounds:
        if dose.unit in MASSES or dose.unit.endswith("/kg"):
            return _low(dose)
    return None


def _is_rate(unit: str) -> bool:
    return unit.rpartition("/")[2] in _BELOW_A_RATE and "/" in unit


def _low(dose: Dose) -> Quantity:
    return Quantity(decimal(dose.span.low), dose.unit)


def _high(doses: Sequence[Dose]) -> Quantity | None:
    return next(
        (Quantity(decimal(d.span.high), d.unit) for d in doses if d.span.high > d.span.low), None
    )


def _concentration(facts: Sequence[Fact]) -> Quantity | None:
    found = {fact.value for fact in facts if fact.kind == "strength"}
    return found.pop() if len(found) == 1 else None


def _duration(facts: Sequence[Fact], *, slow: bool) -> Decimal | None:
    """`over 40 min`; `for 4 hours` only of what is infused."""
    for fact in facts:
        if fact.kind == "length" and isinstance(fact.value, Length):
            minutes = fact.value.minutes
            if minutes and (fact.value.cue in ("over", "during") or slow):
                return decimal(minutes)
    return None


def _all_day(facts: Sequence[Fact]) -> bool:
    """`run over 24 hours`: one administration that does not pause, and no frequency."""
    return any(
        fact.kind == "length" and fact.value.cue == "over" and (fact.value.minutes or 0) >= _A_DAY
        for fact in facts
    )


def _weeks(facts: Sequence[Fact]) -> Decimal | None:
    for fact in facts:
        if fact.kind == "length" and fact.value.unit in _COURSE and fact.value.days is not None:
            return decimal(fact.value.days.high / 7)
    return None


def _sessions(facts: Sequence[Fact], single: Fact | None) -> int | None:
    later = "then" in [fact.kind for fact in facts]
    for fact in facts:
        if fact.kind == "sessions":
            named, span = fact.value
            if (later and not named) or span.high.denominator != 1:
                return None
            return int(span.high) or None
        if fact.kind == "doses":
            return int(fact.value) or None
    return 1 if single is not None and single.value in ("x1", Fraction(1)) else None


def _is_once(fact: Fact) -> bool:
    return fact.kind in _ONCE and (fact.kind != "now" or fact.value == "stat")


def _says(text: str, fact: Fact) -> str:
    return text[fact.begin : fact.end].lower()


def _routes(text: str, facts: Sequence[Fact]) -> tuple[Route, ...]:
    found: dict[Route, None] = {}
    for fact in facts:
        if fact.kind == "route" and fact.value != "not told":
            found.setdefault(fact.value)
        elif fact.kind == "each_nostril":
            found.setdefault("intranasal")
        elif fact.kind == "method" and _says(text, fact) == "ivp":
            found.setdefault("intravenous")
        elif fact.kind == "form" and _says(text, fact) == "inhalation":
            found.setdefault("inhalation")
    if not text.isupper() and _CAPITAL_IN.search(text):
        found.setdefault("intranasal")
    return tuple(found)
