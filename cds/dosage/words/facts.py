"""What the pieces of a text say, one after the other: doses, times, lengths, changes, asides.

Each reader looks at the items from one place on, never further than a clause, and answers where its
piece ends and what it says. A piece that no reader knows is a fact `unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from cds.dosage.model import Span
from cds.dosage.words.scan import Item

Said = tuple[int, str, Any]
"""Where a piece ends, the kind of fact, and its value."""
Reader = Callable[[Sequence[Item], int], Said | None]


class Fact(NamedTuple):
    """One piece of the text, read."""

    kind: str
    value: Any
    begin: int
    """place in the text"""
    end: int


class Dose(NamedTuple):
    """An amount with the words that stand right at it."""

    span: Span
    unit: str
    """as `cds.units` spells it; `1` where nothing is named"""
    each: tuple[Span, str] | None = None
    """what one of them weighs: the 50 mg of `2 x 50 mg`"""
    high: bool = False
    """only the upper end is written: `up to 2 tablets`"""
    formed: bool = False
    """a mass with the form that holds it: `50 mg tablet`"""
    spelled: bool = False
    """a count in words: `two at night`"""


class Count(NamedTuple):
    """A number without a unit."""

    span: Span
    spelled: bool
    """in words, or in parts: no milligrams are written so"""


class Length(NamedTuple):
    """How long, and in which words."""

    span: Span
    unit: str
    """min, h, d, wk, mo, y"""
    cue: str
    """for, over, x, up to"""
    nightly: bool = False
    """told in nights, mornings or evenings, of which each is once a day"""

    @property
    def days(self) -> Span | None:
        """None for minutes, or hours that make no whole day."""
        factor = DAYS.get(self.unit)
        if factor is None:
            return None
        days = Span(self.span.low * factor, self.span.high * factor)
        return days if days.low.denominator == days.high.denominator == 1 else None

    @property
    def minutes(self) -> Fraction | None:
        """The lower end, for the time of one administration."""
        factor = MINUTES.get(self.unit)
        return self.span.low * factor if factor is not None else None


DAYS = {
    "h": Fraction(1, 24),
    "d": Fraction(1),
    "wk": Fraction(7),
    "2wk": Fraction(14),
    "mo": Fraction(30),
    "y": Fraction(365),
}
COURSE = ("d", "wk", "2wk", "mo")
"""units of a length that a course has"""
MINUTES = {"s": Fraction(1, 60), "min": Fraction(1), "h": Fraction(60)}
MASSES = ("mg", "ug", "g", "ng")
IN_MG = {"ug": Fraction(1, 1000), "mg": Fraction(1), "g": Fraction(1000),
         "ng": Fraction(1, 1_000_000)}  # fmt: skip
ONE = Span(Fraction(1), Fraction(1))


def span_of(value: int | Fraction) -> Span:
    """A number as a span of one point."""
    return Span(Fraction(value), Fraction(value))


def skip(items: Sequence[Item], at: int, *kinds: str) -> int:
    """The first place from `at` on that is of none of the kinds."""
    while items[at].kind in kinds:
        at += 1
    return at


def read_facts(items: Sequence[Item], readers: dict[str, tuple[Reader, ...]]) -> list[Fact]:
    """Facts in order, up to the first `end` item."""
    facts: list[Fact] = []
    at = 0
    while (item := items[at]).kind != "end":
        for reader in readers.get(item.kind, ()):
            said = reader(items, at)
            if said is not None:
                end, kind, value = said
                break
        else:
            end, kind, value = at + 1, "unknown", item.key
        facts.append(Fact(kind, value, item.begin, items[end - 1].end))
        at = end
    return facts
