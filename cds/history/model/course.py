"""Courses of a drug: what was taken, when, how much, and how sure that is."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from cds.chart.entries import Source
from cds.terminology.model import Certainty
from cds.units import Quantity

EndBasis = Literal["stated", "supply", "assumed", "ongoing", "unknown"]
Evidence = Literal["administered", "dispensed", "stated", "ordered"]
"""That a drug was taken, strongest first: by administration, dispense, statement, or order."""
Doubt = Literal[
    "assumed", "beside", "differs", "sources_differ", "above_maximum", "perhaps_twice",
    "partly_read", "repeated", "supplied",
]  # fmt: skip
"""What makes a dose less than certain."""
DOUBTS: dict[Doubt, str] = {
    "assumed": "amount not written: one unit at a time is assumed",
    "beside": "words beside the instruction were not understood",
    "differs": "the text and the coded fields differ: the lower one is used",
    "sources_differ": "sources disagree on the dose: the lower one counts",
    "above_maximum": "more is ordered than the stated maximum of a day: the lower one counts",
    "perhaps_twice": "two instructions may be one that is told twice: the lower dose counts",
    "partly_read": "the written instruction was not understood in full: the coded fields are used",
    "repeated": "the same instruction stands there twice: counted once",
    "supplied": "no dose is written: computed from the quantity handed out and the days it is for",
}
"""the sentence of each"""
TWO_DOSES: frozenset[Doubt] = frozenset(
    {"differs", "sources_differ", "above_maximum", "perhaps_twice", "supplied"}
)
"""Two doses may be meant: the lower is the dose, and the upper counts against treatment."""
NEVER_STRICT: frozenset[Doubt] = frozenset({"assumed", "beside"})
"""A trial at such a dose is never a strict one."""


class Segment(Struct, frozen=True):
    """A stretch at one daily dose. None: the dose could not be computed."""

    start: date
    end: date
    daily_dose: Quantity | None
    """`150 mg/d`; a transdermal opioid keeps its rate, `75 ug/h`; a patch `6 mg/d`"""
    end_basis: EndBasis
    evidence: Evidence
    source: Source
    daily_dose_high: Quantity | None = None
    """upper end, where the order gives a range or sources disagree; else None"""
    as_needed_up_to: Quantity | None = None
    """most that orders allow as needed; never part of `daily_dose`"""
    doubts: frozenset[Doubt] = frozenset()
    as_needed: bool = False
    """by every resource that covers it"""

    @property
    def days(self) -> int:
        return (self.end - self.start).days


class UnreadInstruction(Struct, frozen=True):
    """A written instruction that was not understood in full, or that says two things."""

    resource: str
    text: str
    """as written: chart text"""
    why: str
    """quotes the words that stopped it: chart text"""


_TELL_OF_TAKING = (
    "MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration",
)  # fmt: skip


class MedicationCourse(Struct, frozen=True):
    """One ingredient by one route, over segments whose gaps are at most 14 days."""

    ingredient: str
    """RxNorm ingredient name, lower case"""
    classes: frozenset[str]
    route: str
    """oral, sublingual_buccal, nasal, injectable, transdermal, topical …, or `unknown`"""
    segments: tuple[Segment, ...]
    """ordered, not overlapping: where orders add up, the segment's dose is the sum"""
    current: bool | None
    """taken on `as_of`; None when that cannot be told"""
    source: Source
    product_ingredients: frozenset[str] = frozenset()
    """all ingredients of the products, for combinations"""
    forms: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    certainty: Certainty = Certainty.CODE
    as_needed: bool | None = None
    covered_days: int | None = None
    """days covered by dispenses; None when there are no dispenses"""
    stop_reason: Literal["not_taken", "intolerance", "inefficacy", "response", "other"] | None = (
        None
    )
    stop_text: str | None = None
    """the coded or written reason, chart text"""
    stop_use: Literal["mood", "pain"] | None = None
    """what it did or did not work for, where the reason says so"""
    reason_sets: frozenset[str] = frozenset()
    """condition sets of the orders' reasonCode and reasonReference"""
    notes: tuple[str, ...] = ()
    """assumptions made and conflicts met, for the reader"""
    unread: tuple[UnreadInstruction, ...] = ()
    undated: bool = False
    """no date at all could be read: it happened, but not when"""
    contradiction: tuple[str, ...] = ()
    """what code and name of its resources say that can't both be right; quotes nothing"""

    @property
    def entries(self) -> Source:
        """Of its sources those that tell of taking it, without the product and the reason."""
        return tuple(ref for ref in self.source if ref.startswith(_TELL_OF_TAKING))

    @property
    def drug_source(self) -> Source:
        """Its sources without the reason: what asks only for the drug rests on no diagnosis."""
        return tuple(ref for ref in self.source if ref.startswith(("Medication", "Substance")))

    @property
    def start(self) -> date | None:
        return self.segments[0].start if self.segments else None

    @property
    def end(self) -> date | None:
        return self.segments[-1].end if self.segments else None

    @property
    def doubts(self) -> frozenset[Doubt]:
        return frozenset().union(*(segment.doubts for segment in self.segments))

    @property
    def max_daily_dose(self) -> Quantity | None:
        doses = [s.daily_dose for s in self.segments if s.daily_dose is not None]
        return max(doses, key=lambda q: q.value) if doses else None
