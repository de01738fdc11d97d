"""The small grammar of written instructions: `35 mg IV over 40 minutes twice weekly for 3 weeks`.

It knows amounts, rates, durations, frequencies, courses, routes and diluents in their common
spellings. What it does not know it leaves alone, and several different doses give none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from cds.orders.frequency import LATER, is_as_needed, is_once, per_day, sessions, weeks
from cds.orders.model import Route
from cds.orders.numerals import NUMBER as _NUMBER
from cds.orders.numerals import STARTS, fraction, number, plain_numbers
from cds.orders.routes import method_in, routes_in
from cds.units import Quantity, UnitError, decimal, measures, ucum

LONGEST = 2000
"""Characters of an instruction. A longer text is no instruction, and nothing is taken from it."""
_TOO_LONG = "too long to be read as an instruction"
_THING = (
    r"(?:mg|mgs|milligrams?|mcg|mcgs|µg|μg|ug|micrograms?|g|grams?|ml|mls|cc|millilit(?:er|re)s?"
    r"|sprays?|puffs?|actuations?|devices?|tablets?|tabs?|capsules?|caps?|lozenges?|troches?|kits?|vials?)"
)
_PER = r"(?:\s*/\s*|\s+per\s+)"
_BELOW = r"(?:kg|kilogram|min|minute|h|hr|hour|24\s?h(?:ours|rs?)?|day|ml|spray|dose)"
_AMOUNT = re.compile(
    rf"{STARTS}(?P<low>{_NUMBER})(?:\s*(?:-|–|to)\s*(?P<high>{_NUMBER}))?\s*"
    rf"(?P<unit>{_THING})(?P<per>(?:{_PER}{_BELOW})*)(?!\w|\s*/)",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(r"\d{8,}")
"""A telephone or order number; no amount has so many digits."""
_LOOSE = re.compile(rf"(?:{_NUMBER}|#)\s*(?:mgs?|mcgs?|µg|μg|ug|g|ml|mls|cc)\b", re.IGNORECASE)
"""Something that looks like an amount, whatever stands around it."""
_DURATION = re.compile(
    rf"\b(?:over|for|during|x)\s+(?:about\s+|approximately\s+|at least\s+)?(?P<low>{_NUMBER})"
    rf"(?:\s*(?:-|–|to)\s*(?:{_NUMBER}))?\s*-?(?P<unit>seconds?|secs?|s|minutes?|mins?|min|hours?|hrs?|hr|h)\b"
    r"(?:\s*(?:and\s+)?(?P<more>\d{1,2})\s*(?:minutes?|mins?|m)\b)?"
    rf"|\bover\s+(?P<minutes>{_NUMBER})\s*(?:m\b|')",
    re.IGNORECASE,
)
_OVER = re.compile(
    rf"(?P<amount>{STARTS}{_NUMBER}\s*mg(?:\s*/\s*kg)?)\s*/\s*(?P<time>(?:[2-9]|\d{{2,}})\s*min)",
    re.IGNORECASE,
)
"""`35 mg/40 min`: a dose over its time."""
_MAXIMUM = re.compile(
    r"\b(?:max(?:imum|\.)?(?:\s+(?:total|single|daily|session))?(?:\s+dose)?(?:\s+of)?"
    rf"|(?:do )?not (?:to )?exceed|nte|up to)\s*:?\s*{_NUMBER}\s*{_THING}"
    rf"(?:{_PER}{_BELOW})*(?!\w|\s*/)",
    re.IGNORECASE,
)
_STEP = re.compile(
    rf"\b(?:titrat|increas|decreas|adjust)\w*(?:\s+\w+)?\s+by\s+{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?"
    rf"\s*{_THING}(?:{_PER}{_BELOW})*\b(?:\s*(?:every|q)\s*\d*\s*\w+)?",
    re.IGNORECASE,
)
"""How a rate is changed, and not the rate."""
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
    as_needed: bool | None = None
    maximum: Quantity | None = None
    """the most that one administration may hold, where the text says so beside the dose"""
    unread: tuple[str, ...] = ()
    """amounts that can't be read, or can be read two ways"""
    problems: tuple[str, ...] = field(default=())


