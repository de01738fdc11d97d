"""All that is known of one patient on one day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from cds.chart.encounter_entry import Encounter
from cds.chart.entries import (
    Allergy,
    Condition,
    Overlong,
    Person,
    Procedure,
    Result,
    ServiceRequest,
    Unread,
)
from cds.fhir.record.skipped import CUT_OFF, ONE_SHORTENED, Skipped
from cds.history.later import FOUND_LATER, Finders
from cds.history.model.course import MedicationCourse
from cds.history.model.load import OpioidIntake, SedativeIntake
from cds.history.model.patient_state import KetamineSession, ReproductiveState
from cds.history.model.trial import Trial
from cds.history.model.unread import UnreadDrug, UnreadEntry
from cds.terminology.codes.named_codes import tells_all

NEEDED_FOR_A_DOSE = frozenset({"conditions", "medicationRequests"})
"""Keys without which contraindications and interactions can't be excluded at all."""


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
