"""A finding about a course that rests on one rule of the knowledge."""

from __future__ import annotations

from collections.abc import Mapping

from cds.assessment.case import Case
from cds.assessment.course.sessions import Course
from cds.assessment.grounds import grounds
from cds.assessment.model import Finding, Severity
from cds.knowledge.model.response import ResponseRule


def spoken(
    case: Case,
    course: Course,
    ident: str,
    rule: ResponseRule,
    severity: Severity,
    params: Mapping[str, object],
    source: tuple[str, ...] = (),
) -> Finding:
    """`params` and `source` are what it says and rests on besides the course itself."""
    told = {
        "drug": course.drug,
        "count": len(course.sessions),
        "first": course.first,
        "last": course.last,
        "text": rule.text,
    }
    return Finding(
        id=ident,
        kind="course",
        severity=severity,
        params={**told, **params},
        source=(*course.source, *source),
        order=case.order.ref if case.order else None,
        grade=rule.grade,
        **grounds([rule]),
    )