def read_text(text: str) -> Written:
    """Read an instruction. Never raises; what is contradictory is in `problems`."""
    flat = " ".join(text.split())
    if len(flat) > LONGEST:
        return Written(unread=(_TOO_LONG,), problems=(_TOO_LONG,))
    flat = plain_numbers(_NO_NUMBER.sub("#", flat))
    flat = _OVER.sub(r"\g<amount> over \g<time>", flat)
    if not flat:
        return Written()
    diluent = _DILUENT.search(flat)
    bare = flat.replace(diluent.group(0), " ") if diluent else flat
    concentration = _concentration(bare)
    bare = _STEP.sub(" ", _CONCENTRATION.sub(" ", bare))
    bounded = _MAXIMUM.sub(" ", bare)
    maximum = None
    if any(_amounts(bounded)):  # the maximum stands beside the dose; alone, it is the dose
        maximum, bare = _highest(bare), bounded
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
        per_day=per_day(_STEP.sub(" ", flat)),
        sessions=sessions(flat),
        weeks=weeks(flat),
        single=True if is_once(flat) else None,
        routes=routes,
        method=method_in(flat),
        volume=_diluted_to(diluent),
        diluent=_diluent(diluent, flat),
        test_dose=bool(_TEST_DOSE.search(flat)),
        pca=bool(_PCA.search(flat)),
        continuous=True if _CONTINUOUS.search(flat) else None,
        home=bool(_HOME.search(flat)),
        ideal_weight=bool(_IDEAL.search(flat)),
        as_needed=True if is_as_needed(flat) else None,
        maximum=maximum,
        unread=tuple(_unread(bare)),
        problems=(*problems, *_unread(bare)),
    )


def two_steps(text: str) -> tuple[str, ...]:
    """`0.3 mg/kg bolus, then 0.2 mg/kg/h` as two instructions; others as they are."""
    parts = tuple(part.strip(" ,;.") for part in LATER.split(text))
    each = [read_text(part) for part in parts]
    readable = all((w.doses or w.rates) and not w.problems for w in each)
    apart = any(w.rates or w.as_needed for w in each)  # and not two doses, of which one is meant
    return parts if len(parts) > 1 and readable and apart else (text,)


def _highest(text: str) -> Quantity | None:
    """Of one administration: not of a day, and not a rate."""
    for match in _MAXIMUM.finditer(text):
        if "daily" not in match.group(0).lower():
            stated = [low for low, _ in _amounts(match.group(0)) if not _is_rate(low)]
            if stated and any(measures(stated[0].unit, unit) for unit in ("mg", "mg/kg")):
                return stated[0]
    return None


def _unread(text: str) -> Iterator[str]:
    """What looks like an amount and is none of those that were read."""
    rest = text
    for match in _AMOUNT.finditer(text):
        if _read(match) is not None:
            rest = rest.replace(match.group(0), " ")
    if _LOOSE.search(rest):
        yield "an amount that can't be read for certain"


def _amounts(text: str) -> Iterator[tuple[Quantity, Quantity | None]]:
    for match in _AMOUNT.finditer(text):
        if (read := _read(match)) is not None:
            yield read


def _read(match: re.Match[str]) -> tuple[Quantity, Quantity | None] | None:
    per = re.sub(r"\s*/\s*|\s+per\s+", "/", match["per"].lower()).replace("/dose", "")
    low, high = number(match["low"]), number(match["high"]) if match["high"] else None
    if low is None or low <= 0 or (match["high"] and (high is None or high < low)):
        return None
    try:
        unit = ucum(match["unit"].lower() + per.replace("kilogram", "kg").replace(" ", ""))
    except UnitError:
        return None
    return Quantity(low, unit), None if high is None else Quantity(high, unit)


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
    found: set[Quantity] = set()
    for match in _CONCENTRATION.finditer(text):
        above, below = fraction(match["value"]), fraction(match["per"] or "1")
        unit = ucum(match["unit"].lower() + "/mL")
        if not above or not below:
            return None
        found.add(Quantity(decimal(above / below), unit).to("mg/mL"))
    return found.pop() if len(found) == 1 else None


def _duration(text: str) -> Decimal | None:
    match = _DURATION.search(text)
    if match is None:
        return None
    unit = (match["unit"] or "m").lower()[0]
    minutes = {"s": Fraction(1, 60), "m": Fraction(1), "h": Fraction(60)}[unit]
    stated = fraction(match["low"] or match["minutes"])
    more = int(match["more"] or 0) if unit == "h" else 0
    return decimal(stated * minutes + more) if stated else None


def _diluted_to(match: re.Match[str] | None) -> Quantity | None:
    if match is None:
        return None
    value = number(match["volume"] or match["made_up"])
    return Quantity(value, "mL") if value else None


def _diluent(match: re.Match[str] | None, text: str) -> str | None:
    if match is not None:
        return (match["name"] or match["fluid"] or "diluent").strip()
    return "diluent" if _DILUTED.search(text) else None
