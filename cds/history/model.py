"""The facts of a patient's history.

Every fact names the resources it rests on (`source`, as `Type/id`). Unknown is a value: None, or
the word `unknown`, and never the same as "no". All facts are seen from `History.as_of`; nothing
dated later is in them. Intervals are half open: `end` is the first day no longer covered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from cds.chart.encounter_entry import Encounter
from cds.chart.entries import (
    Allergy,
    Condition,
    Overlong,
    Person,
    Procedure,
    Result,
    ServiceRequest,
    Source,
    Unread,
)
from cds.fhir.record.skipped import CUT_OFF, ONE_SHORTENED, Skipped
from cds.history.later import FOUND_LATER, Finders
from cds.limits import UNREADABLE
from cds.terminology.codes.named_codes import tells_all
from cds.terminology.model import Certainty
from cds.units import Quantity

EndBasis = Literal["stated", "supply", "assumed", "ongoing", "unknown"]
Evidence = Literal["administered", "dispensed", "stated", "ordered"]
"""That a drug was taken, strongest first: by administration, dispense, statement, or order."""
Adequacy = Literal["strict", "minimum", "inadequate", "not_tolerated", "unknown"]
Adherence = Literal["verified", "unverified", "contradicted"]
Outcome = Literal["failed", "partial", "responded", "not_tolerated", "unknown"]


OVERLONG = "a text that is too long to be read"
"""in place of what the chart calls something"""
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


DID_NOT_COME = "entries of the list did not come"
"""why drugs are not known of which it is only known that there are some"""


class UnreadDrug(Struct, frozen=True):
    """A drug on record of which nobody can tell what it is: it may be any that a rule asks for."""

    name: str
    """what the chart calls it: chart text; empty: nothing"""
    code: str
    """of a code system that the tables do not know; may be empty"""
    why: str
    """quotes nothing"""
    courses: tuple[MedicationCourse, ...]
    """when it is or was taken, as far as the record tells; they name no drug and no class"""
    source: Source

    @property
    def current(self) -> bool | None:
        """Taken on the day; None when that cannot be told."""
        states = {course.current for course in self.courses}
        return True if True in states else None if None in states else False

    @property
    def state(self) -> Literal["not seen", "not readable", "not recognised"]:
        """It did not come; the file ends in it; or its name or code means nothing here."""
        if self.why == DID_NOT_COME:
            return "not seen"
        return "not readable" if self.why == CUT_OFF else "not recognised"

    @property
    def uncounted(self) -> bool:
        """It stands for any number of drugs: what a list lacks."""
        return self.state != "not recognised"

    @property
    def label(self) -> str:
        """`“Zolmex 40” (123)`: chart text."""
        return _label(self.name, self.code, self.source)

    def lasted(self, days: int) -> bool:
        """Whether it may have been taken for so many days."""
        open_ended = any(c.current is not False or not c.segments for c in self.courses)
        ends = [c.segments[-1] for c in self.courses if c.segments]
        unknown = any(s.end_basis == "unknown" or s.end == s.start for s in ends)
        known = sum(s.days for c in self.courses for s in c.segments)
        return open_ended or unknown or known >= days


class UnreadEntry(Struct, frozen=True):
    """A diagnosis, allergy or procedure of which nobody can tell what it is, or not all of it; or a
    result of a known kind whose value can't be read."""

    kind: Literal["condition", "allergy", "procedure", "result"]
    name: str
    """what the chart calls it: chart text; empty: nothing. Of a result what its value says"""
    code: str
    """of a code system that the tables do not know; may be empty. Of a result its kind"""
    why: str
    """quotes nothing"""
    source: Source
    when: date | None = None
    """the day of a result"""
    in_part: bool = False
    """some of it was understood, and counts"""

    @property
    def label(self) -> str:
        """`“Ketalr” (4711)`: chart text."""
        return _label(self.name, self.code, self.source)


def _label(name: str, code: str, source: Source) -> str:
    """What the chart calls it, and its code; an id means nothing to a reader, unless there is
    nothing else by which to find it."""
    if name == UNREADABLE:
        return f"{OVERLONG} ({', '.join(source)})"
    if name:
        return f"“{name}” ({code})" if code else f"“{name}”"
    return f"code {code}" if code else "an entry without a name"


class TrialPhase(Struct, frozen=True):
    """A stretch of a trial at one daily dose; None: unknown."""

    start: date
    end: date
    """the first day no longer covered"""
    daily_dose: Decimal | None


