"""What stands in a patient's chart: one typed entry for each resource, whatever the day.

An entry holds no JSON, and nothing in it depends on the day it is looked at: `cds.history` gives
the same entries back as they stand on a day, with what the day changes replaced. Every entry names
the resources it rests on (`source`, as `Type/id`). Unknown is a value: None, or the word `unknown`,
and never the same as "no".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Literal, Protocol

from msgspec import Struct

from cds.chart.encounter_entry import Encounter
from cds.chart.ketamine_care import KetamineCare
from cds.chart.medication.entry import Medication
from cds.dates import LocalTime, When
from cds.fhir.record.referred import Referred
from cds.fhir.record.skipped import Skipped
from cds.fhir_json import NAMELESS
from cds.terminology.model import Certainty, TakenBack

Source = tuple[str, ...]
"""References (`Type/id`) of the resources that an entry or a fact rests on."""

Sex = Literal["female", "male", "other", "unknown"]
ClinicalStatus = Literal[
    "active", "recurrence", "relapse", "inactive", "remission", "resolved", "unknown"
]
ACTIVE: frozenset[ClinicalStatus] = frozenset({"active", "recurrence", "relapse"})
Verification = Literal["confirmed", "provisional", "differential", "unconfirmed", "unknown"]
DOUBTED: frozenset[Verification] = frozenset({"provisional", "differential", "unconfirmed"})
"""thought of, and neither present nor absent"""
Category = Literal["problem-list-item", "encounter-diagnosis", "other"]

NO_RESULT = "no result of its own"
"""The `problem` of an Observation whose results stand in others, and of a form without a score."""


class Dated(Protocol):
    """What every entry but a person and an encounter has: its day, and what it rests on."""

    @property
    def when(self) -> date | None:
        """The first day that it may mean; None: no date could be read."""
        ...

    @property
    def source(self) -> Source: ...


class Person(Struct, frozen=True):
    """The Patient resource, as far as it matters."""

    id: str
    birth_date: date | None = None
    """None where only a month or a year is known"""
    ages: tuple[int, int] | None = None
    """completed years on the day, at least and at most: two where only a part of the birth date is
    known; None in a chart, and where nothing usable is written"""
    sex: Sex = "unknown"
    deceased: bool | None = None
    """on the day; in a chart, what is said without a date that can be read"""
    source: Source = ()
    born: When | None = None
    """as exact as it is written"""
    died: When | None = None
    """as exact as it is written"""

    @property
    def age(self) -> int | None:
        """The age on the day; None where it may be one of two."""
        return self.ages[0] if self.ages is not None and self.ages[0] == self.ages[1] else None

    @property
    def aged(self) -> str:
        """`41`, `41 or 42`, `unknown`."""
        return "unknown" if self.ages is None else " or ".join(map(str, dict.fromkeys(self.ages)))

    def aged_at_least(self, years: int | Decimal) -> bool | None:
        """None where the ages that are possible give no one answer."""
        if self.ages is None or self.ages[0] < years <= self.ages[1]:
            return None
        return self.ages[0] >= years

    def aged_within(self, least: int | Decimal | None, most: int | Decimal | None) -> bool | None:
        """At least and at most so old, by completed years; None where that can't be told."""
        if self.ages is None and (least is not None or most is not None):
            return None
        old_enough = True if least is None else self.aged_at_least(least)
        too_old = False if most is None else self.aged_at_least(most + 1)
        if old_enough is False or too_old is True:
            return False
        return None if old_enough is None or too_old is None else True


