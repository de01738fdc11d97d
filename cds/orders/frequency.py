"""How often, how many and for how long, in the words of an instruction.

`three times a week for 2 weeks`, `x6`, `q72h`, `Mon/Wed/Fri`, `TIW`. None: not said.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from cds.orders.numerals import NUMBER as _NUMBER
from cds.units import decimal

_WORDS = {
    "one": 1, "once": 1, "two": 2, "twice": 2, "three": 3, "thrice": 3, "four": 4, "five": 5,
    "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
_COUNT = r"(?P<count>\d+|once|twice|thrice|one|two|three|four|five|six|seven|eight|nine|ten|twelve)"
_TIMES = re.compile(
    rf"\b{_COUNT}\s*(?:x|times?)?\s*(?:/|(?:per|a|each|every)\s)\s*(?P<unit>day|week|wk)\b"
    rf"|\b{_COUNT.replace('count', 'times')}\s*(?:x|times?)\s*(?P<often>day|daily|week|weekly|wk)\b"
    r"|\b(?P<word>once|twice|thrice)\s*(?P<adverb>daily|weekly|day|week|wk)\b",
    re.IGNORECASE,
)
_WEEKDAYS = re.compile(
    r"(?i)\b(mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)(?:day)?s?\b"
    r"(?=\s*(?:[/,&+]|and\b|$|x\b|for\b|;|\.))"
)
_MWF = re.compile(r"\bM\s?/\s?W\s?/\s?F\b|\bMWF\b")
_AS_NEEDED = re.compile(r"(?i)\bprn\b|\bas needed\b|\bif needed\b")
_REPEAT = re.compile(
    r"(?i)\b(?:may\s+)?repeat(?:ed)?\s*(?:x\s?\d{1,2}\b|once\b|twice\b|\d\s+times?\b)"
)
LATER = re.compile(r"(?i)\b(?:then|followed by|thereafter)\b")
_EVERY = re.compile(
    r"\b(?:every|q)\s*(?P<count>\d+|other)?\s*(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|months?)\b",
    re.IGNORECASE,
)
_CODES = (
    (re.compile(r"\bBID\b|\bb\.i\.d\."), Fraction(2)),
    (re.compile(r"\bTID\b|\bt\.i\.d\."), Fraction(3)),
    (re.compile(r"\bQID\b"), Fraction(4)),
    (re.compile(r"\bTIW\b|\bt\.i\.w\."), Fraction(3, 7)),
    (re.compile(r"\bBIW\b|\bb\.i\.w\."), Fraction(2, 7)),
    (re.compile(r"(?i)\bq\.?o\.?d\b|\balternate days\b"), Fraction(1, 2)),
    (re.compile(r"(?i)\b(fortnightly|biweekly)\b"), Fraction(1, 14)),
    (re.compile(r"(?i)\b(weekly|wkly)\b"), Fraction(1, 7)),
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
    r"|\bx\s?(?P<times>\d{1,2})\b(?![.,]\d|\s*(?:d|days?|w|weeks?|wks?|months?|kg|mc?g|ml|min|hrs?|hours?|h)\b|\s*/)",
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


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _WORDS[text.lower()]


def per_day(text: str) -> Fraction | None:
    """Administrations a day."""
    if match := _TIMES.search(text):
        unit = (match["unit"] or match["often"] or match["adverb"]).lower()
        count = _count(match["count"] or match["times"] or match["word"])
        return Fraction(count, 7 if unit.startswith("w") else 1) or None
    if _MWF.search(text):
        return Fraction(3, 7)
    named = {day.lower()[:3] for day in _WEEKDAYS.findall(text)}
    if len(named) > 1:
        return Fraction(len(named), 7)
    if match := _EVERY.search(text):
        unit = match["unit"].lower()
        every = Fraction(
            2 if (match["count"] or "1").lower() == "other" else int(match["count"] or 1)
        )
        length = _DAYS["min" if unit.startswith("mi") else unit[0]]
        return 1 / (every * length) if every else None
    return next((rate for pattern, rate in _CODES if pattern.search(text)), None)


def sessions(text: str) -> int | None:
    """The number of administrations."""
    match = _SESSIONS.search(_REPEAT.sub(" ", text))
    if match is None or (match["times"] and LATER.search(text)):
        return None  # `twice weekly for 3 weeks, then weekly x 4` is not four sessions
    return _count(match["count"] or match["times"]) or None


def weeks(text: str) -> Decimal | None:
    """The length of the course."""
    match = _LENGTH.search(text)
    if match is None:
        return None
    days = _count(match["count"]) * _DAYS[match["unit"].lower()[0]]
    return decimal(days / 7) if days else None


def is_once(text: str) -> bool:
    """Stated to be given once; `may repeat x1` is not that."""
    return bool(_ONCE.search(_REPEAT.sub(" ", text)))


def is_as_needed(text: str) -> bool:
    return bool(_AS_NEEDED.search(text))
