"""Predicates about what is and was taken: drugs, trials, courses, opioid load."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from cds.knowledge.model.base import Texts
from cds.knowledge.model.predicates.base import Predicate


class DrugTest(Predicate, name="drug"):
    """A drug taken now, or drafted in this session beside the order; doubtful: perhaps taken."""

    classes: Texts = ()
    ingredients: Texts = ()
    except_ingredients: Texts = ()
    with_ingredients: Texts = ()
    """other ingredients of the same product"""
    without_ingredients: Texts = ()
    routes: Texts = ()
    """of the course or the draft; an unknown route counts"""
    except_routes: Texts = ()
    except_forms: Texts = ()
    """words of dose forms, lower case"""
    drafts: bool = True
    """False: only what is taken already"""


class DrugBegun(Predicate, name="drug_begun"):
    """A drug of these classes was begun at least `days` ago."""

    classes: Texts
    days: int


class MedicationHistory(Predicate, name="medication_history"):
    """A medication history that reaches back at least `days`."""

    days: int


class AdequateTrials(Predicate, name="trials"):
    """Adequate, unanswered antidepressant trials, by ingredient.

    Without `at_least`, the site's number. `scope`: `site` counts as the site protocol says.
    """

    at_least: int | None = None
    scope: Literal["site", "episode", "lifetime"] = "site"
    usual_classes: Texts = ()
    """classes named as untried in the next step"""


class TrialClasses(Predicate, name="trial_classes"):
    """Classes among the adequate antidepressant trials."""

    at_least: int


class Augmentations(Predicate, name="augmentation"):
    """Augmentation trials on record."""

    at_least: int


class FailedTreatments(Predicate, name="failed_treatments"):
    """Classes (or drugs) of a group that failed: adequate without response, or not tolerated."""

    group: str
    at_least: int
    classes: Texts = ()
    """count these only; empty: every class of the group"""
    count: Literal["class", "drug"] = "class"
    intolerance_counts: bool = True
    silence: Literal["not_met", "unknown"] = "not_met"
    """what too few of them on a readable record mean"""


class TreatmentCourses(Predicate, name="courses"):
    """Different drugs of these classes, each taken for at least `weeks`."""

    classes: Texts
    weeks: int
    at_least: int


class OpioidLoad(Predicate, name="opioid_load"):
    """Opioid-tolerant (FDA thresholds by drug) or, with `mme`, that many MME a day for `days`."""

    mme: Decimal | None = None
    days: int = 0