class Condition(Struct, frozen=True):
    """A diagnosis, problem or "history of" entry; refuted and erroneous ones are not here."""

    sets: frozenset[str]
    """condition sets of the terminology: `mdd_any`, `aneurysmal_vascular_disease` …"""
    display: str
    """chart text: escape before showing"""
    clinical: ClinicalStatus
    """on the day; in a chart, as stated, or resolved where it is over and nobody says since when"""
    verification: Verification
    category: Category
    source: Source
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code) of every coding"""
    titled: tuple[tuple[str, str], ...] = ()
    """of one that no code tells: the codes of which its words are the official title"""
    onset: date | None = None
    """the first day that the written onset may mean"""
    onset_latest: date | None = None
    """the last day that a partial onset (`2026-05`) may mean; on a day, never later than that"""
    abatement: date | None = None
    """the first day that the written end may mean; on a day, None while it lies ahead"""
    abatement_latest: date | None = None
    recorded: date | None = None
    history_of: bool = False
    """a "history of" code: not current disease"""
    unsaid: bool = False
    """its words take back what its code says, or name something else"""
    taken_back: TakenBack = ""
    """how its words do that for certain"""
    coded: str = ""
    """its code, where that and its words mean different things"""
    odd_end: bool = False
    """an end is written that lies before its beginning: it is none"""
    certainty: Certainty = Certainty.CODE
    severity: str | None = None
    stated: ClinicalStatus | None = None
    """the clinical status as the resource has it; None: it has none that FHIR knows"""
    not_understood: bool = False
    """neither its codes nor all of its words tell what it is: it may be anything"""

    @property
    def doubt(self) -> str | None:
        """The word for a diagnosis that nobody confirmed: `differential`, `provisional` …"""
        return self.verification if self.verification in DOUBTED else None

    @property
    def active(self) -> bool | None:
        """Current disease; None when the status is unknown."""
        if self.history_of:
            return False
        if self.clinical == "unknown":
            return None
        return self.clinical in ACTIVE

    @property
    def when(self) -> date | None:
        return self.onset or self.recorded


class Result(Struct, frozen=True):
    """A measurement, score or test result, in the canonical unit of its kind."""

    kind: str
    """observation set: `body_weight`, `blood_pressure_systolic`, `phq9_total` …"""
    when: date | None
    source: Source
    value: Decimal | None = None
    unit: str | None = None
    """canonical UCUM unit of the kind: kg, cm, mm[Hg], {score}, /min, %, U/L …"""
    concept: frozenset[str] = frozenset()
    """coded or textual result, normalised: positive, negative, pregnant, not_pregnant, yes, no"""
    instant: datetime | None = None
    interpretation: str | None = None
    """HL7 code: H, HH, L, N, POS, NEG …"""
    upper_limit: Decimal | None = None
    """referenceRange.high in the canonical unit"""
    lower_limit: Decimal | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    """of a value that is only told as a bound (`>30 mg/dL`), which is a problem as well"""
    day: date | None = None
    """of a result that is a day: when a delivery is expected"""
    problem: str | None = None
    """why it has no usable value: unknown unit, data absent, implausible, NO_RESULT"""
    written: str = ""
    """chart text: what could not be read of it and may be a finding"""
    certainty: Certainty = Certainty.CODE
    preliminary: bool = False
    corrected: bool = False
    """it takes the place of an earlier report of the same moment"""
    code: tuple[str, str] | None = None
    """(canonical system, code) by which its kind is known"""


class Allergy(Struct, frozen=True):
    """An AllergyIntolerance that is not refuted and not erroneous."""

    ingredients: frozenset[str]
    classes: frozenset[str]
    display: str
    active: bool | None
    source: Source
    kind: Literal["allergy", "intolerance", "unknown"] = "unknown"
    criticality: str | None = None
    reactions: tuple[str, ...] = ()
    """chart text"""
    severe: bool = False
    """one of its reactions is said to have been severe"""
    recorded: date | None = None
    certainty: Certainty = Certainty.CODE
    sets: frozenset[str] = frozenset()
    unsaid: bool = False
    """its words take back what its code says"""
    unconfirmed: bool = False
    """nobody confirmed it, by its verification"""
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code) of every coding"""
    not_understood: bool = False
    """nobody can tell to what, or not to all of it: it may be to the drug that is ordered"""
    perhaps: frozenset[str] = frozenset()
    """ingredients whose name a word of it is one slip of the pen away from"""

    @property
    def when(self) -> date | None:
        return self.recorded