class Trial(Struct, frozen=True):
    """One treatment trial of one ingredient, judged by dose and duration."""

    ingredient: str
    drug_class: str
    """as the knowledge writes it: SSRI, SNRI, gabapentinoid …"""
    start: date | None
    end: date | None
    max_daily_dose_mg: Decimal | None
    weeks: Decimal | None
    """time on the drug, days / 7, one decimal"""
    weeks_at_minimum: Decimal | None
    """time at or above the minimum dose: what adequacy judges"""
    adequacy: Adequacy
    adherence: Adherence
    outcome: Outcome
    reason: str
    """why it counts or does not, in a sentence"""
    basis: tuple[str, ...]
    source: Source
    in_current_episode: bool | None = None
    group: str = "antidepressant"
    """antidepressant, augmentation, or the pain digest's group: neuropathic, migraine …"""
    certainty: Certainty = Certainty.CODE
    remarks: tuple[str, ...] = ()
    ongoing: bool | None = None
    phases: tuple[TrialPhase, ...] = ()
    """its steps, where there are several"""
    assumed_dose: bool = False
    """part of its dose stands nowhere: never strict"""
    unscored: bool = False
    """adequate, and nobody could see whether it was answered by a response"""
    bar_unread: bool = False
    """adequate by a dose that was recalled or is a default of this project: read in no source"""
    fixed_course: bool = False
    """a course of set length that no rule of weeks can count: named apart"""

    @property
    def adequate(self) -> bool:
        """Counts towards `adequate_trials`: adequate, and not answered by a response."""
        enough = self.adequacy in ("strict", "minimum")
        return enough and self.outcome != "responded" and not self.unscored


class NotConvertible(Struct, frozen=True):
    """An opioid that is present but has no CDC 2022 factor, and why."""

    ingredient: str
    route: str
    reason: str
    basis: tuple[str, ...]
    source: Source


class OpioidItem(Struct, frozen=True):
    """One opioid taken on the day in question."""

    ingredient: str
    route: str
    daily_dose: Quantity
    mme_per_day: Decimal | None
    basis: tuple[str, ...]
    source: Source


class OpioidIntake(Struct, frozen=True):
    """Opioids taken on `as_of`.

    `mme_per_day`: 0 with no opioid on record, None when nothing could be converted or data lack,
    and when the total has a hole: an opioid of unknown dose, one that is perhaps taken no more, or
    a drug that could not be read.
    """

    mme_per_day: Decimal | None
    items: tuple[OpioidItem, ...] = ()
    not_convertible: tuple[NotConvertible, ...] = ()
    tolerant: bool | None = None
    """FDA definition by drug-specific thresholds for 7 days or longer"""
    tolerance_why: str = ""
    timeline: tuple[tuple[date, Decimal | None], ...] = ()
    """MME per day from each change on"""
    source: Source = ()
    problems: tuple[str, ...] = ()
    at_least: Decimal | None = None
    """MME per day of what could be computed: what a rule against treatment goes by where the total
    is unknown; None when data lack"""
    all_counted: bool = True
    """every opioid of the day is in the total with all of its dose"""
    timeline_at_least: tuple[tuple[date, Decimal], ...] = ()
    """what could be computed at each change of the timeline"""

    @property
    def known_mme(self) -> Decimal | None:
        """The total, or where it is unknown the part that is known."""
        return self.at_least if self.mme_per_day is None else self.mme_per_day


class SedativeIntake(Struct, frozen=True):
    """Benzodiazepines taken on `as_of`, as diazepam. None: present but not computable, or with a
    hole (see OpioidIntake)."""

    diazepam_equivalent_mg_per_day: Decimal | None
    items: tuple[tuple[str, Quantity | None, Decimal | None], ...] = ()
    """(ingredient, daily dose, diazepam equivalent in mg/d)"""
    source: Source = ()
    problems: tuple[str, ...] = ()
    at_least: Decimal | None = None
    """mg/d as diazepam of what could be computed; None when data lack"""

    @property
    def known_mg(self) -> Decimal | None:
        """The total, or where it is unknown the part that is known."""
        total = self.diazepam_equivalent_mg_per_day
        return self.at_least if total is None else total


NEEDED_FOR_A_DOSE = frozenset({"conditions", "medicationRequests"})
"""Keys without which contraindications and interactions can't be excluded at all."""


class KetamineSession(Struct, frozen=True):
    """One past ketamine or esketamine session, or an order or dispense that stands for some."""

    drug: Literal["ketamine", "esketamine"]
    kind: Literal["administration", "procedure", "dispense", "order", "statement"]
    when: date | None
    route: str
    source: Source
    dose: Quantity | None = None
    duration_min: Decimal | None = None
    active_order: bool | None = None
    """for orders: still active on `as_of`"""
    continuous: bool = False
    """for orders: a rate, and neither a dose nor a time"""
    withdrawn: bool = False
    """for orders: by its status it is active, and its words say that nothing is given by it"""
    end: date | None = None
    in_progress: bool = False
    """for administrations: by its status it runs; hospitals often leave it so when it is over"""


class ReproductiveState(Struct, frozen=True):
    """Pregnancy and lactation, each with the day it is known from."""

    pregnant: bool | None = None
    pregnancy_when: date | None = None
    pregnancy_source: Source = ()
    pregnancy_why: str = ""
    pregnancy_taken_back: bool = False
    """it rests on entries whose own words, or a later test, say that there is none"""
    pregnancy_possible_why: str = ""
    """what speaks for one that no test since has answered"""
    lactating: bool | None = None
    lactation_when: date | None = None
    lactation_source: Source = ()
    hysterectomy_or_sterile: bool | None = None
    contraception: bool | None = None
    last_test: date | None = None
    last_test_source: Source = ()


