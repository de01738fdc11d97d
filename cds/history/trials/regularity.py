"""What was taken regularly and what as needed, apart: no trial is made of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from cds.history.model.course import MedicationCourse


def apart(courses: Iterable[MedicationCourse]) -> list[MedicationCourse]:
    """The courses, each that was taken in both ways as two: its regular days, the others."""
    return [part for course in courses for part in _parts(course)]


def alike(courses: Iterable[MedicationCourse]) -> list[list[MedicationCourse]]:
    """The courses of one drug by the way they were taken, for a line of time each."""
    groups: dict[bool, list[MedicationCourse]] = {}
    for course in apart(courses):
        groups.setdefault(course.as_needed is True, []).append(course)
    return list(groups.values())


def _parts(course: MedicationCourse) -> Iterator[MedicationCourse]:
    if course.as_needed is True or not any(s.as_needed for s in course.segments):
        yield course
        return
    for needed in (False, True):
        segments = tuple(s for s in course.segments if s.as_needed is needed)
        if segments:
            goes_on = course.current if segments[-1] is course.segments[-1] else False
            yield replace(course, segments=segments, as_needed=needed, current=goes_on)
