"""A draft order, read.

A number is only ever here with its unit. What could not be read is in `problems`, and the field is
None: a check that needs it then says so and never assumes.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from cds.chart.places import Setting, Unit
from cds.dosage.model import Route
from cds.units import Quantity


class DrugDoubts(Struct, frozen=True):
    """Why it is not sure that an order is for the ketamine that it seems to be for."""

    disagree: tuple[str, ...] = ()
    """codes and words that name another drug or strength"""
    taken_for: str = ""
    """the word, shorthand or a slip of the pen, that was taken for its name: chart text"""
    against: bool = False
    """its words say that it is not to be given"""
    asked: bool = False
    """its words only ask for it"""
    told: bool = False
    """its instruction or a note names it, and what is ordered by name is no drug"""
    beside: tuple[str, ...] = ()
    """other drugs that its words name, mixed with it or meant in its place"""

    def __bool__(self) -> bool:
        return self != NO_DOUBTS


NO_DOUBTS = DrugDoubts()


class Order(Struct, frozen=True):
    """One draft MedicationRequest or ServiceRequest."""

    ref: str
    """`MedicationRequest/draft-1`"""
    resource_type: Literal["MedicationRequest", "ServiceRequest"]
    ingredients: tuple[str, ...] = ()
    """RxNorm ingredient names; empty when the drug was not recognised"""
    classes: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    procedure_sets: frozenset[str] = frozenset()
    """of a ServiceRequest code: `ect`, `esketamine_administration` …"""
    test_sets: frozenset[str] = frozenset()
    """observation sets of a ServiceRequest code: the test that it asks for"""
    service_codes: frozenset[str] = frozenset()
    """codes of a ServiceRequest, `http://loinc.org|24325-3`"""
    drug: Literal["ketamine", "esketamine"] | None = None
    """set when this is an order for ketamine treatment"""
    drug_doubts: DrugDoubts = NO_DOUBTS
    topical: Literal["ketamine", "esketamine"] | None = None
    """set instead of `drug` when it is for the skin or the eye: nothing that is known of treatment
    applies"""
    drug_unread: bool = False
    """nothing of it names a drug: it may be any"""
    display: str = ""
    """the drug or service as the EHR names it: chart text"""
    status: str | None = None
    intent: str | None = None
    authored: date | None = None
    route: Route | None = None
    method: str | None = None
    """push, bolus, infusion … where it is said"""
    dose: Quantity | None = None
    """per administration: mg, mg/kg, mL, {spray}, {device} …"""
    dose_high: Quantity | None = None
    """upper end of a doseRange"""
    rate: Quantity | None = None
    """mg/h, mg/kg/h, ug/kg/min, mg/min, mL/h …"""
    rate_high: Quantity | None = None
    duration_min: Decimal | None = None
    """of one administration"""
    duration_told: Decimal | None = None
    """minutes in words, where the fields say another time"""
    duration_unread: bool = False
    """a time is written, and can't be read: it is not a push for want of one"""
    concentration: Quantity | None = None
    """mg/mL of what is infused, after dilution, where it is known"""
    product_concentration: Quantity | None = None
    """mg/mL of the vial"""
    product_strength: Quantity | None = None
    """mg per device or unit, e.g. 28 mg"""
    salt: bool | None = None
    """the strength is stated as the hydrochloride"""
    volume: Quantity | None = None
    """mL to be given"""
    diluent: str | None = None
    co_ingredients: tuple[str, ...] = ()
    """other drugs in the same bag or syringe"""
    sessions_per_week: Decimal | None = None
    sessions: int | None = None
    """number of administrations ordered"""
    interval_days: Decimal | None = None
    course_start: date | None = None
    course_end: date | None = None
    course_weeks: Decimal | None = None
    continuous: bool | None = None
    as_needed: bool | None = None
    single: bool | None = None
    """stated to be given once"""
    max_dose_per_administration: Quantity | None = None
    max_dose_per_period: tuple[Quantity, Quantity] | None = None
    """(amount, period)"""
    max_dose_per_lifetime: Quantity | None = None
    reason_sets: frozenset[str] = frozenset()
    """condition sets of reasonCode and reasonReference"""
    reason_codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code)"""
    reason_titled: tuple[tuple[str, str], ...] = ()
    """codes whose official title it is, where no code tells it"""
    reason_text: str = ""
    setting: Setting | None = None
    """from category, encounter class, location, supply: None when nothing says it"""
    panel: str = ""
    """the order set that it came from, by its name: chart text"""
    units: frozenset[Unit] | None = None
    """where it is to be given, by the place or else its encounter; None: neither is named"""
    community: bool | None = None
    """dispensed to the patient to take away"""
    text: str = ""
    """dosage text and notes, as written: chart text"""
    test_dose: bool = False
    """marked as a test dose or a titrated aliquot"""
    pca: bool = False
    dose_per_kg: Quantity | None = None
    """where the order states the dose both per kg and in mg, the part per kg"""
    injected: bool = False
    """by its form the product is for injection"""
    pack_quantity: int | None = None
    """devices in one pack of the product"""
    priority: str | None = None
    """routine, urgent, asap, stat"""
    specialty: (
        Literal["anaesthesiology", "emergency", "critical_care", "palliative", "psychiatry"] | None
    ) = None
    """of the requester, where it tells what ketamine is for"""
    names: frozenset[str] = frozenset()
    """every key of this order, and of the copies of it on record: `Type/id`, identifiers, URL"""
    shared: frozenset[str] = frozenset()
    """of these, the keys that a different draft of the session has as well: they name neither"""
    linked: frozenset[str] = frozenset()
    """keys of the orders that this one replaces, renews or is based on, or that follow it"""
    other_dosages: tuple[Order, ...] = ()
    """the same order with its second and further dosage instructions, each to be checked too"""
    told_beside: bool = False
    """of one of `other_dosages`: only words order it, beside the dose of the fields"""
    contradictory: bool = False
    """what it says of its dose or route contradicts itself: no other dose is to be offered"""
    problems: tuple[str, ...] = ()
    """what could not be read, by FHIR path: `dosageInstruction[0].text: several doses`"""

    @property
    def own(self) -> frozenset[str]:
        """The keys of this order; a draft without an id may have none."""
        return self.names | {self.ref} if "/" in self.ref else self.names

    def is_same(self, other: Order) -> bool:
        """Whether another draft is this order: the very same, or one by one of its names."""
        mine, others = self.own - self.shared, other.own - other.shared
        return self is other or not mine.isdisjoint(others)

    def is_duplicated_by(self, other: Order) -> bool:
        """Whether another draft is a second order, and not this one or one in line with it."""
        in_line = self.linked & other.own or other.linked & self.own
        return not self.is_same(other) and not in_line
