"""An amount comes into the steps: the first of its take, the same said again, or the next one."""

from __future__ import annotations

from fractions import Fraction

from cds.dosage.model import BESIDE_A_NAME, Amount, Span
from cds.dosage.words.facts import IN_MG, MASSES, ONE, Dose, span_of
from cds.dosage.words.steps.builder import Builder
from cds.dosage.words.steps.takes import TELLS_OFTEN, Draft, Problem
from cds.dosage.words.steps.totals import of_the_day, total_of_a_day

_OF_A_STRENGTH = ("1", "{tablet}", "{capsule}", "{patch}", "{film}", "{lozenge}", "{suppository}")
_PACKED = ({"mL", "{vial}"}, {"mL", "{packet}"}, {"mL", "1"})
_FILLS = ("fill", "as_parts", "equals")
_ROUNDED = Fraction(1, 10_000)
_NEAR_THE_VERB = 2
"""facts from a verb to its amount"""
_WEIGHS = ("ug/h", *MASSES)


def add(b: Builder, dose: Dose) -> None:
    """Put an amount where it belongs. Raises Problem."""
    if b.join == "or" and _by_severity(b, Amount(dose.span, dose.unit)):
        return
    if b.join == "or":
        if not _needed_in_full(b):
            raise Problem("one amount or another")
        b.join = "period"  # "2 tablets q6h prn severe pain or 1 tablet q6h prn moderate pain"
    amount = Amount(dose.span, dose.unit)
    if b.ladder:
        _stay(b, amount)
    elif _may_be_more(b, amount) or b.raising:
        _raise(b, amount)
    elif not (
        of_the_day(b, amount) or total_of_a_day(b, amount) or _said_again(b, amount, dose.each)
    ):
        _next(b, dose)


def _needed_in_full(b: Builder) -> bool:
    """Whether what stands before and what follows are both told in full, as needed."""
    ahead = {fact.kind for fact in b.facts[b.at + 1 :]}
    return b.take.as_needed and b.take.has_times and "prn" in ahead


def _by_severity(b: Builder, amount: Amount) -> bool:
    """`1 tab pain 4-6 or 2 tabs pain 7-10 q4h prn`: an amount between."""
    held, kinds = b.take.amount, [fact.kind for fact in b.facts[b.at :]]
    led = b.kind(-2) == "reason" or b.kind(-3) == "reason" or b.kind(-2) == "close"
    if held is None or b.take.has_times or held.unit != amount.unit or not led:
        return False
    if "prn" not in kinds or held.span.low != held.span.high or amount.span.low <= held.span.low:
        return False
    b.take.amount = Amount(Span(held.span.low, amount.span.high), held.unit)
    b.join = ""
    return True


def _next(b: Builder, dose: Dose) -> None:
    take = _place(b)
    take.amount = Amount(dose.span, dose.unit)
    take.spelled = dose.spelled
    take.times_first = take.has_times
    take.told_anew = b.at - b.verb_at <= _NEAR_THE_VERB
    _weigh(b, take, dose)
    take.as_needed |= dose.high or b.may
    take.extra |= b.extra or (b.may and len(b.step.takes) > 1)
    b.formed = dose.formed
    b.may = b.extra = b.equals = False
    b.join = ""


def _weigh(b: Builder, take: Draft, dose: Dose) -> None:
    """The mass that is written at the amount, or of each unit before all of them."""
    if dose.each is not None:
        take.mass, take.mass_is_total = Amount(*dose.each), False
    elif b.unit_mass is not None and dose.unit in _OF_A_STRENGTH and dose.span.low:
        take.mass, take.mass_is_total = b.unit_mass, False
    if b.strength is not None and dose.unit not in MASSES:
        if dose.unit == "1":
            return  # "6 mg/0.5 mL - inject 1": what one holds is not told
        if dose.unit in ("{spray}", "{drop}", "{device}"):
            return  # "ketamine 10 mg/mL nasal spray, 2 sprays"
        if dose.unit != "mL":
            raise Problem("a strength beside no volume")
        take.mass, take.mass_is_total = Amount(dose.span * span_of(b.strength), "mg"), True


