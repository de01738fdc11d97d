"""A step of work-up, monitoring or process: what to measure, ask, arrange or watch, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Fact
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.names import (
    Age,
    ConditionSets,
    DrugClasses,
    ObservationKinds,
    OrderedDrugs,
    OrderRoutes,
    Purposes,
    Span,
)

Phase = Literal["before", "during", "after", "discharge", "course"]


class MonitoringItem(Fact):
    """A measurement that can be missing or stale, or a step that is told and never checked.

    A measurement names the observation kinds that answer it; a step has none.
    """

    name: str
    """in a few words, as it stands in a list"""
    phase: Phase
    drugs: OrderedDrugs = ("ketamine", "esketamine")
    purposes: Purposes = ("psychiatric", "pain")
    kinds: ObservationKinds = ()
    """observation kinds that answer it"""
    all_kinds: bool = False
    """each of the kinds is needed, not any one of them"""
    max_age_days: Span | None = None
    """a result older than this is stale; the order's own day counts as 0"""
    max_age_of_site: bool = False
    """the site protocol sets that age"""
    told_by_course: bool = False
    """once it is due in repeated treatment, the course tells it with the number of sessions"""
    severity: Literal["warning", "info"] = "info"
    """warning: the first dose must not go without it"""
    age_from: Age | None = None
    condition_sets: ConditionSets = ()
    """needed with one of these conditions; with `repeated`, either is enough"""
    medication_classes: DrugClasses = ()
    """told only when one of these is taken"""
    repeated: bool = False
    """needed for repeated treatment, not for a single dose"""
    pregnancy_possible: bool = False
    ordered_routes: OrderRoutes = ()
    """told only for an order by one of these routes"""
    order_code: Annotated[str | None, NameOf("LOINC code")] = None
    order_system: str | None = None
    order_display: str | None = None
    order_sets: ObservationKinds = ()
    """further sets by which an open order for it is recognised"""
    patients: Literal["all", "leaving", "staying", "outpatients", "in hospital"] = "all"
    """leaving: told unless the patient is known to stay in hospital; staying: told only then.
    outpatients: told unless the patient is known to be in hospital, the emergency department
    included; in hospital: told only then"""
    jurisdiction: Literal["us", "eu"] | None = None
    """told only where these labels and laws hold"""
    in_order_set: bool = False
    """a step that staff carry out: part of the order set of a session"""
    patient_text: str | None = None
    """the same step as it is told to the patient"""
    on_card: bool = True
    """False: background that is in the knowledge and not told each time"""

    @property
    def is_step(self) -> bool:
        return not self.kinds

    @property
    def wording(self) -> str | None:
        return None if self.is_step else f"missing-{self.id}"
