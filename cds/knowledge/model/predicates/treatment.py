"""Predicates about what is and was taken: drugs, trials, courses, opioid load."""

from __future__ import annotations

from typing import Annotated, Literal

from cds.knowledge.model.base import Texts
from cds.knowledge.model.declared import NameOf
from cds.knowledge.model.names import (
    Count,
    DrugClasses,
    DrugRoutes,
    FreeWords,
    Ingredients,
    Positive,
    Span,
)
from cds.knowledge.model.pain_trials import PainGroup
from cds.knowledge.model.predicates.base import Predicate


class DrugTest(Predicate, name="drug", asks_by=("classes", "ingredients")):
    """A drug taken now, or drafted in this session beside the order; doubtful: perhaps taken."""

    classes: DrugClasses = ()
    ingredients: Ingredients = ()
    except_ingredients: Ingredients = ()
    with_ingredients: Ingredients = ()
    """other ingredients of the same product"""
    without_ingredients: Ingredients = ()
    routes: DrugRoutes = ()
    """of the course or the draft; an unknown route counts"""
    except_routes: DrugRoutes = ()
    except_forms: FreeWords = ()
    """words of dose forms, lower case"""
    drafts: bool = True
    """False: only what is taken already"""


class DrugBegun(Predicate, name="drug_begun", asks_by=("classes",)):
    """A drug of these classes was begun at least `days` ago."""

    classes: DrugClasses
    days: Span


class MedicationHistory(Predicate, name="medication_history"):
    """A medication history that reaches back at least `days`."""

    days: Span


class AdequateTrials(Predicate, name="trials"):
    """Adequate, unanswered antidepressant trials, by ingredient.

    Without `at_least`, the site's number. `scope`: `site` counts as the site protocol says.
    """

    at_least: Count | None = None
    scope: Literal["site", "episode", "lifetime"] = "site"
    usual_classes: Annotated[Texts, NameOf("class of antidepressant trials")] = ()
    """classes named as untried in the next step"""


class TrialClasses(Predicate, name="trial_classes"):
    """Classes among the adequate antidepressant trials."""

    at_least: Count


class Augmentations(Predicate, name="augmentation"):
    """Augmentation trials on record."""

    at_least: Count


class FailedTreatments(Predicate, name="failed_treatments"):
    """Classes (or drugs) of a group that failed: adequate without response, or not tolerated."""

    group: PainGroup
    at_least: Count
    classes: Annotated[Texts, NameOf("class of pain trials")] = ()
    """count these only; empty: every class of the group"""
    count: Literal["class", "drug"] = "class"
    intolerance_counts: bool = True
    silence: Literal["not_met", "unknown"] = "not_met"
    """what too few of them on a readable record mean"""


class TreatmentCourses(Predicate, name="courses", asks_by=("classes",)):
    """Different drugs of these classes, each taken for at least `weeks`."""

    classes: DrugClasses
    weeks: Count
    at_least: Count


class OpioidLoad(Predicate, name="opioid_load"):
    """Opioid-tolerant (FDA thresholds by drug) or, with `mme`, that many MME a day for `days`."""

    mme: Positive | None = None
    days: Span = 0