def _place(b: Builder) -> Draft:
    """The take that is to have the amount."""
    take = b.take
    if b.changing:
        return b.next_step()
    if take.amount is None:
        later = b.step.closed and b.step.range is None and take.has_times
        return b.next_step() if later and b.join == "then" else take
    if b.alternating:
        return b.next_take("alternating")
    if b.excepting and take.join != "except":
        return b.next_take("except")
    if b.excepted is not None and b.kind(-1) == "ignored":  # "except Sundays when you take one"
        other = b.next_take("except")
        other.weekdays, b.excepted = b.excepted, None
        return other
    if not (b.step.closed or (take.single and b.join == "then")):
        return b.next_take(b.join or "none")
    if b.join == "and" and b.step.range is None and _thereafter(b):
        b.join = "then"
        return b.next_step()
    if b.join != "and":
        within = b.step.range_first and take.has_times and not b.join
        return b.next_take("comma") if within else b.next_step()  # "week 2: 1 om 1 on"
    if b.step.range is not None and not b.step.range_first and b.days_ahead():
        return b.next_step()  # "2 tablets on day 5, and 1 tablet on day 6"
    if b.step.range is None:
        raise Problem("two amounts, of which one has a length")
    return b.next_take("and")  # "week 3: 1 in the morning and 2 at night"


def _thereafter(b: Builder) -> bool:
    """Whether `thereafter` stands behind the amount that begins."""
    for at in range(b.at + 1, len(b.facts)):
        if b.facts[at].kind in ("and", "comma", "period", "dose", "count", "then"):
            return b.facts[at].kind == "then" and b.facts[at].value == "onward"
    return False


def _stay(b: Builder, amount: Amount) -> None:
    """`… to 5 mg daily, then stay on 5 mg`."""
    if not b.staying or amount != b.take.amount:
        raise Problem("more amounts than the steps have")
    b.staying, b.join = False, ""


def _raise(b: Builder, amount: Amount) -> None:
    """`may increase to 2 tablets`: the high end of the amount."""
    take, held = b.take, b.take.amount
    if held is None or len(b.step.takes) > 1:
        raise Problem("an increase that does not fit the dose before it")
    if amount.unit in MASSES and held.unit not in MASSES:
        held = _weighed(take)  # "2.5 mg caps - one od, may be increased to 10 mg od"
    unit = held.unit if amount.unit in ("1", held.unit) else amount.unit
    if "each_nostril" in (b.kind(1), b.kind(2)):
        amount, b.both_nostrils = Amount(amount.span * span_of(2), amount.unit), True
    if held.unit not in (unit, "1"):
        raise Problem("an increase that does not fit the dose before it")
    low, high = held.span.low, amount.span.high
    if b.lowering:
        low, high = amount.span.low, held.span.high
    if amount.span == held.span and b.kind(1) in ("times", "fill"):
        b.join = ""
        return  # "may increase to 1 tablet twice daily": so much as before, more often
    if high <= low or high < held.span.high or low > held.span.low:
        raise Problem("an increase to no more than before")
    take.amount = Amount(Span(low, high), unit)
    take.mass = take.mass_is_total = None
    b.raising, b.lowering, b.may, b.join = False, False, False, ""
    b.raised = b.step.repeated = True


def _may_be_more(b: Builder, amount: Amount) -> bool:
    """`1 at night, may take 2 if needed`: 2 in place of the 1, where no time of its own is told."""
    take, held = b.take, b.take.amount
    if not b.may or b.extra or b.plus or held is None or len(b.step.takes) > 1:
        return False
    if take.as_needed or not take.has_times or b.step.closed or held.unit != amount.unit:
        return False
    for fact in b.facts[b.at + 1 :]:
        if fact.kind in TELLS_OFTEN - {"prn"}:
            return False
        if fact.kind in ("period", "comma", "prn"):
            break
    if amount.span.low <= held.span.high:
        return False
    if b.join == "and":
        raise Problem("an extra dose, or one in place of the other")
    return True


def _weighed(take: Draft) -> Amount:
    """What a take weighs that was counted. Raises Problem where that is not told."""
    if take.amount is None or take.mass is None:
        raise Problem("an increase that does not fit the dose before it")
    each = span_of(1) if take.mass_is_total else take.amount.span
    return Amount(each * take.mass.span, take.mass.unit)


