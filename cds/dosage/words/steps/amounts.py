"""What amounts do to the steps."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.model import BESIDE_A_NAME, Amount, Span
from cds.dosage.words.facts import IN_MG, MASSES, ONE, Count, Dose, span_of
from cds.dosage.words.steps import weights
from cds.dosage.words.steps.adding import add
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.takes import MAX_BARE, Draft, Problem, administrations
from cds.dosage.words.steps.times import seldom
from cds.units import Quantity

_AFTER_X = ("times", "daily", "part", "od", "clock", "fill")
_FEW = 2
"""of a form told before: more may be a strength"""
_BEFORE_A_COUNT = frozenset({
    "", "fill", "ignored", "and", "then", "comma", "period", "change_to", "change_after", "may",
    "extra", "prn", "except", "days", "colon", "after", "length", "part", "weekdays",
    "alternating", "clock", "rest_of_week", "open", "dash", "now", "another", "equals",
    "parity", "nothing_told", "total", "tapering", "advice", "product", "single", "stop", "clocks",
    "both", "reason", "method", "beside", "begins", "tomorrow", "today", "turn", "seldom", "route",
    "stays", "dates",
})  # fmt: skip


def dose(b: Builder, dose: Dose) -> None:
    if weights.told_in_mass(b, dose):
        return
    dose = weights.by_weight(b, dose)
    top, _, below = dose.unit.partition("/")
    of_a_patch = b.kind(1) == "form" and b.facts[b.at + 1].value == "{patch}"
    if below in ("d", "24h") and top in MASSES and of_a_patch and b.take.amount is None:
        hourly = span_of(IN_MG[top] * 1000 / 24)
        add(b, Dose(dose.span * hourly, "ug/h"))  # "nicotine 21 mg/24 h patch daily"
        return
    if below in ("d", "24h") and top in (*MASSES, "mL"):
        amount = Amount(dose.span, top)
        beside = b.kind(-1) in ("open", "total", "equals", "day_total", "comma")
        if beside and b.take.amount is not None and not b.step.closed and b.take.has_times:
            b.take.daily_total = amount
            return
        add(b, dose._replace(unit=top))
        b.take.daily = True
        return
    if below and dose.unit != "ug/h":
        raise Problem("an amount by weight or a rate")
    if b.kind(-1) == "open" and b.kind(1) == "daily" and b.take.times is not None:
        b.take.daily_total, b.total_said = Amount(dose.span, dose.unit), True
        return  # "400 mg bd (800 mg daily)"
    if _is_of_one_unit(b, dose):
        return
    add(b, dose)


def _is_of_one_unit(b: Builder, dose: Dose) -> bool:
    """The strength at the end, of what was told in full: `100 mg daily (50 mg tabs)`."""
    held, of_a_form = b.take.amount, dose.formed or b.kind(-1) == "form"
    led = b.kind(-2 if b.kind(-1) == "form" else -1)
    if held is None or not (of_a_form and b.take.has_times):
        return False
    if led not in ("open", "comma", "ignored", "period") or b.kind(1) not in (
        "close",
        "period",
        "",
    ):
        return False
    if held.unit != dose.unit or dose.span.low != dose.span.high or not dose.span.low:
        return False
    halves = held.span.low / dose.span.low * 2
    return halves.denominator == 1 and (halves > 2 or led == "open")


def product(b: Builder, value: Dose | Quantity | str | None) -> None:
    """What one unit holds, said before the amounts."""
    if isinstance(value, Quantity):
        b.strength = Fraction(value.value)
    elif isinstance(value, Dose) and value.unit in (*MASSES, "ug/h"):
        b.unit_mass = Amount(value.span, value.unit)


def other_strength(b: Builder, value: object) -> None:
    """`with a 100 mg tablet`: a total beside it is of both."""
    b.other_strength = True
    for fact in reversed(b.facts[: b.at]):
        if fact.kind in ("period", "close"):
            break
        if fact.kind not in ("total", "day_total"):
            continue
        raise Problem("a total of this product and another")


def _of_the_day(b: Builder) -> Span | None:
    """What the takes of the step add up to, of one unit."""
    whole, units = Span(Fraction(0), Fraction(0)), set()
    for take in b.step.takes:
        often = administrations(take)
        if take.amount is None or often is None:
            return None
        units.add(take.amount.unit)
        whole += take.amount.span * often
    return whole if len(units) == 1 and not units & {*MASSES, "mL"} else None


def _in_days_before(b: Builder) -> bool:
    lengths = [fact.value for fact in b.facts[: b.at] if fact.kind == "length"]
    untold = b.step.days is None and len(b.stretches) > 1
    return untold and bool(lengths) and all(said.cue == "x" for said in lengths)


def none(b: Builder, value: object) -> None:
    """`noon: none`, `no tablets for 3 days`, `then none`."""
    last = all(fact.kind in ("period", "close") for fact in b.facts[b.at + 1 :])
    if last and b.join == "then" and b.step.closed:
        b.step.stops = True
        b.join = ""
        return
    add(b, Dose(span_of(0), "1"))


def count(b: Builder, said: Count) -> None:
    span = said.span
    if b.kind(-1) == "open" and b.kind(1) == "daily" and _of_the_day(b) == span:
        b.total_said = True
        return  # "3 in the morning, 3 at night (6 daily)"
    held = b.take.amount
    said_before = b.kind(-1) == "open" and held is not None and held.unit not in MASSES
    of_the_form = held is None and b.kind(-1) == "form" and span.high <= _FEW  # "tab 2 bd"
    led = of_the_form or b.kind(-1) in _BEFORE_A_COUNT
    led |= b.kind(-1) == "slash" and held is not None and held.unit == BESIDE_A_NAME
    remark = b.kind(-1) == "reason" and b.kind(1) == "close" and held is not None
    if not led or remark or (said_before and not b.time_ahead()):
        raise Problem("a number without a unit")
    like = next(
        (t for s in reversed(b.stretches) for t in reversed(s.takes)
         if t.amount is not None and t.amount.unit.startswith("{")), None,
    )  # fmt: skip
    if like is None or like.amount is None:
        named = _behind_the_name(b)
        named |= held is not None and held.unit == BESIDE_A_NAME
        unit = BESIDE_A_NAME if named else _unit_before(b, span)
        add(b, Dose(span, unit, spelled=said.spelled))
        return
    each = like.mass if like.mass_is_total is False and span.low else None
    add(b, Dose(span, like.amount.unit, (each.span, each.unit) if each else None))


def _unit_before(b: Builder, span: Span) -> str:
    """`300 mg bd for a week, then 600 bd`: the number of a later step is of the same unit."""
    units = {take.amount.unit for step in b.stretches for take in step.takes if take.amount}
    one = units.pop() if len(units) == 1 else "1"
    if one in MASSES and b.join == "then" and span.low <= MAX_BARE:
        raise Problem("a number without a unit")  # "50 mg bd for a week, then 2 bd"
    more = span.low > MAX_BARE and b.join == "then" and b.kind(1) != "seldom"  # "then 12 weekly"
    return one if one in MASSES and more else "1"


def _behind_the_name(b: Builder) -> bool:
    """Whether the product's name, without a strength, stands right before: `bupropion XL 150`."""
    back = next(n for n in range(-1, -5, -1) if n == -4 or b.kind(n) != "ignored")
    return b.kind(back) == "product" and b.facts[b.at + back].value is None


