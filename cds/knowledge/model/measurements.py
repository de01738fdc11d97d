"""A kind of observation: canonical unit, conversions, and what is physically possible."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from cds.knowledge.model.base import Fact, Record
from cds.knowledge.model.declared import UpTo
from cds.knowledge.model.names import FreeWords, ObservationKind, Unit


class Conversion(Record):
    """`(value - subtract) * multiply / divide` of `unit` gives the canonical unit."""

    unit: str
    subtract: Decimal = Decimal(0)
    multiply: Decimal = Decimal(1)
    divide: Decimal = Decimal(1)


class NamedUnit(Record):
    """The unit that numbers have by convention under some names of a kind."""

    words: FreeWords
    """one of them stands in the name, as a whole word, case aside"""
    unit: str
    """of a number without a unit"""
    below: Decimal
    """a number from here on is in another unit, and nobody tells in which"""
    units: FreeWords = ()
    """the only units that may stand there; none: any of the kind"""


class Measurement(Fact):
    """A kind of observation; `id` is the observation set of the terminology.

    A value outside `lowest` to `highest` is physically absurd and never used. The windows of time
    in which a value counts as recent belong to the rules, not here.
    """

    result: Literal["number", "coded", "report"]
    """number: a value in `unit`; coded: positive, pregnant, yes …; report: that it exists"""
    unit: Unit | None = None
    """canonical UCUM unit; on a coded kind, a number in this unit is a result as well"""
    same_as: FreeWords = ()
    """other ways in which the canonical unit is written"""
    conversions: tuple[Conversion, ...] = ()
    named_units: tuple[NamedUnit, ...] = ()
    """conventions of single names; the first that fits holds"""
    unit_needed: bool = True
    """a number without any unit is an error; scores and ratios need none"""
    lowest: Annotated[Decimal | None, UpTo("highest")] = None
    highest: Decimal | None = None
    positive_from: Decimal | None = None
    """a quantitative test is positive from here, in `unit`"""
    negative_below: Decimal | None = None
    total_of: ObservationKind | None = None
    """a value on this panel is the value of that kind"""
