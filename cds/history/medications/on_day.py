"""Was a drug taken on a day, and at what dose?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from cds.allowance import check
from cds.history.model.course import DOUBTS, TWO_DOSES, Doubt, MedicationCourse, Segment
from cds.history.trials.antidepressant import UNSTATED
from cds.units import Quantity

MEDICATION_KEYS = frozenset(
    {
        "medicationRequests",
        "medicationStatements",
        "medicationDispenses",
        "medicationAdministrations",
    }
)
"""Prefetch keys that can show a drug: one answered is enough to say that none is on record."""

_SAID: tuple[Doubt, ...] = ("beside", "partly_read", "repeated", "supplied")
"""doubts whose sentence says nothing of which dose counts"""
MAY_BELONG_HERE = "the drug could not be read and may belong here; not in the total"


def taken_on(course: MedicationCourse, day: date, as_of: date) -> bool | None:
    """Taken on the day; None when that cannot be told.

    On `as_of` itself the course's own word counts: a course may be current although its last
    supply ended yesterday, or of unknown state.
    """
    if day == as_of:
        return course.current
    if not course.segments:
        return None if course.undated else False
    if _segment_on(course, day) is not None:
        return True
    last = course.segments[-1]
    open_ended = last.end_basis == "unknown" or last.end == last.start
    may_go_on = open_ended or course.current is not False
    return None if may_go_on and last.start <= day else False


class DayDose(Struct, frozen=True):
    """What is taken on a day: regularly, from `low` to `high`, and as needed up to a maximum."""

    low: Quantity | None = None
    high: Quantity | None = None
    as_needed: Quantity | None = None
    regular: bool = True
    """False: as needed only"""
    differs: bool = False
    """the record says two doses, `low` and `high`"""
    remarks: tuple[str, ...] = ()
    """what else makes the dose less than certain"""

    @property
    def against(self) -> Quantity | None:
        """The dose that counts against treatment: of two that the record says, the higher."""
        return self.high if self.differs else self.low


def dose_on(course: MedicationCourse, day: date, as_of: date) -> DayDose:
    """The doses of the day; None where unknown.

    On `as_of`, a current course without a segment for the day goes on at its last dose.
    """
    segment = _segment_on(course, day)
    if segment is None and course.segments:
        begun = [s for s in course.segments if s.start <= day]
        goes_on = begun and (day == as_of or begun[-1] is course.segments[-1])
        segment = begun[-1] if goes_on else None
    if segment is None:
        return DayDose(regular=course.as_needed is not True)
    low, high, needed = segment.daily_dose, segment.daily_dose_high, segment.as_needed_up_to
    if course.as_needed is True:
        return DayDose(as_needed=needed or high or low, regular=False)
    regular = low is not None or not segment.as_needed
    remarks = tuple(DOUBTS[doubt] for doubt in _SAID if doubt in segment.doubts)
    return DayDose(low, high or low, needed, regular, bool(segment.doubts & TWO_DOSES), remarks)


def _segment_on(course: MedicationCourse, day: date) -> Segment | None:
    segments = course.segments  # in their order: there may be hundreds, and many days asked for
    at = bisect_right(segments, day, key=_start) - 1
    while at >= 0 and segments[at].start == segments[at].end:  # begun, and without a day yet
        at -= 1
    return segments[at] if at >= 0 and day < segments[at].end else None


def _start(segment: Segment) -> date:
    return segment.start


def part_of(course: MedicationCourse, known: frozenset[str]) -> bool:
    """The course is the partner of a known drug in a combination, tagged by its product."""
    return course.ingredient not in known and bool(
        known & (course.product_ingredients - {course.ingredient})
    )


def told_once(courses: Sequence[MedicationCourse]) -> list[MedicationCourse]:
    """The courses without those that repeat another one and only lack the route.

    A drug written down twice, once by name alone, must not count twice.
    """
    stated: dict[str, list[MedicationCourse]] = {}
    for course in courses:
        if course.route not in UNSTATED:
            stated.setdefault(course.ingredient, []).append(course)
    return [
        course
        for course in courses
        if course.route not in UNSTATED
        or not any(_repeats(course, other) for other in stated.get(course.ingredient, ()))
    ]


def _repeats(course: MedicationCourse, other: MedicationCourse) -> bool:
    """Whether two courses of one ingredient are the same, told twice."""
    check()
    if course.current is not False and other.current is not False:
        return True
    return any(
        one.start < two.end and two.start < one.end
        for one in course.segments
        for two in other.segments
    )