def form(b: Builder, unit: str) -> None:
    take = b.take
    if b.extra and b.may and take.amount is not None and unit.startswith("{"):
        add(b, Dose(ONE, unit))  # "may take additional tablet if needed"
        return
    if b.join == "then" and b.step.closed and unit in ("{tablet}", "{capsule}"):
        raise Problem("an amount is missing")  # "then tablets daily"
    if take.amount is not None and take.amount.unit == "1" and unit.startswith("{"):
        take.amount = Amount(take.amount.span, unit)
    elif take.amount is not None and take.amount.unit.startswith("{") and take.amount.unit != unit:
        raise Problem("two forms of the product")
    elif take.amount is None and unit == "{patch}" and not (b.changing or b.amount_ahead()):
        add(b, Dose(ONE, unit))  # "change patch every 3 days"


def sessions(b: Builder, value: tuple[bool, Span]) -> None:
    many, span = value
    if not many and span.low == span.high and _in_days_before(b) and b.take.amount is not None:
        b.step.days = int(span.low)  # "60 mg x 3 days, 50 mg x 3 days, 40 mg x3"
        return
    """`x2 tds`: two of them; else a number of sessions is no daily dose."""
    named, span = value
    next_one = b.kind(1) in ("clock", "fill") and b.take.has_times and b.join in ("comma", "and")
    if named or not (b.take.empty or next_one) or b.kind(1) not in _AFTER_X:
        raise Problem("a number of sessions")
    add(b, Dose(span, "1", spelled=True))