@dataclass(frozen=True, slots=True)
class History:
    """All facts of one patient on one day."""

    as_of: date
    person: Person
    medications: tuple[MedicationCourse, ...] = ()
    unread_drugs: tuple[UnreadDrug, ...] = ()
    """drugs of the record that could not be read"""
    unread_entries: tuple[UnreadEntry, ...] = ()
    """allergies, diagnoses and procedures that were not understood"""
    overlong: tuple[Overlong, ...] = ()
    """what is not read to the end, of whatever kind"""
    antidepressant_trials: tuple[Trial, ...] = ()
    augmentation_trials: tuple[Trial, ...] = ()
    pain_trials: tuple[Trial, ...] = ()
    opioids: OpioidIntake = field(default_factory=lambda: OpioidIntake(mme_per_day=None))
    sedatives: SedativeIntake = field(
        default_factory=lambda: SedativeIntake(diazepam_equivalent_mg_per_day=None)
    )
    conditions: tuple[Condition, ...] = ()
    observations: Mapping[str, tuple[Result, ...]] = field(default_factory=dict)
    """by kind, newest first; those without a date last"""
    refuted: tuple[Unread, ...] = ()
    """diagnoses that are on record as refuted"""
    allergies: tuple[Allergy, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    service_orders: tuple[ServiceRequest, ...] = ()
    ketamine_sessions: tuple[KetamineSession, ...] = ()
    """oldest first; those without a date last"""
    reproductive: ReproductiveState = field(default_factory=ReproductiveState)
    encounter: Encounter | None = None
    episode_start: date | None = None
    """onset of the current depressive episode, when the chart says it"""
    first_medication_record: date | None = None
    """earliest date in any medication resource"""
    answered: frozenset[str] = frozenset()
    """prefetch keys that were answered, with or without resources"""
    unavailable: Mapping[str, str] = field(default_factory=dict)
    """prefetch key → why it could not be had"""
    partial: frozenset[str] = frozenset()
    """keys of those of which entries are missing for certain, were there some or none"""
    failed: frozenset[str] = frozenset()
    """keys of those that the server could not answer now"""
    cut: tuple[str, ...] = ()
    """types of resource of which not all could be judged, for want of time"""
    skipped: tuple[Skipped, ...] = ()
    unknown: tuple[str, ...] = ()
    """what could not be told, in a sentence each"""
    finders: Finders = field(default_factory=Finders, init=False, repr=False, compare=False)
    conditions_alike: tuple[tuple[int, ...], ...] = field(init=False, repr=False, compare=False)
    """places in `conditions` of those that mean the same: a chart repeats its diagnoses from visit
    to visit"""

    def __post_init__(self) -> None:
        places: dict[tuple[object, ...], list[int]] = {}
        for place, fact in enumerate(self.conditions):
            words = "" if tells_all(fact.codes) else fact.display
            meaning = fact.sets, fact.codes, fact.titled, words
            places.setdefault(meaning, []).append(place)
        object.__setattr__(self, "conditions_alike", tuple(map(tuple, places.values())))

    if not TYPE_CHECKING:  # it would answer for names that there are not

        def __getattr__(self, name: str) -> Any:
            """A fact that is not there yet: asked for once, it is an attribute like the others."""
            if name not in FOUND_LATER:
                raise AttributeError(name)
            found = self.finders.find(name, self)
            object.__setattr__(self, name, found)
            return found

    def conditions_in(self, *sets: str, active: bool | None = None) -> Iterator[Condition]:
        """Conditions of any of the sets. `active=True`: those current or of unknown status."""
        wanted = frozenset(sets)
        for fact in self.conditions:
            if fact.sets & wanted and (active is None or fact.active is not (not active)):
                yield fact

    def latest(self, *kinds: str, within_days: int | None = None) -> Result | None:
        """The newest usable observation of the kinds, or None when there is none that recent."""
        usable = [
            fact
            for kind in kinds
            for fact in self.observations.get(kind, ())
            if fact.problem is None and fact.when is not None
        ]
        newest = max(
            usable,
            key=lambda f: (f.when, f.instant is not None, f.instant and f.instant.timestamp()),
            default=None,
        )
        if newest is None or newest.when is None:
            return None
        if within_days is not None and (self.as_of - newest.when).days > within_days:
            return None
        return newest

    @property
    def cut_off(self) -> frozenset[str]:
        """Prefetch keys of which something may be missing, since a file was cut off."""
        return frozenset(key for key, why in self.unavailable.items() if why == CUT_OFF)

    @property
    def lacking(self) -> frozenset[str]:
        """Keys of lists that there are, and of which something is or may be missing.

        Where one resource is shortened, the patient or the encounter, no list lacks anything: what
        is not in it, a birth date or a sex, is unknown by itself.
        """
        alone = {key for key, why in self.unavailable.items() if why == ONE_SHORTENED}
        return (self.partial | self.failed | self.cut_off) - alone

    def current_medications(self, *classes: str) -> Iterator[MedicationCourse]:
        """Courses current on `as_of`, or perhaps so; of the classes, or all."""
        wanted = frozenset(classes)
        for course in self.medications:
            if course.current is not False and (not wanted or course.classes & wanted):
                yield course
