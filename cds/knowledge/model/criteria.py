"""The kinds of entry criteria: what an indication asks of a record, as data.

Each kind is a typed record with its own parameters; `cds.assessment.candidacy` holds one function
per kind. `label` says in a phrase what is asked for, and is what tables and reasons show.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from cds.knowledge.model.base import Record, Texts


class ConditionMatch(Record):
    """Which diagnoses are meant: terminology sets, and ICD-10-CM prefixes where no set fits.

    A diagnosis that only matches `unconfirmed_*` leaves the question open. `not_sets` and
    `not_icd10cm` take out diagnoses that mean something more specific, or are in remission.
    One of `ended_by` that is not older leaves open whether the disease is still there.
    """

    sets: Texts = ()
    icd10cm: Texts = ()
    """prefixes, with or without the dot's digits: `G56`, `M48.0`"""
    icd10cm_pattern: str | None = None
    not_sets: Texts = ()
    not_icd10cm: Texts = ()
    unconfirmed_sets: Texts = ()
    unconfirmed_icd10cm: Texts = ()
    ended_by: Texts = ()
    """sets that say the disease is in remission; its own words and status may say so as well"""


class CriterionSpec(Record):
    """What every kind of criterion carries."""

    id: str
    label: str
    basis: Texts = ()
    gating: bool = True
    """False: shown with its state, but the verdict does not rest on it"""
    gating_setting: str | None = None
    """a switch of the site protocol that makes it gate"""
    finding: str | None = None
    """candidacy rule that speaks where this is not met"""
    next_step: str | None = None
    """what to do when it is not met or not known"""
    missing: str | None = None
    """what the record lacks where it is not known, in words for a headline"""


class ConditionPresent(CriterionSpec):
    """A current diagnosis, on the problem list or as the reason of the order."""

    kind: Literal["condition"]
    match: ConditionMatch

    @property
    def disease(self) -> str:
        """The label as a noun: `major depression`."""
        return self.label.removeprefix("a current ").removeprefix("diagnosis of ")


class ConditionAbsent(CriterionSpec):
    """No current diagnosis of these; a status that is not known leaves it open."""

    kind: Literal["no_condition"]
    match: ConditionMatch
    lifelong: bool = False
    """an entry that is over leaves it open: the disease does not go away"""


class AgeRange(CriterionSpec):
    """Completed years: `at_least` and `under`."""

    kind: Literal["age"]
    at_least: int | None = None
    under: int | None = None


class MedicationHistory(CriterionSpec):
    """A medication history that reaches back at least `days`."""

    kind: Literal["medication_history"]
    days: int


class AdequateTrials(CriterionSpec):
    """Adequate, unanswered antidepressant trials, by ingredient.

    Without `at_least`, the site's number. `scope`: `site` counts as the site protocol says.
    """

    kind: Literal["adequate_trials"]
    at_least: int | None = None
    scope: Literal["site", "episode", "lifetime"] = "site"
    tier: Literal["minimum", "strict"] = "minimum"
    usual_classes: Texts = ()
    """classes named as untried in the next step"""


class NoSuicidality(CriterionSpec):
    """No sign of current suicidality on record; nothing on record counts as none."""

    kind: Literal["no_suicidality"]


class FewerTrials(CriterionSpec):
    """The opposite: the record shows fewer adequate trials than the site requires."""

    kind: Literal["fewer_trials"]


class TrialClasses(CriterionSpec):
    """Classes among the adequate antidepressant trials."""

    kind: Literal["trial_classes"]
    at_least: int


class AugmentationTrials(CriterionSpec):
    """Augmentation trials on record."""

    kind: Literal["augmentation"]
    at_least: int


class FailedTreatments(CriterionSpec):
    """Classes (or drugs) of a group that failed: adequate without response, or not tolerated."""

    kind: Literal["failed_treatments"]
    group: str
    at_least: int
    classes: Texts = ()
    """count these only; empty: every class of the group"""
    count: Literal["class", "drug"] = "class"
    intolerance_counts: bool = True
    silence: Literal["not_met", "unknown"] = "not_met"
    """what too few of them on a readable record mean"""


class TreatmentCourses(CriterionSpec):
    """Different drugs of these classes, each taken for at least `weeks`."""

    kind: Literal["courses"]
    classes: Texts
    weeks: int
    at_least: int


class CurrentMedication(CriterionSpec):
    """A drug of these classes is current."""

    kind: Literal["current_medication"]
    classes: Texts


class DrugRunning(CriterionSpec):
    """A drug of these classes was begun at least `days` ago."""

    kind: Literal["drug_running"]
    classes: Texts
    days: int


class OpioidLoad(CriterionSpec):
    """Opioid-tolerant (FDA thresholds by drug) or, with `mme`, that many MME a day for `days`."""

    kind: Literal["opioid_load"]
    mme: Decimal | None = None
    days: int = 0


class Duration(CriterionSpec):
    """On record for at least `months`, by onset or, without one, by the first recording.

    Without `match`, of the diagnoses that make the indication apply.
    """

    kind: Literal["duration"]
    months: int
    match: ConditionMatch | None = None


class RecentScore(CriterionSpec):
    """The newest of these scores, `at_least` or `above` a value, within a window."""

    kind: Literal["score"]
    observations: Texts
    at_least: Decimal | None = None
    above: Decimal | None = None
    window: str
    """id of the parameter with the window in days"""


class Suicidality(CriterionSpec):
    """A sign of current suicidality: a score, a diagnosis or a recent attempt."""

    kind: Literal["suicidality"]
    attempt_only: bool = False
    """only a recent attempt is a yes; other signs leave it open"""


class EncounterSetting(CriterionSpec):
    """The encounter in context is of one of these classes, or (`icu`) in intensive care."""

    kind: Literal["encounter"]
    classes: Texts = ()
    icu: bool = False


class SurgeryPlanned(CriterionSpec):
    """Surgery is ordered: a draft for the operating room, or a service named as an operation."""

    kind: Literal["surgery"]
    words: str
    """regular expression over the name of an ordered service, whatever its case"""


class ProcedureDone(CriterionSpec):
    """A procedure of these sets is on record; its absence proves nothing."""

    kind: Literal["procedure"]
    sets: Texts


class Judgement(CriterionSpec):
    """What no structured record says: only the clinician can tell."""

    kind: Literal["judgement"]


class AnyOf(CriterionSpec):
    """One of these is enough."""

    kind: Literal["any_of"]
    of: tuple[AnyCriterion, ...]


class AllOf(CriterionSpec):
    """All of these together."""

    kind: Literal["all_of"]
    of: tuple[AnyCriterion, ...]


AnyCriterion: TypeAlias = Annotated[
    ConditionPresent
    | ConditionAbsent
    | AgeRange
    | MedicationHistory
    | AdequateTrials
    | FewerTrials
    | TrialClasses
    | AugmentationTrials
    | FailedTreatments
    | TreatmentCourses
    | CurrentMedication
    | DrugRunning
    | OpioidLoad
    | Duration
    | RecentScore
    | Suicidality
    | NoSuicidality
    | EncounterSetting
    | SurgeryPlanned
    | ProcedureDone
    | Judgement
    | AnyOf
    | AllOf,
    Field(discriminator="kind"),
]

AnyOf.model_rebuild()
AllOf.model_rebuild()
