"""A small grammar for dosage instructions that were only written as text.

It accepts what it understands in full: every word must be known, or the whole text is not
understood. "Take 1 tablet daily, then 2" has a word it does not know, and yields nothing; a partly
understood instruction would be a wrong dose.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from cds.history.amounts import COUNT_WORDS, MASS_WORDS, VOLUME_WORDS
from cds.history.sig_text import SEPARATORS, normalised

MAX_LENGTH = 300
"""characters; longer texts are notes"""
MAX_PER_DAY = 24
"""administrations; more is not an instruction that a person follows"""
MAX_COUNT = 40
"""tablets or the like at once"""


@dataclass(frozen=True, slots=True)
class Span:
    """A number or a range of numbers."""

    low: Fraction
    high: Fraction

    def __mul__(self, other: Span) -> Span:
        return Span(self.low * other.low, self.high * other.high)

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Sig:
    """One instruction: how much at a time, how often."""

    amount: Span | None = None
    unit: str | None = None
    """canonical unit of `amount`: mg, ug, g, mL, `{tablet}`, `{patch}` …"""
    mass: tuple[Fraction, str] | None = None
    """a mass written beside a count: "1 capsule (20 mg)" """
    mass_is_total: bool = False
    per_day: Span | None = None
    as_needed: bool = False
    max_per_day: tuple[Fraction, str | None] | None = None
    """stated daily maximum and its unit; None: administrations"""
    days: int | None = None


@dataclass(slots=True)
class _Clause:
    amount: Span | None = None
    unit: str | None = None
    mass: tuple[Fraction, str] | None = None
    total: bool = False
    per_day: Span | None = None
    events: int = 0


@dataclass(slots=True)
class _Reading:
    clauses: list[_Clause] = field(default_factory=lambda: [_Clause()])
    joined: bool = False
    as_needed: bool = False
    max_per_day: tuple[Fraction, str | None] | None = None
    days: int | None = None

    @property
    def now(self) -> _Clause:
        return self.clauses[-1]


_NUMBER = r"(?:\d+ \d/\d|\d+/\d+|\d+(?:,\d{3})+|\d*\.\d+|\d+)"
_RANGE = rf"(?P<low>{_NUMBER})(?: ?(?:-|–|to|or) ?(?P<high>{_NUMBER}))?"
_MASS = "|".join(sorted(map(re.escape, MASS_WORDS), key=len, reverse=True))
_UNIT = "|".join(
    sorted(map(re.escape, (*MASS_WORDS, *VOLUME_WORDS, *COUNT_WORDS)), key=len, reverse=True)
)
_DAYS = {"day": 1, "week": 7, "month": 30, "d": 1, "wk": 7, "mo": 30}


def _number(text: str) -> Fraction:
    whole, _, rest = text.replace(",", "").rpartition(" ")
    return (Fraction(whole) if whole else Fraction(0)) + Fraction(rest)


def _span(match: re.Match[str]) -> Span | None:
    low = _number(match["low"])
    high = _number(match["high"]) if match["high"] else low
    return Span(low, high) if 0 < low <= high else None


def _dose(reading: _Reading, match: re.Match[str]) -> bool:
    span, word = _span(match), match["unit"]
    if span is None or reading.days is not None:
        return False
    unit = MASS_WORDS.get(word) or VOLUME_WORDS.get(word) or COUNT_WORDS[word]
    if reading.joined and reading.now.amount is not None:
        reading.clauses.append(_Clause())
    reading.joined = False
    if reading.now.amount is not None:
        return _beside(reading.now, span, unit)
    factor = VOLUME_FACTORS.get(word, Fraction(1))
    reading.now.amount = Span(span.low * factor, span.high * factor)
    reading.now.unit = unit
    return True


def _beside(clause: _Clause, span: Span, unit: str) -> bool:
    """ "1 capsule (20 mg)", "20 mg 1 capsule": one dose said twice, before its frequency."""
    masses = MASS_WORDS.values()
    counted, weighed = (clause.amount, span) if unit in masses else (span, clause.amount)
    count_unit, mass_unit = (clause.unit, unit) if unit in masses else (unit, clause.unit)
    if clause.per_day is not None or clause.mass is not None or weighed is None:
        return False
    if count_unit not in COUNT_WORDS.values() or mass_unit not in masses or mass_unit is None:
        return False
    if weighed.low != weighed.high:
        return False
    clause.amount, clause.unit, clause.mass = counted, count_unit, (weighed.low, mass_unit)
    return True


def _rate(reading: _Reading, match: re.Match[str]) -> bool:
    """ "75 mcg/hr patch", or the same beside "1 patch"."""
    if reading.now.amount is None:
        rate = _number(match["low"])
        reading.now.amount, reading.now.unit = Span(rate, rate), "ug/h"
        return rate > 0
    return reading.now.unit == "{patch}"


VOLUME_FACTORS = {
    word: Fraction(factor)
    for words, factor in ((("teaspoon", "teaspoons", "teaspoonful", "tsp"), 5),
                          (("tablespoon", "tablespoons", "tablespoonful", "tbsp"), 15))
    for word in words
}  # fmt: skip


def _bare_count(reading: _Reading, match: re.Match[str]) -> bool:
    """ "1 po bid": a number before the route is a number of units."""
    span = _span(match)
    if span is None or reading.now.amount is not None:
        return False
    reading.now.amount, reading.now.unit = span, "1"
    return True


def _frequency(reading: _Reading, per_day: Span) -> bool:
    if per_day.low < 0 or per_day.high <= 0 or per_day.high > MAX_PER_DAY:
        return False
    clause = reading.now
    if clause.per_day is not None:
        # "every morning daily" repeats itself; two different frequencies contradict each other
        return clause.per_day == per_day
    clause.per_day = per_day
    return True


def _event(reading: _Reading, match: re.Match[str]) -> bool:
    reading.now.events += 1
    reading.joined = False
    return True


def _hours(reading: _Reading, match: re.Match[str]) -> bool:
    span = _span(match)
    return span is not None and _frequency(reading, Span(24 / span.high, 24 / span.low))


def _interval(reading: _Reading, match: re.Match[str]) -> bool:
    span, days = _span(match), _DAYS[match["of"]]
    return span is not None and _frequency(
        reading, Span(1 / (span.high * days), 1 / (span.low * days))
    )


def _times(reading: _Reading, match: re.Match[str]) -> bool:
    span, days = _span(match), _DAYS[match["of"] or "day"]
    return span is not None and _frequency(reading, Span(span.low / days, span.high / days))


def _up_to(reading: _Reading, match: re.Match[str]) -> bool:
    reading.as_needed = True
    return _times(reading, match)


def _maximum(reading: _Reading, match: re.Match[str]) -> bool:
    word = match["unit"]
    unit = MASS_WORDS.get(word) or VOLUME_WORDS.get(word) or COUNT_WORDS.get(word or "")
    reading.max_per_day = (_number(match["low"]), unit)
    return True


def _needed(reading: _Reading, match: re.Match[str]) -> bool:
    reading.as_needed = True
    return True


def _duration(reading: _Reading, match: re.Match[str]) -> bool:
    if reading.days is not None:
        return False
    reading.days = int(match["n"]) * _DAYS[match["of"]]
    return True


def _single(reading: _Reading, match: re.Match[str]) -> bool:
    if reading.days is not None:
        return False
    reading.days = 1
    return _frequency(reading, Span(Fraction(1), Fraction(1)))


def _total(reading: _Reading, match: re.Match[str]) -> bool:
    reading.now.total = True
    return reading.now.amount is not None


def _join(reading: _Reading, match: re.Match[str]) -> bool:
    reading.joined = True
    return True


def _nothing(reading: _Reading, match: re.Match[str]) -> bool:
    return True


def _fixed(per_day: Fraction) -> Callable[[_Reading, re.Match[str]], bool]:
    return lambda reading, match: _frequency(reading, Span(per_day, per_day))


_UNIT_OF_TIME = r"(?P<of>day|week|month)"
_PER = r"(?:per|a|an|each|every|/)"
_REASON_STOP = (
    r"\b(?:then|until|increase|decrease|taper|titrate|may|but|except|unless|tablets?|capsules?|mg|"
    r"daily|day|days|week|weeks|month|months|night|morning|repeat|total|hour|hours|after)\b"
)
_REASON = rf"(?:(?!{_REASON_STOP})[a-z'/ -])+"
_RULES: list[tuple[re.Pattern[str], Callable[[_Reading, re.Match[str]], bool]]] = [
    (re.compile(pattern + r"(?![a-z0-9])"), action)
    for pattern, action in [
        (r"(?:max(?:imum)?|not to exceed|do not exceed|no more than)(?: of)?:? "
         rf"(?P<low>{_NUMBER}) ?(?P<unit>{_UNIT})? ?(?:doses? )?(?:per|/|a|in(?: a)?|every) ?"
         r"(?:day|24 ?(?:hours|hrs?|h))", _maximum),
        (rf"up to {_RANGE} times (?:daily|{_PER} ?{_UNIT_OF_TIME})", _up_to),
        (rf"{_RANGE} ?(?:x|times) ?(?:{_PER} ?{_UNIT_OF_TIME}|daily)", _times),
        (rf"{_RANGE} ?(?:x|times) ?(?P<of>week)ly", _times),
        (rf"(?:every|q) ?{_RANGE} ?(?:hours?|hrs?|h)", _hours),
        (rf"(?:every|q) ?{_RANGE} ?(?P<of>day|week|month|d|wk|mo)s?", _interval),
        (rf"(?P<low>{_NUMBER}) ?(?:mcg|ug)/h(?:r|our)?(?: transdermal)?(?: patch(?:es)?)?", _rate),
        (rf"{_RANGE} ?(?P<unit>{_UNIT})", _dose),
        (r"(?:for|x) ?(?P<n>\d{1,3}) ?(?P<of>day|week|month|d|wk|mo)s?", _duration),
        (rf"{_RANGE}(?= ?(?:po|by mouth|orally|oral|sl|bid|tid|qid|qd|qhs|daily)\b)", _bare_count),
        (r"(?:twice|two times) (?:daily|(?:a|per|each) day)|bid|2/day", _fixed(Fraction(2))),
        (r"twice (?:weekly|(?:a|per|each) week)", _fixed(Fraction(2, 7))),
        (r"thrice (?:daily|a day)|tid", _fixed(Fraction(3))),
        (r"qid", _fixed(Fraction(4))),
        (r"every other day|qod|every second day|alternate days", _fixed(Fraction(1, 2))),
        (r"(?:once )?(?:weekly|(?:a|per|each|every) week)|qwk|q ?week", _fixed(Fraction(1, 7))),
        (r"(?:once )?(?:monthly|(?:a|per|each|every) month)", _fixed(Fraction(1, 30))),
        (r"once (?:daily|(?:a|per|each|every) day)|daily|(?:every|each|per|a) day|q ?day|qd",
         _fixed(Fraction(1))),
        (r"nightly|(?:every|each) (?:night|evening|morning|bedtime)(?: at bedtime)?|"
         r"q ?hs|q ?am|q ?pm|(?:in|during) the (?:morning|evening|afternoon)|"
         r"(?:at|before) (?:bedtime|bed|night|noon)|"
         r"hs|at hs|(?:in |at )?(?:the )?(?:am|pm)|morning|evening|noon|bedtime|"
         r"(?:with|before|after|at) (?:breakfast|lunch|dinner|supper)", _event),
        (r"(?:once|x ?1(?: dose)?|1 time)(?: only)?$", _single),
        (rf"(?:prn|as needed|if needed|when needed|as required)(?: (?:for )?{_REASON})?", _needed),
        (r"total(?: dose)?", _total),
        (r"and|plus|\+|&", _join),
        (rf"(?:for|indications?:?) {_REASON}", _nothing),
        (r"(?:please )?(?:takes?|apply|place|inject|give|use|dissolve|insert|swallow|put|sig:?)",
         _nothing),
        (r"(?:each|of|the|by|as directed|whole|as a single dose|dose|oral(?:ly)?|by mouth|mouth|"
         r"po|sl|sublingually|under the tongue|buccally|transdermally|topically|intramuscularly|im|"
         r"via oral route|by oral route|oral route|(?:on|to|onto)(?: the)? skin|per tube|"
         r"with (?:food|meals?|a meal|milk|water|a (?:full )?glass of water)|"
         r"on an empty stomach|at the same time(?: each day)?|with or without food|"
         r"extended release|er|xr|sr)", _nothing),
    ]
]  # fmt: skip


@lru_cache(maxsize=4096)
def read_sig(text: str) -> Sig | None:
    """Read a written instruction; None when any of it is not understood.

    >>> sig = read_sig("Take 2 tablets by mouth twice daily")
    >>> sig.amount, sig.unit, sig.per_day.low
    (Span(low=Fraction(2, 1), high=Fraction(2, 1)), '{tablet}', Fraction(2, 1))
    """
    if len(text) > MAX_LENGTH:
        return None
    rest = normalised(text)
    reading = _Reading()
    while rest:
        for pattern, action in _RULES:
            match = pattern.match(rest)
            if match is not None and action(reading, match):
                rest = rest[match.end() :].lstrip(SEPARATORS)
                break
        else:
            return None
    return _sig(reading)


def _sig(reading: _Reading) -> Sig | None:
    if not all(map(_complete, reading.clauses)):
        return None
    first = reading.clauses[0]
    sig = Sig(
        first.amount, first.unit, first.mass, first.total, first.per_day,
        reading.as_needed, reading.max_per_day, reading.days,
    )  # fmt: skip
    if len(reading.clauses) > 1:
        daily = _summed(reading.clauses)
        if daily is None or reading.as_needed:
            return None
        return replace(sig, amount=daily, mass=None, per_day=Span(Fraction(1), Fraction(1)))
    if first.amount is None and first.per_day is None and not reading.as_needed:
        return None
    return sig


def _summed(clauses: list[_Clause]) -> Span | None:
    """The amount of a day: "1 tablet in the morning and 2 at bedtime"."""
    daily = Span(Fraction(0), Fraction(0))
    for clause in clauses:
        if clause.amount is None or clause.per_day is None or clause.unit != clauses[0].unit:
            return None
        daily = daily + clause.amount * clause.per_day
    return daily


def _complete(clause: _Clause) -> bool:
    """Times of the day stand for a frequency where none is written."""
    counted = clause.unit not in (None, "mg", "ug", "g", "mL", "ug/h")
    if counted and clause.amount is not None and clause.amount.high > MAX_COUNT:
        return False
    if clause.events and clause.per_day is None:
        clause.per_day = Span(Fraction(clause.events), Fraction(clause.events))
    elif clause.events and clause.per_day is not None:
        return clause.per_day.low >= 1 and clause.events <= clause.per_day.high
    return True