def each(b: Builder, value: object) -> None:
    """`2 films (8 mg each)`."""
    if b.take.mass is not None and b.kind(-1) == "dose":
        b.take.mass_is_total = False


def each_nostril(b: Builder, value: object) -> None:
    amount = b.take.amount
    if b.both_nostrils:  # "2 sprays into each nostril daily. Use in each nostril"
        return
    b.both_nostrils = True
    if amount is None or amount.unit not in ("{spray}", "{drop}", "mL"):
        raise Problem("each nostril, and no sprays")
    b.take.amount = Amount(amount.span * span_of(2), amount.unit)
    mass = b.take.mass
    if mass is not None and b.strength is not None:
        b.take.mass = Amount(mass.span * span_of(2), mass.unit)  # "100 mg/mL: 0.3 mL each nostril"


def per_day_of(b: Builder, value: tuple[Span, int]) -> None:
    """`3/day` beside an amount is times, alone so many units."""
    span, days = value
    if b.kind(-1) == "open" and days == 1 and _adds_up_to(b.take, span):
        return  # "two bd (4/day total)"
    if b.take.amount is None or b.changing or b.join in ("then", "and"):
        _count_anywhere(b, span)
        span = ONE
    if days == 1:
        b.times(span)
    else:
        seldom(b, Span(span.low / days, span.high / days))


def _adds_up_to(take: Draft, span: Span) -> bool:
    often = administrations(take)
    return take.amount is not None and often is not None and take.amount.span * often == span


def _count_anywhere(b: Builder, span: Span) -> None:
    add(b, Dose(span, "1"))


def total(b: Builder, value: object) -> None:
    if b.take.mass is not None and b.kind(-1) in ("dose", "fill"):
        if b.take.mass_is_total is None:  # else it is told already, and it agrees
            b.take.mass_is_total = True
    else:
        b.total_next = "dose"


def total_a_day(b: Builder, dose: Dose) -> None:
    """`100 mg bid, total 200 mg daily`; with no other amount it is the dose."""
    if b.take.amount is not None and b.take.has_times:
        b.take.daily_total = Amount(dose.span, dose.unit)
        b.join = ""
        return
    add(b, dose)
    b.take.daily = True


def divided(b: Builder, value: object) -> None:
    take = b.take
    if take.amount is None or (take.times is not None and take.times != ONE):
        raise Problem("a total or the single dose")
    take.divided = True


def strength(b: Builder, value: Quantity | None) -> None:
    """`5 mL (10 mg/5 mL)`: what the volume weighs."""
    take = b.take
    if value is None or (take.amount is not None and take.amount.unit != "mL"):
        raise Problem("a strength beside no volume")
    if take.amount is None:
        b.strength = Fraction(value.value)
        return
    if take.mass is None:
        take.mass = Amount(take.amount.span * span_of(Fraction(value.value)), "mg")
        take.mass_is_total = True


def split_over_nostrils(b: Builder, each: Span) -> None:
    """`2 sprays (one in each nostril)`."""
    amount = b.take.amount
    if amount is None or amount.unit != "{spray}" or amount.span != each * span_of(2):
        raise Problem("the sprays of each nostril and of both do not agree")