def _said_again(b: Builder, amount: Amount, each: tuple[Span, str] | None) -> bool:
    """`1 tablet (50 mg)`, `50 mg = 1 tab`: one dose, counted and weighed."""
    take, held = b.take, b.take.amount
    if held is None or b.changing or b.extra or b.alternating:
        return False
    if b.excepting and take.join != "except":
        return False
    back = next(n for n in (-1, -2, -3) if n == -3 or b.kind(n) not in _FILLS)
    used = b.kind(back) == "open"  # "50 mcg/h (use two 25 mcg/h patches)"
    bracket = b.kind(-1) == "open" or used or b.total_next == "dose"
    alone = not (take.has_times or b.step.closed)
    if alone and b.join == "comma" and amount == held and amount.unit in MASSES:
        b.join = ""
        return True  # "ketorolac injection 15 mg, 15 mg, IV"
    if (
        alone
        and b.join == "comma"
        and amount == held
        and (b.kind(1), b.kind(2)) == ("comma", "route")
    ):
        b.join = ""
        return True  # "fentanyl 25 mcg/h patch 2 patch, 2 patch, transdermal"
    if amount == held and amount.unit == "{patch}" and b.join == "comma" and take.has_times:
        b.join = ""
        return True  # "change patch every 72 hours, 1 patch at a time"
    if bracket and amount == held and not (take.has_times and b.time_ahead()):
        b.total_next = ""
        return True
    if b.kind(-1) == "open" and (held.unit, amount.unit) == ("{capsule}", "{spray}"):
        return True  # "1 capsule (2 inhalations of the same capsule)"
    if bracket and {held.unit, amount.unit} in _PACKED and b.kind(-1) == "open":
        take.amount = amount if amount.unit == "mL" else held  # "1 vial (3 mL)"
        return True
    near = b.equals or bracket or (b.join in ("", "comma") and not take.has_times)
    if not near or b.step.closed or (held.unit in _WEIGHS) == (amount.unit in _WEIGHS):
        return False
    counted, weighed = (amount, held) if held.unit in _WEIGHS else (held, amount)
    told_apart = bracket or b.equals or b.join or b.kind(1) == "form"
    if counted is held and held.unit in ("1", BESIDE_A_NAME) and not told_apart:
        raise Problem("two numbers side by side")
    if weighed.unit == "ug/h" and counted.unit not in ("{patch}", "1"):
        raise Problem("a rate, and a form that gives none")
    if not b.raised:
        _keep_both(b, counted, weighed, each, of_a_form=weighed is held and not bracket)
    return True


def _keep_both(
    b: Builder, counted: Amount, weighed: Amount, each: tuple[Span, str] | None, *, of_a_form: bool
) -> None:
    take = b.take
    held_first = take.amount  # "56 mg (2 devices)"
    if take.mass is not None:
        _must_agree(take, weighed, in_all=b.total_next == "dose" or b.kind(1) == "total")
        b.total_next = ""
        return
    if each is not None and counted.span * each[0] != weighed.span:
        raise Problem("the mass of one and of all do not agree")
    take.amount, take.mass = counted, weighed
    in_all = weighed is not counted and b.kind(-1) == "open" and weighed == held_first
    take.mass_is_total = True if b.equals or b.total_next == "dose" or in_all else None
    if b.formed and of_a_form and counted.span != ONE:
        take.mass_is_total = False  # "100 mg lozenge, half twice weekly"
    b.join, b.equals, b.total_next = "", False, ""


def _must_agree(take: Draft, weighed: Amount, *, in_all: bool) -> None:
    """`2 x 25 mg (50 mg)`: each and all of them must agree."""
    assert take.amount is not None
    assert take.mass is not None
    if take.mass_is_total is False and weighed.unit == take.mass.unit:
        if take.amount.span * take.mass.span != weighed.span:
            raise Problem("the mass of one and of all do not agree")
    elif (
        in_all and take.mass_is_total is None and take.amount.span * take.mass.span == weighed.span
    ):
        take.mass_is_total = False  # "12 mcg/hour x2 patches (24 mcg/h total)"
    elif not _near(_in_mg(weighed), _in_mg(take.mass)):
        raise Problem("two masses for one dose")


def _near(one: tuple[str, Span], other: tuple[str, Span]) -> bool:
    """The same, but for the rounding of a strength: 30 mL of 10 g/15 mL are 20 g."""
    (unit, a), (second, b) = one, other
    off = max(abs(a.low - b.low), abs(a.high - b.high))
    return unit == second and off <= a.high * _ROUNDED


def _in_mg(amount: Amount) -> tuple[str, Span]:
    """A mass in milligrams; a rate as it is."""
    factor = IN_MG.get(amount.unit)
    return (amount.unit, amount.span) if factor is None else ("mg", amount.span * span_of(factor))
