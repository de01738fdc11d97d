"""What a dosage says, before anybody asks of which product: no strengths, no milligrams a day.

Two readers ask. A history needs the whole instruction and believes words only where every one of
them was understood (`Words.complete`, `Words.steps`). A check of a draft order looks for what is
certain in it, whatever else it says (`Stated`).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from msgspec import Struct, field

from cds.dates import When
from cds.units import Quantity

Route = Literal[
    "intravenous", "intramuscular", "subcutaneous", "intraosseous", "intranasal", "oral",
    "sublingual", "buccal", "rectal", "topical", "transdermal", "epidural", "intrathecal",
    "caudal", "inhalation", "other",
]  # fmt: skip


BESIDE_A_NAME = "{number}"
"""unit of a number without one, right behind the product's name: `quetiapine 25 at night`"""


class Span(Struct, frozen=True):
    """A number or a range of numbers."""

    low: Fraction
    high: Fraction

    def __mul__(self, other: Span) -> Span:
        return Span(self.low * other.low, self.high * other.high)

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)


class Amount(Struct, frozen=True):
    """So much of a unit: `1-2 {tablet}`, `0.5 mg/kg`, `25 ug/h`."""

    span: Span
    unit: str
    """as `cds.units` spells it: `mg`, `ug`, `g`, `mL`, `ug/h`, `{tablet}`, `{patch}` …; `1` for a
    count of things that are not named, `BESIDE_A_NAME` for a number that may be tablets or mg"""


class Take(Struct, frozen=True):
    """One amount, so many times a day: `2 tablets (100 mg total) twice daily`."""

    amount: Amount | None = None
    """of one administration; None: not written"""
    mass: Amount | None = None
    """the same amount said again as a mass: the `100 mg` above, the 20 mg of `1 capsule (20 mg)`,
    the 50 mg of `2 x 50 mg`. Whether it fits can only be told with the product's strength"""
    mass_is_total: bool | None = None
    """True: of all units together (`(100 mg total)`, `100 mg = 2 tab`); False: of each one
    (`2 x 50 mg`, `two 50 mg tablets`); None: not said"""
    per_day: Span | None = None
    """administrations a day, a mean over days (`every other day`: 1/2); None: not written"""
    as_needed: bool = False
    spelled: bool = False
    """its number is in words: `two at night` counts things, `2 at night` may be milligrams"""


class Step(Struct, frozen=True):
    """A stretch of an instruction. Its takes run beside each other and add up."""

    takes: tuple[Take, ...]
    days: int | None = None
    """its length; None: it goes on, or its length is not written"""
    max_per_day: Amount | None = None
    """stated maximum of a day; in unit `1` it counts units of the product"""
    max_times_per_day: Fraction | None = None
    """stated maximum number of administrations a day"""
    until: date | None = None
    """its last day, where that is written and its length is not"""
    until_unread: bool = False
    """a last day is written that can be read in two ways, or has no year"""


class Stated(Struct, frozen=True):
    """What a text says for certain, whatever stands around it. None: not said, or not clearly."""

    doses: tuple[Quantity, ...] = ()
    """every amount that is a dose, in order: mg, mg/kg, mL, {spray} …"""
    high: Quantity | None = None
    rates: tuple[Quantity, ...] = ()
    rate_high: Quantity | None = None
    concentration: Quantity | None = None
    duration_min: Decimal | None = None
    """of one administration"""
    per_day: Fraction | None = None
    sessions: int | None = None
    weeks: Decimal | None = None
    single: bool | None = None
    routes: tuple[Route, ...] = ()
    method: str | None = None
    """push, bolus, infusion, injection"""
    volume: Quantity | None = None
    """mL that the dose is made up to"""
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


class Words(Struct, frozen=True):
    """A written instruction, read."""

    steps: tuple[Step, ...] = ()
    """one after the other; empty unless complete"""
    complete: bool = False
    """every word was understood, and together they say one thing"""
    unread: tuple[str, ...] = ()
    """the words that were not understood, as written, in order"""
    problem: str | None = None
    """why words that are all understood make no instruction: `two different frequencies`; quotes
    nothing of the text"""
    changes: bool = False
    """it tells of a taper, a rise or another change of dose, understood or not"""
    beside: tuple[str, ...] = ()
    """remarks that were not understood and that hold no word of dosing; `complete` without them"""
    says_nothing: bool = False
    """`as directed` and the like: there are words, and they tell neither amount nor frequency"""


