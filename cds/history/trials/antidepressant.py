"""Which courses are antidepressants, which row judges them, and which stand for another use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from cds.history.model.course import MedicationCourse, Segment
from cds.knowledge.model.antidepressant_trials import AntidepressantDose

Release = Literal["extended", "other", "unknown"]
_NOT_TRIALS = frozenset({"antidepressant_herbal", "antidepressant_nmda"})
_PREFIX = "antidepressant_"
DEPRESSION = frozenset({"depression_any", "depression_unspecified", "bipolar_depressed"})
"""reasons that make an order one for depression, whatever else it is for"""
UNSTATED = frozenset({"unknown", ""})


class Candidate(Struct, frozen=True):
    """A course that may be a trial: its row, or why it can't be one."""

    course: MedicationCourse
    name: str
    drug_class: str
    row: AntidepressantDose | None
    excluded: str | None = None
    """taken for something else: not a trial, whatever the dose"""
    unjudged: str | None = None
    """an antidepressant that no row can judge"""


def candidates(
    courses: Sequence[MedicationCourse], rows: Iterable[AntidepressantDose]
) -> list[Candidate]:
    """Every antidepressant among the courses, combinations taken apart."""
    rows = tuple(rows)
    combined = [row for row in rows if row.combined_with]
    found = []
    for course in courses:
        own = _without_combination(course, courses, combined)
        candidate = None if own is None else _candidate(own, rows)
        if candidate is not None:
            found.append(candidate)
    return found


def release_of(course: MedicationCourse) -> Release:
    """Extended only when every form on record is; a mixture is judged as the plain form."""
    if course.forms:
        extended = all("extended release" in form.lower() for form in course.forms)
        return "extended" if extended else "other"
    return "extended" if "extended_release" in course.flags else "unknown"


def _candidate(course: MedicationCourse, rows: Sequence[AntidepressantDose]) -> Candidate | None:
    tagged = sorted(c for c in course.classes if c.startswith(_PREFIX) and c not in _NOT_TRIALS)
    row = _row(course, rows)
    if row is None:
        partners = course.product_ingredients - {course.ingredient}
        if not tagged or any(r.ingredient in partners for r in rows if not r.combined_with):
            return None
        label = tagged[0].removeprefix(_PREFIX)
        return Candidate(
            course,
            course.ingredient,
            label.upper() if len(label) <= 4 else label.replace("_", " "),
            None,
            unjudged="no adequacy threshold in the knowledge",
        )
    candidate = Candidate(course, row.name, row.drug_class, row, excluded=_excluded(course, row))
    if course.route in row.routes:
        return candidate
    if course.route in UNSTATED:
        if row.route_must_be_stated:
            return replace(candidate, unjudged="the route is not stated, and it decides the use")
        return candidate
    if not tagged:
        return None  # the cream, the tablet for Parkinson disease: another drug use
    return replace(candidate, unjudged=f"no adequacy threshold for the {course.route} route")


def _row(course: MedicationCourse, rows: Sequence[AntidepressantDose]) -> AntidepressantDose | None:
    fitting = [
        row
        for row in rows
        if row.ingredient == course.ingredient
        and course.product_ingredients.issuperset(row.combined_with)
    ]
    extended = [row for row in fitting if row.release == "extended"]
    plain = [row for row in fitting if row.release != "extended"]
    chosen = extended if extended and release_of(course) == "extended" else plain
    return chosen[0] if chosen else None


def _excluded(course: MedicationCourse, row: AntidepressantDose) -> str | None:
    if course.flags.intersection(row.excluded_flags) or course.product_ingredients.intersection(
        row.excluded_partners
    ):
        flags = ", ".join(sorted(f.replace("_", " ") for f in course.flags & {*row.excluded_flags}))
        return f"a product for another use ({flags or 'combination'})"
    reasons = course.reason_sets.intersection(row.excluded_reasons)
    if reasons and not course.reason_sets.intersection(DEPRESSION):
        return (
            f"ordered for another use ({', '.join(sorted(r.replace('_', ' ') for r in reasons))})"
        )
    return None


def _without_combination(
    course: MedicationCourse,
    courses: Sequence[MedicationCourse],
    rows: Sequence[AntidepressantDose],
) -> MedicationCourse | None:
    """The course without the days on which it was part of a product with a row of its own.

    Bupropion with dextromethorphan is judged by the dextromethorphan; those days are no trial of
    bupropion. None when nothing else is left.
    """
    leads = {
        row.ingredient
        for row in rows
        if course.ingredient in row.combined_with and row.ingredient in course.product_ingredients
    }
    if not leads:
        return course
    combined = [
        segment
        for other in courses
        if other.ingredient in leads and course.ingredient in other.product_ingredients
        for segment in other.segments
    ]
    alone = tuple(s for s in course.segments if not any(_overlap(s, c) for c in combined))
    if not alone:
        return None
    rest = course.product_ingredients - leads
    return replace(course, segments=alone, product_ingredients=rest)


def _overlap(one: Segment, other: Segment) -> bool:
    return one.start < other.end and other.start < one.end