class Procedure(Struct, frozen=True):
    """A procedure done (or under way)."""

    sets: frozenset[str]
    display: str
    when: date | None
    source: Source
    in_progress: bool = False
    certainty: Certainty = Certainty.CODE
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code) of every coding"""
    ketamine: KetamineCare | None = None
    """what it tells of the ketamine or esketamine that it gave; None: it gave none"""
    not_understood: bool = False
    """neither its codes nor all of its words tell what it is"""


class ServiceRequest(Struct, frozen=True):
    """A test or procedure that was asked for, on record."""

    sets: frozenset[str]
    """observation or procedure sets that its code belongs to"""
    status: str
    when: date | None
    source: Source
    display: str = ""
    withdrawn: bool = False
    """its notes say that it is not to be done, though it is open by its status"""
    open: bool = True
    """it may still be carried out; of one that may not only what names it is here"""
    keys: tuple[str, ...] = ()
    """every key under which others may name it"""
    followed: frozenset[str] = frozenset()
    """keys of the orders that it replaces, renews or carries out"""
    follows: frozenset[str] = frozenset()
    """of these, the keys of those that it replaces"""
    certainty: Certainty = Certainty.CODE
    codes: tuple[tuple[str, str], ...] = ()
    """(canonical system, code) of every coding"""


class Unread(Struct, frozen=True):
    """A resource that was not used, or not understood, and why."""

    reference: str
    """`Type/id`, or `Type` when it has no id"""
    kind: str
    """resourceType"""
    why: str
    """never quotes patient data"""
    name: str = ""
    """what the chart calls it: chart text"""
    when: date | None = None
    """the day before which it is not there at all; None: it says nothing on any day"""
    ahead: bool = False
    """a procedure that may still come: an order may be for it, though nothing was done"""
    refuted: frozenset[str] = frozenset()
    """the condition sets of a diagnosis that is refuted"""

    @property
    def nameless(self) -> bool:
        """Whether it has neither a code nor a word: it may be anything."""
        return self.why == NAMELESS


class Overlong(Struct, frozen=True):
    """A resource that counts, and of which a text or a list is too long to be read."""

    reference: str
    """`Type/id`, or `Type` when it has no id"""
    kind: str
    """resourceType"""
    fields: tuple[str, ...]
    """names of the fields, as FHIR has them"""
    when: date | None = None
    """the day before which it is not there; None: it has no date"""

    @property
    def source(self) -> Source:
        return (self.reference,)


Nameable = Condition | Procedure | ServiceRequest | Encounter | Unread
NAMEABLE = (Condition, Procedure, ServiceRequest, Encounter, Unread)
"""What a draft may refer to: where it is to be carried out, and what it is for."""


@dataclass(frozen=True, slots=True, repr=False)
class Chart:
    """One patient's entries by kind, each kind in a fixed order. It outlives midnight.

    It has no repr: it is patient data.
    """

    person: Person
    conditions: tuple[Condition, ...] = ()
    """oldest first, undated last"""
    results: tuple[Result, ...] = ()
    """Observations, then forms that were filled in; one resource may give several"""
    allergies: tuple[Allergy, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    """oldest first, undated last"""
    services: tuple[ServiceRequest, ...] = ()
    """oldest first, undated last"""
    medications: tuple[Medication, ...] = ()
    """requests, statements, dispenses, administrations; those that count as nothing too"""
    encounters: tuple[Encounter, ...] = ()
    unread: tuple[Unread, ...] = ()
    overlong: tuple[Overlong, ...] = ()
    """what is not read to the end, of whatever kind"""
    unknown_observations: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(canonical system, code) → Observations that no rule asks about; ("", "") is a name only"""
    answered: frozenset[str] = frozenset()
    """prefetch keys that were answered, with or without resources"""
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """prefetch key → why it could not be had"""
    partial: frozenset[str] = frozenset()
    """keys of those of which entries are missing for certain"""
    failed: frozenset[str] = frozenset()
    """keys of those that a server could not answer now"""
    left_out: tuple[Skipped, ...] = ()
    """what did not get into the record: refused, unreadable, another patient's"""
    by_key: Mapping[str, Medication | ServiceRequest] = field(default_factory=dict)
    """the orders on record, by every key under which others may name them"""
    named: Mapping[str, Nameable] = field(default_factory=dict)
    """what orders are for and where they are carried out, by every key; also what is unread"""
    referred: Referred = field(default_factory=Referred)
    """FHIR JSON, the only one here: what a draft may refer to (the Medication, the place, who asks
    for it), and is not read until a draft does"""
    cut: tuple[str, ...] = ()
    """types of resource of which not all is here, for want of time; in `answered` they are not"""
    local: LocalTime | None = None
    """in which its days were read; None: instants have the day that they are written with"""

    @property
    def zone(self) -> tzinfo:
        """In which it is today for the patient; UTC where nothing tells."""
        return self.local.zone if self.local is not None else UTC

    @property
    def orders(self) -> Iterator[Medication | ServiceRequest]:
        """The orders on record, in force or not."""
        yield from (entry for entry in self.medications if entry.kind == "request")
        yield from self.services
