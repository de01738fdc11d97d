"""The course card: earlier ketamine treatment, how far, how well, what is due."""

from __future__ import annotations

from cards.model import Card
from cards.parts import summary_of, told
from cds.assessment.model import Assessment


def course_card(assessment: Assessment) -> Card | None:
    """What is known of a course, the most urgent first; None without one."""
    course = [f for f in assessment.findings if f.kind == "course" and f.severity != "critical"]
    if not course:
        return None
    warned = any(f.severity == "warning" for f in course)
    return Card(
        kind="course",
        summary=summary_of(course),
        indicator="warning" if warned else "info",
        danger=warned,
        lines=told(course),
        rules=tuple(f.id for f in course),
    )