class Problem(Struct, frozen=True):
    """Something that could not be read, by its path below what was read."""

    path: str
    what: str


class Timing(Struct, frozen=True):
    """What a FHIR Timing says; None where it says nothing."""

    per_day: Span | None = None
    """administrations a day, a mean over days"""
    why_not: str | None = None
    """why a frequency that is written is none"""
    differs: bool = False
    """its code and its other fields, or its code and its words, say two frequencies; the span
    holds both"""
    count: int | None = None
    """stated number of administrations"""
    count_max: int | None = None
    events: tuple[When | None, ...] = ()
    """the moments that are listed; None for one that can't be read"""
    duration_min: Decimal | None = None
    """of one administration"""
    duration_unread: bool = False
    """one is written, and can't be read"""
    days: Span | None = None
    """stated length of the course"""
    start: When | None = None
    end: When | None = None
    """last day, or the moment of the end"""
    parts_of_day: frozenset[str] = frozenset()
    """`MORN`, `08:00:00`, `AM` …"""
    weekdays: frozenset[str] = frozenset()
    """`mon` …"""
    once: bool = False

    @property
    def single(self) -> bool:
        """One administration, and no more."""
        one_moment = len(self.events) == 1 and self.per_day is None
        return self.once or self.count == 1 or one_moment


class FieldAmount(Struct, frozen=True):
    """One dose or rate field of a dosage."""

    path: str
    low: Quantity | None
    """the value, or the lower end of a range; unit `""` where none is written"""
    high: Quantity | None = None
    """the upper end of a range"""
    is_range: bool = False
    kind: Literal["ordered", "calculated", "other"] = "other"
    """doseAndRate.type"""


class Fields(Struct, frozen=True):
    """What the coded fields of a dosage say, and what is written in them beside the dose."""

    doses: tuple[FieldAmount, ...] = ()
    rates: tuple[FieldAmount, ...] = ()
    timing: Timing = field(default_factory=Timing)
    route: Route | None = None
    routes: tuple[Route, ...] = ()
    """several where the route's codes and words contradict each other: then none is `route`"""
    route_written: bool = False
    """there is a route, known or not"""
    method: str | None = None
    as_needed: bool | None = None
    max_per_administration: Quantity | None = None
    max_per_period: tuple[tuple[Quantity, Quantity], ...] = ()
    """(amount, period)"""
    max_times_per_day: Fraction | None = None
    max_per_lifetime: Quantity | None = None
    against: tuple[str, ...] = ()
    """texts beside the instruction that say that it is not to be taken"""
    changes: tuple[str, ...] = ()
    """texts beside the instruction that tell of another dose: they belong to it"""
    amount_written: bool = False
    """there is a field of a dose or a rate, readable or not"""
    problems: tuple[Problem, ...] = ()


class DosageRead(Struct, frozen=True):
    """One FHIR Dosage: its fields, its words, and its place among others."""

    fields: Fields
    words: Words
    text: str = ""
    """the instruction as written: its own text, else the patient's; with what speaks against it"""
    own: str = ""
    """`Dosage.text`"""
    patient: str = ""
    """`Dosage.patientInstruction`"""
    additional: tuple[str, ...] = ()
    """the texts of `Dosage.additionalInstruction`"""
    sequence: int | None = None

    def __hash__(self) -> int:
        """Of what tells most instructions apart: to hash every field costs more than to read."""
        doses, timing = self.fields.doses, self.fields.timing
        amount = doses[0].low if doses else None
        return hash((self.text, amount and amount.value, timing.per_day, timing.start))

    @property
    def more(self) -> tuple[str, ...]:
        """What is written beside the instruction; without a text, the patient's is none of it."""
        beside = (self.patient,) if self.patient and self.own else ()
        return (*beside, *self.additional)

    @property
    def empty(self) -> bool:
        """Nothing tells how the drug is taken: neither amount, nor time, nor words."""
        fields = self.fields
        timed = fields.timing.per_day or fields.timing.start
        return not (fields.doses or fields.rates or fields.problems or timed or self.text)
