"""The small grammar of written instructions: `35 mg IV over 40 minutes twice weekly for 3 weeks`.

It knows amounts, rates, durations, frequencies, courses, routes and diluents in their common
spellings. What it does not know it leaves alone, and several different doses give none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from cds.orders.model import Route
from cds.orders.routes import method_in, routes_in
from cds.units import Quantity, UnitError, decimal, measures, ucum

_NUMBER = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)"
_THING = (
    r"(?:mg|mgs|milligrams?|mcg|mcgs|µg|μg|ug|micrograms?|g|grams?|ml|mls|cc|millilit(?:er|re)s?"
    r"|sprays?|puffs?|actuations?|devices?|tablets?|tabs?|capsules?|caps?|lozenges?|troches?|kits?|vials?)"
)
_PER = r"(?:\s*/\s*|\s+per\s+)"
_BELOW = r"(?:kg|kilogram|min|minute|h|hr|hour|24\s?h(?:ours|rs?)?|day|ml|spray|dose)"
_AMOUNT = re.compile(
    rf"(?<![\w.])(?P<low>{_NUMBER})(?:\s*(?:-|–|to)\s*(?P<high>{_NUMBER}))?\s*"
    rf"(?P<unit>{_THING})(?P<per>(?:{_PER}{_BELOW})*)(?![\w/])",
    re.IGNORECASE,
)
_DURATION = re.compile(
    rf"\b(?:over|for|during|x)\s+(?:about\s+|approximately\s+|at least\s+)?(?P<low>{_NUMBER})"
    rf"(?:\s*(?:-|–|to)\s*(?:{_NUMBER}))?\s*-?(?P<unit>seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?|hr|h)\b",
    re.IGNORECASE,
)
_FLUID = (
    r"(?:0\.9\s?%\s*)?(?:normal saline|saline|sodium chloride|nacl|ns|d5w|dextrose|"
    r"lactated ringer'?s|lr|sterile water|water for injection)(?:\s*(?:0\.9|5)\s?%)?"
)
_DILUENT = re.compile(
    rf"\b(?:in|with)\s+(?P<volume>{_NUMBER})\s*(?:ml|cc)\b\s*(?:of\s+)?(?P<name>{_FLUID}\b)?"
    rf"|\b(?:in|with)\s+(?P<fluid>{_FLUID})[\s,:]*(?P<made_up>{_NUMBER})\s*(?:ml|cc)\b",
    re.IGNORECASE,
)
_DILUTED = re.compile(r"(?i)\bdilut(?:e|ed)\b")
_CONCENTRATION = re.compile(
    rf"(?P<value>{_NUMBER})\s*(?P<unit>mg|mcg|ug|g)\s*/\s*(?P<per>{_NUMBER})?\s*ml\b", re.IGNORECASE
)
_WORDS = {
    "one": 1, "once": 1, "two": 2, "twice": 2, "three": 3, "thrice": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
_COUNT = r"(?P<count>\d+|once|twice|thrice|one|two|three|four|five|six|seven|eight|nine|ten|twelve)"
_TIMES = re.compile(
    rf"\b{_COUNT}\s*(?:x|times?)?\s*(?:/|\s*(?:per|a|each|every)\s+|\s*)(?P<unit>day|daily|week|weekly|wk)\b",
    re.IGNORECASE,
)
_EVERY = re.compile(
    r"\b(?:every|q)\s*(?P<count>\d+|other)?\s*(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|months?)\b",
    re.IGNORECASE,
)
_CODES = (
    (re.compile(r"\bBID\b|\bb\.i\.d\."), Fraction(2)),
    (re.compile(r"\bTID\b|\bt\.i\.d\."), Fraction(3)),
    (re.compile(r"\bQID\b"), Fraction(4)),
    (re.compile(r"(?i)\b(fortnightly|biweekly)\b"), Fraction(1, 14)),
    (re.compile(r"(?i)\bweekly\b"), Fraction(1, 7)),
    (re.compile(r"(?i)\bmonthly\b"), Fraction(1, 30)),
    (re.compile(r"(?i)\b(daily|nightly|at bedtime)\b|\bQD\b|\bqhs\b"), Fraction(1)),
)
_LENGTH = re.compile(
    rf"\b(?:for|x|over)\s*(?:{_NUMBER}\s*(?:-|–|to)\s*)?{_COUNT}\s*(?P<unit>days?|d|weeks?|wks?|months?)\b",
    re.IGNORECASE,
)
_SESSIONS = re.compile(
    rf"\b(?:for|x|total of|series of|up to|times)?\s*{_COUNT}\s*"
    r"(?:infusions?|sessions?|treatments?|injections?|doses|administrations?|visits?)\b"
    r"|\bx\s?(?P<times>\d{1,2})\b(?!\s*(?:days?|weeks?|wks?|months?|mg|min|h))",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"(?i)\b(?:one[- ]time|single (?:dose|infusion|session)|once only|x\s?1\b|stat\b"
    r"|once\b(?!\s*(?:a|per|daily|weekly|every|/)))"
)
_DAYS = {
    "min": Fraction(1, 1440),
    "h": Fraction(1, 24),
    "d": Fraction(1),
    "w": Fraction(7),
    "m": Fraction(30),
}
_TEST_DOSE = re.compile(
    r"(?i)\b(test dose|titrat(?:ed|ing) aliquots?|aliquots?|increments? of|incremental)\b"
)
_PCA = re.compile(r"\bPCA\b|(?i:\bpatient[- ]controlled\b|\bdemand dose\b|\blockout\b)")
_CONTINUOUS = re.compile(r"(?i)\bcontinuous(ly)?\b|\btitrate\b(?=.*/h)")
_HOME = re.compile(
    r"(?i)\b(?:at home|take[- ]home|for home use|home use|self[- ]administer(?:ed|s)?"
    r"|dispense to patient)\b"
)
_IDEAL = re.compile(r"\bIBW\b|(?i:\bideal (?:body )?weight\b)")


@dataclass(frozen=True, slots=True)
class Written:
    """What an instruction says in words. None: not said, or not once and clearly."""

    doses: tuple[Quantity, ...] = ()
    """every amount that is a dose, in order: mg, mg/kg, mL, {spray} …"""
    high: Quantity | None = None
    rates: tuple[Quantity, ...] = ()
    rate_high: Quantity | None = None
    concentration: Quantity | None = None
    duration_min: Decimal | None = None
    per_day: Fraction | None = None
    sessions: int | None = None
    weeks: Decimal | None = None
    single: bool | None = None
    routes: tuple[Route, ...] = ()
    method: str | None = None
    volume: Quantity | None = None
    diluent: str | None = None
    test_dose: bool = False
    pca: bool = False
    continuous: bool | None = None
    home: bool = False
    ideal_weight: bool = False
    problems: tuple[str, ...] = field(default=())


def read_text(text: str) -> Written:
    """Read an instruction. Never raises; what is contradictory is in `problems`."""
    flat = " ".join(text.split())
    if not flat:
        return Written()
    diluent = _DILUENT.search(flat)
    bare = flat.replace(diluent.group(0), " ") if diluent else flat
    concentration = _concentration(bare)
    bare = _CONCENTRATION.sub(" ", bare)
    amounts = list(_amounts(bare))
    doses = [(low, high) for low, high in amounts if not _is_rate(low)]
    rates = [(low, high) for low, high in amounts if _is_rate(low)]
    problems = [*_several(doses, "doses"), *_several(rates, "rates")]
    routes = tuple(routes_in(flat))
    if not flat.isupper() and re.search(r"\bIN\b", flat):
        routes = (*routes, "intranasal") if "intranasal" not in routes else routes
    return Written(
        doses=tuple(low for low, _ in doses),
        high=next((high for _, high in doses if high), None),
        rates=tuple(low for low, _ in rates),
        rate_high=next((high for _, high in rates if high), None),
        concentration=concentration,
        duration_min=_duration(flat),
        per_day=_per_day(flat),
        sessions=_sessions(flat),
        weeks=_weeks(flat),
        single=True if _ONCE.search(flat) else None,
        routes=routes,
        method=method_in(flat),
        volume=_diluted_to(diluent),
        diluent=_diluent(diluent, flat),
        test_dose=bool(_TEST_DOSE.search(flat)),
        pca=bool(_PCA.search(flat)),
        continuous=True if _CONTINUOUS.search(flat) else None,
        home=bool(_HOME.search(flat)),
        ideal_weight=bool(_IDEAL.search(flat)),
        problems=tuple(problems),
    )


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:  # pragma: no cover - the patterns let only digits through
        return Decimal(0)


def _amounts(text: str) -> Iterator[tuple[Quantity, Quantity | None]]:
    for match in _AMOUNT.finditer(text):
        per = re.sub(r"\s*/\s*|\s+per\s+", "/", match["per"].lower()).replace("/dose", "")
        try:
            unit = ucum(match["unit"].lower() + per.replace("kilogram", "kg").replace(" ", ""))
        except UnitError:
            continue
        low = Quantity(_number(match["low"]), unit)
        if low.value <= 0:
            continue
        high = Quantity(_number(match["high"]), unit) if match["high"] else None
        yield low, high


def _is_rate(amount: Quantity) -> bool:
    return any(
        measures(amount.unit, like) for like in ("mg/h", "mg/kg/h", "mL/h", "mL/kg/h", "{spray}/h")
    )


def _several(amounts: Iterable[tuple[Quantity, Quantity | None]], what: str) -> Iterator[str]:
    """Two different amounts of one dimension: nobody can say which is meant."""
    seen: list[Quantity] = []
    for amount, _ in amounts:
        for other in seen:
            if measures(amount.unit, other.unit) and other.to(amount.unit).value != amount.value:
                yield f"several {what} in the text"
                return
        seen.append(amount)


def _concentration(text: str) -> Quantity | None:
    found = {
        Quantity(
            decimal(Fraction(_number(m["value"])) / (Fraction(_number(m["per"] or "1")) or 1)),
            ucum(m["unit"].lower() + "/mL"),
        ).to("mg/mL")
        for m in _CONCENTRATION.finditer(text)
    }
    return found.pop() if len(found) == 1 else None


def _duration(text: str) -> Decimal | None:
    match = _DURATION.search(text)
    if match is None:
        return None
    unit = match["unit"].lower()[0]
    minutes = {"s": Fraction(1, 60), "m": Fraction(1), "h": Fraction(60)}[unit]
    value = decimal(Fraction(_number(match["low"])) * minutes)
    return value if value > 0 else None


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _WORDS[text.lower()]


def _per_day(text: str) -> Fraction | None:
    if match := _TIMES.search(text):
        days = 7 if match["unit"].lower().startswith("w") else 1
        return Fraction(_count(match["count"]), days) or None
    if match := _EVERY.search(text):
        unit = match["unit"].lower()
        every = Fraction(
            2 if (match["count"] or "1").lower() == "other" else int(match["count"] or 1)
        )
        length = _DAYS["min" if unit.startswith("mi") else unit[0]]
        return 1 / (every * length) if every else None
    return next((rate for pattern, rate in _CODES if pattern.search(text)), None)


def _sessions(text: str) -> int | None:
    match = _SESSIONS.search(text)
    if match is None:
        return None
    return _count(match["count"] or match["times"]) or None


def _weeks(text: str) -> Decimal | None:
    match = _LENGTH.search(text)
    if match is None:
        return None
    days = _count(match["count"]) * _DAYS[match["unit"].lower()[0]]
    return decimal(days / 7) if days else None


def _diluted_to(match: re.Match[str] | None) -> Quantity | None:
    if match is None:
        return None
    value = _number(match["volume"] or match["made_up"])
    return Quantity(value, "mL") if value > 0 else None


def _diluent(match: re.Match[str] | None, text: str) -> str | None:
    if match is not None:
        return (match["name"] or match["fluid"] or "diluent").strip()
    return "diluent" if _DILUTED.search(text) else None
