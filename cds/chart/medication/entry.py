"""A medication resource as it stands in the chart, whatever the day: no JSON, nothing judged."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from cds.chart.asked import Asked
from cds.chart.medication.stop_reason import Stop
from cds.chart.product import NO_PRODUCT, Product
from cds.chart.reasons import NO_REASONS, Reasons
from cds.chart.standing import Standing
from cds.dates import When
from cds.dosage.model import DosageRead
from cds.terminology.model import Certainty, Said
from cds.units import Quantity

Kind = Literal["request", "statement", "dispense", "administration"]


class Substance(Struct, frozen=True):
    """The drug of a resource, as one ingredient of its product."""

    ingredient: str
    route: str | None
    classes: frozenset[str]
    product_ingredients: frozenset[str]
    form: str | None
    flags: frozenset[str]
    certainty: Certainty
    strength: Quantity | None
    """per unit of the form; None when the product has several, or it is not known"""
    texts: tuple[str, ...] = ()
    """how the resource names the product"""
    notes: tuple[str, ...] = ()
    contradiction: tuple[str, ...] = ()
    """what its code and its names say of it that can't both be right"""
    doubt: Said | None = None
    """why its words leave open whether it is taken"""
    stopped: Stop | None = None
    """why it was stopped or paused, of one that is"""


class Times(Struct, frozen=True):
    """The times that a resource states, each as exact as it is written."""

    authored: When | None = None
    """when an order was written"""
    began: When | None = None
    """when it was given, or is said to be taken from"""
    ended: When | None = None
    """the end of that period"""
    asserted: When | None = None
    """when a statement was made"""
    handed_over: When | None = None
    prepared: When | None = None
    valid_from: When | None = None
    valid_until: When | None = None
    """in which time a prescription may be filled"""


class Supply(Struct, frozen=True):
    """What is to be handed out, or was. None: not written, or not readable."""

    days: Fraction | None = None
    """for which it is meant"""
    quantity: Quantity | None = None
    refills: int = 0
    written: bool = False
    """a quantity or refills are there, readable or not"""


NO_TIMES = Times()
NO_SUPPLY = Supply()


class Medication(Struct, frozen=True):
    """A MedicationRequest, Statement, Dispense or Administration.

    Of one that counts as nothing (`standing.void`) only its times and what names it are read; of
    one on record that names no drug which a rule asks about, only its times.
    """

    kind: Kind
    ref: str
    standing: Standing
    status: str | None
    intent: str | None
    keys: tuple[str, ...]
    """every key under which others may name it"""
    product: Product = NO_PRODUCT
    substances: tuple[Substance, ...] = ()
    """one for each ingredient; empty when the drug is not recognised"""
    denied: bool = False
    """its words say of all drugs that they name that none is taken"""
    other: bool = False
    """it names a drug that no rule asks about"""
    unread_parts: tuple[str, ...] = ()
    """the names of ingredients that could not be read, beside others that were: chart text"""
    dosages: tuple[DosageRead, ...] = ()
    times: Times = NO_TIMES
    supply: Supply = NO_SUPPLY
    follows: frozenset[str] = frozenset()
    """keys of the orders that it renews or replaces: priorPrescription, replaces"""
    carries_out: frozenset[str] = frozenset()
    """keys of the orders that it carries out or rests on: basedOn, authorizingPrescription,
    request, derivedFrom"""
    reasons: Reasons = NO_REASONS
    notes: tuple[str, ...] = ()
    """in their order, blank ones too: chart text"""
    draft: Asked | None = None
    """of an order that is about to be placed; None of what is on record"""

    @property
    def when(self) -> date | None:
        """The first day that any of its dates may mean; None: no date could be read.

        What was written in time is there, even if it is to begin later.
        """
        times = self.times
        dates = (
            times.authored or times.valid_from, times.began, times.asserted, times.handed_over,
            times.prepared, *(dosage.fields.timing.start for dosage in self.dosages),
        )  # fmt: skip
        return min((found.earliest for found in dates if found is not None), default=None)

    @property
    def source(self) -> tuple[str, ...]:
        """Itself, and the resources that it refers to for its drug and for what it is for."""
        return tuple(dict.fromkeys((self.ref, *self.product.source, *self.reasons.source)))

    @property
    def unread(self) -> bool:
        """It counts, and its drug, or an ingredient of it, could not be read: it may be any."""
        if self.standing.void or self.denied or self.other:
            return False
        return not self.substances or bool(self.unread_parts)

    @property
    def followed(self) -> frozenset[str]:
        """Keys of the orders that an order replaces, renews or carries out."""
        return self.follows | self.carries_out
