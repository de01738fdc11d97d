"""What a code turns out to mean, and how sure that is."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import force_setattr

from cds.units import Quantity


class Certainty(StrEnum):
    """How a concept was recognised."""

    CODE = "code"
    """by a code of a known system"""
    TEXT = "text"
    """by its name or text only: less certain, and the reader is told"""


class Said(StrEnum):
    """What the words of a chart say of a thing that they name; nothing of these: it is so."""

    DENIED = "denied"
    DOUBTFUL = "doubtful"
    PAST = "past"
    NO_MORE = "no more"
    """it was, and is not to be any more"""
    ENDED = "ended"
    """an allergy that was outgrown or taken back"""
    OTHER = "other"
    """somebody else's"""
    CONCERN = "concern"
    """spoken of and not had: screening, risk, advice, prevention, a wish"""
    PLANNED = "planned"
    CANCELLED = "cancelled"
    """planned or ordered, and called off"""
    AVOIDED = "avoided"
    """the patient is to be kept from it"""
    STOPPED = "stopped"
    ABOUT = "about"
    """a drug that is spoken of and not taken: a level of it, a test for it"""
    ALLERGY = "allergy"
    """a drug that did the patient harm: an allergy, an intolerance, an adverse reaction"""
    TOLERATED = "tolerated"


class Ingredient(Struct, frozen=True):
    """One active ingredient of a product; strength is per unit of the product's form."""

    name: str
    """RxNorm ingredient name, lower case: `sertraline`, `ketamine`"""
    rxcui: str | None = None
    strength: Quantity | None = None
    """`50 mg` (per tablet), `50 mg/mL`, `75 ug/h` (patch), `0.1 mg/{actuat}` (metered spray).

    A nasal esketamine device counts as one piece of `28 mg`, although it delivers two sprays."""


class DrugMatch(Struct, frozen=True):
    """A medication CodeableConcept, recognised."""

    ingredients: tuple[Ingredient, ...]
    classes: frozenset[str]
    """tags of the drug tables: `antidepressant_ssri`, `benzodiazepine`, `ketamine` …"""
    flags: frozenset[str] = frozenset()
    """traps of the product: `smoking_cessation`, `insomnia_low_dose`, `may_be_sleep_dose` …"""
    dose_form: str | None = None
    route: str | None = None
    """implied by the form: oral, sublingual_buccal, nasal, injectable, transdermal, topical …"""
    pack_quantity: int | None = None
    """pieces in a pack of one product: 2 esketamine devices are 56 mg"""
    volume: Quantity | None = None
    """what one piece holds, when the product's name says so: `10 mL`"""
    certainty: Certainty = Certainty.CODE
    code: tuple[str, str] | None = None
    """(system, code) of the coding that decided"""
    disagreement: tuple[str, ...] = ()
    """codings of the same concept that mean another ingredient, for the reader"""
    doubt: Said | None = None
    """why it is not sure that the drug is taken, or the allergy had, where its words leave that
    open"""
    apart: tuple[DrugMatch, ...] = ()
    """other drugs that codings or words of the same concept name instead"""
    contradicted: bool = False
    """its own words or another coding name another drug: one of them is wrong"""
    contradiction: tuple[str, ...] = ()
    """of the disagreements, those of which one side must be wrong: another drug or strength"""

    taken_for: str = ""
    """of an order: the word, shorthand or a slip of the pen, that was taken for the drug's name"""
    told: bool = False
    """of an order: only the words beside its name tell it"""
    beside: tuple[str, ...] = ()
    """of an order: other drugs that its words name, mixed with it or meant in its place"""
    names: frozenset[str] = frozenset()
    """of its ingredients, whatever it is made with"""

    def __post_init__(self) -> None:
        names = frozenset([ingredient.name for ingredient in self.ingredients])
        force_setattr(self, "names", names)

    @property
    def uncertain(self) -> bool:
        """Whether it is not sure that the drug is taken: nothing is proven by it."""
        return self.doubt is not None or self.contradicted


TakenBack = Literal["", "denied", "over", "old"]
"""How words take back, for certain, what a code says: it is not there, is over, was long ago."""


class SetMatch(Struct, frozen=True):
    """The condition, observation or procedure sets that a CodeableConcept belongs to."""

    sets: frozenset[str]
    certainty: Certainty = Certainty.CODE
    code: tuple[str, str] | None = None
    disagreement: tuple[str, ...] = ()
    unsaid: bool = False
    """the words take back what the code says, or name something else: "no aneurysm" beside I71.4"""
    taken_back: TakenBack = ""
    elsewhere: bool = False
    """it is told by words, and the code beside them means something else: I10, "aneurysm\""""

    def __bool__(self) -> bool:
        return bool(self.sets)
